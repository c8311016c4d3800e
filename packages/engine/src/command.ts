/** What a market node can be told. Commands are imperative; what came of them are events. */
import type { AmountNano, HashHex, InstantMs, PartyId, PriceMicro, TenderId, WattHours } from "@micromarket/kernel";
import type { PriceParts, Tie } from "@micromarket/grid";
import type { Did, Grant, KeyRole, PartyStanding } from "@micromarket/identity";
import type { StepCurve, Tender } from "@micromarket/market";
import type { DeliveryBasis } from "./delivery-basis.ts";
import type { TenderColumns } from "./lot.ts";

/** Admits a party and opens its accounts. */
export interface RegisterParty {
  readonly type: "RegisterParty";
  readonly party: PartyId;
  /** @default "metered" */
  readonly delivery?: DeliveryBasis;
}

/** Credits money from outside to a party. `reference` names the payment; a second one with the same name is refused. */
export interface CreditAccount {
  readonly type: "CreditAccount";
  readonly party: PartyId;
  readonly amount: AmountNano;
  readonly reference: string;
}

/** Pays money of a party to outside. `reference` names the payment, among those of both directions. */
export interface PayOut {
  readonly type: "PayOut";
  readonly party: PartyId;
  readonly amount: AmountNano;
  readonly reference: string;
}

/** Sets how far a party's account may fall below 0, in a market whose rules lend. */
export interface SetCreditLine {
  readonly type: "SetCreditLine";
  readonly party: PartyId;
  /** Not negative. */
  readonly limit: AmountNano;
}

/** Sets the residual counterparty's prices for the slot that starts at `from` and all later ones, until a later entry takes over. */
export interface SetTariff {
  readonly type: "SetTariff";
  readonly from: InstantMs;
  /** What the supplier takes per kWh. */
  readonly tariff: PriceMicro;
  /** What the supplier pays per kWh; never above the tariff. */
  readonly feedIn: PriceMicro;
}

/** Places a tender in the book of the slot that starts at `slot`. */
export interface SubmitTender {
  readonly type: "SubmitTender";
  readonly slot: InstantMs;
  readonly tender: Tender;
}

/** Takes a tender back while its gate is open. Only its own party may. */
export interface CancelTender {
  readonly type: "CancelTender";
  readonly slot: InstantMs;
  readonly party: PartyId;
  readonly tender: TenderId;
}

/** Puts a tender in the place of another one of its party, which is taken back: both, or neither. */
export interface ReplaceTender {
  readonly type: "ReplaceTender";
  readonly slot: InstantMs;
  /** The id of the tender that is taken back. */
  readonly replaced: TenderId;
  /** Under an id of its own. */
  readonly tender: Tender;
}

/** Tenders for one slot, as columns. */
export interface TenderLot extends TenderColumns {
  readonly slot: InstantMs;
}

/**
 * Places tenders of one party in the books of one or several slots: all of them, or none. The n-th tender of the batch,
 * counted from 0 through all lots, has the id `BATCH.n`.
 */
export interface SubmitTenders {
  readonly type: "SubmitTenders";
  readonly party: PartyId;
  /** What the ids begin with; it serves once per slot. */
  readonly batch: TenderId;
  /** Each of another slot. */
  readonly lots: readonly TenderLot[];
}

/** Takes tenders of a party back while their gates are open: all that are named, or none. */
export interface CancelTenders {
  readonly type: "CancelTenders";
  readonly party: PartyId;
  /** `null`: in every slot whose gate is open. */
  readonly slot: InstantMs | null;
  /** `null`: whatever the party has there. */
  readonly tenders: readonly TenderId[] | null;
}

/** Closes the gate of a slot: clears its book and posts the trades. */
export interface CloseGate {
  readonly type: "CloseGate";
  readonly slot: InstantMs;
}

/**
 * Reports what a party's meter counted in a cleared slot. The residual counterparty's report is the reading at the tie:
 * `exported` is what left the grid into the microgrid.
 */
export interface ReportDelivery {
  readonly type: "ReportDelivery";
  readonly slot: InstantMs;
  readonly party: PartyId;
  /** Energy that flowed into the party's connection point; not negative. */
  readonly imported: WattHours;
  /** Energy that flowed out of it; not negative. */
  readonly exported: WattHours;
}

/**
 * The state of a party's counters at the start of a slot, in place of `ReportDelivery`: what they counted since the last
 * one is the delivery of the slots between. The residual counterparty's are those at the tie.
 */
export interface ReadMeter {
  readonly type: "ReadMeter";
  readonly party: PartyId;
  readonly at: InstantMs;
  /** Counted since ever; not negative. */
  readonly imported: WattHours;
  readonly exported: WattHours;
  /** The meter is a new one or its counters were reset: counting begins here. @default false */
  readonly isStart?: boolean;
  /** The counter is too coarse: between its steps the reading was estimated, e.g. from measured power. @default false */
  readonly isEstimate?: boolean;
}

/** Estimates the readings that a cleared slot still waits for, once they are due, and settles it. */
export interface EstimateDeliveries {
  readonly type: "EstimateDeliveries";
  readonly slot: InstantMs;
}

/** Sets the tie to the market above for the slot that starts at `from` and all later ones, until a later entry takes over. */
export interface SetTie {
  readonly type: "SetTie";
  readonly from: InstantMs;
  /** `null`: the market is islanded. */
  readonly tie: Tie | null;
}

/** A market below presents what it would take at each price. A higher number replaces its earlier position of the slot. */
export interface SubmitPosition {
  readonly type: "SubmitPosition";
  readonly slot: InstantMs;
  readonly party: PartyId;
  /** Positive. */
  readonly number: number;
  /** In the prices of this market and in energy at this end of the tie. */
  readonly curve: StepCurve;
}

/** What the market above awarded to the position `number`: the slot that waits for it is cleared. */
export interface ApplyAward {
  readonly type: "ApplyAward";
  readonly slot: InstantMs;
  readonly number: number;
  /** The price above, also where nothing changed hands there. */
  readonly price: PriceMicro;
  /** What the price above is made of; absent: energy alone. */
  readonly parts?: PriceParts;
  /** What crosses the tie, at its upper end; positive downwards. */
  readonly energy: WattHours;
}

/**
 * What the market above booked to this market's account in one of its entries, beyond what it awarded: deviations at the
 * tie, levies, penalties, adjustments.
 */
export interface SettleTie {
  readonly type: "SettleTie";
  /** The slot that it is for. */
  readonly slot: InstantMs;
  /** Rises from statement to statement. */
  readonly number: number;
  /** The number of the statement before; 0 before the first one. */
  readonly after: number;
  /** Credited to this market above; negative: debited. */
  readonly amount: AmountNano;
  /** Credited for the award of the slot, said once, when the slot is settled above: booked here where the award was missed. */
  readonly award: AmountNano;
}

/** No award came in time: clears the waiting slot as an island, or against the tie party's standing tenders at the tariff. */
export interface FallBack {
  readonly type: "FallBack";
  readonly slot: InstantMs;
  readonly to: "island" | "tariff";
}

/** Makes a key a party's, from `from` on. */
export interface EnrolKey {
  readonly type: "EnrolKey";
  readonly party: PartyId;
  /** Whether it is one is checked with the command. */
  readonly did: string;
  readonly role: KeyRole;
  readonly from: InstantMs;
}

/** Puts a key in the place of another one of the same party and role. */
export interface RotateKey {
  readonly type: "RotateKey";
  readonly did: Did;
  readonly next: string;
  /** The next key counts from this instant on … */
  readonly from: InstantMs;
  /** … and the old one before this one. */
  readonly until: InstantMs;
}

/** Revokes a key from now on. */
export interface RevokeKey {
  readonly type: "RevokeKey";
  readonly did: Did;
}

/** Suspends a party, readmits it, or lets it go for good. */
export interface SetStanding {
  readonly type: "SetStanding";
  readonly party: PartyId;
  readonly standing: PartyStanding;
}

/** Lets a key act for a party, within limits and for a time. */
export interface MakeGrant {
  readonly type: "MakeGrant";
  readonly grant: Grant;
}

/** Takes a grant back from now on, and so all that was made from it. */
export interface RevokeGrant {
  readonly type: "RevokeGrant";
  readonly grant: string;
}

/** A command in the body of an envelope, with the signature of who is committed by it. */
export interface Signed {
  readonly type: "Signed";
  /** Whole, so that whoever has the journal can check the signature. */
  readonly envelope: string;
}

/** Everything that can be told without an envelope around it. */
export type BareCommand =
  | RegisterParty
  | CreditAccount
  | PayOut
  | SetCreditLine
  | SetTariff
  | SetTie
  | SubmitTender
  | CancelTender
  | ReplaceTender
  | SubmitTenders
  | CancelTenders
  | SubmitPosition
  | CloseGate
  | ApplyAward
  | SettleTie
  | FallBack
  | ReportDelivery
  | ReadMeter
  | EstimateDeliveries
  | EnrolKey
  | RotateKey
  | RevokeKey
  | SetStanding
  | MakeGrant
  | RevokeGrant;

/** Opens a session: from then on the caller's key commits its party by messages, without a signature over each. */
export interface OpenSession {
  readonly type: "OpenSession";
  /** The caller's envelope, of type `session`. */
  readonly greeting: string;
  /** The operator's answer to it, of type `session-answer`. */
  readonly answer: string;
}

/**
 * A command that was said in a session; it counts as if it had come in an envelope of the session's signer.
 *
 * Nobody who has the journal can check that the signer said it: the MAC under which it came convinced the operator's node
 * alone, and is not kept. By journaling the message the node vouches for it; the signer's own word it becomes with the
 * signed root of its slot.
 */
export interface InSession {
  readonly type: "InSession";
  readonly session: HashHex;
  /** Above that of the session's message before. */
  readonly sequence: number;
  /** The canonical text of the command. */
  readonly body: string;
}

/** The signer of a session signs for all that it said in a slot. */
export interface CloseSessionSlot {
  readonly type: "CloseSessionSlot";
  /** Of type `slot-root`. */
  readonly envelope: string;
}

/** Nothing more is said in a session, or what is unsigned of it is not waited for any more. */
export interface EndSession {
  readonly type: "EndSession";
  /** Of type `session-end`, by the session's signer or the operator. */
  readonly envelope: string;
}

/** What is about sessions. */
export type SessionCommand = OpenSession | InSession | CloseSessionSlot | EndSession;

/** Everything that the node obeys. */
export type Command = BareCommand | Signed | SessionCommand;
