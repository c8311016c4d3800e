/**
 * Writes the answer of an auction as JSON with exact decimals, one fill, trade or refusal a line.
 *
 * The inverse of `readBookFile`'s scaling: prices and quantities are integers of 10^−scale, so surplus, their product,
 * is an integer of 10^−(2 × scale).
 */
import { formatDecimal, plusAmount } from "@micromarket/kernel";
import type { AuctionResult } from "@micromarket/market";
import type { ResultContext } from "./mechanism.ts";

/** The result as JSON text, ended by a line feed. */
export function writeResult(result: AuctionResult, { mechanism, scale }: ResultContext): string {
  const decimal = (value: number | null): string => (value === null ? "null" : formatDecimal(BigInt(value), scale));
  const amount = (value: bigint): string => formatDecimal(value, 2 * scale);
  const { price, energy, interval, surplus, scarcity } = result;
  const members: Record<string, string> = {
    mechanism: quoted(mechanism),
    price: decimal(price),
    quantity: decimal(energy),
    priceInterval: `[${decimal(interval.low)}, ${decimal(interval.high)}]`,
    surplus: amount(plusAmount(surplus.buyers, surplus.sellers)),
    scarcity: scarcity === null ? "null" : quoted(scarcity),
    fills: jsonLines(result.fills, (fill) => [
      ["id", quoted(fill.id)],
      ["quantity", decimal(fill.energy)],
      ["price", decimal(fill.price)],
    ]),
    trades: jsonLines(result.trades, (trade) => [
      ["buy", quoted(trade.buy)],
      ["sell", quoted(trade.sell)],
      ["quantity", decimal(trade.energy)],
      ["price", decimal(trade.price)],
    ]),
    rejected: jsonLines(result.rejections, ({ id, code }) => [
      ["id", quoted(id)],
      ["code", quoted(code)],
    ]),
    buyerSurplus: amount(surplus.buyers),
    sellerSurplus: amount(surplus.sellers),
    unfilled: jsonLines(result.unfilled, (rest) => [
      ["id", quoted(rest.id)],
      ["quantity", decimal(rest.energy)],
      ["reason", quoted(rest.reason)],
    ]),
    selfTrades: `[${result.selfTrades.map(quoted).join(", ")}]`,
  };
  const body = Object.entries(members).map(([key, text]) => `  ${quoted(key)}: ${text}`);
  return `{\n${body.join(",\n")}\n}\n`;
}

/** A text as JSON. */
export function quoted(text: string): string {
  return JSON.stringify(text);
}

/** A list of objects as JSON, one a line. */
export function jsonLines<Row>(
  rows: readonly Row[],
  members: (row: Row) => readonly (readonly [string, string])[],
): string {
  if (rows.length === 0) return "[]";
  const objects = rows.map((row) => {
    const inner = members(row).map(([key, text]) => `${quoted(key)}: ${text}`);
    return `    { ${inner.join(", ")} }`;
  });
  return `[\n${objects.join(",\n")}\n  ]`;
}
