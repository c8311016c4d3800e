/** The residual counterparty's prices over time: a list in order of `from`, short at its past end. */
import type { InstantMs } from "@micromarket/kernel";

/** An entry of such a list: the tariff, and the tie alike. */
interface Timed {
  readonly from: InstantMs;
}

/** The entry in force for the slot that starts at `slot`: the one with the latest `from` not after it. */
export function tariffInForce<Entry extends Timed>(tariffs: readonly Entry[], slot: InstantMs): Entry | null {
  let inForce: Entry | null = null;
  for (const entry of tariffs) {
    if (entry.from > slot) break;
    inForce = entry;
  }
  return inForce;
}

/** Puts `entry` in its place; one with the same `from` gives way to it. */
export function insertTariff<Entry extends Timed>(tariffs: Entry[], entry: Entry): void {
  const before = tariffs.findLastIndex(({ from }) => from <= entry.from);
  const replaces = tariffs[before]?.from === entry.from;
  tariffs.splice(replaces ? before : before + 1, replaces ? 1 : 0, entry);
}

/** Drops the entries that no slot from `next` on can need. */
export function dropPastTariffs(tariffs: Timed[], next: InstantMs): void {
  let past = 0;
  while ((tariffs[past + 1]?.from ?? Infinity) <= next) past += 1;
  if (past > 0) tariffs.splice(0, past);
}
