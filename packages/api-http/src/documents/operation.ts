/** What is said of one route. */
import type { ErrorCode } from "@micromarket/protocol";
import type { TSchema } from "@sinclair/typebox";
import type { ProblemCode } from "../problem.ts";

/** What a route is about. */
export const TAGS = {
  market: "The market, its slots and its devices, to look at.",
  parties: "What one party has, owes and has ordered.",
  trading: "Common Transactive Services 1.0: the socket's messages as bodies.",
  controls: "Controllable devices: emergency stop, release, a grid operator's limit.",
  access: "Who asks: keys, tickets, principals.",
  service: "Health, metrics, these documents, and the way to the socket.",
} as const;

/** Who may ask: `open` everybody, `known` whoever is recognised. */
export type Needs =
  "open" | "known" | "read of the party" | "trade for the party" | "admin of the home" | "read of all" | "admin of all";

/** One route. */
export interface Operation {
  readonly method: "get" | "post" | "delete";
  /** From the root, parameters in braces. */
  readonly path: string;
  readonly id: string;
  readonly tag: keyof typeof TAGS;
  readonly summary: string;
  readonly description?: string;
  readonly needs: Needs;
  /** What each parameter of the path is. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly query?: TSchema;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: TSchema;
  readonly answer: {
    /** @default 200 */
    readonly status?: number;
    /** @default application/json */
    readonly type?: string;
    readonly schema?: TSchema;
    readonly says: string;
  };
  /** Beside those that every route may answer with. */
  readonly refusals?: readonly ProblemCode[];
  /** Of a trading route: refusals have the codes of the wire, and what the market refuses is an answer. */
  readonly wire?: readonly ErrorCode[] | "any";
  readonly example: OperationExample;
}

/** One request as it can be made, and what it was answered. */
export interface OperationExample {
  /** The path and query as asked. */
  readonly ask: string;
  readonly body?: unknown;
  readonly answer: unknown;
}
