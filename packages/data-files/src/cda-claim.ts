/** Reads what any engine says of a session, for `micromarket audit`. Only `price` and `fills` are needed. */
import { priceMicro } from "@micromarket/kernel";
import type { ClaimedRest, ClaimedSessionFill, ClaimedSessionTrade, Session, SessionClaim } from "@micromarket/market";
import { readAmountOf, readEnergy, readInterval, readRejection, readText, readTexts, rowsOf } from "./claim-file.ts";
import { choiceField, complainOfType, isPresent, priceField, type JsonFields } from "./json-fields.ts";
import { isJsonObject } from "./json-text.ts";
import type { BookContext } from "./mechanism.ts";

/** Reads the result of a session. */
export function readSessionClaim(fields: JsonFields, { scale }: BookContext<Session>): SessionClaim {
  const [value, surplus] = [readAmountOf(fields, "amount", 2 * scale), readAmountOf(fields, "surplus", 2 * scale)];
  if (fields.object["price"] === undefined) complainOfType(fields, "price", undefined, "a number, or null");
  const restsIn = (key: string): ClaimedRest[] => rowsOf(fields, key, false).map((row) => readRest(row, scale));
  return {
    price: priceField(fields, "price", scale),
    fills: rowsOf(fields, "fills", true).map((row) => readFill(row, scale)),
    ...(isPresent(fields, "trades") && { trades: rowsOf(fields, "trades", false).map((row) => readTrade(row, scale)) }),
    ...(isPresent(fields, "quantity") && { energy: readEnergy(fields, scale) }),
    ...(value !== null && { value }),
    ...(surplus !== null && { surplus }),
    ...(isPresent(fields, "priceInterval") && { interval: readInterval(fields, scale) }),
    ...(isPresent(fields, "rejected") && { rejections: rowsOf(fields, "rejected", false).map(readRejection) }),
    ...(isPresent(fields, "cancelled") && { cancelled: restsIn("cancelled") }),
    ...(isPresent(fields, "expired") && { expired: restsIn("expired") }),
    ...(isPresent(fields, "book") && readBookLeft(fields, scale)),
    ...(isPresent(fields, "selfTrades") && { selfTrades: readTexts(fields, "selfTrades") }),
  };
}

function readFill(row: JsonFields, scale: number): ClaimedSessionFill {
  const value = readAmountOf(row, "amount", 2 * scale);
  const fill = { id: readText(row, "id"), energy: readEnergy(row, scale), price: priceField(row, "price", scale) };
  return value === null ? fill : { ...fill, value };
}

function readTrade(row: JsonFields, scale: number): ClaimedSessionTrade {
  const price = priceField(row, "price", scale);
  if (price === null) complainOfType(row, "price", row.object["price"], "the price of the trade");
  const maker = (row.object["maker"] ?? null) === null ? null : choiceField(row, "maker", ["buy", "sell"], null);
  const trade = { buy: readText(row, "buy"), sell: readText(row, "sell"), energy: readEnergy(row, scale) };
  return { ...trade, price: price ?? priceMicro(0), ...(maker !== null && { maker }) };
}

function readRest(row: JsonFields, scale: number): ClaimedRest {
  const price = priceField(row, "price", scale);
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
