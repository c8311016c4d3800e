/** Books as text: commands go in a line each, what the book reports comes out a word group each. */
import {
  BUY,
  CANCEL_REASON,
  FastOrderBook,
  NaiveOrderBook,
  NEVER,
  ORDER_KIND,
  REJECT_REASON,
  REPORT,
  SELF_TRADE,
  SELL,
  type OrderBook,
  type OrderBookRules,
  type Report,
} from "@micromarket/market";

/** Both implementations, by name. */
export const IMPLEMENTATIONS: readonly (readonly [string, (rules: OrderBookRules) => OrderBook])[] = [
  ["naive", (rules) => new NaiveOrderBook(rules)],
  ["fast", (rules) => new FastOrderBook(rules, { orders: 2, ids: 2 })],
];

const KINDS: Record<string, number> = {
  limit: ORDER_KIND.limit,
  post: ORDER_KIND.postOnly,
  ioc: ORDER_KIND.immediateOrCancel,
  fok: ORDER_KIND.fillOrKill,
  market: ORDER_KIND.market,
  "market-fok": ORDER_KIND.marketFillOrKill,
};

/**
 * Runs commands, one a line, and returns what the book reports of each line that starts with `>` in the order of the
 * text. Orders: `buy 5@10 A`, `sell 5@10 B ioc`, `buy 5 A market`, `buy 5@10 A until 7`; `at 7`; `cancel 0`; `replace 0 3@9`.
 */
export function runCommands(book: OrderBook, text: string): string[] {
  const said: string[] = [];
  for (const line of text.split("\n").map((row) => row.trim())) {
    if (line === "") continue;
    book.reports.clear();
    runCommand(book, line);
    for (let index = 0; index < book.reports.count; index++) said.push(describe(book.reports.read(index)));
  }
  return said;
}

function runCommand(book: OrderBook, line: string): void {
  const [verb = "", second = "", third = "", ...rest] = line.split(/\s+/);
  if (verb === "at") book.advanceTo(Number(second));
  else if (verb === "cancel") book.cancel(Number(second));
  else if (verb === "replace") book.replace(Number(second), tickOf(third), quantityOf(third));
  else submit(book, verb === "buy" ? BUY : SELL, second, third, rest);
}

function submit(book: OrderBook, side: number, amount: string, owner: string, words: readonly string[]): void {
  const until = words.indexOf("until");
  const expires = until === -1 ? NEVER : Number(words[until + 1]);
  const kind = KINDS[words[0] ?? ""] ?? ORDER_KIND.limit;
  book.submit(side, kind, owner.charCodeAt(0), tickOf(amount), quantityOf(amount), expires);
}

function quantityOf(text: string): number {
  return Number(text.split("@")[0]);
}

function tickOf(text: string): number {
  return Number(text.split("@")[1] ?? 0);
}

/** `traded 1 with 0: 5@10`, `cancelled 1: 5 immediate`, … */
function describe({ kind, reason, id, other, tick, quantity }: Report): string {
  if (kind === REPORT.accepted) return `accepted ${id}`;
  if (kind === REPORT.traded) return `traded ${id} with ${other}: ${quantity}@${tick}`;
  if (kind === REPORT.cancelled) return `cancelled ${id}: ${quantity} ${nameOf(CANCEL_REASON, reason)}`;
  if (kind === REPORT.expired) return `expired ${id}: ${quantity}`;
  if (kind === REPORT.replaced) return `replaced ${id}: ${quantity}@${tick}`;
  return `rejected ${id} ${nameOf(REJECT_REASON, reason)}`;
}

function nameOf(codes: Readonly<Record<string, number>>, code: number): string {
  return Object.keys(codes).find((name) => codes[name] === code) ?? `code ${code}`;
}

/** What rests, best first, sells from the top: `sell 2: 5@11`. */
export function drawBook(book: OrderBook): string[] {
  return [SELL, BUY].flatMap((side) =>
    book.resting(side).map(({ id, tick, quantity }) => `${side === BUY ? "buy" : "sell"} ${id}: ${quantity}@${tick}`),
  );
}

/** Rules by name of their policy. */
export function rulesOf(policy: keyof typeof SELF_TRADE, ticks = 100): OrderBookRules {
  return { ticks, selfTrade: SELF_TRADE[policy] };
}
