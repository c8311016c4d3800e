/** Reads the orders of a book. */
import { partyId, priceMicro, tenderId, wattHours, type PriceMicro } from "@micromarket/kernel";
import type { CurvePoint, Side, Step, Tender, TenderCondition } from "@micromarket/market";
import {
  checkKeys,
  choiceField,
  complain,
  complainOfType,
  flagField,
  identifierField,
  isPresent,
  nameOf,
  scaledField,
  tooLarge,
  type JsonFields,
  type JsonReading,
} from "./json-fields.ts";
import { isJsonList, isJsonObject, type JsonValue } from "./json-text.ts";
import { COMMON_ORDER_KEYS } from "./mechanism.ts";

const SIDES: readonly Side[] = ["buy", "sell"];
const SHAPES = 'give "price" and "quantity", or "steps", or "price" and "slots", or "points"';

/** What the orders of one mechanism look like. */
export interface OrderShape {
  /** Keys beyond `COMMON_ORDER_KEYS`, which the mechanism reads for itself. */
  readonly orderKeys: readonly string[];
  /** Whether an order may leave its price out: the mechanism does not look at it. */
  readonly priceOptional?: boolean;
}

/** Reads a list of orders; `null` after a complaint about any of them. */
export function readOrders(
  reading: JsonReading,
  orders: readonly JsonValue[],
  scale: number,
  shape: OrderShape,
): readonly Tender[] | null {
  const tenders: Tender[] = [];
  const offered: Record<Side, number> = { buy: 0, sell: 0 };
  for (const [index, object] of orders.entries()) {
    const path = ["orders", index];
    const fields: JsonFields = { reading, object: isJsonObject(object) ? object : {}, path };
    if (!isJsonObject(object)) {
      complainOfType(fields, null, object, "an object: { … }");
      continue;
    }
    const tender = readOrder(fields, scale, shape);
    if (tender === null) continue;
    addOffered(fields, tender, offered, scale);
    tenders.push(tender);
  }
  return tenders.length === orders.length ? tenders : null;
}

/** A side's total must stay a safe integer; orders that the auction refuses for their quantity do not count. */
function addOffered(fields: JsonFields, tender: Tender, offered: Record<Side, number>, scale: number): void {
  for (const side of ["buy", "sell"] as const) {
    if (!Number.isSafeInteger(offered[side])) continue;
    offered[side] += mostOf(tender, side);
    if (Number.isSafeInteger(offered[side])) continue;
    complain(fields, null, tooLarge(`the sum of the ${side} quantities up to this order`, scale));
  }
}

/** The most that an order may trade on one side; a curve may trade on both. */
function mostOf({ side, steps, points = [] }: Tender, of: Side): number {
  const offered = side === of ? steps.reduce((sum, { energy }) => sum + Math.max(0, energy), 0) : 0;
  const drawn = points.map(({ netDemand }): number => (of === "buy" ? netDemand : -netDemand));
  return drawn.reduce((most, energy) => Math.max(most, energy), offered);
}

function readOrder(fields: JsonFields, scale: number, { orderKeys, priceOptional = false }: OrderShape): Tender | null {
  const before = fields.reading.problems.count();
  checkKeys(fields, [...COMMON_ORDER_KEYS, ...orderKeys]);
  const id = identifierField(fields, "id", null);
  const party = identifierField(fields, "party", id ?? "unknown");
  const side = choiceField(fields, "side", SIDES, isPresent(fields, "points") ? "buy" : null);
  const steps = readShape(fields, scale, priceOptional);
  const points = isPresent(fields, "points") ? { points: readPoints(fields, scale) } : {};
  const conditions = readConditions(fields, scale);
  if (id === null || party === null || side === null || fields.reading.problems.count() > before) return null;
  const tender: Tender = { id: tenderId(id), party: partyId(party), side, steps, ...points };
  return conditions.length === 0 ? tender : { ...tender, conditions };
}

/** Price and quantity, steps, slots or points: one of them. Slots and points leave the steps empty. */
function readShape(fields: JsonFields, scale: number, priceOptional: boolean): readonly Step[] {
  const shapes = ["quantity", "steps", "slots", "points"].filter((key) => isPresent(fields, key));
  const [shape] = shapes;
  const priceMisplaced = isPresent(fields, "price") && (shape === "steps" || shape === "points");
  if (shape === undefined || shapes.length > 1 || priceMisplaced) {
    const keys = [...(priceMisplaced ? ["price"] : []), ...shapes].map((key) => `"${key}"`).join(" and ");
    const what = `${nameOf(fields, null)} has ${shape === undefined ? "no quantity" : keys}`;
    complain(fields, null, { code: "ORDER_SHAPE", what, mend: SHAPES });
    return [];
  }
  if (shape === "quantity") return readLimit(fields, scale, priceOptional);
  if (shape === "steps") return readSteps(fields, scale);
  if (shape === "slots") checkSlots(fields, scale, priceOptional);
  return [];
}

function readLimit(fields: JsonFields, scale: number, priceOptional: boolean): readonly Step[] {
  const price = priceOptional && !("price" in fields.object) ? null : readPrice(fields, scale);
  const energy = scaledField(fields, "quantity", fields.object["quantity"], scale);
  return price === undefined || energy === null ? [] : [{ price, energy: wattHours(energy) }];
}

/** The order's price: `null` for a market order, `undefined` after a complaint. */
function readPrice(fields: JsonFields, scale: number): PriceMicro | null | undefined {
  const value = fields.object["price"];
  if (value === null) return null;
  if (value === undefined) {
    complainOfType(fields, "price", undefined, "a number, or null for a market order");
    return undefined;
  }
  const price = scaledField(fields, "price", value, scale);
  return price === null ? undefined : priceMicro(price);
}

function readSteps(fields: JsonFields, scale: number): readonly Step[] {
  return checkPairs(fields, "steps", scale).map(([price, energy]) => ({
    price: price === null ? null : priceMicro(price),
    energy: wattHours(energy),
  }));
}

function readPoints(fields: JsonFields, scale: number): readonly CurvePoint[] {
  return checkPairs(fields, "points", scale).flatMap(([price, energy]) =>
    price === null ? [] : [{ price: priceMicro(price), netDemand: wattHours(energy) }],
  );
}

/** [price, quantity] pairs; the price of a step may be `null`. */
function checkPairs(fields: JsonFields, key: "steps" | "points", scale: number): (readonly [number | null, number])[] {
  const list = fields.object[key];
  if (!isJsonList(list)) {
    complainOfType(fields, key, list, "a list of [price, quantity] pairs");
    return [];
  }
  return list.flatMap((pair, index) => {
    const inner: JsonFields = { ...fields, path: [...fields.path, key, index] };
    if (!isJsonList(pair) || pair.length !== 2) {
      complainOfType(inner, null, pair, "a pair: [price, quantity]");
      return [];
    }
    const isMarket = key === "steps" && pair[0] === null;
    const price = isMarket ? null : scaledField(inner, 0, pair[0], scale);
    const quantity = scaledField(inner, 1, pair[1], scale);
    return quantity === null ? [] : [[price, quantity] as const];
  });
}

function checkSlots(fields: JsonFields, scale: number, priceOptional: boolean): void {
  if (!priceOptional || "price" in fields.object) readPrice(fields, scale);
  const slots = fields.object["slots"];
  if (!isJsonObject(slots)) {
    complainOfType(fields, "slots", slots, "an object of slot names and quantities");
    return;
  }
  const inner: JsonFields = { ...fields, object: slots, path: [...fields.path, "slots"] };
  for (const [slot, quantity] of Object.entries(slots)) scaledField(inner, slot, quantity, scale);
}

/** The conditions that really bind. */
function readConditions(fields: JsonFields, scale: number): readonly TenderCondition[] {
  const conditions: TenderCondition[] = [];
  if (flagField(fields, "allOrNone")) conditions.push("allOrNone");
  if (isPresent(fields, "minQuantity")) {
    const least = scaledField(fields, "minQuantity", fields.object["minQuantity"], scale) ?? 0;
    if (least < 0) complainOfType(fields, "minQuantity", fields.object["minQuantity"], "0 or more");
    if (least > 0) conditions.push("minQuantity");
  }
  for (const key of ["parent", "group"] as const) {
    if (isPresent(fields, key) && identifierField(fields, key, null) !== null) conditions.push(key);
  }
  for (const key of ["slots", "points"] as const) {
    if (isPresent(fields, key)) conditions.push(key);
  }
  return conditions;
}
