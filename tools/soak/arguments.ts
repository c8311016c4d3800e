/** What the command line asks for. */
import { parseArgs } from "node:util";
import { PARTS, type SoakOptions } from "./round.ts";

/** A soak and how its result is printed. */
export interface Request {
  readonly options: SoakOptions;
  readonly json: boolean;
}

/** Reads the command line; throws an error that says what is wrong with it. */
export function requestOf(args: readonly string[], env: NodeJS.ProcessEnv): Request {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: "string" },
      rounds: { type: "string", default: "4" },
      points: { type: "string", default: "28" },
      homes: { type: "string", default: "20" },
      slots: { type: "string", default: "96" },
      frames: { type: "string", default: "1000000" },
      connections: { type: "string", default: "1000" },
      orders: { type: "string", default: "100000" },
      cuts: { type: "string", default: "200" },
      only: { type: "string", multiple: true, default: [...PARTS] },
      at: { type: "string" },
      node: { type: "string", multiple: true, default: [] },
      json: { type: "boolean", default: false },
    },
  });
  const parts = PARTS.filter((part) => values.only.includes(part));
  if (values.only.some((part) => !PARTS.some((known) => known === part)))
    throw new Error(`--only takes one of ${PARTS.join(", ")}`);
  const [round, trial] = values.at?.split(".") ?? [];
  const other = env["MICROMARKET_NODE_24"];
  const options: SoakOptions = {
    seed: whole("seed", values.seed),
    rounds: whole("rounds", values.rounds),
    points: whole("points", values.points),
    parts,
    only: values.at === undefined ? null : { round: whole("at", round), trial: whole("at", trial) },
    nodes: [...values.node, ...(other === undefined ? [] : [other])],
    homes: whole("homes", values.homes),
    slots: whole("slots", values.slots),
    frames: whole("frames", values.frames),
    connections: whole("connections", values.connections),
    orders: whole("orders", values.orders),
    cuts: whole("cuts", values.cuts),
  };
  return { options, json: values.json };
}

function whole(name: string, text: string | undefined): number {
  if (!/^\d{1,9}$/.test(text ?? "")) throw new Error(`--${name} takes a whole number, not ${text ?? "nothing"}`);
  return Number(text);
}
