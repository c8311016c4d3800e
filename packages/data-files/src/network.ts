/** What a model of networks is to the files: how a network is read and cleared. `network-file.ts` has the table of models. */
import type { LinearSolver } from "@micromarket/grid";
import type { InputProblem, Result } from "@micromarket/kernel";
import type { JsonFields } from "./json-fields.ts";

/** Keys that networks of every model may have. */
export const COMMON_NETWORK_KEYS = [
  ...["model", "k", "tick", "scale", "rationing", "priceFloor", "priceCap", "seed", "slot", "orders"],
];

/** A network that was read, whatever its model. */
export interface NetworkFile {
  readonly model: string;
  /** Whether `clear` calls the solver. */
  readonly needsSolver: boolean;
  /** Clears the network: the answer as JSON text, or why it has none. */
  readonly clear: (solver: LinearSolver | null) => Result<string, InputProblem[]>;
}

/** Reads the network, whose model is known; `null` after a complaint. */
export type NetworkReader = (fields: JsonFields, scale: number) => NetworkFile | null;
