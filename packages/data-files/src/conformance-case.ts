/**
 * One case of the conformance pack: a book as an engine gets it, and what every right answer to it has in common.
 *
 * Numbers are bigints of 10^−scale in the book's scale, amounts of 10^−(2 × scale).
 */
import { parseDecimal } from "@micromarket/kernel";
import { isJsonList, isJsonObject, NumberText, readJson, type JsonObject, type JsonValue } from "./json-text.ts";

/** Digits that a book of the file contract keeps where it does not say. */
const DEFAULT_SCALE = 6;

/** What the runner does with a book beside asking once: asks twice, asks with the orders in another order. */
export type ExtraRun = "repeat" | "permute";

/** From the least to the most that is right. */
export interface Bounds {
  readonly least: bigint;
  readonly most: bigint;
}

/** A trade that has to take place. */
export interface ExpectedTrade {
  readonly buy: string;
  readonly sell: string;
  readonly quantity: bigint;
  readonly price: bigint;
}

/** What is known of the right answer; a member that is absent is not judged. */
export interface Expectation {
  /** The prices that clear; `null` is an open end. */
  readonly priceInterval?: { readonly low: bigint | null; readonly high: bigint | null };
  /** The price that the book's own k picks. */
  readonly priceAtK?: bigint | null;
  readonly buyerPrice?: bigint;
  readonly sellerPrice?: bigint;
  readonly quantity?: Bounds;
  /** The largest surplus. */
  readonly surplus?: bigint;
  readonly scarcity?: string | null;
  readonly rejected?: readonly { readonly id: string; readonly code: string }[];
  readonly fills?: ReadonlyMap<string, Bounds>;
  readonly trades?: readonly ExpectedTrade[];
}

/** A case. */
export interface ConformanceCase {
  /** `uniform/tenths`. */
  readonly name: string;
  readonly mechanism: string;
  readonly about: string;
  /** Where the figures were published. */
  readonly source: string | null;
  readonly also: readonly ExtraRun[];
  /** Whether the book is to be answered or refused. */
  readonly answer: "result" | "refusal";
  /** The book's text, which need not be JSON. */
  readonly book: string;
  readonly scale: number;
  readonly expectation: Expectation;
}

/** Makes a case of its two files; throws an `Error` that says what an expectation lacks. */
export function readConformanceCase(book: string, expected: string, fileName: string): ConformanceCase {
  const json = readJson(expected, fileName);
  if (!json.ok || !isJsonObject(json.value.value)) throw new Error(`${fileName} is no JSON object`);
  const object = json.value.value;
  const answer = text(object, "answer");
  if (answer !== "result" && answer !== "refusal") throw new Error(`${fileName}: answer is neither result nor refusal`);
  const scale = answer === "result" ? scaleOf(book) : DEFAULT_SCALE;
  return {
    name: text(object, "case"),
    mechanism: text(object, "mechanism"),
    about: text(object, "about"),
    source: isJsonObject(object["source"])
      ? `${text(object["source"], "name")} <${text(object["source"], "url")}>`
      : null,
    also: rows(object["also"]).filter((extra): extra is ExtraRun => extra === "repeat" || extra === "permute"),
    answer,
    book,
    scale,
    expectation: readExpectation(object, scale),
  };
}

/** The scale that a book of the contract names, or the default. */
function scaleOf(book: string): number {
  const json = readJson(book, "book");
  const value = json.ok && isJsonObject(json.value.value) ? json.value.value["scale"] : undefined;
  return value instanceof NumberText ? Number(value.text) : DEFAULT_SCALE;
}

function readExpectation(object: JsonObject, scale: number): Expectation {
  const price = (key: string): bigint | null => decimalOrNull(object[key], scale);
  const isStated = (key: string): boolean => object[key] !== undefined;
  const [low, high] = rows(object["priceInterval"]);
  return {
    ...(isStated("priceInterval") && {
      priceInterval: { low: decimalOrNull(low, scale), high: decimalOrNull(high, scale) },
    }),
    ...(isStated("priceAtK") && { priceAtK: price("priceAtK") }),
    ...(isStated("buyerPrice") && { buyerPrice: decimal(object["buyerPrice"], scale) }),
    ...(isStated("sellerPrice") && { sellerPrice: decimal(object["sellerPrice"], scale) }),
    ...(isStated("quantity") && { quantity: bounds(object["quantity"], scale) }),
    ...(isStated("surplus") && { surplus: decimal(object["surplus"], 2 * scale) }),
    ...(isStated("scarcity") && { scarcity: object["scarcity"] === null ? null : text(object, "scarcity") }),
    ...(isStated("rejected") && {
      rejected: objects(object["rejected"]).map((row) => ({ id: text(row, "id"), code: text(row, "code") })),
    }),
    ...(isStated("fills") && {
      fills: new Map(objects(object["fills"]).map((row) => [text(row, "id"), bounds(row["quantity"], scale)])),
    }),
    ...(isStated("trades") && { trades: objects(object["trades"]).map((row) => readTrade(row, scale)) }),
  };
}

function readTrade(row: JsonObject, scale: number): ExpectedTrade {
  const [quantity, price] = [decimal(row["quantity"], scale), decimal(row["price"], scale)];
  return { buy: text(row, "buy"), sell: text(row, "sell"), quantity, price };
}

function rows(value: JsonValue | undefined): readonly JsonValue[] {
  return isJsonList(value) ? value : [];
}

function objects(value: JsonValue | undefined): readonly JsonObject[] {
  return rows(value).filter(isJsonObject);
}

function text(object: JsonObject, key: string): string {
  const value = object[key];
  if (typeof value === "string") return value;
  throw new Error(`${key} is no text`);
}

function bounds(value: JsonValue | undefined, digits: number): Bounds {
  const [least, most] = rows(value);
  return { least: decimal(least, digits), most: decimal(most, digits) };
}

function decimalOrNull(value: JsonValue | undefined, digits: number): bigint | null {
  return value === null ? null : decimal(value, digits);
}

function decimal(value: JsonValue | undefined, digits: number): bigint {
  const parsed = value instanceof NumberText ? parseDecimal(value.text, digits) : null;
  if (parsed?.ok === true) return parsed.value;
  throw new Error(
    `${value instanceof NumberText ? value.text : JSON.stringify(value)} is no decimal of ${digits} digits`,
  );
}
