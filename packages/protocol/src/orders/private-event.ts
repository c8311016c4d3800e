/**
 * What one party is told of the journal, and nobody else: every change of its orders, its trades, deliveries and bills,
 * its payments, keys and grants.
 *
 * Invariant: an event names no other member. The other side of a trade or a posting is the market.
 */
import type { AmountNano, InstantMs, PartyId, PriceMicro, TenderId, WattHours } from "@micromarket/kernel";
import type { Did, KeyRole, PartyStanding } from "@micromarket/identity";
import type { UnmeteredBasis } from "@micromarket/engine";
import type { TransferReason } from "@micromarket/ledger";
import type { PriceParts } from "@micromarket/grid";
import type { Side } from "@micromarket/market";
import type { OrderRecord } from "./order-record.ts";

/** Where an event stands. */
export interface EventPlace {
  readonly party: PartyId;
  /** 1, 2, 3, … of the party, counted from the archive's beginning. */
  readonly seq: number;
  /** The journal's entry that it comes from. */
  readonly entry: number;
  /** When that entry was applied. */
  readonly at: InstantMs;
}

/** The order as it is after the change; what the party asked for it knows. */
export type OrderUpdate = Omit<OrderRecord, "party" | "bodyHash" | "placed" | "at" | "limit">;

/** The kinds of an order's changes. */
export const ORDER_NEWS = [
  "order.open",
  "order.partially-filled",
  "order.filled",
  "order.cancelled",
  "order.expired",
  "order.rejected",
] as const;

/** An order changed. */
export interface OrderNews {
  readonly kind: (typeof ORDER_NEWS)[number];
  readonly order: OrderUpdate;
}

/** What a tender got at the gate, as a whole: at one price from the market. */
export interface TradeNews {
  readonly kind: "trade";
  readonly slot: InstantMs;
  readonly tender: TenderId;
  readonly clientOrderId: string;
  readonly side: Side;
  readonly counterparty: "market";
  readonly energy: WattHours;
  readonly price: PriceMicro;
  /** price × energy: what a buyer pays, what a seller gets. */
  readonly value: AmountNano;
}

/** A position of a market below stands in the book. */
export interface PositionNews {
  readonly kind: "position.open";
  readonly slot: InstantMs;
  readonly number: number;
}

/** What a market below got. */
export interface AwardNews {
  readonly kind: "position.awarded";
  readonly slot: InstantMs;
  readonly number: number;
  readonly price: PriceMicro;
  readonly parts: PriceParts;
  /** Positive: sent to it; negative: received from it. */
  readonly energy: WattHours;
}

/** A delivery was posted, estimated, or set right. */
export interface DeliveryNews {
  readonly kind: "delivery.posted" | "delivery.estimated" | "delivery.trued-up";
  readonly slot: InstantMs;
  readonly imported: WattHours;
  readonly exported: WattHours;
  /** Net import beyond what was traded, where it is known already; else `null`. */
  readonly deviation: WattHours | null;
  /** Absent: a meter counted it, or it was estimated. */
  readonly basis?: UnmeteredBasis;
}

/** The party's counters were read. */
export interface MeterNews {
  readonly kind: "meter.read";
  readonly readAt: InstantMs;
  readonly imported: WattHours;
  readonly exported: WattHours;
  readonly isEstimate: boolean;
}

/** Postings of one reason at one price on the party's account, summed. */
export interface BillLine {
  readonly reason: TransferReason;
  /** An account of the market, the party's own arrears or collateral, or the market as a whole. */
  readonly counter: string;
  /** Received; paid where negative. */
  readonly money: AmountNano;
  /** Received; given where negative. */
  readonly energy: WattHours;
  /** Of what changed hands against money; else `null`. */
  readonly price: PriceMicro | null;
  /** The party's own tender, of a trade; else `null`. */
  readonly tender: TenderId | null;
}

/** What was posted on the party's account for a slot: at its gate, with a delivery, at its settlement, or afterwards. */
export interface BillNews {
  readonly kind: "bill";
  readonly slot: InstantMs;
  readonly occasion: "gate" | "delivery" | "settlement" | "true-up";
  /** What all lines come to. */
  readonly money: AmountNano;
  readonly lines: readonly BillLine[];
}

/** A payment from or to outside. */
export interface PaymentNews {
  readonly kind: "account.credited" | "account.paid-out";
  readonly amount: AmountNano;
  readonly reference: string;
  readonly lines: readonly BillLine[];
}

/** How far the account may fall below 0. */
export interface CreditLineNews {
  readonly kind: "account.credit-line";
  readonly limit: AmountNano;
  readonly lines: readonly BillLine[];
}

/** The party was admitted, or its standing changed. */
export interface StandingNews {
  readonly kind: "party.admitted" | "party.standing";
  /** `null`: it was admitted, and takes part. */
  readonly standing: PartyStanding | null;
}

/** A key became the party's. */
export interface KeyEnrolledNews {
  readonly kind: "key.enrolled";
  readonly did: Did;
  readonly role: KeyRole;
  readonly from: InstantMs;
}

/** A key took another one's place. */
export interface KeyRotatedNews {
  readonly kind: "key.rotated";
  readonly did: Did;
  readonly next: Did;
  readonly from: InstantMs;
  readonly until: InstantMs;
}

/** A key does not count any more. */
export interface KeyRevokedNews {
  readonly kind: "key.revoked";
  readonly did: Did;
  readonly from: InstantMs;
}

/** A grant of the party was made or taken back. */
export interface GrantNews {
  readonly kind: "grant.made" | "grant.revoked";
  readonly grant: string;
}

/** What can happen to a party. */
export type PrivateNews =
  | OrderNews
  | TradeNews
  | PositionNews
  | AwardNews
  | DeliveryNews
  | MeterNews
  | BillNews
  | PaymentNews
  | CreditLineNews
  | StandingNews
  | KeyEnrolledNews
  | KeyRotatedNews
  | KeyRevokedNews
  | GrantNews;

/** One of them in its place. */
export type PrivateEvent = EventPlace & PrivateNews;
