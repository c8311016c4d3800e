/**
 * Traders in a continuous double auction: who gains how much of what could be gained, and how prices converge.
 *
 * A period gives every trader its units anew and takes a number of quotes, each from a trader drawn among those that have
 * units left, each for one unit. A quote replaces the trader's earlier one; after a trade all other quotes are withdrawn
 * (Gode and Sunder 1993, section II), if the scenario says so. Traders keep what they learnt from period to period.
 */
import type { HeardQuote, QuoteView, Strategy, Trader } from "@micromarket/agents";
import { randomStream, type RandomStream } from "@micromarket/kernel";
import { BUY, FastOrderBook, NEVER, ORDER_KIND, REPORT, SELF_TRADE, SELL, type Side } from "@micromarket/market";

/** Who trades what. Prices are integers of any one unit. */
export interface TraderScenario {
  readonly name: string;
  /** Prices that the market takes. */
  readonly lowest: number;
  readonly highest: number;
  /** For each buyer what its units are worth, for each seller what they cost, in the order in which they trade. */
  readonly buyers: readonly (readonly number[])[];
  readonly sellers: readonly (readonly number[])[];
  readonly periods: number;
  /** Quotes a period. */
  readonly quotes: number;
  readonly withdrawAfterTrade: boolean;
}

/** One trade: its price, and the limits of both. */
export interface TraderTrade {
  readonly price: number;
  readonly value: number;
  readonly cost: number;
}

/** What theory says of a scenario. */
export interface TraderTheory {
  /** Greatest gain from trade in a period. */
  readonly gainMax: number;
  /** Units that trade in equilibrium, and the middle of the prices that clear, doubled so that it is whole. */
  readonly volume: number;
  readonly doublePrice: number;
  /** Gain if every unit trades, whatever its limit: what is left where nobody minds losing. Needs equally many units. */
  readonly gainOfAll: number | null;
}

/** Runs all periods: the trades of each. The same seed gives the same trades. */
export function runTraders(
  scenario: TraderScenario,
  strategy: Strategy,
  seed: number,
): readonly (readonly TraderTrade[])[] {
  const seats = [...scenario.buyers.map(seatOf("buy")), ...scenario.sellers.map(seatOf("sell"))];
  const traders = seats.map(({ side }, index) => strategy(randomStream(seed, scenario.name, side, String(index))));
  return Array.from({ length: scenario.periods }, (_, period) =>
    runPeriod(scenario, seats, traders, randomStream(seed, scenario.name, "turns", String(period))),
  );
}

interface Seat {
  readonly side: Side;
  readonly limits: readonly number[];
}

const seatOf =
  (side: Side) =>
  (limits: readonly number[]): Seat => ({ side, limits });

function runPeriod(
  scenario: TraderScenario,
  seats: readonly Seat[],
  traders: readonly Trader[],
  turns: RandomStream,
): TraderTrade[] {
  const { lowest, highest } = scenario;
  const book = new FastOrderBook({ ticks: highest - lowest + 1, selfTrade: SELF_TRADE.allow });
  const done = seats.map(() => 0);
  const quoteOf = new Map<number, number>();
  const trades: TraderTrade[] = [];
  const viewOf = (index: number): QuoteView => {
    const { side, limits } = seats[index] as Seat;
    const limit = limits[Math.min(done[index] ?? 0, limits.length - 1)] ?? lowest;
    return { side, limit, lowest, highest };
  };
  const isActive = (index: number): boolean => (done[index] ?? 0) < (seats[index]?.limits.length ?? 0);
  const withdraw = (index: number): void => {
    const id = quoteOf.get(index);
    if (id !== undefined) book.cancel(id);
    quoteOf.delete(index);
  };
  const ownerOf = (id: number): number => [...quoteOf].find(([, quote]) => quote === id)?.[0] ?? -1;
  for (let turn = 0; turn < scenario.quotes; turn++) {
    const active = seats.map((_, index) => index).filter(isActive);
    const index = active[turns.below(Math.max(1, active.length))];
    if (index === undefined) break;
    const view = viewOf(index);
    const price = (traders[index] as Trader).quote(view);
    withdraw(index);
    book.reports.clear();
    const id = book.submit(view.side === "buy" ? BUY : SELL, ORDER_KIND.limit, index, price - lowest, 1, NEVER);
    const report = book.reports.count > 1 ? book.reports.read(1) : null;
    let heard: HeardQuote = { side: view.side, price, traded: false };
    if (report?.kind === REPORT.traded) {
      const other = ownerOf(report.other);
      const [buyer, seller] = view.side === "buy" ? [view, viewOf(other)] : [viewOf(other), view];
      heard = { side: view.side, price: report.tick + lowest, traded: true };
      trades.push({ price: heard.price, value: buyer.limit, cost: seller.limit });
      quoteOf.delete(other);
      for (const party of [index, other]) done[party] = (done[party] ?? 0) + 1;
      if (scenario.withdrawAfterTrade) for (const each of [...quoteOf.keys()]) withdraw(each);
    } else quoteOf.set(index, id);
    traders.forEach((trader, each) => trader.hear(heard, viewOf(each), isActive(each)));
  }
  return trades;
}

/** Equilibrium by sorting all values and costs. */
export function traderTheory({ buyers, sellers }: TraderScenario): TraderTheory {
  const values = buyers.flat().sort((a, b) => b - a);
  const costs = sellers.flat().sort((a, b) => a - b);
  let [volume, gainMax] = [0, 0];
  while (volume < Math.min(values.length, costs.length) && (values[volume] ?? 0) >= (costs[volume] ?? 0)) {
    gainMax += (values[volume] ?? 0) - (costs[volume] ?? 0);
    volume += 1;
  }
  const low = Math.max(costs[volume - 1] ?? -Infinity, values[volume] ?? -Infinity);
  const high = Math.min(values[volume - 1] ?? Infinity, costs[volume] ?? Infinity);
  const sum = (list: readonly number[]): number => list.reduce((total, item) => total + item, 0);
  const gainOfAll = values.length === costs.length ? sum(values) - sum(costs) : null;
  return { gainMax, volume, doublePrice: volume === 0 ? 0 : low + high, gainOfAll };
}

/** Allocative efficiency: what was gained of what could be gained (Gode and Sunder 1993), in parts per million. */
export function efficiencyPpm(trades: readonly TraderTrade[], { gainMax }: TraderTheory): number {
  const gain = trades.reduce((sum, { value, cost }) => sum + value - cost, 0);
  return gainMax === 0 ? 0 : Math.round((gain * 1_000_000) / gainMax);
}

/**
 * Coefficient of convergence (V. L. Smith, "An Experimental Study of Competitive Market Behavior", Journal of Political
 * Economy 70 (1962)): the root mean square distance of prices from the equilibrium price, in ppm of that price; `null`
 * without a trade.
 */
export function convergencePpm(trades: readonly TraderTrade[], { doublePrice }: TraderTheory): number | null {
  if (trades.length === 0 || doublePrice === 0) return null;
  const squares = trades.reduce((sum, { price }) => sum + (2 * price - doublePrice) * (2 * price - doublePrice), 0);
  return Math.round((Math.sqrt(squares / trades.length) * 1_000_000) / Math.abs(doublePrice));
}
