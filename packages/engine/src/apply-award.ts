/**
 * Taking the award of the market above: the slot that waits for it is cleared.
 *
 * Must-run demand may be awarded less, and must-run supply taken less, than the position says: that is curtailment at
 * the market above, and it is curtailed here in turn.
 *
 * Precedence: NO_MARKET_ABOVE, SLOT_MISALIGNED, AWARD_NOT_AWAITED, AWARD_LATE, AWARD_STALE, AWARD_MALFORMED,
 * AWARD_OFF_POSITION.
 */
import { priceMicro, type InstantMs, type PriceMicro } from "@micromarket/kernel";
import type { PriceParts } from "@micromarket/grid";
import { dropsOf, levelsAt, type StepCurve } from "@micromarket/market";
import { clearWithAward, sheetOfBook } from "./clear-slot.ts";
import type { ApplyAward } from "./command.ts";
import { isMarketSlot } from "./gate.ts";
import { PRICE_MAX, PRICE_MIN } from "./limits.ts";
import { accept, refuse, type Outcome } from "./outcome.ts";
import type { AwardRefusal, SlotRefusal } from "./refusal.ts";
import type { State } from "./state.ts";

/** Most of one part of a price; sums of them stay safe integers through a thousand levels. */
const PART_MAX = 1_000_000_000_000_000;

/** Clears the waiting slot with the award as energy that has come (gone) whatever the price. */
export function applyAward(state: State, command: ApplyAward, now: InstantMs): Outcome {
  const { slot, number, price, energy } = command;
  const untimely = refuseWaiting(state, slot);
  if (untimely !== null) return refuse(untimely);
  const waiting = state.waiting.get(slot);
  if (waiting === undefined) return refuse({ code: "AWARD_LATE", slot });
  const { presented, tie } = waiting;
  if (number !== presented.number) return refuse({ code: "AWARD_STALE", number, presented: presented.number });
  const parts = command.parts ?? energyAlone(price);
  if (price < PRICE_MIN || price > PRICE_MAX || !areParts(parts, price)) return refuse({ code: "AWARD_MALFORMED" });
  if (!isOnPosition(presented.curve, price, energy)) return refuse({ code: "AWARD_OFF_POSITION", price, energy });

  state.waiting.delete(slot);
  return accept(
    clearWithAward(
      state,
      { slot, now, ...waiting, ...sheetOfBook(waiting.tenders) },
      { tie, above: { price, parts }, energy },
    ),
  );
}

/** Why no slot can wait at `slot`; `null` where its gate has closed. */
export function refuseWaiting(
  state: State,
  slot: InstantMs,
): AwardRefusal | SlotRefusal | { code: "NO_MARKET_ABOVE" } | null {
  if (state.rules.node?.above !== "market") return { code: "NO_MARKET_ABOVE" };
  if (!isMarketSlot(state.rules, slot)) return { code: "SLOT_MISALIGNED", slot };
  const isOpen = state.closedThrough === null || slot > state.closedThrough;
  return isOpen ? { code: "AWARD_NOT_AWAITED", slot } : null;
}

function energyAlone(price: PriceMicro): PriceParts {
  const zero = priceMicro(0);
  return { energy: price, congestion: zero, loss: zero, fee: zero };
}

function areParts({ energy, congestion, loss, fee }: PriceParts, price: PriceMicro): boolean {
  const parts = [energy, congestion, loss, fee];
  return parts.every((part) => Math.abs(part) <= PART_MAX) && parts.reduce((sum, part) => sum + part, 0) === price;
}

function isOnPosition(curve: StepCurve, price: PriceMicro, energy: number): boolean {
  const { least, most } = levelsAt(curve, price);
  const mustRun = dropsOf(curve);
  const demand = mustRun.reduce((sum, step) => sum + (step.price === Infinity ? step.energy : 0), 0);
  const supply = mustRun.reduce((sum, step) => sum + (step.price === -Infinity ? step.energy : 0), 0);
  const curtailed = least > 0 && least <= demand ? 0 : least;
  const untaken = most < 0 && curve.top - most <= supply ? 0 : most;
  return energy >= curtailed && energy <= untaken;
}
