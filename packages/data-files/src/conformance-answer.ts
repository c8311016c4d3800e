/**
 * Reads what an engine says of a book, liberally: only fills are needed (or, where there is a list of trades, not even
 * they), ids may be numbers, unknown keys are skipped.
 *
 * Numbers are read from their text. Where one has more digits than the book's scale it is rounded, so that the other
 * properties can still be judged, and listed as imprecise.
 */
import { visit, type JSONPath } from "jsonc-parser";
import { fail, formatDecimal, ok, parseDecimal, roundQuotient, type Result } from "@micromarket/kernel";
import { isJsonList, isJsonObject, NumberText, readJson, type JsonObject, type JsonValue } from "./json-text.ts";

/** What one order got. */
export interface AnsweredFill {
  readonly id: string;
  readonly quantity: bigint;
}

/** A trade as the engine states it; `null` where it states no price. */
export interface AnsweredTrade {
  readonly buy: string;
  readonly sell: string;
  readonly quantity: bigint;
  readonly price: bigint | null;
}

/** An answer; what is absent was not stated. */
export interface EngineAnswer {
  /** The members that the auditor judges, as JSON with numbers rounded to the scale. */
  readonly audited: string;
  /** Numbers with more digits than the scale keeps, as they were written. */
  readonly imprecise: readonly string[];
  readonly price: bigint | null;
  readonly buyerPrice: bigint | null;
  readonly sellerPrice: bigint | null;
  readonly quantity?: bigint;
  readonly fills: readonly AnsweredFill[];
  readonly trades?: readonly AnsweredTrade[];
  readonly rejected?: readonly { readonly id: string; readonly code: string | null }[];
  /** Members of the result that are there at all. */
  readonly stated: ReadonlySet<string>;
  readonly scarcity: JsonValue;
}

/** Members whose numbers are products of a price and a quantity. */
const AMOUNTS = new Set(["surplus", "buyerSurplus", "sellerSurplus", "deficit"]);
/** What the auditor is to see; the rest (refusals, flags) is judged by what the case expects. */
const AUDITED = ["quantity", "fills", "trades", "priceInterval", "surplus", "buyerSurplus", "sellerSurplus"];
/** More digits than binary floating point writes of anything that a book may hold. */
const DIGITS_READ_MAX = 60;

/** The answer in `output`, or in words why there is none. */
export function readEngineAnswer(output: string, scale: number): Result<EngineAnswer, string> {
  const { text, imprecise } = roundNumbers(output, scale);
  const json = readJson(text, "answer");
  if (!json.ok) return fail(json.error[0]?.what ?? "this is no JSON");
  if (!isJsonObject(json.value.value)) return fail("the answer is no JSON object");
  const object = json.value.value;
  if (!isJsonList(object["fills"]) && !isJsonList(object["trades"])) return fail("the answer has no list of fills");
  try {
    return ok({ audited: auditedText(object), imprecise, ...readMembers(object, scale) });
  } catch (error) {
    if (error instanceof Unusable) return fail(error.message);
    throw error;
  }
}

/** A member that cannot be used; stays inside this file. */
class Unusable extends Error {}

function readMembers(object: JsonObject, scale: number): Omit<EngineAnswer, "audited" | "imprecise"> {
  const price = (key: string): bigint | null => numberOrNull(object, key, scale);
  const quantity = price("quantity");
  return {
    price: price("price"),
    buyerPrice: price("buyerPrice") ?? price("price"),
    sellerPrice: price("sellerPrice") ?? price("price"),
    ...(quantity !== null && { quantity }),
    fills: rows(object, "fills").map((row) => ({ id: idOf(row, "id"), quantity: numberOf(row, "quantity", scale) })),
    ...(object["trades"] !== undefined && { trades: rows(object, "trades").map((row) => readTrade(row, scale)) }),
    ...(object["rejected"] !== undefined && { rejected: rows(object, "rejected").map(readRejection) }),
    stated: new Set(Object.keys(object).filter((key) => object[key] !== null)),
    scarcity: object["scarcity"] ?? null,
  };
}

function auditedText(object: JsonObject): string {
  const members = AUDITED.flatMap((key) => {
    const value = object[key] ?? null;
    return value === null ? [] : [`"${key}": ${jsonText(value)}`];
  });
  return `{ "price": ${jsonText(object["price"] ?? null)}, ${members.join(", ")} }`;
}

function jsonText(value: JsonValue): string {
  if (value instanceof NumberText) return value.text;
  if (isJsonList(value)) return `[${value.map(jsonText).join(", ")}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([key, member]) => `${JSON.stringify(key)}: ${jsonText(member)}`)
    .join(", ")} }`;
}

function readTrade(row: JsonObject, scale: number): AnsweredTrade {
  const quantity = numberOf(row, "quantity", scale);
  return { buy: idOf(row, "buy"), sell: idOf(row, "sell"), quantity, price: numberOrNull(row, "price", scale) };
}

function readRejection(row: JsonObject): { readonly id: string; readonly code: string | null } {
  const { code } = row;
  return { id: idOf(row, "id"), code: typeof code === "string" ? code : null };
}

function rows(object: JsonObject, key: string): readonly JsonObject[] {
  const list = object[key] ?? [];
  if (isJsonList(list) && list.every(isJsonObject)) return list;
  throw new Unusable(`${key} is no list of objects`);
}

function idOf(row: JsonObject, key: string): string {
  const value = row[key];
  if (typeof value === "string") return value;
  if (value instanceof NumberText) return value.text;
  throw new Unusable(`an entry has no ${key}`);
}

function numberOf(row: JsonObject, key: string, digits: number): bigint {
  const value = numberOrNull(row, key, digits);
  if (value === null) throw new Unusable(`an entry has no ${key}`);
  return value;
}

function numberOrNull(object: JsonObject, key: string, digits: number): bigint | null {
  const value = object[key] ?? null;
  if (value === null) return null;
  const parsed = value instanceof NumberText ? parseDecimal(value.text, digits) : null;
  if (parsed?.ok === true) return parsed.value;
  throw new Unusable(
    `${key} is ${value instanceof NumberText ? value.text : JSON.stringify(value)}, which is no decimal`,
  );
}

/** The text with every number that has too many digits replaced by the nearest that has not. */
function roundNumbers(text: string, scale: number): { readonly text: string; readonly imprecise: readonly string[] } {
  const [pieces, imprecise]: [string[], string[]] = [[], []];
  let done = 0;
  visit(text, {
    onLiteralValue(value: unknown, offset, length, _line, _column, pathSupplier) {
      if (typeof value !== "number") return;
      const written = text.slice(offset, offset + length);
      const rounded = roundedText(written, digitsAt(pathSupplier(), scale));
      if (rounded === written) return;
      imprecise.push(written);
      pieces.push(text.slice(done, offset), rounded);
      done = offset + length;
    },
  });
  return { text: pieces.join("") + text.slice(done), imprecise };
}

function digitsAt(path: JSONPath, scale: number): number {
  const [member] = path;
  return typeof member === "string" && AMOUNTS.has(member) ? 2 * scale : scale;
}

function roundedText(written: string, digits: number): string {
  if (parseDecimal(written, digits).ok) return written;
  const parsed = parseDecimal(written, DIGITS_READ_MAX);
  if (!parsed.ok) return written;
  return formatDecimal(roundQuotient(parsed.value, 10n ** BigInt(DIGITS_READ_MAX - digits)), digits);
}
