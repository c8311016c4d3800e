/** One hash for what a book holds, whichever implementation holds it. */
import { hashText, type HashHex } from "@micromarket/kernel";
import { BUY, SELL, type OrderBook } from "./order-book.ts";

/** SHA-256 over the orders at rest, in priority, and the counters. Reports are no part of the state. */
export function stateHash(book: OrderBook): HashHex {
  const { submitted, live, trades, volume, notional, lastTick } = book.statistics();
  const orders = [BUY, SELL]
    .flatMap((side) => book.resting(side))
    .map(({ id, owner, side, tick, quantity, postOnly, expires }) =>
      [id, owner, side, tick, quantity, postOnly ? 1 : 0, expires].join(" "),
    );
  const counters = [submitted, live, trades, volume, notional, lastTick, book.bestBid(), book.bestAsk()].join(" ");
  return hashText(["order book", counters, ...orders].join("\n"));
}
