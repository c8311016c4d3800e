/**
 * The uniform call auction of a market that is a node of a tree: besides tenders its book holds the positions of the
 * markets below it, and energy from the market above it has come in (or goes out) whatever the price.
 *
 * It is the auction of `clearUniform` with more participants, and with the tie's energy as an order that must be met.
 * The price is the caller's: what of the competitive interval holds depends on the tie. With no position and nothing
 * across the tie, and the k-point as price, the answer is that of `clearUniform`; tests hold both equal.
 */
import {
  amountNano,
  assert,
  compareText,
  hashText,
  priceMicro,
  wattHours,
  type PriceMicro,
  type TenderId,
  type WattHours,
} from "@micromarket/kernel";
import { admit, rejectionsOf } from "./admit-tenders.ts";
import type { AuctionResult, Book, Fill, PriceInterval, Scarcity } from "./auction.ts";
import { boundedBy } from "./bounded-by.ts";
import { checkRules } from "./check-rules.ts";
import { meetCurve, type CurveMeeting, type Margin } from "./curve/meet-curve.ts";
import { compareDrops, curveOfDrops, type Drop, type StepCurve } from "./curve/step-curve.ts";
import { sumCurves } from "./curve/sum-curves.ts";
import { answersInOrder, partiesOnBothSides } from "./name-answers.ts";
import { pairTrades } from "./pair-trades.ts";
import { bookColumns, type BookColumns } from "./uniform/book-columns.ts";
import { BUY } from "./uniform/columns.ts";
import { shareOut } from "./uniform/share-out.ts";
import { surplusOfRows } from "./uniform/surplus-of-rows.ts";

/** The position of a market below: what it would take from this one at each price. */
export interface Position {
  /** Names it in the trades, and breaks ties; no tender of the book may have it. */
  readonly id: TenderId;
  /** In this market's prices, its limits, fees and losses counted in. */
  readonly curve: StepCurve;
}

/** What comes across the tie to the market above. */
export interface Inflow {
  /** Names the tie in the trades. */
  readonly id: TenderId;
  /** Wh received from above; negative: Wh given. The book's curve must be able to take it. */
  readonly energy: WattHours;
}

/** All of one slot of a node. Positions come after the tenders in order of arrival. */
export interface NodeBook extends Book {
  readonly positions: readonly Position[];
  readonly inflow: Inflow;
}

/** What a market below got: it imports at the price of the answer, or exports where `energy` is negative. */
export interface Award {
  readonly id: TenderId;
  readonly energy: WattHours;
}

/** The answer. `energy` is all that changes hands here, markets below and above included. */
export interface NodeResult extends AuctionResult {
  /** One for each position, in the book's order; 0 for who gets nothing. */
  readonly awards: readonly Award[];
}

/** The net demand curve of a book and the positions below it: what the node would take from above at each price. */
export function curveOfBook(book: Omit<NodeBook, "inflow">): StepCurve {
  return bookCurve(book, bookColumns(book, admit(book).codes));
}

/**
 * Picks the price from the competitive interval, which here is not yet bounded by floor and cap. It is asked once, also
 * where nothing changes hands and the answer has no price.
 */
export type PriceRule = (interval: PriceInterval) => PriceMicro;

/** Clears the node's book. Its rules must be sound and each side's energy a safe integer. */
export function clearNode(book: NodeBook, priceOf: PriceRule): NodeResult {
  const { rules, inflow, positions } = book;
  assert(checkRules(rules) === null, `the rules are unsound: ${checkRules(rules) ?? ""}`);
  const admission = admit(book);
  const rows = bookColumns(book, admission.codes);
  const meeting = meetCurve(bookCurve(book, rows), inflow.energy);
  const { fills, nets } = serve(book, rows, meeting);
  const awards = positions.map(({ id }, at) => ({ id, energy: wattHours(nets[at] ?? 0) }));
  const across = [...awards, { id: inflow.id, energy: wattHours(-inflow.energy) }].filter(({ energy }) => energy !== 0);
  const interval = boundedBy(meeting.interval, rules);
  const picked = priceOf(meeting.interval);
  const price = across.length > 0 || fills.some((fill) => fill > 0) ? picked : null;
  const answers = answersInOrder(book, admission.order, rows, { price, fills }, marginPrice(meeting.margin) ?? price);
  const [bought, sold] = price === null ? [[], []] : withTies(answers, across, price);
  return {
    price,
    energy: wattHours(bought.reduce((sum, { energy }) => sum + energy, 0)),
    interval,
    surplus: price === null ? NOTHING : surplusOfRows(rows, Float64Array.from(fills), rules.tick, price),
    scarcity: scarcityOf(rows, fills),
    fills: answers.fills,
    trades: price === null ? [] : pairTrades(bought, sold, price),
    unfilled: answers.unfilled,
    rejections: rejectionsOf(book, admission),
    selfTrades: partiesOnBothSides(book, rows, fills),
    awards,
  };
}

const NOTHING = { buyers: amountNano(0n), sellers: amountNano(0n) };

function bookCurve({ positions, rules }: Omit<NodeBook, "inflow">, { columns, mustRun }: BookColumns): StepCurve {
  const { side, tick, energy } = columns;
  const drops: Drop[] = [];
  let demand = 0;
  for (let row = 0; row < tick.length; row++) {
    const kind = side[row] ?? BUY;
    const [at, amount] = [tick[row] ?? 0, energy[row] ?? 0];
    if (kind === BUY) demand += amount;
    drops.push({ price: priceOfRow(at, { columns, mustRun }, rules), kind, energy: amount });
  }
  return sumCurves([curveOfDrops(wattHours(demand), drops), ...positions.map(({ curve }) => curve)]);
}

/** The price at which a row stands; ±Infinity for market orders that nothing bounds. */
function priceOfRow(tick: number, { columns }: Pick<BookColumns, "columns" | "mustRun">, rules: Book["rules"]): number {
  if (tick > columns.highest) return Infinity;
  if (tick < columns.lowest) return -Infinity;
  return tick * (rules.tick as number);
}

/** What each row is served of its energy, and what each position takes net. */
interface Served {
  readonly fills: Float64Array;
  readonly nets: Float64Array;
}

/** The meeting decides everything but the margin, which its rows and positions share like equals. */
function serve(book: NodeBook, rows: BookColumns, meeting: CurveMeeting): Served {
  const { side, tick, energy } = rows.columns;
  const count = tick.length;
  const fills = new Float64Array(count);
  const nets = new Float64Array(book.positions.length);
  const atMargin: number[] = [];
  const asked = new Float64Array(count + book.positions.length);
  for (let row = 0; row < count; row++) {
    const [price, kind] = [priceOfRow(tick[row] ?? 0, rows, book.rules), side[row] ?? BUY];
    asked[row] = energy[row] ?? 0;
    if (isMargin(meeting, price, kind)) atMargin.push(row);
    else if (isPassed(meeting, price, kind) !== (kind === BUY)) fills[row] = asked[row] ?? 0;
  }
  for (const [at, { curve }] of book.positions.entries()) {
    const { level, margin } = levelOf(curve, meeting);
    nets[at] = level;
    asked[count + at] = margin;
    if (margin > 0) atMargin.push(count + at);
  }
  shareMargin(book, rows, meeting.margin, { atMargin, asked }, { fills, nets });
  return { fills, nets };
}

function isPassed({ last }: CurveMeeting, price: number, kind: number): boolean {
  return last !== null && compareDrops(price, kind, last.price, last.kind) <= 0;
}

function isMargin({ margin }: CurveMeeting, price: number, kind: number): boolean {
  return margin !== null && margin.price === price && margin.kind === kind;
}

/** Where a position's curve has come to when the whole has made its last whole drop, and its part of the margin. */
function levelOf({ top, prices, kinds, drops }: StepCurve, meeting: CurveMeeting): { level: number; margin: number } {
  let [level, at] = [top as number, 0];
  while (at < drops.length && isPassed(meeting, prices[at] ?? 0, kinds[at] ?? 0)) level -= drops[at++] ?? 0;
  const margin = at < drops.length && isMargin(meeting, prices[at] ?? 0, kinds[at] ?? 0) ? (drops[at] ?? 0) : 0;
  return { level, margin };
}

/** Demand of the margin shares what is kept of it, supply what is taken. */
function shareMargin(
  { slot, tenders, positions, rules }: NodeBook,
  { tenderOf, columns }: BookColumns,
  margin: Margin | null,
  { atMargin, asked }: { readonly atMargin: readonly number[]; readonly asked: Float64Array },
  { fills, nets }: Served,
): void {
  if (margin === null) return;
  const count = columns.tick.length;
  const idOf = (at: number): string => (at < count ? tenders[tenderOf[at] ?? 0] : positions[at - count])?.id ?? "";
  const available = margin.kind === BUY ? margin.kept : margin.energy - margin.kept;
  const shares = new Float64Array(asked.length);
  const sharing = { rationing: rules.rationing, tieRank: (at: number) => hashText(`${slot}\0${idOf(at)}`) };
  shareOut(atMargin, asked, available, margin.energy, sharing, shares);
  for (const at of atMargin) {
    const share = shares[at] ?? 0;
    if (at < count) fills[at] = share;
    else nets[at - count] = (nets[at - count] ?? 0) - (margin.kind === BUY ? (asked[at] ?? 0) - share : share);
  }
}

function marginPrice(margin: Margin | null): PriceMicro | null {
  return margin === null || !Number.isFinite(margin.price) ? null : priceMicro(margin.price);
}

function scarcityOf({ columns, mustRun }: BookColumns, fills: Float64Array): Scarcity | null {
  for (let row = 0; row < fills.length; row++) {
    if ((fills[row] ?? 0) === (columns.energy[row] ?? 0)) continue;
    const isBuy = columns.side[row] === BUY;
    if (columns.tick[row] === (isBuy ? mustRun.buy : mustRun.sell)) return isBuy ? "demand" : "supply";
  }
  return null;
}

/** The tenders' fills with what goes to (comes from) the markets below and above, each side in order of id. */
function withTies(
  { bought, sold }: { readonly bought: readonly Fill[]; readonly sold: readonly Fill[] },
  across: readonly Award[],
  price: PriceMicro,
): readonly [readonly Fill[], readonly Fill[]] {
  const byId = (a: Fill, b: Fill): number => compareText(a.id, b.id);
  const taken = across.filter(({ energy }) => energy > 0).map(({ id, energy }) => ({ id, energy, price }));
  const given = across
    .filter(({ energy }) => energy < 0)
    .map(({ id, energy }) => ({ id, energy: wattHours(-energy), price }));
  return [[...bought, ...taken].sort(byId), [...sold, ...given].sort(byId)];
}
