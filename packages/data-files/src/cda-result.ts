/**
 * Writes the result of a session as JSON with exact decimals.
 *
 * `price` is that of the last trade. A fill carries quantity and amount, which are exact; its `price` is their quotient,
 * rounded down where that is no decimal of the file's scale, as in every mechanism: the trades carry the exact prices. The
 * same holds for `vwap`, the volume-weighted average price.
 */
import { floorDivide, formatDecimal } from "@micromarket/kernel";
import type { SessionRest, SessionResult } from "@micromarket/market";
import type { ResultContext } from "./mechanism.ts";
import { jsonLines, numbersOf, objectText, quoted, type Members } from "./result-text.ts";

/** The result as JSON text, ended by a line feed. */
export function writeSessionResult(result: SessionResult, context: ResultContext): string {
  const { mechanism, scale } = context;
  const { decimal, amount } = numbersOf(context);
  const mean = (value: bigint, energy: number): string =>
    energy > 0 ? formatDecimal(floorDivide(value, BigInt(energy)), scale) : "null";
  const rests = (list: readonly SessionRest[]): string =>
    jsonLines(list, ({ id, price, energy }) => [
      ["id", quoted(id)],
      ["price", decimal(price)],
      ["quantity", decimal(energy)],
    ]);
  const { interval, surplus } = result;
  const members: Members = {
    mechanism: quoted(mechanism),
    price: decimal(result.price),
    quantity: decimal(result.energy),
    priceInterval: `[${decimal(interval.low)}, ${decimal(interval.high)}]`,
    surplus: amount(surplus.buyers + surplus.sellers),
    scarcity: "null",
    fills: jsonLines(result.fills, ({ id, energy, value }) => [
      ["id", quoted(id)],
      ["quantity", decimal(energy)],
      ["price", mean(value, energy)],
      ["amount", amount(value)],
    ]),
    trades: jsonLines(result.trades, ({ buy, sell, energy, price, maker }) => [
      ["buy", quoted(buy)],
      ["sell", quoted(sell)],
      ["quantity", decimal(energy)],
      ["price", decimal(price)],
      ["maker", quoted(maker)],
    ]),
    rejected: jsonLines(result.rejections, ({ id, code, request }) => [
      ["id", quoted(id)],
      ["code", quoted(code)],
      ["request", quoted(request)],
    ]),
    buyerSurplus: amount(surplus.buyers),
    sellerSurplus: amount(surplus.sellers),
    amount: amount(result.value),
    vwap: mean(result.value, result.energy),
    book: `{ "bids": ${rests(result.bids)}, "asks": ${rests(result.asks)} }`,
    cancelled: jsonLines(result.cancelled, ({ id, energy, reason }) => [
      ["id", quoted(id)],
      ["quantity", decimal(energy)],
      ["reason", quoted(reason)],
    ]),
    expired: jsonLines(result.expired, ({ id, energy }) => [
      ["id", quoted(id)],
      ["quantity", decimal(energy)],
    ]),
    selfTrades: `[${result.selfTrades.map(quoted).join(", ")}]`,
  };
  return objectText(members);
}
