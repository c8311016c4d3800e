/**
 * What is known of an order: a tender that a party placed, from the moment the journal held it.
 *
 * RECEIVED, which comes before OPEN, lasts from the request to the journal: nothing derived from the journal knows of it.
 */
import type { AmountNano, HashHex, InstantMs, PartyId, PriceMicro, TenderId, WattHours } from "@micromarket/kernel";
import type { Side, UnfilledReason } from "@micromarket/market";

/** The states of an order. The last four are final. */
export const ORDER_STATES = ["OPEN", "PARTIAL", "FILLED", "CANCELED", "EXPIRED", "REJECTED"] as const;

/** Where an order stands: in the book, partly filled at the gate, or ended. */
export type OrderState = (typeof ORDER_STATES)[number];

/** Why an order ended with energy left: its party took it back, its signer contradicted it, or the gate left it. */
export const ORDER_CAUSES = ["TAKEN_BACK", "EQUIVOCATION", "OUT_OF_MONEY", "RATIONED", "CURTAILED"] as const;

/** One of them; those of the gate are the auction's. */
export type OrderCause = "TAKEN_BACK" | "EQUIVOCATION" | UnfilledReason;

/** An order as it is, or as it ended. */
export interface OrderRecord {
  readonly party: PartyId;
  /** The name that its party gave it: of the tender `PARTY/NAME` the NAME. One name may serve in several slots. */
  readonly clientOrderId: string;
  /** The request that it came with; `null` where the command carries none. */
  readonly requestId: string | null;
  /** The `orderFingerprint` of what was asked for. */
  readonly bodyHash: HashHex;
  readonly slot: InstantMs;
  readonly tender: TenderId;
  readonly side: Side;
  /** `ENTRY`, or `ENTRY.INDEX` of the journal; `null` of an order that is older than the archive. */
  readonly marketOrderId: string | null;
  readonly state: OrderState;
  /** The limit price, `null`: at any price; absent where it has several, or came before limits were kept. */
  readonly limit?: PriceMicro | null;
  /** Wh that were asked for. */
  readonly quantity: WattHours;
  /** Wh that were traded. */
  readonly filled: WattHours;
  /** Wh that still stand in the book; 0 of an order that has ended. */
  readonly remaining: WattHours;
  /** What the filled part is worth at `price`: what a buyer pays, what a seller gets. */
  readonly value: AmountNano;
  /** At which it was filled; `null` where it was not. */
  readonly price: PriceMicro | null;
  /** Why it ended with energy left; `null` before, and where none was. */
  readonly cause: OrderCause | null;
  /** 1, and one more with every change. */
  readonly rev: number;
  /** The journal's entry that placed it, or the one before the archive begins. */
  readonly placed: number;
  /** When it was placed, or not later than when. */
  readonly placedAt: InstantMs;
  /** When it changed last. */
  readonly at: InstantMs;
}

/** Whether nothing can become of the order any more. */
export function isFinal({ state }: Pick<OrderRecord, "state">): boolean {
  return state !== "OPEN" && state !== "PARTIAL";
}

/** A request that carried its own id, from the moment the journal held its command. */
export interface RequestRecord {
  readonly party: PartyId;
  readonly requestId: string;
  /** The `requestFingerprint` of the command. */
  readonly bodyHash: HashHex;
  /** The journal's entry of the command. */
  readonly entry: number;
  readonly at: InstantMs;
  /** The client order ids that the command named, in its order. */
  readonly orders: readonly string[];
}
