/** Rows of numbers get their names back: what each tender got, what it did not get and why. */
import { compareText, wattHours, type PartyId, type PriceMicro } from "@micromarket/kernel";
import type { Book, Fill, Unfilled, UnfilledReason } from "./auction.ts";
import type { Side } from "./tender.ts";
import type { BookColumns } from "./uniform/book-columns.ts";
import type { ColumnClearing } from "./uniform/clear-columns.ts";
import type { EnergyColumn } from "./uniform/columns.ts";
import { ticksOf } from "./uniform/ticks.ts";

/** What the tenders got and did not get, in order of id. */
export interface Answers {
  readonly fills: Fill[];
  readonly bought: Fill[];
  readonly sold: Fill[];
  readonly unfilled: Unfilled[];
}

/** Gives the fills of rows the names of their tenders. */
export function answersInOrder(
  book: Book,
  order: Uint32Array,
  rows: BookColumns,
  { price, fills }: Pick<ColumnClearing, "price" | "fills">,
  rationedAt: PriceMicro | null = price,
): Answers {
  const answers: Answers = { fills: [], bought: [], sold: [], unfilled: [] };
  const { energy } = rows.columns;
  const reasonAt = reasons(book, rows, rationedAt);
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

/** Parties that both bought and sold, in order of id. */
export function partiesOnBothSides(
  { tenders }: Book,
  { tenderOf }: BookColumns,
  fills: EnergyColumn,
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
