/** What happened in a market node. Events are past; each accepted command has one or more. */
import type { AmountNano, HashHex, InstantMs, PartyId, PriceMicro, TenderId, WattHours } from "@micromarket/kernel";
import type { Transfer } from "@micromarket/ledger";
import type { PriceParts, Tie, TieFlow, TieMoney } from "@micromarket/grid";
import type { Did, Grant, KeyRole, PartyStanding } from "@micromarket/identity";
import type { AuctionResult, StepCurve, Tender } from "@micromarket/market";
import type { UnmeteredBasis } from "./delivery-basis.ts";
import type { OpenTrade, PricePair, SlotReading } from "./state.ts";

/** A party was admitted. */
export interface PartyRegistered {
  readonly type: "PartyRegistered";
  readonly party: PartyId;
  /** Absent: a meter says what it delivers. */
  readonly delivery?: UnmeteredBasis;
}

/** Money from outside arrived. */
export interface AccountCredited {
  readonly type: "AccountCredited";
  readonly party: PartyId;
  readonly amount: AmountNano;
  readonly reference: string;
  /** What of it went to arrears; absent where nothing was owed. */
  readonly transfers?: readonly Transfer[];
}

/** Money went outside. */
export interface PaidOut {
  readonly type: "PaidOut";
  readonly party: PartyId;
  readonly amount: AmountNano;
  readonly reference: string;
}

/** A party may owe so much; `transfers` set aside, or gave back, what backs it. */
export interface CreditLineSet {
  readonly type: "CreditLineSet";
  readonly party: PartyId;
  readonly limit: AmountNano;
  readonly transfers: readonly Transfer[];
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
  /** What is held for it until the gate closes; absent where nothing is. */
  readonly held?: AmountNano;
}

/** A tender was taken back. */
export interface TenderCancelled {
  readonly type: "TenderCancelled";
  readonly slot: InstantMs;
  readonly party: PartyId;
  readonly tender: TenderId;
}

/** The tenders of a batch for one slot stand in the book. */
export interface TendersAccepted {
  readonly type: "TendersAccepted";
  readonly slot: InstantMs;
  readonly party: PartyId;
  readonly batch: TenderId;
  /** The number of the first one, and how many there are: their ids are `BATCH.n`. */
  readonly first: number;
  readonly count: number;
  /** What is held for them until the gate closes; absent where nothing is. */
  readonly held?: AmountNano;
}

/** Tenders of one slot were taken back by one command. */
export interface TendersCancelled {
  readonly type: "TendersCancelled";
  readonly slot: InstantMs;
  readonly party: PartyId;
  readonly tenders: readonly TenderId[];
}

/**
 * A gate closed and its book was cleared; `transfers` posted what was traded. With rules of settlement they posted what
 * the tie takes alone, and the trades wait, with their money held, until the slot is settled.
 */
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
  /** What is held for the trades; absent where they were posted. */
  readonly held?: AmountNano;
  /** What the market's place in a tree adds; absent where it has no positions below and no market above. */
  readonly node?: NodeClearing;
}

/** How a slot was cleared: with an award, islanded by the operator, or for want of an award. */
export type ClearingMode = "tariff" | "award" | "islanded" | "fallback-island" | "fallback-tariff";

/** What a clearing means for the markets below and above. */
export interface NodeClearing {
  readonly mode: ClearingMode;
  /** The price of the node, also where nothing changed hands at it and the result has none. */
  readonly price: PriceMicro;
  readonly parts: PriceParts;
  /** One for each position, those that got nothing included. */
  readonly awards: readonly PositionAward[];
  /** What crossed the tie to the market above by its award, and what became of the money; else `null`. */
  readonly tie: { readonly flow: TieFlow; readonly money: TieMoney } | null;
}

/** What a market below got. Its `ApplyAward` says the same in its own words. */
export interface PositionAward {
  readonly party: PartyId;
  readonly number: number;
  readonly price: PriceMicro;
  readonly parts: PriceParts;
  /** Positive: sent to it; negative: received from it. */
  readonly energy: WattHours;
}

/** The tie to the market above changed. */
export interface TieSet {
  readonly type: "TieSet";
  readonly from: InstantMs;
  readonly tie: Tie | null;
}

/** What the market above booked beyond its awards is booked here, too. */
export interface TieSettled {
  readonly type: "TieSettled";
  readonly slot: InstantMs;
  /** Of the statement. */
  readonly number: number;
  /** Credited to this market above, for an award that was missed as well; negative: debited. */
  readonly amount: AmountNano;
  readonly transfers: readonly Transfer[];
}

/** A market below stands in the book. */
export interface PositionAccepted {
  readonly type: "PositionAccepted";
  readonly slot: InstantMs;
  readonly party: PartyId;
  readonly number: number;
  /** What is held for it until the gate closes; absent where nothing is. */
  readonly held?: AmountNano;
}

/** A gate closed; its book is frozen, and this is all that the market above is told of it. */
export interface PositionFormed {
  readonly type: "PositionFormed";
  readonly slot: InstantMs;
  readonly number: number;
  readonly curve: StepCurve;
  /** What coarsening may cost, at most, in welfare; `null` where an order at any price was given a price. */
  readonly costMax: AmountNano | null;
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
  /** Of a party without a meter: it is no reading, but what its registration says. */
  readonly basis?: UnmeteredBasis;
  readonly transfers: readonly Transfer[];
}

/** A meter's counters were read; the deliveries that follow from it are events of their own. */
export interface MeterRead {
  readonly type: "MeterRead";
  readonly party: PartyId;
  readonly at: InstantMs;
  readonly imported: WattHours;
  readonly exported: WattHours;
  /** Estimated between the steps of a coarse counter. @default false */
  readonly isEstimate?: boolean;
}

/** A reading did not come; the slot is settled as if it had been this one. */
export interface DeliveryEstimated {
  readonly type: "DeliveryEstimated";
  readonly slot: InstantMs;
  readonly party: PartyId;
  readonly imported: WattHours;
  readonly exported: WattHours;
}

/** A reading came after it was estimated; `transfers` posted the difference. */
export interface DeliveryTruedUp {
  readonly type: "DeliveryTruedUp";
  readonly slot: InstantMs;
  readonly party: PartyId;
  readonly imported: WattHours;
  readonly exported: WattHours;
  readonly transfers: readonly Transfer[];
}

/** A settlement by meter: what lies behind the transfers of a `SlotSettled`. */
export interface MeterSettlement {
  /** At which deviations were settled. */
  readonly prices: PricePair;
  /** In their order; the first transfers are theirs. */
  readonly trades: readonly SettledTrade[];
  /** Of everybody who had to report. */
  readonly readings: ReadonlyMap<PartyId, SlotReading>;
}

/** What came of a trade. */
export interface SettledTrade extends OpenTrade {
  readonly delivered: WattHours;
  /** How many of the transfers are its own: from where those of the trade before it end. */
  readonly transfers: number;
}

/** Every expected delivery of a slot is in; the slot's record leaves the state. */
export interface SlotSettled {
  readonly type: "SlotSettled";
  readonly slot: InstantMs;
  /** Energy that the tie metered beyond what the parties' meters add up to: losses and metering error. */
  readonly unaccounted: WattHours;
  /** What was settled just now by meter; absent where trades were posted at once, and deviations with their reports. */
  readonly byMeter?: MeterSettlement;
  readonly transfers: readonly Transfer[];
}

/** A key is a party's. */
export interface KeyEnrolled {
  readonly type: "KeyEnrolled";
  readonly party: PartyId;
  readonly did: Did;
  readonly role: KeyRole;
  readonly from: InstantMs;
}

/** A key took the place of another one. */
export interface KeyRotated {
  readonly type: "KeyRotated";
  readonly party: PartyId;
  readonly did: Did;
  readonly next: Did;
  readonly from: InstantMs;
  readonly until: InstantMs;
}

/** A key does not count any more. */
export interface KeyRevoked {
  readonly type: "KeyRevoked";
  readonly party: PartyId;
  readonly did: Did;
  /** From this instant on. */
  readonly at: InstantMs;
}

/** A party was suspended, readmitted, or left. */
export interface StandingSet {
  readonly type: "StandingSet";
  readonly party: PartyId;
  readonly standing: PartyStanding;
}

/** A key may act for a party. */
export interface GrantMade {
  readonly type: "GrantMade";
  readonly grant: Grant;
}

/** A grant was taken back. */
export interface GrantRevoked {
  readonly type: "GrantRevoked";
  readonly party: PartyId;
  readonly grant: string;
}

/** Somebody signed two different tenders of one id for one slot: neither stands, and the two envelopes are the evidence. */
export interface EquivocationFound {
  readonly type: "EquivocationFound";
  readonly slot: InstantMs;
  readonly party: PartyId;
  readonly tender: TenderId;
  readonly signer: Did;
  /** Ids of the two, in order of arrival, or the hashes of a session's messages; the journal holds both. */
  readonly envelopes: readonly [HashHex, HashHex];
}

/** A key may commit its party by messages of a session. */
export interface SessionOpened {
  readonly type: "SessionOpened";
  readonly session: HashHex;
  readonly party: PartyId;
  readonly signer: Did;
  /** Absent where the key is the party's own. */
  readonly grant?: string;
  /** It takes messages before this instant. */
  readonly expires: InstantMs;
}

/** What came of a session's message are the events before this one; it stands under the root of `slot`. */
export interface SessionMessageTaken {
  readonly type: "SessionMessageTaken";
  readonly session: HashHex;
  readonly sequence: number;
  readonly slot: InstantMs;
}

/** What was said in a slot of a session is its signer's word, not the operator's alone. */
export interface SessionSlotSigned {
  readonly type: "SessionSlotSigned";
  readonly session: HashHex;
  readonly party: PartyId;
  readonly signer: Did;
  readonly slot: InstantMs;
  readonly count: number;
  readonly root: HashHex;
  /** The id of the envelope; the journal holds it. */
  readonly envelope: HashHex;
}

/** Nothing more is said in a session. */
export interface SessionEnded {
  readonly type: "SessionEnded";
  readonly session: HashHex;
  readonly party: PartyId;
  readonly signer: Did;
  /** Whose word it was: the session's signer's or the operator's. */
  readonly by: Did;
  /** Slots whose roots are missing. */
  readonly unsigned: readonly InstantMs[];
  /** Whether they are waited for. */
  readonly isAwaited: boolean;
}

/** Everything that a node reports. */
export type MarketEvent =
  | PartyRegistered
  | AccountCredited
  | PaidOut
  | CreditLineSet
  | TariffSet
  | TieSet
  | TieSettled
  | TenderAccepted
  | TenderCancelled
  | TendersAccepted
  | TendersCancelled
  | PositionAccepted
  | PositionFormed
  | GateClosed
  | DeliveryPosted
  | MeterRead
  | DeliveryEstimated
  | DeliveryTruedUp
  | SlotSettled
  | KeyEnrolled
  | KeyRotated
  | KeyRevoked
  | StandingSet
  | GrantMade
  | GrantRevoked
  | EquivocationFound
  | SessionOpened
  | SessionMessageTaken
  | SessionSlotSigned
  | SessionEnded;
