/**
 * Reads what any engine says of a cleared book, for `micromarket audit`: our own results and foreign ones.
 *
 * Liberal where that cannot change the meaning: only `price` and `fills` are needed, unknown keys are skipped.
 * Numbers are as strict as the book's, and in its scale.
 */
import {
  amountNano,
  parseDecimal,
  priceMicro,
  wattHours,
  type AmountNano,
  type PriceMicro,
  type WattHours,
} from "@micromarket/kernel";
import type {
  AuctionClaim,
  Book,
  ClaimedFill,
  ClaimedPricedFill,
  ClaimedPricedTrade,
  ClaimedSurplus,
  ClaimedTrade,
  MechanismClaim,
  PriceInterval,
  Ratio,
} from "@micromarket/market";
import { choiceField, complainOfType, isPresent, priceField, scaledField, type JsonFields } from "./json-fields.ts";
import { isJsonList, isJsonObject, NumberText } from "./json-text.ts";
import type { BookContext } from "./mechanism.ts";

/** Reads the result of an auction of tenders. */
export function readAuctionClaim(fields: JsonFields, { scale }: Pick<BookContext<Book>, "scale">): AuctionClaim {
  const fills = rowsOf(fields, "fills", true).map((row) => readFill(row, scale));
  const isPriced = ["price", "buyerPrice", "sellerPrice"].some((key) => fields.object[key] !== undefined);
  if (!isPriced) complainOfType(fields, "price", undefined, "a number, or null");
  return {
    price: priceField(fields, "price", scale),
    fills,
    ...(isPresent(fields, "quantity") && { energy: readEnergy(fields, scale) }),
    ...(isPresent(fields, "priceInterval") && { interval: readInterval(fields, scale) }),
    ...readSurplus(fields, 2 * scale),
    ...(fields.object["scarcity"] !== undefined && { scarcity: readScarcity(fields) }),
    ...(isPresent(fields, "trades") && { trades: rowsOf(fields, "trades", false).map((row) => readTrade(row, scale)) }),
    ...(isPresent(fields, "unfilled") && {
      unfilled: rowsOf(fields, "unfilled", false).map((row) => readRest(row, scale)),
    }),
    ...(isPresent(fields, "rejected") && { rejections: rowsOf(fields, "rejected", false).map(readRejection) }),
    ...(isPresent(fields, "selfTrades") && { selfTrades: readTexts(fields, "selfTrades") }),
  };
}

/** Reads the result of any of the mechanisms beside the uniform auction. */
export function readMechanismClaim(fields: JsonFields, context: BookContext<Book>): MechanismClaim {
  const { scale } = context;
  const fills = rowsOf(fields, "fills", true).map((row) => readPricedFill(row, scale));
  const optionalPrice = (key: string) => (key in fields.object ? { [key]: priceField(fields, key, scale) } : {});
  const optionalEnergy = (key: string) =>
    isPresent(fields, key) ? { [key]: wattHours(scaledField(fields, key, fields.object[key], scale) ?? 0) } : {};
  const kept = readAmountOf(fields, "auctioneerSurplus", 2 * scale);
  return {
    ...readAuctionClaim(fields, context),
    fills,
    ...(isPresent(fields, "trades") && {
      trades: rowsOf(fields, "trades", false).map((row) => readPricedTrade(row, scale)),
    }),
    ...optionalPrice("buyerPrice"),
    ...optionalPrice("sellerPrice"),
    ...(kept !== null && { auctioneer: kept }),
    ...optionalEnergy("imported"),
    ...optionalEnergy("exported"),
    ...(isPresent(fields, "residual") && {
      residual: rowsOf(fields, "residual", false).map((row) => readPricedFill(row, scale)),
    }),
    ...(isPresent(fields, "ownUse") && {
      ownUse: rowsOf(fields, "ownUse", false).map((row) => ({
        id: readText(row, "id"),
        energy: readEnergy(row, scale),
      })),
    }),
    ...(isPresent(fields, "exactPrice") && { exactPrice: readExactPrice(fields, scale) }),
  };
}

function readPricedFill(row: JsonFields, scale: number): ClaimedPricedFill {
  const amount = readAmountOf(row, "amount", 2 * scale);
  const side = (row.object["side"] ?? null) === null ? null : choiceField(row, "side", ["buy", "sell"], null);
  return { ...readFill(row, scale), ...(amount !== null && { amount }), ...(side !== null && { side }) };
}

function readPricedTrade(row: JsonFields, scale: number): ClaimedPricedTrade {
  const trade = readTrade(row, scale);
  return "sellerPrice" in row.object ? { ...trade, sellerPrice: priceField(row, "sellerPrice", scale) } : trade;
}

/** A fraction of the file's unit as one of the last digit's. */
function readExactPrice(fields: JsonFields, scale: number): Ratio {
  const value = fields.object["exactPrice"];
  const [numerator, denominator] = isJsonList(value) ? value : [];
  const isWhole = (part: unknown): part is NumberText => part instanceof NumberText && /^-?\d+$/.test(part.text);
  if (isWhole(numerator) && isWhole(denominator) && BigInt(denominator.text) > 0n) {
    return { numerator: BigInt(numerator.text) * 10n ** BigInt(scale), denominator: BigInt(denominator.text) };
  }
  complainOfType(fields, "exactPrice", value, "a pair of whole numbers [numerator, denominator]");
  return { numerator: 0n, denominator: 1n };
}

/** The objects of a list; complains about members that are none, and about a missing list that is needed. */
export function rowsOf(fields: JsonFields, key: string, needed: boolean): JsonFields[] {
  const list = fields.object[key];
  if (!isJsonList(list)) {
    if (needed || list !== undefined) complainOfType(fields, key, list, "a list: [ … ]");
    return [];
  }
  return list.flatMap((object, index) => {
    if (isJsonObject(object)) return [{ ...fields, object, path: [...fields.path, key, index] }];
    complainOfType({ ...fields, path: [key] }, index, object, "an object: { … }");
    return [];
  });
}

function readFill(row: JsonFields, scale: number): ClaimedFill {
  return { id: readText(row, "id"), energy: readEnergy(row, scale), price: priceField(row, "price", scale) };
}

function readTrade(row: JsonFields, scale: number): ClaimedTrade {
  const [buy, sell] = [readText(row, "buy"), readText(row, "sell")];
  return { buy, sell, energy: readEnergy(row, scale), price: priceField(row, "price", scale) };
}

function readRest(row: JsonFields, scale: number): { id: string; energy: WattHours; reason: string } {
  return { id: readText(row, "id"), energy: readEnergy(row, scale), reason: readText(row, "reason") };
}

/** A refusal: id and code. */
export function readRejection(row: JsonFields): { id: string; code: string } {
  return { id: readText(row, "id"), code: readText(row, "code") };
}

/** A text; engines that number their orders write a number, which is its own text. */
export function readText(row: JsonFields, key: string): string {
  const value = row.object[key];
  if (value instanceof NumberText) return value.text;
  if (typeof value === "string") return value;
  complainOfType(row, key, value, "a text in double quotes");
  return "";
}

/** A list of texts. */
export function readTexts(fields: JsonFields, key: string): string[] {
  const list = fields.object[key];
  if (isJsonList(list) && list.every((item) => typeof item === "string")) return [...list];
  complainOfType(fields, key, list, "a list of texts");
  return [];
}

/** The quantity of a row. */
export function readEnergy(row: JsonFields, scale: number): WattHours {
  return wattHours(scaledField(row, "quantity", row.object["quantity"], scale) ?? 0);
}

/** `priceInterval` as a pair. */
export function readInterval(fields: JsonFields, scale: number): PriceInterval {
  const list = fields.object["priceInterval"];
  if (!isJsonList(list) || list.length !== 2) {
    complainOfType(fields, "priceInterval", list, "a pair [low, high]; null for an open end");
    return { low: null, high: null };
  }
  const ends = { low: list[0] ?? null, high: list[1] ?? null };
  const pair: JsonFields = { ...fields, object: ends, path: [...fields.path, "priceInterval"] };
  const end = (key: "low" | "high", index: number): PriceMicro | null => {
    const value = ends[key];
    const scaled = value === null ? null : scaledField(pair, index, value, scale);
    return scaled === null ? null : priceMicro(scaled);
  };
  return { low: end("low", 0), high: end("high", 1) };
}

function readScarcity(fields: JsonFields): "demand" | "supply" | null {
  return (fields.object["scarcity"] ?? null) === null
    ? null
    : choiceField(fields, "scarcity", ["demand", "supply"], null);
}

function readSurplus(fields: JsonFields, digits: number): { readonly surplus?: ClaimedSurplus } {
  const surplus: ClaimedSurplus = {
    ...readAmount(fields, "surplus", "total", digits),
    ...readAmount(fields, "buyerSurplus", "buyers", digits),
    ...readAmount(fields, "sellerSurplus", "sellers", digits),
  };
  return Object.keys(surplus).length === 0 ? {} : { surplus };
}

function readAmount(fields: JsonFields, key: string, member: keyof ClaimedSurplus, digits: number): ClaimedSurplus {
  const amount = readAmountOf(fields, key, digits);
  return amount === null ? {} : { [member]: amount };
}

/** An amount, or `null` where none is stated. */
export function readAmountOf(fields: JsonFields, key: string, digits: number): AmountNano | null {
  const value = fields.object[key] ?? null;
  if (value === null) return null;
  const parsed = value instanceof NumberText ? parseDecimal(value.text, digits) : null;
  if (parsed?.ok === true) return amountNano(parsed.value);
  return complainOfType(fields, key, value, `a number with at most ${digits} digits after the point`);
}
