/** Books drawn from seeds: what nobody thought of. One seed, one book, the same on every machine. */
import { book } from "./book-text.mjs";
import { decimal } from "./exact-decimal.mjs";

/** What the books of a family have in common; prices and quantities count in units of the last digit of `scale`. */
const FAMILIES = [
  { name: "distinct", about: "distinct prices", books: 4, orders: 30, low: 1, high: 100_000, most: 5_000, scale: 3 },
  { name: "ties", about: "many orders at few prices", books: 6, orders: 40, low: 1, high: 4, most: 9, scale: 0 },
  {
    name: "ties-fine",
    about: "few prices, quantities to the sixth digit",
    books: 4,
    orders: 40,
    low: 10,
    high: 13,
    most: 9_999_999,
    scale: 6,
  },
  {
    name: "negative",
    about: "prices on both sides of zero",
    books: 4,
    orders: 30,
    low: -50,
    high: 50,
    most: 300,
    scale: 1,
  },
  {
    name: "curves",
    about: "curves of up to five steps",
    books: 6,
    orders: 25,
    low: 0,
    high: 40,
    most: 50,
    scale: 2,
    steps: 5,
  },
  {
    name: "must-run",
    about: "orders at cap and floor",
    books: 6,
    orders: 20,
    low: -5,
    high: 20,
    most: 40,
    scale: 0,
    mustRun: 40,
    band: true,
  },
  {
    name: "market-orders",
    about: "market orders, no cap and no floor",
    books: 6,
    orders: 16,
    low: 1,
    high: 20,
    most: 40,
    scale: 0,
    market: 40,
  },
  {
    name: "market-orders-in-band",
    about: "market orders inside cap and floor",
    books: 4,
    orders: 16,
    low: 1,
    high: 20,
    most: 40,
    scale: 1,
    market: 40,
    band: true,
  },
  {
    name: "tick",
    about: "limits on a coarse tick",
    books: 3,
    orders: 30,
    low: -20,
    high: 40,
    most: 60,
    scale: 2,
    tick: 25,
  },
  {
    name: "faults",
    about: "every third order has a fault",
    books: 4,
    orders: 30,
    low: 0,
    high: 30,
    most: 60,
    scale: 2,
    faults: true,
  },
  {
    name: "one-sided",
    about: "hardly anybody sells",
    books: 2,
    orders: 20,
    low: 1,
    high: 10,
    most: 20,
    scale: 0,
    sellers: 5,
  },
  {
    name: "time-priority",
    about: "ties served in order of arrival",
    books: 2,
    orders: 30,
    low: 1,
    high: 4,
    most: 9,
    scale: 0,
    rationing: "time-priority",
  },
  { name: "k", about: "a k of three digits", books: 3, orders: 12, low: -900, high: 900, most: 50, scale: 2, k: true },
  {
    name: "large",
    about: "ten thousand orders",
    books: 1,
    orders: 10_000,
    low: 1,
    high: 400,
    most: 5_000_000,
    scale: 3,
  },
  {
    name: "large-curves",
    about: "two thousand curves",
    books: 1,
    orders: 2_000,
    low: -60,
    high: 240,
    most: 90_000,
    scale: 4,
    steps: 4,
  },
];

/** Cases that are drawn from seeds. */
export const seededCases = FAMILIES.flatMap((family) =>
  Array.from({ length: family.books }, (_, index) => ({
    name: family.books === 1 ? family.name : `${family.name}-${index + 1}`,
    about: `seeded: ${family.about}`,
    book: drawFamily(family, index + 1),
    also: index === 0 && family.rationing === undefined ? ["repeat", "permute"] : [],
  })),
);

function drawFamily(family, seed) {
  const random = stream(`${family.name}/${seed}`);
  const tick = family.tick ?? 1;
  const text = (units) => decimal(BigInt(units), family.scale);
  const orders = Array.from({ length: family.orders }, (_, index) => drawOrder(family, random, { index, tick, text }));
  const rules = {
    scale: String(family.scale),
    ...(family.tick === undefined ? {} : { tick: text(tick) }),
    ...(family.band === true ? { priceFloor: text(family.low * tick), priceCap: text(family.high * tick) } : {}),
    ...(family.rationing === undefined ? {} : { rationing: family.rationing }),
    ...(family.k === true ? { k: decimal(BigInt(random(1_001)), 3) } : {}),
  };
  return book(orders, rules);
}

function drawOrder(family, random, { index, tick, text }) {
  const side = random(100) < (family.sellers ?? 50) ? "sell" : "buy";
  const price = () => {
    if (random(100) < (family.market ?? 0)) return null;
    if (random(100) < (family.mustRun ?? 0)) return text((side === "buy" ? family.high : family.low) * tick);
    return text((family.low + random(family.high - family.low + 1)) * tick);
  };
  const steps = Array.from({ length: family.steps === undefined ? 1 : 1 + random(family.steps) }, () => [
    price(),
    text(1 + random(family.most)),
  ]);
  const order = {
    id: `o${index + 1}`,
    party: `p${1 + random(family.orders)}`,
    side,
    steps,
    asCurve: family.steps !== undefined,
  };
  return family.faults === true && index % 3 === 2 ? faulty(order, random, text) : order;
}

/** One fault an order: which of two is named first is a convention that no foreign engine need share. */
function faulty(order, random, text) {
  const [price] = order.steps[0];
  const faults = [
    { ...order, id: "twin" },
    { ...order, steps: [[price, text(0)]] },
    { ...order, steps: [[price, text(-1 - random(9))]] },
    { ...order, steps: [], asCurve: true },
  ];
  return faults[random(faults.length)];
}

/**
 * Whole numbers below a bound, from a text: a linear congruential generator modulo 2^64 (Knuth's MMIX constants), the
 * upper half of its state.
 */
function stream(seed) {
  const mask = 2n ** 64n - 1n;
  let state = 0xcbf29ce484222325n; // FNV-1a turns the text into a first state
  for (const character of seed) state = ((state ^ BigInt(character.codePointAt(0))) * 0x100000001b3n) & mask;
  return (bound) => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & mask;
    return Number(((state >> 32n) * BigInt(bound)) >> 32n);
  };
}
