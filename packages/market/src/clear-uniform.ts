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
import { amountNano, assert, hashText, wattHours } from "@micromarket/kernel";
import { admit, rejectionsOf } from "./admit-tenders.ts";
import type { AuctionResult, Book, Scarcity } from "./auction.ts";
import { checkRules } from "./check-rules.ts";
import { answersInOrder, partiesOnBothSides } from "./name-answers.ts";
import { pairTrades } from "./pair-trades.ts";
import { bookColumns, type BookColumns } from "./uniform/book-columns.ts";
import { clearColumns, type ColumnClearing } from "./uniform/clear-columns.ts";
import { meet } from "./uniform/crossing.ts";
import { surplusOfRows } from "./uniform/surplus-of-rows.ts";

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
    selfTrades: partiesOnBothSides(book, rows, clearing.fills),
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
