/**
 * Reads a session of the continuous double auction: `orders` holds orders, `{ "cancel": id }` and
 * `{ "replace": id, "price": …, "quantity": … }`, in order of arrival.
 *
 * What belongs to one order and a market can refuse (a price off the tick, an id that was there before) is left to the
 * session; what makes an entry unreadable or contradict itself refuses the file.
 */
import { partyId, priceMicro, tenderId, wattHours } from "@micromarket/kernel";
import type {
  CancelEntry,
  OrderEntry,
  ReplaceEntry,
  Session,
  SessionEntry,
  Side,
  TimeInForce,
} from "@micromarket/market";
import { readRules } from "./auction-book.ts";
import { sessionClock, type SessionClock } from "./cda-times.ts";
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
} from "./json-fields.ts";
import { isJsonList, isJsonObject, type JsonValue } from "./json-text.ts";
import { COMMON_ORDER_KEYS } from "./mechanism.ts";

/** Keys that only the books of this mechanism have. */
export const CDA_BOOK_KEYS: readonly string[] = ["selfTrade"];
/** Keys that only the orders of this mechanism have. */
export const CDA_ORDER_KEYS: readonly string[] = [
  ...["type", "timeInForce", "postOnly", "at", "expires", "cancel", "replace"],
];

const ORDER_KEYS = [...COMMON_ORDER_KEYS, ...CDA_ORDER_KEYS.filter((key) => key !== "cancel" && key !== "replace")];
const SIDES: readonly Side[] = ["buy", "sell"];
const LIVES: readonly TimeInForce[] = ["gtc", "gtt", "ioc", "fok"];

/** Reads the session, whose keys have been checked; `null` after a complaint. */
export function readSession(fields: JsonFields, scale: number): Session | null {
  const before = fields.reading.problems.count();
  const rules = readRules(fields, scale);
  const selfTrade = choiceField(fields, "selfTrade", ["allow", "cancel-newest", "cancel-oldest"], "allow");
  const { orders } = fields.object;
  if (!isJsonList(orders)) return complainOfType(fields, "orders", orders, "a list of orders: [ … ]");
  const entries = readEntries(fields, orders, scale);
  if (rules === null || selfTrade === null || fields.reading.problems.count() > before) return null;
  const { tick, priceFloor, priceCap } = rules;
  return { rules: { tick, priceFloor, priceCap, selfTrade }, entries };
}

function readEntries(fields: JsonFields, orders: readonly JsonValue[], scale: number): readonly SessionEntry[] {
  const clock = sessionClock();
  const entries: SessionEntry[] = [];
  let offered = 0;
  for (const [index, object] of orders.entries()) {
    const row: JsonFields = { ...fields, object: isJsonObject(object) ? object : {}, path: ["orders", index] };
    if (!isJsonObject(object)) {
      complainOfType(row, null, object, "an object: { … }");
      continue;
    }
    const entry = readEntry(row, scale, clock);
    if (entry === null) continue;
    entries.push(entry);
    const wasSafe = Number.isSafeInteger(offered);
    offered += entry.request === "cancel" ? 0 : Math.max(0, entry.energy ?? 0);
    if (wasSafe && !Number.isSafeInteger(offered)) {
      complain(row, null, tooLarge("the sum of the quantities up to this entry", scale));
    }
  }
  return entries;
}

function readEntry(row: JsonFields, scale: number, clock: SessionClock): SessionEntry | null {
  const before = row.reading.problems.count();
  const requests = ["cancel", "replace"].filter((key) => isPresent(row, key));
  if (requests.length > 1) {
    const what = `${nameOf(row, null)} is both a cancel and a replacement`;
    return complain(row, null, { code: "ENTRY_SHAPE", what, mend: "make two entries of it" });
  }
  const [request] = requests;
  const entry =
    request === "cancel"
      ? readCancel(row, clock)
      : request === "replace"
        ? readReplace(row, scale, clock)
        : readOrder(row, scale, clock);
  return row.reading.problems.count() > before ? null : entry;
}

function readCancel(row: JsonFields, clock: SessionClock): CancelEntry | null {
  checkKeys(row, ["cancel", "at"]);
  const id = identifierField(row, "cancel", null);
  const at = clock.read(row, "at");
  return id === null ? null : { request: "cancel", at, id };
}

function readReplace(row: JsonFields, scale: number, clock: SessionClock): ReplaceEntry | null {
  checkKeys(row, ["replace", "price", "quantity", "at"]);
  const id = identifierField(row, "replace", null);
  const at = clock.read(row, "at");
  const [price, energy] = [optionalNumber(row, "price", scale), optionalNumber(row, "quantity", scale)];
  if (!isPresent(row, "price") && !isPresent(row, "quantity")) {
    const what = `${nameOf(row, null)} replaces neither price nor quantity`;
    complain(row, null, {
      code: "ENTRY_SHAPE",
      what,
      mend: 'give "price", "quantity" (the new open quantity), or both',
    });
  }
  if (id === null) return null;
  return {
    ...{ request: "replace", at, id },
    price: price === null ? null : priceMicro(price),
    energy: energy === null ? null : wattHours(energy),
  };
}

function readOrder(row: JsonFields, scale: number, clock: SessionClock): OrderEntry | null {
  checkKeys(row, ORDER_KEYS);
  const id = identifierField(row, "id", null);
  const party = identifierField(row, "party", id ?? "unknown");
  const side = choiceField(row, "side", SIDES, null);
  const conditions = readConditions(row, scale);
  const hasShape = conditions.some((condition) => SHAPES.includes(condition));
  const price = hasShape ? null : readPrice(row, scale);
  const energy = hasShape ? 0 : scaledField(row, "quantity", row.object["quantity"], scale);
  const postOnly = flagField(row, "postOnly");
  const at = clock.read(row, "at");
  const expires = clock.read(row, "expires");
  const timeInForce = readLife(row);
  if (id === null || party === null || side === null || price === undefined) return null;
  if (energy === null || timeInForce === null) return null;
  return {
    ...{ request: "order", at, id: tenderId(id), party: partyId(party), side },
    price: price === null ? null : priceMicro(price),
    energy: wattHours(energy),
    ...{ timeInForce, postOnly, expires, conditions },
  };
}

/** The limit; `null` for any price, `undefined` after a complaint. */
function readPrice(row: JsonFields, scale: number): number | null | undefined {
  const isNull = row.object["price"] === null;
  const type = choiceField(row, "type", ["limit", "market"], isNull ? "market" : "limit");
  if (type === "limit") return scaledField(row, "price", row.object["price"], scale) ?? undefined;
  if (type === "market" && isPresent(row, "price")) {
    const what = `${nameOf(row, null)} is a market order with a price`;
    const mend = 'delete the price, or write "type": "limit"';
    complain(row, "price", { code: "MARKET_ORDER_WITH_PRICE", what, mend });
  }
  return type === "market" ? null : undefined;
}

/** `timeInForce`; without it an order with an expiry is good till then, any other till it is cancelled. */
function readLife(row: JsonFields): TimeInForce | null {
  const expires = isPresent(row, "expires");
  const life = choiceField(row, "timeInForce", LIVES, expires ? "gtt" : "gtc");
  if (life === "gtt" && !expires) {
    return complainOfType(row, "expires", undefined, "the time at which the order ends");
  }
  if (life === null || life === "gtt" || !expires) return life;
  const what = `${nameOf(row, "expires")} stands beside "timeInForce": "${life}"`;
  return complain(row, "expires", {
    code: "EXPIRES_MISPLACED",
    what,
    mend: 'delete it, or write "timeInForce": "gtt"',
  });
}

const SHAPES: readonly string[] = ["steps", "slots", "points"];

/** What the order asks for beyond price and quantity, as far as it binds. The session refuses such an order. */
function readConditions(row: JsonFields, scale: number): OrderEntry["conditions"] {
  const least = optionalNumber(row, "minQuantity", scale) ?? 0;
  const binding: Record<OrderEntry["conditions"][number], boolean> = {
    allOrNone: flagField(row, "allOrNone"),
    minQuantity: least > 0,
    parent: isPresent(row, "parent"),
    group: isPresent(row, "group"),
    slots: isPresent(row, "slots"),
    points: isPresent(row, "points"),
    steps: isPresent(row, "steps"),
  };
  const names = Object.keys(binding) as (keyof typeof binding)[];
  return names.filter((name) => binding[name]);
}

function optionalNumber(row: JsonFields, key: string, scale: number): number | null {
  return isPresent(row, key) ? scaledField(row, key, row.object[key], scale) : null;
}
