/**
 * What every correct answer to a book of a uniform call auction has in common, by trying every price.
 *
 * At each limit, between each two and beyond them all, demand and supply are counted afresh over the whole book:
 *
 * - a price clears where some volume lies between what has to trade (better limits) and what may trade (limits no worse);
 * - the largest volume is the most that may trade at any price on both sides, the least efficient volume the most that
 *   gains strictly on both sides;
 * - the largest surplus is the least, over all prices, of what everyone would gain if unlimited trade were possible at
 *   that price (linear programming duality).
 *
 * No order is sorted by merit and nothing is matched: this shares no idea with the code that clears.
 */
import { scaled } from "./exact-decimal.mjs";

/**
 * @typedef {{ id: string, side: "buy" | "sell", limit: bigint, energy: bigint }} Offer limits are doubled, so that halves exist
 * @typedef {{ low: bigint | null, high: bigint | null }} Interval
 */

/** @param {import("./book-text.mjs").DrawnBook} book */
export function judge(book) {
  const { scale } = book;
  const rules = readRules(book);
  const rejected = refusals(book, rules);
  const refusedIds = new Set(rejected.map(({ id }) => id));
  const steps = book.orders.filter(({ id }) => !refusedIds.has(id)).flatMap((order) => stepsOf(order, scale));
  const finite = steps.flatMap(({ price }) => (price === null ? [] : [price]));
  const beyond = 2n * finite.reduce((most, price) => (abs(price) > most ? abs(price) : most), 0n) + 2n;
  const mustRun = { buy: rules.priceCap ?? beyond, sell: rules.priceFloor ?? -beyond };
  const offers = mergeEqual(
    steps.map(({ id, side, price, energy }) => ({ id, side, energy, limit: 2n * (price ?? mustRun[side]) })),
  );
  const facts = factsOf(offers);
  const interval = finiteInterval(facts.interval, { rules, beyond, finite });
  const isUnlimited = offers.some(({ limit }) => abs(limit) === 2n * beyond);
  return {
    rejected,
    interval,
    quantity: { least: facts.least, most: facts.most },
    surplus: isUnlimited ? null : facts.surplus,
    scarcity: scarcityOf(offers, mustRun),
    price: facts.most === 0n ? null : kPoint(interval, rules),
    fills: fillBounds(offers, facts),
  };
}

function readRules({ scale, rules }) {
  const price = (text) => (text === undefined ? null : scaled(text, scale));
  const [kDigits, k] = [12, rules.k ?? "0.5"];
  return {
    tick: price(rules.tick) ?? 1n,
    priceFloor: price(rules.priceFloor),
    priceCap: price(rules.priceCap),
    k: { numerator: scaled(k, kDigits), denominator: 10n ** BigInt(kDigits) },
  };
}

function stepsOf({ id, side, steps }, scale) {
  return steps.map(([price, energy]) => ({
    id,
    side,
    price: price === null ? null : scaled(price, scale),
    energy: scaled(energy, scale),
  }));
}

/** One entry for every order that may not trade, in order of id. The cases carry one fault an order. */
function refusals({ orders, scale }, rules) {
  const codeOf = (order) => {
    const steps = stepsOf(order, scale);
    const prices = steps.flatMap(({ price }) => (price === null ? [] : [price]));
    if (orders.filter(({ id }) => id === order.id).length > 1) return "DUPLICATE_ID";
    if (steps.length === 0) return "STEPS_EMPTY";
    if (steps.some(({ energy }) => energy <= 0n)) return "QUANTITY_NOT_POSITIVE";
    const isOutside = (price) =>
      (rules.priceFloor !== null && price < rules.priceFloor) || (rules.priceCap !== null && price > rules.priceCap);
    if (prices.some(isOutside)) return "PRICE_OUT_OF_BAND";
    return prices.some((price) => price % rules.tick !== 0n) ? "PRICE_OFF_TICK" : null;
  };
  const entries = orders.map((order) => ({ id: order.id, code: codeOf(order) }));
  return entries.filter(({ code }) => code !== null).sort((a, b) => (a.id === b.id ? 0 : a.id < b.id ? -1 : 1));
}

/** Steps of one order at one limit are one offer. */
function mergeEqual(offers) {
  const merged = new Map();
  for (const offer of offers) {
    const key = `${offer.limit} ${offer.id}`;
    merged.set(key, { ...offer, energy: offer.energy + (merged.get(key)?.energy ?? 0n) });
  }
  return [...merged.values()];
}

/** @param {readonly Offer[]} offers */
function factsOf(offers) {
  const tried = pricesToTry(offers).map((price) => countAt(offers, price));
  const clearing = tried.filter((at) => at.mustBuy <= at.maySell && at.mustSell <= at.mayBuy);
  const [first, last] = [clearing[0], clearing.at(-1)];
  return {
    interval: {
      low: first === tried[0] ? null : first.price,
      high: last === tried.at(-1) ? null : last.price,
    },
    least: most(tried.map((at) => lesser(at.mustBuy, at.mustSell))),
    most: most(tried.map((at) => lesser(at.mayBuy, at.maySell))),
    surplus: tried.map((at) => at.gain).reduce(lesser) / 2n,
  };
}

/** Every limit, a price between each two neighbours, one below and one above all; in ascending order. */
function pricesToTry(offers) {
  const limits = [...new Set(offers.map(({ limit }) => limit))].sort((a, b) => (a < b ? -1 : 1));
  if (limits.length === 0) return [-1n, 0n, 1n];
  const between = limits.slice(1).map((limit, index) => (limit + limits[index]) / 2n);
  const all = [limits[0] - 1n, ...limits, ...between, limits[limits.length - 1] + 1n];
  return all.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

function countAt(offers, price) {
  const at = { price, mustBuy: 0n, mayBuy: 0n, mustSell: 0n, maySell: 0n, gain: 0n };
  for (const { side, limit, energy } of offers) {
    const gain = side === "buy" ? limit - price : price - limit;
    if (gain < 0n) continue;
    at.gain += gain * energy;
    if (side === "buy") at.mayBuy += energy;
    else at.maySell += energy;
    if (gain === 0n) continue;
    if (side === "buy") at.mustBuy += energy;
    else at.mustSell += energy;
  }
  return at;
}

/**
 * The interval in the book's own prices. Market orders that no cap or floor bounds set no end; where they alone clear,
 * the interval starts at the highest limit of the book (or ends at the lowest).
 */
function finiteInterval({ low, high }, { rules, beyond, finite }) {
  const ascending = [...finite].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const end = (value, open, atOtherEnd) => {
    if (value === null) return open;
    const price = value / 2n;
    if (price === beyond || price === -beyond) return price === atOtherEnd.sentinel ? atOtherEnd.limit : open;
    return price;
  };
  return {
    low: end(low, rules.priceFloor, { sentinel: beyond, limit: ascending.at(-1) ?? rules.priceFloor }),
    high: end(high, rules.priceCap, { sentinel: -beyond, limit: ascending[0] ?? rules.priceCap }),
  };
}

function scarcityOf(offers, mustRun) {
  const total = (side, limit) =>
    offers
      .filter((offer) => offer.side === side && (limit === null || offer.limit === limit))
      .reduce((sum, { energy }) => sum + energy, 0n);
  if (total("buy", 2n * mustRun.buy) > total("sell", null)) return "demand";
  if (total("sell", 2n * mustRun.sell) > total("buy", null)) return "supply";
  return null;
}

/** `low + floor(k × (high − low))`, moved to the nearest tick, of two equally near the lower. */
function kPoint({ low, high }, { k, tick }) {
  if (low === null || high === null) return low ?? high ?? 0n;
  const point = low + (k.numerator * (high - low)) / k.denominator;
  const below = point - (((point % tick) + tick) % tick);
  return 2n * (point - below) <= tick ? below : below + tick;
}

/** The least and the most that each order gets in any efficient answer. */
function fillBounds(offers, { interval, least, most: largest }) {
  const bounds = new Map();
  for (const offer of offers) {
    const [low, high] = stepBounds(offer, offers, { interval, least, largest });
    const known = bounds.get(offer.id) ?? [0n, 0n];
    bounds.set(offer.id, [known[0] + low, known[1] + high]);
  }
  return bounds;
}

function stepBounds({ side, limit, energy }, offers, { interval: { low, high }, least, largest }) {
  const isAbove = low === null || limit > low;
  const isBelow = high === null || limit < high;
  if (side === "buy" ? isAbove && !isBelow : isBelow && !isAbove) return [energy, energy];
  if (side === "buy" ? isBelow : isAbove) return [0n, 0n];
  const isBetter = (other) => (side === "buy" ? other.limit > limit : other.limit < limit);
  const sum = (test) => offers.filter((other) => other.side === side && test(other)).reduce((s, o) => s + o.energy, 0n);
  const better = sum(isBetter);
  const equals = sum((other) => other.limit === limit);
  const forced = least - better - (equals - energy);
  return [forced < 0n ? 0n : forced, lesser(energy, largest - better)];
}

const abs = (value) => (value < 0n ? -value : value);
const lesser = (a, b) => (a < b ? a : b);
const most = (values) => values.reduce((a, b) => (a > b ? a : b));
