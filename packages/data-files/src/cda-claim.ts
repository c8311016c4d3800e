/** Reads what any engine says of a session, for `micromarket audit`. Only `price`, `fills` and `trades` are needed. */
import { amountNano, parseDecimal, priceMicro, type AmountNano } from "@micromarket/kernel";
import type { ClaimedRest, ClaimedSessionFill, ClaimedSessionTrade, Session, SessionClaim } from "@micromarket/market";
import { readEnergy, readInterval, readPrice, readRejection, readText, readTexts, rowsOf } from "./claim-file.ts";
import { choiceField, complainOfType, type JsonFields } from "./json-fields.ts";
import { isJsonObject, NumberText } from "./json-text.ts";
import type { BookContext } from "./mechanism.ts";

/** Reads the result of a session. */
export function readSessionClaim(fields: JsonFields, { scale }: BookContext<Session>): SessionClaim {
  const isStated = (key: string): boolean => (fields.object[key] ?? null) !== null;
  const [value, surplus] = [readAmount(fields, "amount", 2 * scale), readAmount(fields, "surplus", 2 * scale)];
  if (fields.object["price"] === undefined) complainOfType(fields, "price", undefined, "a number, or null");
  const restsIn = (key: string): ClaimedRest[] => rowsOf(fields, key, false).map((row) => readRest(row, scale));
  return {
    price: readPrice(fields, "price", scale),
    fills: rowsOf(fields, "fills", true).map((row) => readFill(row, scale)),
    trades: rowsOf(fields, "trades", true).map((row) => readTrade(row, scale)),
    ...(isStated("quantity") && { energy: readEnergy(fields, scale) }),
    ...(value !== null && { value }),
    ...(surplus !== null && { surplus }),
    ...(isStated("priceInterval") && { interval: readInterval(fields, scale) }),
    ...(isStated("rejected") && { rejections: rowsOf(fields, "rejected", false).map(readRejection) }),
    ...(isStated("cancelled") && { cancelled: restsIn("cancelled") }),
    ...(isStated("expired") && { expired: restsIn("expired") }),
    ...(isStated("book") && readBookLeft(fields, scale)),
    ...(isStated("selfTrades") && { selfTrades: readTexts(fields, "selfTrades") }),
  };
}

function readFill(row: JsonFields, scale: number): ClaimedSessionFill {
  const value = readAmount(row, "amount", 2 * scale);
  const fill = { id: readText(row, "id"), energy: readEnergy(row, scale), price: readPrice(row, "price", scale) };
  return value === null ? fill : { ...fill, value };
}

function readTrade(row: JsonFields, scale: number): ClaimedSessionTrade {
  const price = readPrice(row, "price", scale);
  if (price === null) complainOfType(row, "price", row.object["price"], "the price of the trade");
  const maker = (row.object["maker"] ?? null) === null ? null : choiceField(row, "maker", ["buy", "sell"], null);
  const trade = { buy: readText(row, "buy"), sell: readText(row, "sell"), energy: readEnergy(row, scale) };
  return { ...trade, price: price ?? priceMicro(0), ...(maker !== null && { maker }) };
}

function readRest(row: JsonFields, scale: number): ClaimedRest {
  const price = readPrice(row, "price", scale);
  const rest = { id: readText(row, "id"), energy: readEnergy(row, scale) };
  const reason = row.object["reason"];
  return { ...rest, ...(price !== null && { price }), ...(typeof reason === "string" && { reason }) };
}

function readBookLeft(fields: JsonFields, scale: number): Pick<SessionClaim, "bids" | "asks"> {
  const book = fields.object["book"];
  if (!isJsonObject(book)) {
    complainOfType(fields, "book", book, 'an object: { "bids": [ … ], "asks": [ … ] }');
    return {};
  }
  const inner: JsonFields = { ...fields, object: book, path: [...fields.path, "book"] };
  const restsIn = (key: string): ClaimedRest[] => rowsOf(inner, key, false).map((row) => readRest(row, scale));
  return { bids: restsIn("bids"), asks: restsIn("asks") };
}

function readAmount(fields: JsonFields, key: string, digits: number): AmountNano | null {
  const value = fields.object[key] ?? null;
  if (value === null) return null;
  const parsed = value instanceof NumberText ? parseDecimal(value.text, digits) : null;
  if (parsed?.ok === true) return amountNano(parsed.value);
  return complainOfType(fields, key, value, `a number with at most ${digits} digits after the point`);
}
