/** Reads what the books of the auctions of tenders have in common: slot, rules and orders. */
import { priceMicro } from "@micromarket/kernel";
import {
  checkRules,
  type AuctionRules,
  type Book,
  type Ratio,
  type RulesProblem,
  type Tender,
} from "@micromarket/market";
import { readOrders, type OrderShape } from "./book-order.ts";
import { choiceField, complain, complainOfType, priceField, shortened, type JsonFields } from "./json-fields.ts";
import { isJsonList, NumberText } from "./json-text.ts";
import { ratioOf } from "./ratio-text.ts";

/** Reads a book of tenders; `null` after a complaint. */
export function readAuctionBook(fields: JsonFields, scale: number, shape: OrderShape): Book | null {
  const slot = readSlot(fields);
  const rules = readRules(fields, scale);
  const tenders = readTenders(fields, scale, shape);
  return slot === null || rules === null || tenders === null ? null : { slot, rules, tenders };
}

function readSlot(fields: JsonFields): string | null {
  const value = fields.object["slot"] ?? "";
  return typeof value === "string" ? value : complainOfType(fields, "slot", value, "a text in double quotes");
}

/** Tick, band, k and rationing; `null` after a complaint. */
export function readRules(fields: JsonFields, scale: number): AuctionRules | null {
  const before = fields.reading.problems.count();
  const k = readK(fields);
  const tick = priceField(fields, "tick", scale);
  const priceFloor = priceField(fields, "priceFloor", scale);
  const priceCap = priceField(fields, "priceCap", scale);
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

const K_WANTED = "a decimal between 0 and 1, such as 0.5";

function readK(fields: JsonFields): Ratio | null {
  const value = fields.object["k"] ?? null;
  if (value === null) return { numerator: 1n, denominator: 2n };
  if (!(value instanceof NumberText)) return complainOfType(fields, "k", value, K_WANTED);
  const what = `k is ${shortened(value.text)}, which is outside [0, 1] or has more than 30 digits after the point`;
  return ratioOf(value.text) ?? complain(fields, "k", { code: "K_OUT_OF_RANGE", what, mend: `write ${K_WANTED}` });
}

function readTenders(fields: JsonFields, scale: number, shape: OrderShape): readonly Tender[] | null {
  const orders = fields.object["orders"];
  if (!isJsonList(orders)) return complainOfType(fields, "orders", orders, "a list of orders: [ … ]");
  return readOrders(fields.reading, orders, scale, shape);
}
