/** Orders of sessions that are gone: taken back after their grace, unless the same principal takes them over. */
import type { OrderName } from "./answer.ts";
import type { OrderService } from "./order-service.ts";
import type { AbandonedOrders } from "./session-context.ts";

interface Left {
  readonly principal: string;
  readonly orders: readonly OrderName[];
  readonly timer: NodeJS.Timeout;
}

/** Keeps them until then. */
export class OrdersLeft implements AbandonedOrders {
  readonly #orders: OrderService;
  readonly #onError: (error: unknown) => void;
  readonly #left = new Map<string, Left>();

  constructor(orders: OrderService, onError: (error: unknown) => void) {
    this.#orders = orders;
    this.#onError = onError;
  }

  leave(session: string, principal: string, orders: readonly OrderName[], graceMs: number): void {
    if (orders.length === 0) return;
    const timer = setTimeout(() => {
      this.#left.delete(session);
      this.#orders.withdraw(orders).catch(this.#onError);
    }, graceMs);
    timer.unref();
    this.#left.set(session, { principal, orders, timer });
  }

  takeOver(session: string, principal: string): readonly OrderName[] | null {
    const left = this.#left.get(session);
    if (left?.principal !== principal) return null;
    clearTimeout(left.timer);
    this.#left.delete(session);
    return left.orders;
  }

  /** A planned stop is nobody's disconnect: what stands stays. */
  close(): void {
    for (const { timer } of this.#left.values()) clearTimeout(timer);
    this.#left.clear();
  }
}
