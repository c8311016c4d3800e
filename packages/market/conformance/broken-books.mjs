/** Texts that are no book of the contract: an engine that answers one of them with a result has made something up. */

const ORDERS =
  '[ { "id": "b1", "side": "buy", "price": 40, "quantity": 5 }, { "id": "s1", "side": "sell", "price": 15, "quantity": 5 } ]';
const withOrder = (members) =>
  `{ "orders": [ { ${members} }, { "id": "s1", "side": "sell", "price": 15, "quantity": 5 } ] }\n`;

const TEXTS = [
  ["empty-input", "nothing at all", ""],
  ["no-json", "words", "b1 buy 5 at 40\n"],
  ["cut-off", "the end is missing", `{ "orders": ${ORDERS.slice(0, -20)}`],
  ["trailing-text", "something follows the book", `{ "orders": ${ORDERS} } }\n`],
  ["a-list", "a list instead of a book", `${ORDERS}\n`],
  ["no-orders", "the orders are missing", '{ "k": 0.5 }\n'],
  ["orders-no-list", "the orders are no list", '{ "orders": 7 }\n'],
  ["order-no-object", "an order is no object", '{ "orders": [ 7 ] }\n'],
  ["no-id", "an order without an id", withOrder('"side": "buy", "price": 40, "quantity": 5')],
  ["no-side", "an order without a side", withOrder('"id": "b1", "price": 40, "quantity": 5')],
  ["unknown-side", "neither buy nor sell", withOrder('"id": "b1", "side": "hold", "price": 40, "quantity": 5')],
  ["no-quantity", "an order without a quantity", withOrder('"id": "b1", "side": "buy", "price": 40')],
  ["no-price", "a price that is missing is no market order", withOrder('"id": "b1", "side": "buy", "quantity": 5')],
  ["price-in-quotes", "a price that is a text", withOrder('"id": "b1", "side": "buy", "price": "40", "quantity": 5')],
  ["price-not-a-number", "NaN", withOrder('"id": "b1", "side": "buy", "price": NaN, "quantity": 5')],
  ["quantity-infinite", "Infinity", withOrder('"id": "b1", "side": "buy", "price": 40, "quantity": Infinity')],
  [
    "too-many-digits",
    "a seventh digit at scale 6",
    withOrder('"id": "b1", "side": "buy", "price": 0.1234567, "quantity": 5'),
  ],
  [
    "beyond-scale",
    "a second digit at scale 1",
    `{ "scale": 1, "orders": [ { "id": "b1", "side": "buy", "price": 0.25, "quantity": 5 } ] }\n`,
  ],
  ["beyond-all-numbers", "1e400", withOrder('"id": "b1", "side": "buy", "price": 1e400, "quantity": 5')],
  ["k-above-one", "k outside of [0, 1]", `{ "k": 1.5, "orders": ${ORDERS} }\n`],
  ["tick-zero", "a tick of nothing", `{ "tick": 0, "orders": ${ORDERS} }\n`],
  [
    "floor-above-cap",
    "floor and cap the wrong way round",
    `{ "priceFloor": 50, "priceCap": 0, "orders": ${ORDERS} }\n`,
  ],
  ["unknown-mechanism", "a mechanism that does not exist", `{ "mechanism": "no-such-thing", "orders": ${ORDERS} }\n`],
];

/** Cases whose only right answer is a refusal. */
export const brokenCases = TEXTS.map(([name, about, text]) => ({ name: `broken-${name}`, about, text }));
