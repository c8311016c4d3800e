/** What becomes of a command. */
import type { MarketEvent } from "./event.ts";
import type { Refusal } from "./refusal.ts";

/** The events of an accepted command, one or more, or why it was refused. */
export type Outcome =
  { readonly ok: true; readonly events: readonly MarketEvent[] } | { readonly ok: false; readonly refusal: Refusal };

/** What became of a command that a node executed: of an accepted one also the number of its entry in the journal. */
export type Executed =
  | { readonly ok: true; readonly events: readonly MarketEvent[]; readonly sequence: number }
  | { readonly ok: false; readonly refusal: Refusal };

/** The command was obeyed. */
export function accept(...events: readonly MarketEvent[]): Outcome {
  return { ok: true, events };
}

/** The command was refused, and nothing changed. */
export function refuse(refusal: Refusal): Outcome {
  return { ok: false, refusal };
}
