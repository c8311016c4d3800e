/**
 * Taking the position of a market below into the book of its slot.
 *
 * A party is a member or a market in one slot: with a tender there it presents no position, and the other way round.
 *
 * Precedence: POSITIONS_NOT_TAKEN, PARTY_UNKNOWN, PARTY_SUSPENDED, PARTY_LEFT,
 * PARTY_RESERVED, POSITION_NOT_METERED, SLOT_MISALIGNED, SLOT_BEYOND_HORIZON, GATE_CLOSED,
 * PARTY_TENDERS, POSITION_NUMBER_NOT_POSITIVE, POSITION_STALE, POSITIONS_TOO_MANY, POSITION_STEPS_TOO_MANY,
 * POSITION_MALFORMED, POSITION_PRICE_TOO_LARGE, POSITION_ENERGY_TOO_LARGE, FUNDS_INSUFFICIENT.
 */
import { amountNano, type InstantMs } from "@micromarket/kernel";
import { bottomOf, isCurve, type StepCurve } from "@micromarket/market";
import type { SubmitPosition } from "./command.ts";
import { replaceHold } from "./funds.ts";
import { gateInstant, horizonInstant, isMarketSlot } from "./gate.ts";
import { positionHold } from "./hold-trades.ts";
import { ENERGY_MAX, POSITIONS_MAX, PRICE_MAX } from "./limits.ts";
import { accept, refuse, type Outcome } from "./outcome.ts";
import type { PositionRefusal } from "./refusal.ts";
import type { NodeRules } from "./rules.ts";
import { slotBook } from "./slot-book.ts";
import { refuseStanding } from "./standing.ts";
import type { State } from "./state.ts";
import { worstCostOfPosition } from "./worst-cost.ts";

/** Puts the position in the slot's book, in the place of the party's earlier one. */
export function submitPosition(state: State, { slot, party, number, curve }: SubmitPosition, now: InstantMs): Outcome {
  const { rules } = state;
  if (rules.node === undefined) return refuse({ code: "POSITIONS_NOT_TAKEN" });
  if (!state.parties.has(party)) return refuse({ code: "PARTY_UNKNOWN", party });
  const outsider = refuseStanding(state, party);
  if (outsider !== null) return refuse(outsider);
  if (party === rules.residual.party) return refuse({ code: "PARTY_RESERVED", party });
  if (state.unmetered.has(party)) return refuse({ code: "POSITION_NOT_METERED", party });
  if (!isMarketSlot(rules, slot)) return refuse({ code: "SLOT_MISALIGNED", slot });
  const last = horizonInstant(rules, now);
  if (slot > last) return refuse({ code: "SLOT_BEYOND_HORIZON", slot, last });
  const gate = gateInstant(rules, slot);
  if (now >= gate) return refuse({ code: "GATE_CLOSED", slot, gate });
  const book = state.books.get(slot) ?? slotBook(rules.auction);
  for (const tender of book.tenders.values()) {
    if (tender.party === party) return refuse({ code: "PARTY_TENDERS", party });
  }
  if (number <= 0) return refuse({ code: "POSITION_NUMBER_NOT_POSITIVE", number });
  const standing = book.positions.get(party)?.number;
  if (standing !== undefined && number <= standing) return refuse({ code: "POSITION_STALE", number, standing });
  if (standing === undefined && book.positions.size >= POSITIONS_MAX)
    return refuse({ code: "POSITIONS_TOO_MANY", most: POSITIONS_MAX });
  const faulty = refuseCurve(curve, rules.node);
  if (faulty !== null) return refuse(faulty);
  const { settlement } = rules;
  const held = settlement === undefined ? amountNano(0n) : worstCostOfPosition(curve, rules, settlement);
  const before = standing === undefined ? null : positionHold(slot, standing, party);
  const unfunded = replaceHold(state, before, positionHold(slot, number, party), party, held, now);
  if (unfunded !== null) return refuse(unfunded);

  book.positions.set(party, { number, curve });
  state.books.set(slot, book);
  return accept({ type: "PositionAccepted", slot, party, number, ...(held > 0n ? { held } : {}) });
}

/** What is wrong with the curve itself. */
export function refuseCurve(curve: StepCurve, { positionSteps }: NodeRules): PositionRefusal | null {
  const steps = curve.drops.length;
  if (positionSteps !== null && steps > positionSteps)
    return { code: "POSITION_STEPS_TOO_MANY", steps, most: positionSteps };
  if (!isCurve(curve)) return { code: "POSITION_MALFORMED" };
  if (curve.prices.some((price) => Number.isFinite(price) && Math.abs(price) > PRICE_MAX))
    return { code: "POSITION_PRICE_TOO_LARGE", most: PRICE_MAX };
  const isTooLarge = curve.top > ENERGY_MAX || bottomOf(curve) < -ENERGY_MAX;
  return isTooLarge ? { code: "POSITION_ENERGY_TOO_LARGE", most: ENERGY_MAX } : null;
}
