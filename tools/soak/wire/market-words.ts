/** What the process of the market is told and says, each as a line of JSON. */

/** How it is started. */
export interface MarketOrder {
  /** Where journal and archive lie; a market that is there goes on. */
  readonly folder: string;
  readonly port: number;
  readonly slotMs: number;
  readonly gateLeadMs: number;
  /** Parties with funds; `p0`, `p1`, …. */
  readonly parties: number;
  /** Principals beside the operator. */
  readonly principals: readonly MarketPrincipal[];
  /** Whether gates are closed by the clock. */
  readonly closesGates: boolean;
  /** Frames that cannot be read and do not end a session, in a minute. */
  readonly invalidPerMinuteMax: number;
  /** After so many groups that became durable it kills itself before it answers; `null`: never. */
  readonly diesAfter: number | null;
}

/** Who comes in by a signature. */
export interface MarketPrincipal {
  readonly id: string;
  /** did:key. */
  readonly key: string;
  readonly party: string;
  readonly scopes: readonly ("read" | "trade")[];
}

/** Of the operator. */
export const OPERATOR_TOKEN = "an-operators-token-of-length";
/** What clients sign for. */
export const SERVER_NAME = "soak";

/** What it says. */
export type MarketWord =
  | { readonly word: "ready" }
  | {
      readonly word: "gate";
      readonly slotMs: number;
      readonly dueMs: number;
      readonly closedMs: number;
      readonly tenders: number;
    }
  | { readonly word: "state"; readonly sequence: number; readonly stateHash: string }
  | { readonly word: "burden"; readonly heapKb: number; readonly rssKb: number; readonly sockets: number }
  | { readonly word: "error"; readonly what: string };

/** What it is asked. */
export type MarketQuestion = "state" | "burden" | "stop";

/** The words of one kind among the lines. */
export function marketWords<Word extends MarketWord["word"]>(
  lines: readonly string[],
  word: Word,
): readonly Extract<MarketWord, { word: Word }>[] {
  return lines
    .map((line) => JSON.parse(line) as MarketWord)
    .filter((said): said is Extract<MarketWord, { word: Word }> => said.word === word);
}
