/**
 * Random books from a seed: small, full of ties, and with every oddity that an auction has to stand.
 *
 * One seed, one book. What a book contains is drawn per book first (tick, band, sizes, how many market orders, how many
 * faulty tenders), so that plain books are as frequent as wild ones.
 */
import {
  partyId,
  priceMicro,
  randomStream,
  tenderId,
  times,
  wattHours,
  type PriceMicro,
  type RandomStream,
} from "@micromarket/kernel";
import type { AuctionRules, Book, Rationing, Side, Step, Tender, TenderCondition } from "@micromarket/market";

/** Bounds of a random book. */
export interface BookSize {
  readonly tendersMax: number;
  /** Largest energy of a step in Wh; drawn from a few sizes where it is left out. */
  readonly energyMax?: number;
}

/** What the tenders of one book have in common. */
interface Mood {
  readonly rules: AuctionRules;
  readonly sides: readonly Side[];
  readonly energyMax: number;
  readonly parties: number;
  readonly lowestTick: number;
  readonly highestTick: number;
  readonly marketPercent: number;
  readonly curvePercent: number;
  readonly faultPercent: number;
}

/** The book of a seed. */
export function randomBook(seed: number, size: BookSize = { tendersMax: 14 }): Book {
  const stream = randomStream(seed, "book");
  const mood = randomMood(stream, size);
  const ids = shuffled(stream, [...Array(stream.between(0, size.tendersMax)).keys()]);
  const tenders = ids.map((id) => randomTender(stream, mood, `t${id}`));
  const doubled = tenders.map((tender) => {
    const twin = tenders[stream.below(tenders.length)];
    return twin !== undefined && chance(stream, mood.faultPercent / 3) ? { ...tender, id: twin.id } : tender;
  });
  return { slot: `2026-07-01T${stream.between(10, 23)}:00Z`, rules: mood.rules, tenders: doubled };
}

function randomMood(stream: RandomStream, size: BookSize): Mood {
  const tick = pick(stream, [1, 5, 10]);
  const [lowestTick, highestTick] = pick(stream, [
    [-3, 4],
    [0, 6],
    [2, 3],
    [-40, 60],
  ]);
  const bound = (ticks: number): PriceMicro | null => (chance(stream, 50) ? null : priceMicro(tick * ticks));
  return {
    rules: {
      k: pick(stream, [ratio(1, 2), ratio(1, 2), ratio(0, 1), ratio(1, 1), ratio(1, 3), ratio(7, 10)]),
      tick: priceMicro(tick),
      priceFloor: bound(lowestTick - stream.below(2)),
      priceCap: bound(highestTick + stream.below(2)),
      rationing: pick<Rationing>(stream, ["pro-rata", "time-priority"]),
    },
    sides: pick<readonly Side[]>(stream, [
      ["buy", "sell"],
      ["buy", "sell"],
      ["buy", "sell"],
      ["buy", "buy", "sell"],
      ["buy"],
      ["sell"],
    ]),
    energyMax: size.energyMax ?? pick(stream, [1, 3, 9, 100, 1_000_000]),
    parties: stream.between(1, 12),
    lowestTick,
    highestTick,
    marketPercent: pick(stream, [0, 0, 10, 40, 100]),
    curvePercent: pick(stream, [0, 30, 100]),
    faultPercent: pick(stream, [0, 0, 30]),
  };
}

function randomTender(stream: RandomStream, mood: Mood, id: string): Tender {
  const side = pick(stream, mood.sides);
  const steps = chance(stream, mood.curvePercent) ? stream.between(2, 4) : 1;
  const tender: Tender = {
    id: tenderId(id),
    party: partyId(`p${stream.below(mood.parties)}`),
    side,
    steps: Array.from({ length: steps }, () => randomStep(stream, mood, side)),
  };
  return chance(stream, mood.faultPercent) ? faulty(stream, mood, tender) : tender;
}

function randomStep(stream: RandomStream, mood: Mood, side: Side): Step {
  const energy = wattHours(stream.between(1, mood.energyMax));
  if (chance(stream, mood.marketPercent)) return { price: null, energy };
  const { tick, priceFloor, priceCap } = mood.rules;
  const mustRun = side === "buy" ? priceCap : priceFloor;
  if (mustRun !== null && chance(stream, 15)) return { price: mustRun, energy };
  return { price: times(tick, stream.between(mood.lowestTick, mood.highestTick)), energy };
}

function faulty(stream: RandomStream, { rules, lowestTick, highestTick }: Mood, tender: Tender): Tender {
  const withStep = (step: Step): Tender => ({ ...tender, steps: [...tender.steps, step] });
  const conditions = pick<readonly TenderCondition[]>(stream, [["allOrNone"], ["group", "slots"], []]);
  const price = times(rules.tick, stream.between(lowestTick, highestTick));
  const beyond = times(rules.tick, pick(stream, [lowestTick - 3, highestTick + 3]));
  const offTick = priceMicro(price + stream.below(rules.tick));
  return pick<Tender>(stream, [
    { ...tender, conditions },
    { ...tender, steps: [] },
    withStep({ price, energy: wattHours(-stream.below(3)) }),
    withStep({ price: beyond, energy: wattHours(1) }),
    withStep({ price: offTick, energy: wattHours(1) }),
    { ...withStep({ price: offTick, energy: wattHours(0) }), conditions },
  ]);
}

/** The list in another order. */
export function shuffled<Item>(stream: RandomStream, list: readonly Item[]): Item[] {
  return list
    .map((item) => ({ item, key: stream.nextUint32() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

/** One of the items. */
export function pick<Item>(stream: RandomStream, items: readonly Item[]): Item {
  const item = items[stream.below(items.length)];
  if (item === undefined) throw new Error("nothing to pick from");
  return item;
}

function chance(stream: RandomStream, percent: number): boolean {
  return stream.below(100) < percent;
}

function ratio(numerator: number, denominator: number): AuctionRules["k"] {
  return { numerator: BigInt(numerator), denominator: BigInt(denominator) };
}
