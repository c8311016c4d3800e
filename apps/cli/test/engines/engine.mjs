/**
 * A small engine of the file contract that is not the product's: exact on purpose, wrong on demand. `node engine.mjs`
 * answers the book on standard input; a word after it names the fault that it is to have.
 */
import { readFileSync } from "node:fs";

const [, , fault = "none"] = process.argv;

/** Decimals as bigints of 10^−6, read from the number's text. */
const DIGITS = 6;

function scaled(text) {
  const [, sign, whole = "", fraction = ""] = /^(-?)(\d+)(?:\.(\d*))?$/.exec(text) ?? [];
  if (sign === undefined || fraction.length > DIGITS) throw new Error(`${text} is no decimal of ${DIGITS} digits`);
  const magnitude = BigInt(whole + fraction.padEnd(DIGITS, "0"));
  return sign === "-" ? -magnitude : magnitude;
}

function decimal(value, digits = DIGITS) {
  const text = (value < 0n ? -value : value).toString().padStart(digits + 1, "0");
  const [whole, fraction] = [text.slice(0, -digits), text.slice(-digits).replace(/0+$/, "")];
  return `${value < 0n ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}

/** Numbers of a JSON text in quotes: the engine's way around floats. */
const parseExactly = (text) => JSON.parse(text.replace(/(?<=[:[,]\s*)-?\d+(?:\.\d+)?(?=\s*[,\]}])/g, '"#$&"'));
const number = (value) => {
  if (typeof value !== "string" || !value.startsWith("#")) throw new Error("a number is missing");
  return scaled(value.slice(1));
};

function readOrders(book) {
  if (!Array.isArray(book.orders)) throw new Error("no orders");
  const cap = book.priceCap === undefined ? null : number(book.priceCap);
  const floor = book.priceFloor === undefined ? null : number(book.priceFloor);
  const orders = book.orders.map(({ id, side, price, quantity }) => {
    if (side !== "buy" && side !== "sell") throw new Error("no side");
    return { id, side, limit: number(price), quantity: number(quantity) };
  });
  const isRefused = ({ id, limit, quantity }) =>
    quantity <= 0n ||
    orders.filter((other) => other.id === id).length > 1 ||
    (cap !== null && limit > cap) ||
    (floor !== null && limit < floor);
  const accepted = orders.filter((order) => !isRefused(order));
  return { cap, floor, accepted, rejected: orders.filter(isRefused) };
}

function clear({ cap, floor, accepted, rejected }) {
  const best = (side) => accepted.filter((order) => order.side === side).sort(byMerit);
  const [buys, sells] = [best("buy"), best("sell")];
  const served = new Map(accepted.map((order) => [order, 0n]));
  const left = (order) => order.quantity - served.get(order);
  const isOpen = (order) => left(order) > 0n;
  for (;;) {
    const [buy, sell] = [buys.find(isOpen), sells.find(isOpen)];
    if (buy === undefined || sell === undefined || buy.limit < sell.limit) break;
    const step = left(buy) < left(sell) ? left(buy) : left(sell);
    served.set(buy, served.get(buy) + step);
    served.set(sell, served.get(sell) + step);
  }
  if (fault !== "arrival") for (const side of [buys, sells]) shareMargin(side, served);
  const limits = (orders, test) => orders.filter(test).map(({ limit }) => limit);
  const isServed = (order) => served.get(order) > 0n;
  const low = extreme([...limits(sells, isServed), ...limits(buys, isOpen)], (a, b) => a > b) ?? floor;
  const high = extreme([...limits(buys, isServed), ...limits(sells, isOpen)], (a, b) => a < b) ?? cap;
  const short = (side, limit) => limit !== null && side.some((order) => order.limit === limit && isOpen(order));
  const scarcity = short(buys, cap) ? "demand" : short(sells, floor) ? "supply" : null;
  return { served, rejected, low, high, scarcity };
}

const byMerit = (a, b) => {
  if (a.limit === b.limit) return 0;
  return a.limit < b.limit === (a.side === "buy") ? 1 : -1;
};
const extreme = (values, isBetter) =>
  values.reduce((one, other) => (one === null || isBetter(other, one) ? other : one), null);

/** Splits what the marginal limit got in proportion, the remainder by largest share lost, then by id. */
function shareMargin(side, served) {
  const marginal = side.find((order) => served.get(order) < order.quantity && served.get(order) > 0n);
  const level = side.filter(({ limit }) => limit === (marginal ?? side.findLast((o) => served.get(o) > 0n))?.limit);
  const available = level.reduce((sum, order) => sum + served.get(order), 0n);
  const total = level.reduce((sum, { quantity }) => sum + quantity, 0n);
  if (level.length === 0) return;
  let rest = available;
  for (const order of level) {
    served.set(order, (available * order.quantity) / total);
    rest -= served.get(order);
  }
  const lost = (order) => (available * order.quantity) % total;
  const turn = [...level].sort((a, b) => (lost(a) === lost(b) ? (a.id < b.id ? -1 : 1) : lost(a) < lost(b) ? 1 : -1));
  for (const order of turn.slice(0, Number(rest))) served.set(order, served.get(order) + 1n);
}

function answer({ served, rejected, low, high, scarcity }) {
  const fills = [...served].filter(([, quantity]) => quantity > 0n);
  const bought = fills.filter(([{ side }]) => side === "buy");
  const volume = bought.reduce((sum, [, quantity]) => sum + quantity, 0n);
  const middle = low === null || high === null ? (low ?? high ?? 0n) : low + (high - low) / 2n;
  const price = fault === "loss" ? (high ?? middle) + 1_000_000n : middle;
  const text = (quantity) => (fault === "float" ? String(floatSum(quantity)) : decimal(quantity));
  const wrongFill = fault === "overfill" ? 1_000_000n : 0n;
  const rows = fills.map(
    ([{ id }, quantity]) => `{ "id": ${JSON.stringify(id)}, "quantity": ${text(quantity + wrongFill)} }`,
  );
  const worth = fills.reduce(
    (sum, [{ side, limit }, quantity]) => sum + (side === "buy" ? limit : -limit) * quantity,
    0n,
  );
  const surplus = decimal(worth + (fault === "surplus" ? 1n : 0n), 2 * DIGITS);
  const flag = fault === "must-run" ? null : scarcity;
  const noise = fault === "noise" && volume > 0n ? process.hrtime.bigint() % 1_000_003n : 0n;
  const names = rejected.map(({ id }) => `{ "id": ${JSON.stringify(id)} }`);
  return `{ "price": ${volume === 0n ? null : decimal(price + noise)}, "quantity": ${text(volume)},
    "surplus": ${volume === 0n ? 0 : surplus}, "scarcity": ${JSON.stringify(flag)},
    "fills": [${rows.join(", ")}], "rejected": [${names.join(", ")}] }`;
}

/** Adds tenths up as binary fractions do it. */
function floatSum(quantity) {
  let sum = 0;
  for (let tenths = Number(quantity) / 100_000; tenths > 0; tenths -= 1) sum += Math.min(tenths, 1) * 0.1;
  return sum;
}

const input = readFileSync(0, "utf8");
if (fault === "crash") throw new Error("the engine is broken");
if (fault === "garbage") console.log("Traded 5 at 27.50, have a nice day");
else if (fault === "hang") Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
else if (fault === "credulous") console.log('{ "price": null, "quantity": 0, "fills": [] }');
else console.log(answer(clear(readOrders(parseExactly(input)))));
