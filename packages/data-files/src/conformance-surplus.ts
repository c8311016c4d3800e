/** What the fills of an answer are worth: buyers' limits less sellers' limits, whatever the price. */
import { parseDecimal } from "@micromarket/kernel";
import type { AnsweredFill } from "./conformance-answer.ts";
import type { ConformanceCase } from "./conformance-case.ts";
import { isJsonList, isJsonObject, NumberText, readJson, type JsonObject, type JsonValue } from "./json-text.ts";

interface Step {
  readonly limit: bigint;
  readonly quantity: bigint;
}

interface PricedOrder {
  readonly isBuy: boolean;
  /** Best limit first. */
  readonly steps: readonly Step[];
}

/** Surplus of `fills` in 10^−(2 × scale); each order is served from its best step down. */
export function surplusOfFills({ book, name, scale }: ConformanceCase, fills: readonly AnsweredFill[]): bigint {
  const orders = pricedOrders(book, name, scale);
  return fills.reduce((sum, { id, quantity }) => {
    const order = orders.get(id);
    return order === undefined ? sum : sum + valueOf(order, quantity);
  }, 0n);
}

function valueOf({ isBuy, steps }: PricedOrder, quantity: bigint): bigint {
  let [left, value] = [quantity, 0n];
  for (const step of steps) {
    const taken = left < step.quantity ? left : step.quantity;
    value += taken * step.limit;
    left -= taken;
  }
  return isBuy ? value : -value;
}

function pricedOrders(book: string, name: string, scale: number): ReadonlyMap<string, PricedOrder> {
  const json = readJson(book, name);
  const object = json.ok && isJsonObject(json.value.value) ? json.value.value : {};
  const orders = isJsonList(object["orders"]) ? object["orders"].filter(isJsonObject) : [];
  return new Map(
    orders.flatMap((order) => {
      const isBuy = order["side"] === "buy";
      const mustRun = scaled(object[isBuy ? "priceCap" : "priceFloor"], scale) ?? 0n;
      const steps = stepsOf(order, scale, mustRun);
      const { id } = order;
      return typeof id === "string" ? [[id, { isBuy, steps: steps.sort((a, b) => byMerit(a, b, isBuy)) }]] : [];
    }),
  );
}

function byMerit(a: Step, b: Step, isBuy: boolean): number {
  if (a.limit === b.limit) return 0;
  return a.limit < b.limit === isBuy ? 1 : -1;
}

function stepsOf(order: JsonObject, scale: number, mustRun: bigint): Step[] {
  const pairs = isJsonList(order["steps"]) ? order["steps"].filter(isJsonList) : [[order["price"], order["quantity"]]];
  return pairs.map(([price, quantity]) => ({
    limit: scaled(price, scale) ?? mustRun,
    quantity: scaled(quantity, scale) ?? 0n,
  }));
}

function scaled(value: JsonValue | undefined, scale: number): bigint | null {
  const parsed = value instanceof NumberText ? parseDecimal(value.text, scale) : null;
  return parsed?.ok === true ? parsed.value : null;
}
