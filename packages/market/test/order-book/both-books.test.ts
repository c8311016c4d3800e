/** A million random commands: both implementations report the same and hold the same. */
import { expect, test } from "@jest/globals";
import { randomStream, type RandomStream } from "@micromarket/kernel";
import { FastOrderBook, NaiveOrderBook, NEVER, stateHash, type OrderBook } from "@micromarket/market";

interface Regime {
  readonly name: string;
  readonly commands: number;
  readonly ticks: number;
  readonly selfTrade: number;
  /** Orders lie around the middle of the band, at most this far away. */
  readonly spread: number;
  readonly parties: number;
  readonly quantityMax: number;
  /** Every quantity is a multiple of this, give or take one. */
  readonly unit: number;
  /** Of 100 commands: cancels, replaces, orders with an expiry. */
  readonly cancels: number;
  readonly replaces: number;
  readonly expiring: number;
}

const regimes: readonly Regime[] = [
  regime("tight", { commands: 220_000, ticks: 4_096, spread: 12 }),
  regime("tight, newest", { commands: 120_000, ticks: 4_096, spread: 12, parties: 4, selfTrade: 1 }),
  regime("tight, oldest", { commands: 120_000, ticks: 4_096, spread: 12, parties: 4, selfTrade: 2 }),
  regime("wide", { commands: 120_000, ticks: 2 ** 20, spread: 2 ** 19, cancels: 48 }),
  regime("beyond 2^20 ticks", { commands: 60_000, ticks: 2 ** 22 + 5, spread: 2 ** 21, cancels: 48, selfTrade: 2 }),
  regime("heavy ties", { commands: 120_000, ticks: 3, spread: 2, parties: 3, selfTrade: 2 }),
  regime("one tick", { commands: 40_000, ticks: 1, spread: 1, parties: 2, selfTrade: 1 }),
  regime("replaces", { commands: 120_000, ticks: 64, spread: 20, replaces: 45, cancels: 15, selfTrade: 2, parties: 8 }),
  regime("expiries", { commands: 120_000, ticks: 512, spread: 40, expiring: 80, cancels: 10 }),
  regime("large quantities", { commands: 20_000, ticks: 64, spread: 20, quantityMax: 2 ** 31 }),
  regime("around 31 bits", { commands: 20_000, ticks: 64, spread: 20, quantityMax: 3, unit: 2 ** 31 }),
  regime("beyond 32 bits", {
    commands: 20_000,
    ticks: 64,
    spread: 20,
    quantityMax: 1_000,
    unit: 2 ** 27 + 3,
    selfTrade: 2,
  }),
];

function regime(name: string, rest: Partial<Regime> & Pick<Regime, "commands" | "ticks" | "spread">): Regime {
  const usual = { selfTrade: 0, parties: 20, quantityMax: 100, unit: 1, cancels: 35, replaces: 6, expiring: 6 };
  return { name, ...usual, ...rest };
}

test("the regimes sum to more than a million commands", () => {
  expect(regimes.reduce((sum, { commands }) => sum + commands, 0)).toBeGreaterThanOrEqual(1_000_000);
});

test.each(regimes)("$name: same reports, same state", (described) => {
  const { name, commands, ticks, selfTrade } = described;
  const stream = randomStream(20_260_701, "both books", name);
  const [naive, fast] = [new NaiveOrderBook({ ticks, selfTrade }), new FastOrderBook({ ticks, selfTrade })];
  const sized = `${name}: command`;
  for (let index = 0; index < commands; index++) {
    const command = drawCommand(stream, described, index, naive);
    command(naive);
    command(fast);
    if (!naive.reports.equals(fast.reports)) throw new Error(`${sized} ${index}: the reports differ`);
    naive.reports.clear();
    fast.reports.clear();
    if (naive.bestBid() >= naive.bestAsk()) throw new Error(`${sized} ${index}: the book is crossed`);
    if (index % 4_000 === 0) expect(`${index} ${stateHash(fast)}`).toBe(`${index} ${stateHash(naive)}`);
  }
  expect(stateHash(fast)).toBe(stateHash(naive));
  for (const side of [0, 1]) expect(fast.depth(side, 50)).toEqual(naive.depth(side, 50));
  expect(fast.statistics().trades).toBeGreaterThan(commands / 50);
});

type Command = (book: OrderBook) => void;

function drawCommand(stream: RandomStream, regimeOf: Regime, index: number, book: OrderBook): Command {
  const { cancels, replaces } = regimeOf;
  const draw = stream.below(100);
  const known = book.statistics().submitted;
  // Mostly recent orders, sometimes long gone ones, now and then one that never was.
  const id = stream.below(8) === 0 ? stream.between(-1, known) : Math.max(0, known - 1 - stream.below(400));
  if (draw < cancels) return (to) => to.cancel(id);
  const { quantityMax, unit } = regimeOf;
  const units = stream.between(stream.below(40) === 0 ? -1 : 1, quantityMax);
  const quantity = unit === 1 ? units : units * unit + stream.between(-1, 1);
  const tick = drawTick(stream, regimeOf);
  if (draw < cancels + replaces) return drawReplace(stream, book, id, tick, quantity);
  if (draw === 99) return (to) => to.advanceTo(index);
  const [side, owner] = [stream.below(2), stream.below(regimeOf.parties)];
  const kind = stream.below(3) === 0 ? stream.below(6) : 0;
  const expires = stream.below(100) < regimeOf.expiring ? index + stream.between(-5, 600) : NEVER;
  return (to) => void to.submit(side, kind, owner, tick, quantity, expires);
}

/** A third of them keeps the price of an order that rests, which is where priority may be kept. */
function drawReplace(stream: RandomStream, book: OrderBook, id: number, tick: number, quantity: number): Command {
  const queue = stream.below(3) === 0 ? book.resting(stream.below(2)) : [];
  const resting = queue[stream.below(Math.min(8, queue.length) + 1)];
  return (to) => to.replace(resting?.id ?? id, resting?.tick ?? tick, quantity);
}

function drawTick(stream: RandomStream, { ticks, spread }: Regime): number {
  if (stream.below(500) === 0) return stream.below(2) === 0 ? -1 : ticks;
  return Math.max(0, Math.min(ticks - 1, (ticks >> 1) + stream.between(-spread, spread)));
}
