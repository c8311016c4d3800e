/** The orders that a session has placed and that may still stand: what is taken back when it is gone. */
import type { PartyId } from "@micromarket/kernel";
import { isFinal } from "@micromarket/protocol";
import type { OrderName } from "./answer.ts";
import type { TradingDesk } from "./trading-desk.ts";

/** Orders that are remembered before those that have ended are looked for and forgotten. */
const SWEEP_SIZE = 4_096;

/** A set of orders by name. */
export class SessionOrders {
  readonly #archive: TradingDesk["archive"];
  readonly #orders = new Map<string, OrderName>();
  #sweepAt = SWEEP_SIZE;

  constructor(archive: TradingDesk["archive"]) {
    this.#archive = archive;
  }

  /** Remembers the orders. */
  add(orders: readonly OrderName[]): void {
    for (const order of orders) this.#orders.set(`${order.party}/${order.clientOrderId}`, order);
    if (this.#orders.size < this.#sweepAt) return;
    for (const [name, order] of this.#orders) {
      const record = this.#archive.order(order.party, order.clientOrderId);
      if (record === null || isFinal(record)) this.#orders.delete(name);
    }
    this.#sweepAt = Math.max(SWEEP_SIZE, 2 * this.#orders.size);
  }

  /** Remembers the rows of a batch. */
  addBatch(party: PartyId, requestId: string, rows: number): void {
    this.add(Array.from({ length: rows }, (_, row) => ({ party, clientOrderId: `${requestId}.${row}` })));
  }

  /** All that may still stand. */
  all(): readonly OrderName[] {
    return [...this.#orders.values()];
  }
}
