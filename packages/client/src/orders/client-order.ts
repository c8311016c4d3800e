/** An order as a client knows it. */
import type { OrderView } from "@micromarket/protocol";

/** An order as it was asked for. */
export interface RequestedOrder {
  readonly id: string;
  /** The start of its slot. */
  readonly slotMs: number;
  readonly side: "buy" | "sell";
  readonly quantityWh: number;
  /** Limit; `null`: at any price. */
  readonly priceMicro: number | null;
}

/** `sent`: on its way, or nobody knows; `refused`: it was not taken; else as the market says. */
export type ClientOrderState = "sent" | "refused" | OrderView["state"];

/** An order as far as it is known. */
export interface ClientOrder {
  readonly id: string;
  readonly state: ClientOrderState;
  /** `null`: of another program of the same party. */
  readonly requested: (RequestedOrder & { readonly requestId: string }) | null;
  /** What the market said last; `null`: nothing yet. */
  readonly view: OrderView | null;
  readonly marketOrderId: string | null;
  /** Why it was refused. */
  readonly code: string | null;
  /** When that was heard last, by the client's wall clock: market time may run faster. */
  readonly changedMs: number;
}

const FINAL: ReadonlySet<ClientOrderState> = new Set(["refused", "filled", "cancelled", "expired", "rejected"]);

/** Whether nothing more will come of the order. */
export function isFinalState(state: ClientOrderState): boolean {
  return FINAL.has(state);
}
