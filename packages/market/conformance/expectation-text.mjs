/** Expectations as files: exact decimals, one list entry a line, keys in a fixed order. */
import { decimal } from "./exact-decimal.mjs";

/** More orders than a reader would look at one by one have no bounds of their own. */
const BOUNDS_MAX = 200;

const quoted = (text) => JSON.stringify(text);
/** Ids are drawn as they stand in JSON. */
const quotedId = (id) => `"${id}"`;
const lines = (rows) => (rows.length === 0 ? "[]" : `[\n${rows.map((row) => `    ${row}`).join(",\n")}\n  ]`);
const document = (members) =>
  `{\n${members
    .filter(([, text]) => text !== undefined)
    .map(([key, text]) => `  "${key}": ${text}`)
    .join(",\n")}\n}\n`;

const head = ({ mechanism, name, about, source }) => [
  ["case", quoted(`${mechanism}/${name}`)],
  ["mechanism", quoted(mechanism)],
  ["about", quoted(about)],
  ["source", source === undefined ? undefined : `{ "name": ${quoted(source.name)}, "url": ${quoted(source.url)} }`],
];

/** A text that every engine has to refuse. */
export function writeRefusal(entry) {
  return document([...head({ ...entry, mechanism: "uniform" }), ["answer", quoted("refusal")]]);
}

/** What the judge worked out of a uniform book. */
export function writeVerdict(entry, verdict) {
  const { scale, rules } = entry.book;
  const price = (value) => (value === null ? "null" : decimal(value, scale));
  const bounds = [...verdict.fills].map(
    ([id, [least, most]]) =>
      `{ "id": ${quotedId(id)}, "quantity": [${decimal(least, scale)}, ${decimal(most, scale)}] }`,
  );
  return document([
    ...head({ ...entry, mechanism: "uniform" }),
    ["also", entry.also.length === 0 ? undefined : `[${entry.also.map(quoted).join(", ")}]`],
    ["answer", quoted("result")],
    ["priceInterval", `[${price(verdict.interval.low)}, ${price(verdict.interval.high)}]`],
    ["priceAtK", rules.k === undefined ? undefined : price(verdict.price)],
    ["quantity", `[${decimal(verdict.quantity.least, scale)}, ${decimal(verdict.quantity.most, scale)}]`],
    ["surplus", verdict.surplus === null ? undefined : decimal(verdict.surplus, 2 * scale)],
    ["scarcity", verdict.scarcity === null ? "null" : quoted(verdict.scarcity)],
    ["rejected", lines(verdict.rejected.map(({ id, code }) => `{ "id": ${quotedId(id)}, "code": "${code}" }`))],
    ["fills", bounds.length > BOUNDS_MAX ? undefined : lines(bounds)],
  ]);
}

/** The published outcome of another mechanism's example. */
export function writeOutcome(entry) {
  const { price, buyerPrice, sellerPrice, quantity, fills, trades } = entry.outcome;
  const fillRows = fills?.map(([id, amount]) => `{ "id": ${quotedId(id)}, "quantity": [${amount}, ${amount}] }`);
  const tradeRows = trades?.map(
    ([buy, sell, amount, at]) =>
      `{ "buy": ${quotedId(buy)}, "sell": ${quotedId(sell)}, "quantity": ${amount}, "price": ${at} }`,
  );
  return document([
    ...head(entry),
    ["answer", quoted("result")],
    ["priceInterval", price === undefined ? undefined : `[${price}, ${price}]`],
    ["buyerPrice", buyerPrice === undefined ? undefined : String(buyerPrice)],
    ["sellerPrice", sellerPrice === undefined ? undefined : String(sellerPrice)],
    ["quantity", quantity === undefined ? undefined : `[${quantity}, ${quantity}]`],
    ["fills", fillRows === undefined ? undefined : lines(fillRows)],
    ["trades", tradeRows === undefined ? undefined : lines(tradeRows)],
  ]);
}
