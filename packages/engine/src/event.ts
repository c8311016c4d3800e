/** What happened in a market node. Events are past; each accepted command has one or more. */
import type { AmountNano, InstantMs, PartyId, PriceMicro, TenderId, WattHours } from "@micromarket/kernel";
import type { Transfer } from "@micromarket/ledger";
import type { AuctionResult, Tender } from "@micromarket/market";

/** A party was admitted. */
export interface PartyRegistered {
  readonly type: "PartyRegistered";
  readonly party: PartyId;
}

/** Money from outside arrived. */
export interface AccountCredited {
  readonly type: "AccountCredited";
  readonly party: PartyId;
  readonly amount: AmountNano;
  readonly reference: string;
}

/** The residual counterparty's prices changed. */
export interface TariffSet {
  readonly type: "TariffSet";
  readonly from: InstantMs;
  readonly tariff: PriceMicro;
  readonly feedIn: PriceMicro;
}

/** A tender stands in the book. */
export interface TenderAccepted {
  readonly type: "TenderAccepted";
  readonly slot: InstantMs;
  readonly party: PartyId;
  readonly tender: TenderId;
}

/** A tender was taken back. */
export interface TenderCancelled {
  readonly type: "TenderCancelled";
  readonly slot: InstantMs;
  readonly party: PartyId;
  readonly tender: TenderId;
}

/** A gate closed and its book was cleared; `transfers` posted what was traded. */
export interface GateClosed {
  readonly type: "GateClosed";
  readonly slot: InstantMs;
  readonly tariff: PriceMicro;
  readonly feedIn: PriceMicro;
  /** The book that was cleared: the tenders in order of arrival, then the residual counterparty's. */
  readonly tenders: readonly Tender[];
  readonly result: AuctionResult;
  /** Who stands behind each tender of the result, the residual counterparty's two included. */
  readonly owners: ReadonlyMap<TenderId, PartyId>;
  readonly transfers: readonly Transfer[];
}

/** A party's delivery was posted; the deviation from its traded position was settled with the residual counterparty. */
export interface DeliveryPosted {
  readonly type: "DeliveryPosted";
  readonly slot: InstantMs;
  readonly party: PartyId;
  readonly imported: WattHours;
  readonly exported: WattHours;
  /** Metered net import less what was traded; positive was bought at the tariff, negative sold at the feed-in price. */
  readonly deviation: WattHours;
  readonly transfers: readonly Transfer[];
}

/** Every expected delivery of a slot is in; the slot's record leaves the state. */
export interface SlotSettled {
  readonly type: "SlotSettled";
  readonly slot: InstantMs;
  /** Energy that the tie metered beyond what the parties' meters add up to: losses and metering error. */
  readonly unaccounted: WattHours;
  readonly transfers: readonly Transfer[];
}

/** Everything that a node reports. */
export type MarketEvent =
  | PartyRegistered
  | AccountCredited
  | TariffSet
  | TenderAccepted
  | TenderCancelled
  | GateClosed
  | DeliveryPosted
  | SlotSettled;
