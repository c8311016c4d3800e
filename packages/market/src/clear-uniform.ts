/**
 * The uniform call auction of divisible tenders: the periodic double auction at one price.
 *
 * Everything of a slot is cleared at once. The volume is the largest at which the marginal buyer still pays at least the
 * marginal seller's price; the price is the k-point of the competitive interval; everything better than the price is
 * filled in full and the marginal level is rationed. The result is efficient, budget balanced and individually
 * rational; it is not truthful (no mechanism has all four: Myerson and Satterthwaite 1983). Under pro-rata rationing it
 * does not depend on the order of arrival.
 *
 * Tenders become columns of numbers, the kernel of `uniform/` clears those, and the answer gets its names back. All of
 * it is linear in the tenders: nothing is compared pair by pair but where the numbers are equal. `oracle/` holds the
 * obvious version, which judges this one.
 */
import {
  amountNano,
  assert,
  compareText,
  hashText,
  wattHours,
  type PartyId,
  type PriceMicro,
} from "@micromarket/kernel";
import { admit, rejectionsOf } from "./admit-tenders.ts";
import type { AuctionResult, Book, Fill, Scarcity, Unfilled, UnfilledReason } from "./auction.ts";
import { checkRules } from "./check-rules.ts";
import { pairTrades } from "./pair-trades.ts";
import type { Side } from "./tender.ts";
import { bookColumns, type BookColumns } from "./uniform/book-columns.ts";
import { clearColumns, type ColumnClearing } from "./uniform/clear-columns.ts";
import { meet } from "./uniform/crossing.ts";
import { surplusOfRows } from "./uniform/surplus-of-rows.ts";
import { ticksOf } from "./uniform/ticks.ts";

/** Clears `book`. Its rules must be sound (`checkRules`) and the energy of each side a safe integer. */
export function clearUniform(book: Book): AuctionResult {
  const { rules, slot, tenders } = book;
  assert(checkRules(rules) === null, `the rules are unsound: ${checkRules(rules) ?? ""}`);
  const admission = admit(book);
  const rows = bookColumns(book, admission.codes);
  const tieRank = (row: number): string => hashText(`${slot}\0${tenders[rows.tenderOf[row] ?? 0]?.id ?? ""}`);
  const clearing = clearColumns(rows.columns, rules, tieRank);
  const { price, energy, interval } = clearing;
  const answers = answersInOrder(book, admission.order, rows, clearing);
  return {
    price,
    energy: wattHours(energy),
    interval,
    surplus:
      price === null
        ? { buyers: amountNano(0n), sellers: amountNano(0n) }
        : surplusOfRows(rows, clearing.fills, rules.tick, price),
    scarcity: scarcityOf(rows, clearing),
    fills: answers.fills,
    trades: price === null ? [] : pairTrades(answers.bought, answers.sold, price),
    unfilled: answers.unfilled,
    rejections: rejectionsOf(book, admission),
    selfTrades: partiesOnBothSides(book, rows, clearing),
  };
}

/** What the tenders got and did not get, in order of id. */
interface Answers {
  readonly fills: Fill[];
  readonly bought: Fill[];
  readonly sold: Fill[];
  readonly unfilled: Unfilled[];
}

function answersInOrder(book: Book, order: Uint32Array, rows: BookColumns, { price, fills }: ColumnClearing): Answers {
  const answers: Answers = { fills: [], bought: [], sold: [], unfilled: [] };
  const { energy } = rows.columns;
  const reasonAt = reasons(book, rows, price);
  for (const place of order) {
    const tender = book.tenders[place];
    if (tender === undefined) continue;
    let [filled, rest, best] = [0, 0, -1];
    for (let row = rows.firstRow[place] ?? 0; row < (rows.firstRow[place + 1] ?? 0); row++) {
      const [fill, wanted] = [fills[row] ?? 0, energy[row] ?? 0];
      filled += fill;
      rest += wanted - fill;
      if (fill < wanted && (best === -1 || isBetter(rows, tender.side, row, best))) best = row;
    }
    const { id, side } = tender;
    if (filled > 0 && price !== null) {
      const fill = { id, energy: wattHours(filled), price };
      answers.fills.push(fill);
      (side === "buy" ? answers.bought : answers.sold).push(fill);
    }
    if (best !== -1) answers.unfilled.push({ id, energy: wattHours(rest), reason: reasonAt(side, best) });
  }
  return answers;
}

function isBetter({ columns: { tick } }: BookColumns, side: Side, row: number, other: number): boolean {
  return side === "buy" ? (tick[row] ?? 0) > (tick[other] ?? 0) : (tick[row] ?? 0) < (tick[other] ?? 0);
}

/** Why a row stayed unfilled. */
function reasons(
  { rules }: Book,
  { columns: { tick }, mustRun }: BookColumns,
  price: PriceMicro | null,
): (side: Side, row: number) => UnfilledReason {
  const priceTick = price === null ? null : ticksOf(price, rules.tick);
  return (side, row) => {
    if (tick[row] === mustRun[side]) return "CURTAILED";
    return tick[row] === priceTick ? "RATIONED" : "OUT_OF_MONEY";
  };
}

/** Must-run orders stand at their side's best limit: some are curtailed only where the crossing lies there. */
function scarcityOf({ mustRun }: BookColumns, { crossing }: ColumnClearing): Scarcity | null {
  if (crossing === null) return null;
  const { bought, sold } = meet(crossing);
  if (crossing.at === mustRun.buy && bought < crossing.bidsAt) return "demand";
  if (crossing.at === mustRun.sell && sold < crossing.offersAt) return "supply";
  return null;
}

function partiesOnBothSides(
  { tenders }: Book,
  { tenderOf }: BookColumns,
  { fills }: ColumnClearing,
): readonly PartyId[] {
  const buyers = new Set<PartyId>();
  for (let row = 0; row < fills.length; row++) {
    const tender = tenders[tenderOf[row] ?? 0];
    if (tender?.side === "buy" && (fills[row] ?? 0) > 0) buyers.add(tender.party);
  }
  const both = new Set<PartyId>();
  for (let row = 0; row < fills.length; row++) {
    const tender = tenders[tenderOf[row] ?? 0];
    if (tender?.side === "sell" && (fills[row] ?? 0) > 0 && buyers.has(tender.party)) both.add(tender.party);
  }
  return [...both].sort(compareText);
}
