/**
 * Clearing a waiting slot without the market above, because its award did not come in time. A later award is refused.
 *
 * Precedence: NO_MARKET_ABOVE, SLOT_MISALIGNED, AWARD_NOT_AWAITED, AWARD_LATE.
 */
import type { InstantMs } from "@micromarket/kernel";
import { refuseWaiting } from "./apply-award.ts";
import { AWARDS_MISSED_MAX } from "./limits.ts";
import { clearAsIsland, clearAtTariff, sheetOfBook } from "./clear-slot.ts";
import type { FallBack } from "./command.ts";
import { accept, refuse, type Outcome } from "./outcome.ts";
import type { State } from "./state.ts";

/** Clears as an island, or against the tie party's tenders at the tariff within the tie's limits. */
export function fallBack(state: State, { slot, to }: FallBack, now: InstantMs): Outcome {
  const untimely = refuseWaiting(state, slot);
  if (untimely !== null) return refuse(untimely);
  const waiting = state.waiting.get(slot);
  if (waiting === undefined) return refuse({ code: "AWARD_LATE", slot });

  state.waiting.delete(slot);
  noteMissed(state, slot);
  const sheet = { slot, now, ...waiting, ...sheetOfBook(waiting.tenders) };
  if (to === "island") return accept(clearAsIsland(state, sheet, "fallback-island"));
  return accept(clearAtTariff(state, sheet, "fallback-tariff", waiting.tie));
}

/** The market above may have awarded something all the same. What it has not said of for too long is not waited for. */
function noteMissed({ awardsMissed }: State, slot: InstantMs): void {
  awardsMissed.add(slot);
  for (const oldest of awardsMissed) {
    if (awardsMissed.size <= AWARDS_MISSED_MAX) return;
    awardsMissed.delete(oldest);
  }
}
