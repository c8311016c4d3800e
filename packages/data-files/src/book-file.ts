/**
 * Reads the book of one auction from JSON (`micromarket clear`, `micromarket audit`).
 *
 * The file's numbers are decimals in any one consistent unit. They are kept as integers of 10^−scale in the types
 * `PriceMicro` and `WattHours`: the auction only compares, adds and multiplies them, so here these types stand for
 * "integer" and for no unit. Nothing is rounded: more digits than `scale` are an error.
 *
 * An error of the file (syntax, unknown key, wrong type) refuses the file. What a market refuses about one order (a
 * quantity that is not positive, a price off the tick) is left to the auction.
 */
import {
  fail,
  type InputProblem,
  ok,
  type PriceMicro,
  priceMicro,
  problemLog,
  type Result,
  suggest,
} from "@micromarket/kernel";
import {
  checkRules,
  type AuctionRules,
  type Book,
  type Ratio,
  type RulesProblem,
  type Tender,
} from "@micromarket/market";
import { readOrders } from "./book-order.ts";
import {
  checkKeys,
  choiceField,
  complain,
  complainOfType,
  scaledField,
  type JsonFields,
  type JsonReading,
} from "./json-fields.ts";
import { isJsonList, isJsonObject, NumberText, readJson } from "./json-text.ts";
import { ratioOf } from "./ratio-text.ts";

/** Digits kept after the point where the file does not say. */
export const DEFAULT_SCALE = 6;
/** Most digits that a file may ask for. */
export const SCALE_MAX = 12;

/** Mechanisms that this version clears. */
const MECHANISMS = ["uniform"];

const KEYS = ["mechanism", "k", "tick", "scale", "rationing", "priceFloor", "priceCap", "seed", "slot", "orders"];

/** A book as its file has it. */
export interface BookFile {
  readonly mechanism: string;
  /** Digits after the point: prices and quantities are integers of 10^−scale. */
  readonly scale: number;
  readonly book: Book;
}

/**
 * Reads a book; `fileName` is the name that its problems carry.
 *
 * @param mechanism stands for what the file says, where it is given
 */
export function readBookFile(text: string, fileName: string, mechanism?: string): Result<BookFile, InputProblem[]> {
  const json = readJson(text, fileName);
  if (!json.ok) return json;
  const reading: JsonReading = { json: json.value, problems: problemLog() };
  const file = readBook(reading, mechanism);
  return file === null || reading.problems.count() > 0 ? fail(reading.problems.list()) : ok(file);
}

function readBook(reading: JsonReading, chosen: string | undefined): BookFile | null {
  const { value } = reading.json;
  const fields: JsonFields = { reading, object: isJsonObject(value) ? value : {}, path: [] };
  if (!isJsonObject(value)) return complainOfType(fields, null, value, 'an object: { "orders": [ … ] }');
  const mechanism = readMechanism(fields, chosen);
  if (mechanism === null) return null; // another mechanism has other keys
  checkKeys(fields, KEYS);
  const scale = readScale(fields);
  const slot = readSlot(fields);
  checkSeed(fields);
  if (scale === null) return null; // every number would be misread
  const rules = readRules(fields, scale);
  const tenders = readTenders(fields, scale);
  if (slot === null || rules === null || tenders === null) return null;
  return { mechanism, scale, book: { slot, rules, tenders } };
}

function readMechanism(fields: JsonFields, chosen: string | undefined): string | null {
  const value = chosen ?? fields.object["mechanism"] ?? "uniform";
  if (typeof value !== "string") return complainOfType(fields, "mechanism", value, 'a name such as "uniform"');
  if (MECHANISMS.includes(value)) return value;
  const what = `unknown mechanism ${JSON.stringify(value)}`;
  return complain(fields, "mechanism", { code: "MECHANISM_UNKNOWN", what, mend: suggest(value, MECHANISMS) });
}

function readScale(fields: JsonFields): number | null {
  const value = fields.object["scale"] ?? null;
  if (value === null) return DEFAULT_SCALE;
  const scale = value instanceof NumberText && /^\d+$/.test(value.text) ? Number(value.text) : Number.NaN;
  if (scale <= SCALE_MAX) return scale;
  return complainOfType(fields, "scale", value, `a whole number of digits from 0 to ${SCALE_MAX}`);
}

function readSlot(fields: JsonFields): string | null {
  const value = fields.object["slot"] ?? "";
  return typeof value === "string" ? value : complainOfType(fields, "slot", value, "a text in double quotes");
}

function checkSeed(fields: JsonFields): void {
  const value = fields.object["seed"] ?? null;
  if (value === null) return;
  const isWhole = value instanceof NumberText && /^-?\d+$/.test(value.text) && Number.isSafeInteger(Number(value.text));
  if (!isWhole) complainOfType(fields, "seed", value, "a whole number");
}

function readRules(fields: JsonFields, scale: number): AuctionRules | null {
  const before = fields.reading.problems.count();
  const k = readK(fields);
  const tick = readPrice(fields, "tick", scale);
  const priceFloor = readPrice(fields, "priceFloor", scale);
  const priceCap = readPrice(fields, "priceCap", scale);
  const rationing = choiceField(fields, "rationing", ["pro-rata", "time-priority"], "pro-rata");
  if (k === null || rationing === null || fields.reading.problems.count() > before) return null;
  const rules: AuctionRules = { k, tick: tick ?? priceMicro(1), priceFloor, priceCap, rationing };
  const problem = checkRules(rules);
  if (problem === null) return rules;
  const [key, what, mend] = RULES_PROBLEMS[problem];
  return complain(fields, key, { code: problem, what, mend });
}

const RULES_PROBLEMS: Record<RulesProblem, readonly [string, string, string]> = {
  K_OUT_OF_RANGE: ["k", "k is outside [0, 1]", "write a decimal between 0 and 1"],
  TICK_NOT_POSITIVE: ["tick", "the tick is not positive", "write a positive price step, or null for the finest"],
  FLOOR_ABOVE_CAP: ["priceFloor", "the price floor is above the price cap", "swap the two"],
  FLOOR_OFF_TICK: [
    "priceFloor",
    "the price floor is no multiple of the tick",
    "move it to the tick, or choose a finer tick",
  ],
  CAP_OFF_TICK: ["priceCap", "the price cap is no multiple of the tick", "move it to the tick, or choose a finer tick"],
};

function readK(fields: JsonFields): Ratio | null {
  const value = fields.object["k"] ?? null;
  if (value === null) return { numerator: 1n, denominator: 2n };
  const k = value instanceof NumberText ? ratioOf(value.text) : null;
  return k ?? complainOfType(fields, "k", value, "a decimal between 0 and 1, such as 0.5");
}

function readPrice(fields: JsonFields, key: string, scale: number): PriceMicro | null {
  const value = fields.object[key] ?? null;
  if (value === null) return null;
  const scaled = scaledField(fields, key, value, scale);
  return scaled === null ? null : priceMicro(scaled);
}

function readTenders(fields: JsonFields, scale: number): readonly Tender[] | null {
  const orders = fields.object["orders"];
  if (!isJsonList(orders)) return complainOfType(fields, "orders", orders, "a list of orders: [ … ]");
  return readOrders(fields.reading, orders, scale);
}
