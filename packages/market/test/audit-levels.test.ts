/** The auditor's interval and volume, held against a judge that counts single units and tries every price. */
import { describe, expect, test } from "@jest/globals";
import { priceMicro, wattHours } from "@micromarket/kernel";
import { auditUniform, type AuctionClaim, type Book, type PriceInterval, type Side } from "@micromarket/market";
import { readBook } from "../src/audit/book.ts";
import { competitiveInterval, maximumVolume, priceLevels } from "../src/audit/levels.ts";
import { randomBook } from "@micromarket/testkit";

const BOOKS = 2_500;

/** One Wh of a tender. */
interface Unit {
  readonly id: string;
  readonly limit: number;
}

interface Verdict {
  readonly buys: readonly Unit[];
  readonly sells: readonly Unit[];
  readonly volume: number;
  readonly interval: PriceInterval;
  /** The candidates that clear the book. */
  readonly clearing: readonly number[];
  readonly candidates: readonly number[];
}

function judge(book: Book): Verdict {
  const [buys, sells] = [unitsOf(book, "buy"), unitsOf(book, "sell")];
  const possible = [...Array(Math.min(buys.length, sells.length) + 1).keys()];
  const volume = Math.max(
    ...possible.filter((v) => v === 0 || (buys[v - 1]?.limit ?? 0) >= (sells[v - 1]?.limit ?? 0)),
  );
  const candidates = candidatePrices(book, [...buys, ...sells]);
  const clearing = candidates.filter((price) =>
    possible.some(
      (v) =>
        count(buys, ({ limit }) => limit > price) <= v &&
        v <= count(buys, ({ limit }) => limit >= price) &&
        count(sells, ({ limit }) => limit < price) <= v &&
        v <= count(sells, ({ limit }) => limit <= price),
    ),
  );
  return { buys, sells, volume, interval: intervalOf(book, buys, sells, volume), clearing, candidates };
}

/** No accepted unit loses and no rejected unit is strictly in the money, word by word. */
function intervalOf(book: Book, buys: readonly Unit[], sells: readonly Unit[], volume: number): PriceInterval {
  const limits = (units: readonly Unit[]): number[] =>
    units.map(({ limit }) => limit).filter((limit) => Number.isFinite(limit));
  const { priceFloor, priceCap } = book.rules;
  const low = Math.max(priceFloor ?? -Infinity, ...limits(sells.slice(0, volume)), ...limits(buys.slice(volume)));
  const high = Math.min(priceCap ?? Infinity, ...limits(buys.slice(0, volume)), ...limits(sells.slice(volume)));
  return {
    low: Number.isFinite(low) ? priceMicro(low) : null,
    high: Number.isFinite(high) ? priceMicro(high) : null,
  };
}

function unitsOf(book: Book, side: Side): Unit[] {
  const entrants = [...readBook(book).accepted.values()].filter((entrant) => entrant.side === side);
  const units = entrants.flatMap(({ id, offers }) =>
    offers.flatMap(({ limit, energy }) => Array.from({ length: energy }, () => ({ id, limit }))),
  );
  return units.sort((a, b) => (a.limit === b.limit ? 0 : a.limit > b.limit === (side === "buy") ? -1 : 1));
}

/** Each limit and its neighbours, inside floor and cap: between them nothing changes. */
function candidatePrices(book: Book, units: readonly Unit[]): readonly number[] {
  const { priceFloor, priceCap } = book.rules;
  const finite = units.map(({ limit }) => limit).filter((limit) => Number.isFinite(limit));
  const prices = [0, ...finite, priceFloor ?? 0, priceCap ?? 0].flatMap((price) => [price - 1, price, price + 1]);
  return [...new Set(prices)].filter((price) => within(price, { low: priceFloor, high: priceCap }));
}

function count(units: readonly Unit[], condition: (unit: Unit) => boolean): number {
  return units.filter(condition).length;
}

function within(price: number, { low, high }: PriceInterval): boolean {
  return (low === null || price >= low) && (high === null || price <= high);
}

/** The best units of both sides trade at `price`. */
function claimAt(price: number, { buys, sells, volume }: Verdict): AuctionClaim {
  const energies = new Map<string, number>();
  for (const { id } of [...buys.slice(0, volume), ...sells.slice(0, volume)])
    energies.set(id, (energies.get(id) ?? 0) + 1);
  const fills = [...energies].map(([id, energy]) => ({ id, energy: wattHours(energy) }));
  return { price: priceMicro(price), energy: wattHours(volume), fills };
}

describe("against a judge of units and prices", () => {
  const verdicts = Array.from({ length: BOOKS }, (_, seed) => {
    const book = randomBook(seed, { tendersMax: 7, energyMax: 4 });
    return { seed, book, verdict: judge(book) };
  });

  test("interval and volume are the judge's", () => {
    const different = verdicts.filter(({ book, verdict }) => {
      const levels = priceLevels(readBook(book).accepted.values());
      const { low, high } = competitiveInterval(levels, book.rules);
      return low !== verdict.interval.low || high !== verdict.interval.high || maximumVolume(levels) !== verdict.volume;
    });
    expect(different).toEqual([]);
  });

  test("exactly the prices that clear lie in the interval, where any price clears", () => {
    const different = verdicts
      .filter(({ verdict }) => verdict.clearing.length > 0)
      .filter(({ verdict }) =>
        verdict.candidates.some((price) => within(price, verdict.interval) !== verdict.clearing.includes(price)),
      );
    expect(different).toEqual([]);
  });

  test("the largest volume passes at every price of the interval and at no other", () => {
    const different = verdicts
      .filter(({ verdict }) => verdict.volume > 0)
      .flatMap(({ seed, book, verdict }) => verdict.candidates.map((price) => ({ seed, book, verdict, price })))
      .filter(({ book, verdict, price }) => {
        const clean = auditUniform(book, claimAt(price, verdict), { strict: false }).length === 0;
        return clean !== within(price, verdict.interval);
      });
    expect(different).toEqual([]);
  });

  test("the books hold all that they should", () => {
    const share = (condition: (verdict: Verdict) => boolean): number =>
      verdicts.filter(({ verdict }) => condition(verdict)).length;
    expect(share(({ volume }) => volume > 0)).toBeGreaterThan(BOOKS / 4);
    expect(share(({ volume }) => volume === 0)).toBeGreaterThan(BOOKS / 10);
    expect(share(({ volume, clearing }) => volume > 0 && clearing.length === 0)).toBeGreaterThan(BOOKS / 100);
    expect(share(({ volume, interval }) => volume > 0 && interval.low === null)).toBeGreaterThan(BOOKS / 100);
    expect(share(({ volume, interval }) => volume > 0 && interval.high === null)).toBeGreaterThan(BOOKS / 100);
    expect(share(({ clearing }) => clearing.some((price) => price < 0))).toBeGreaterThan(BOOKS / 10);
  });
});
