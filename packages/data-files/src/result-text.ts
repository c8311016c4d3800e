/**
 * Writes the answer of an auction as JSON with exact decimals, one fill, trade or refusal a line.
 *
 * The inverse of the readers' scaling: prices and quantities are integers of 10^−scale, so surplus and amounts, their
 * products, are integers of 10^−(2 × scale).
 */
import { formatDecimal, plusAmount } from "@micromarket/kernel";
import type { Fill, MechanismResult, PricedFill, PricedTrade } from "@micromarket/market";
import type { ResultContext } from "./mechanism.ts";

/** JSON texts by key, in the order in which they are written. */
export type Members = Readonly<Record<string, string>>;

/** What every auction states: what the contract has, and what we add to it. */
interface Answer extends Omit<MechanismResult, "fills" | "trades"> {
  readonly fills: readonly (Fill & Partial<PricedFill> & { readonly side?: string })[];
  readonly trades: readonly PricedTrade[];
}

/** The result as JSON text, ended by a line feed. */
export function writeResult(result: Answer, context: ResultContext, more: Members = {}): string {
  const { decimal, amount } = numbersOf(context);
  const { price, energy, interval, surplus, scarcity } = result;
  const kept = more["surplus"] === undefined ? {} : { surplus: more["surplus"] };
  const members: Members = {
    mechanism: quoted(context.mechanism),
    price: decimal(price),
    quantity: decimal(energy),
    priceInterval: `[${decimal(interval.low)}, ${decimal(interval.high)}]`,
    surplus: amount(plusAmount(surplus.buyers, surplus.sellers)),
    ...kept,
    scarcity: scarcity === null ? "null" : quoted(scarcity),
    fills: fillLines(result.fills, context),
    trades: jsonLines(result.trades, (trade) => [
      ["buy", quoted(trade.buy)],
      ["sell", quoted(trade.sell)],
      ["quantity", decimal(trade.energy)],
      ["price", decimal(trade.price)],
      ...(trade.sellerPrice === undefined ? [] : [["sellerPrice", decimal(trade.sellerPrice)] as const]),
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
    ...Object.fromEntries(Object.entries(more).filter(([key]) => key !== "surplus")),
  };
  return objectText(members);
}

/** Members as a JSON object, one a line, ended by a line feed. */
export function objectText(members: Members): string {
  const body = Object.entries(members).map(([key, text]) => `  ${quoted(key)}: ${text}`);
  return `{\n${body.join(",\n")}\n}\n`;
}

/** How the numbers of a result are written. */
export function numbersOf({ scale }: ResultContext): {
  readonly decimal: (value: number | null) => string;
  readonly amount: (value: bigint) => string;
} {
  return {
    decimal: (value) => (value === null ? "null" : formatDecimal(BigInt(value), scale)),
    amount: (value) => formatDecimal(value, 2 * scale),
  };
}

/** Fills, one a line, with the amount and the side where the mechanism states them. */
export function fillLines(fills: Answer["fills"], context: ResultContext): string {
  const { decimal, amount } = numbersOf(context);
  return jsonLines(fills, (fill) => [
    ["id", quoted(fill.id)],
    ["quantity", decimal(fill.energy)],
    ["price", decimal(fill.price)],
    ...(fill.side === undefined ? [] : [["side", quoted(fill.side)] as const]),
    ...(fill.amount === undefined ? [] : [["amount", amount(fill.amount)] as const]),
  ]);
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
