/** Books as the generator draws them, and as the file contract writes them. */

/**
 * Prices and quantities are texts: what is drawn is what is written.
 *
 * @typedef {readonly (readonly [string | null, string])[]} DrawnSteps
 * @typedef {{ id: string, party: string, side: "buy" | "sell", steps: DrawnSteps, asCurve?: boolean }} DrawnOrder
 * @typedef {{ scale: number, rules: Record<string, string>, orders: readonly DrawnOrder[] }} DrawnBook
 */

/**
 * A book from one line (or one part between semicolons) an order: `id side quantity@price …`, `market` for a market
 * order; several steps make a curve. `id/party` names a party, otherwise each order has its own. `rules` holds texts of
 * decimals (`k`, `tick`, `priceFloor`, `priceCap`, `scale`), and `rationing`.
 *
 * @param {string} text
 * @param {Record<string, string>} [rules]
 * @returns {DrawnBook}
 */
export function draw(text, rules = {}) {
  const lines = text.split(/[\n;]/).map((line) => line.trim());
  return book(lines.filter((line) => line !== "").map(drawOrder), rules);
}

/**
 * @param {readonly DrawnOrder[]} orders
 * @param {Record<string, string>} [rules]
 * @returns {DrawnBook}
 */
export function book(orders, rules = {}) {
  return { scale: Number(rules.scale ?? "6"), rules, orders };
}

function drawOrder(line, index) {
  const [name = "", side, ...steps] = line.split(/\s+/);
  const [id = "", party = `p${index + 1}`] = name.split("/");
  if (side !== "buy" && side !== "sell") throw new Error(`${line}: neither buy nor sell`);
  const pairs = steps.map((step) => {
    const [quantity = "", price = ""] = step.split("@");
    return /** @type {const} */ ([price === "market" ? null : price, quantity]);
  });
  return { id, party, side, steps: pairs, asCurve: pairs.length !== 1 };
}

/**
 * The book's file: one order a line.
 *
 * @param {DrawnBook} drawn
 * @param {string} [mechanism]
 */
export function writeBook({ rules, orders }, mechanism = "uniform") {
  const members = Object.entries(rules).map(
    ([key, value]) => `  "${key}": ${key === "rationing" ? `"${value}"` : value}`,
  );
  const head = [`  "mechanism": "${mechanism}"`, '  "slot": "2026-07-01T12:00Z"', ...members];
  const rows = orders.map((order) => `    { ${orderMembers(order).join(", ")} }`);
  const list = rows.length === 0 ? "[]" : `[\n${rows.join(",\n")}\n  ]`;
  return `{\n${head.join(",\n")},\n  "orders": ${list}\n}\n`;
}

function orderMembers({ id, party, side, steps, asCurve }) {
  const names = [`"id": "${id}"`, `"party": "${party}"`, `"side": "${side}"`];
  const [first] = steps;
  if (asCurve === true || first === undefined) {
    const pairs = steps.map(([price, quantity]) => `[${price ?? "null"}, ${quantity}]`);
    return [...names, `"steps": [${pairs.join(", ")}]`];
  }
  return [...names, `"price": ${first[0] ?? "null"}`, `"quantity": ${first[1]}`];
}
