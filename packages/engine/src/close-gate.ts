/**
 * Closing the gate of a slot. Below a supplier, and where the tie is islanded, its book is cleared and the trades are
 * posted; below a market the book is frozen, and the slot waits for the award of the position that it presents.
 *
 * Gates close in order of their slots. A slot without tenders and positions may be passed over: nothing was traded in it.
 * A market below another is islanded until a tie is set.
 *
 * Precedence: SLOT_MISALIGNED, GATE_ALREADY_CLOSED, GATE_NOT_DUE, GATE_OUT_OF_ORDER, TARIFF_MISSING.
 */
import { formatInstant, type InstantMs } from "@micromarket/kernel";
import type { Tie } from "@micromarket/grid";
import { curveOfBook, type Book } from "@micromarket/market";
import { clearAsIsland, clearAtTariff, sheetOfBook, type SlotSheet } from "./clear-slot.ts";
import type { CloseGate } from "./command.ts";
import type { PositionFormed } from "./event.ts";
import { formPosition, membersBehind } from "./form-position.ts";
import { endOfSlot, gateInstant, isMarketSlot } from "./gate.ts";
import { accept, refuse, type Outcome } from "./outcome.ts";
import { positionId, residualTenders } from "./residual-tenders.ts";
import { NODE_DEFAULTS } from "./rules.ts";
import { StandingTenders } from "./standing-tenders.ts";
import { partiesTakingPart } from "./standing.ts";
import type { Prices, State, StateView } from "./state.ts";
import { forgetEstimates } from "./true-up.ts";
import { dropPastTariffs, tariffInForce } from "./tariff.ts";

/** Clears the slot's book, after which it waits for deliveries, or presents its position, after which it waits for the award. */
export function closeGate(state: State, { slot }: CloseGate, now: InstantMs): Outcome {
  const { rules, closedThrough } = state;
  if (!isMarketSlot(rules, slot)) return refuse({ code: "SLOT_MISALIGNED", slot });
  if (closedThrough !== null && slot <= closedThrough)
    return refuse({ code: "GATE_ALREADY_CLOSED", slot, closedThrough });
  const gate = gateInstant(rules, slot);
  if (now < gate) return refuse({ code: "GATE_NOT_DUE", slot, gate });
  const earlier = earliestBook(state);
  if (earlier !== null && earlier < slot) return refuse({ code: "GATE_OUT_OF_ORDER", slot, earlier });
  const entry = tariffInForce(state.tariffs, slot);
  if (entry === null) return refuse({ code: "TARIFF_MISSING", slot });

  const book = state.books.get(slot);
  const sheet: SlotSheet = {
    slot,
    now,
    tariff: entry.tariff,
    feedIn: entry.feedIn,
    ...sheetOfBook(book?.tenders ?? new StandingTenders()),
    positions: new Map(book?.positions),
    parties: partiesTakingPart(state),
  };
  const tie = tariffInForce(state.ties, slot)?.tie ?? null;
  passSlot(state, slot);
  forgetEstimates(state, now);
  if (rules.node?.above !== "market") return accept(clearAtTariff(state, sheet, "tariff", null));
  if (tie === null) return accept(clearAsIsland(state, sheet, "islanded"));
  return accept(present(state, sheet, tie));
}

/** Freezes the book and presents its position. */
function present(state: State, sheet: SlotSheet, tie: Tie): PositionFormed {
  const { slot, tariff, feedIn, tenders, standing, positions, parties } = sheet;
  const own = curveOfBook({
    slot: formatInstant(slot),
    rules: state.rules.auction,
    tenders,
    positions: [...positions].map(([party, { curve }]) => ({ id: positionId(party), curve })),
  });
  const members = membersBehind(tenders, positions);
  const { curve, costMax } = formPosition(own, tie, members, parties.size - 1, state.rules.node ?? NODE_DEFAULTS);
  const number = (state.positionsFormed += 1);
  const presented = { number, curve };
  state.waiting.set(slot, { tariff, feedIn, tie, tenders: standing, positions, presented, parties });
  return { type: "PositionFormed", slot, number, curve, costMax };
}

/** The book that the slot would be cleared with at these prices: its tenders as they came, then the residual counterparty's. */
export function bookToClear(state: StateView, slot: InstantMs, prices: Prices): Book {
  const tenders = [...(state.books.get(slot)?.tenders.values() ?? [])];
  return {
    slot: formatInstant(slot),
    rules: state.rules.auction,
    tenders: [...tenders, ...residualTenders(state.rules, prices, tenders)],
  };
}

function earliestBook(state: State): InstantMs | null {
  let earliest: InstantMs | null = null;
  for (const [slot, book] of state.books) {
    if (book.tenders.size + book.positions.size > 0 && (earliest === null || slot < earliest)) earliest = slot;
  }
  return earliest;
}

/** Leaves behind what only slots up to `slot` needed. */
function passSlot(state: State, slot: InstantMs): void {
  for (const open of state.books.keys()) {
    if (open <= slot) state.books.delete(open);
  }
  state.closedThrough = slot;
  dropPastTariffs(state.tariffs, endOfSlot(state.rules, slot));
  dropPastTariffs(state.ties, endOfSlot(state.rules, slot));
}
