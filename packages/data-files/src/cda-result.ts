/**
 * Writes the result of a session as JSON with exact decimals.
 *
 * `price` is that of the last trade. A fill carries quantity and amount, which are exact; its `price` is their quotient
 * where that is a decimal of the file's scale, and `null` where it is not (nothing is rounded): the trades carry the
 * prices. The same holds for `vwap`, the volume-weighted average price.
 */
import { formatDecimal } from "@micromarket/kernel";
import type { SessionRest, SessionResult } from "@micromarket/market";
import type { ResultContext } from "./mechanism.ts";
import { jsonLines, quoted } from "./result-text.ts";

/** The result as JSON text, ended by a line feed. */
export function writeSessionResult(result: SessionResult, { mechanism, scale }: ResultContext): string {
  const decimal = (value: number | null): string => (value === null ? "null" : formatDecimal(BigInt(value), scale));
  const amount = (value: bigint): string => formatDecimal(value, 2 * scale);
  const mean = (value: bigint, energy: number): string =>
    energy > 0 && value % BigInt(energy) === 0n ? formatDecimal(value / BigInt(energy), scale) : "null";
  const rests = (list: readonly SessionRest[]): string =>
    jsonLines(list, ({ id, price, energy }) => [
      ["id", quoted(id)],
      ["price", decimal(price)],
      ["quantity", decimal(energy)],
    ]);
  const { interval, surplus } = result;
  const members: Record<string, string> = {
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
  const body = Object.entries(members).map(([key, text]) => `  ${quoted(key)}: ${text}`);
  return `{\n${body.join(",\n")}\n}\n`;
}
