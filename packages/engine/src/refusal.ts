/** Why a command is refused. A refusal changes nothing; of several faults the first in the command's documented order is named. */
import type { AmountNano, HashHex, InstantMs, PartyId, PriceMicro, TenderId, WattHours } from "@micromarket/kernel";
import type { AdmissionRefusal, GrantRefusal, GrantUseRefusal, RegistryRefusal } from "@micromarket/identity";
import type { RejectionCode } from "@micromarket/market";
import type { FundsRefusal } from "./funds.ts";
import type { UnmeteredBasis } from "./delivery-basis.ts";

/** The party of a command. */
export type PartyRefusal =
  | { readonly code: "PARTY_UNKNOWN"; readonly party: PartyId }
  /** The residual counterparty is registered at the founding and tenders by its tariff only. */
  | { readonly code: "PARTY_RESERVED"; readonly party: PartyId }
  | { readonly code: "PARTY_ALREADY_REGISTERED"; readonly party: PartyId }
  | { readonly code: "PARTIES_TOO_MANY"; readonly most: number }
  /** Deliveries by schedule cross the tie to a supplier: there is none below a market. */
  | { readonly code: "SCHEDULE_NOT_AT_ROOT"; readonly party: PartyId };

/** The payment of a `CreditAccount`. */
export type PaymentRefusal =
  | { readonly code: "AMOUNT_NOT_POSITIVE"; readonly amount: AmountNano }
  | { readonly code: "AMOUNT_TOO_LARGE"; readonly amount: AmountNano; readonly most: AmountNano }
  /** Not 1 to 128 printable characters. */
  | { readonly code: "REFERENCE_MALFORMED"; readonly reference: string }
  /** The payment was credited before. */
  | { readonly code: "REFERENCE_ALREADY_USED"; readonly reference: string };

/** Funds and lines of credit. */
export type FundingRefusal =
  | FundsRefusal
  /** The rules lend nothing. */
  | { readonly code: "CREDIT_NOT_RULED" }
  | { readonly code: "AMOUNT_NEGATIVE"; readonly amount: AmountNano };

/** The prices of a `SetTariff`. */
export type TariffRefusal =
  | { readonly code: "TARIFF_BELOW_FEED_IN"; readonly tariff: PriceMicro; readonly feedIn: PriceMicro }
  /** `price` lies below the floor, above the cap, or beyond `PRICE_MIN` or `PRICE_MAX` where there is none. */
  | { readonly code: "TARIFF_OUT_OF_BAND"; readonly price: PriceMicro }
  | { readonly code: "TARIFF_OFF_TICK"; readonly price: PriceMicro; readonly tick: PriceMicro }
  /** It would change a slot whose gate is closed. */
  | { readonly code: "TARIFF_IN_THE_PAST"; readonly from: InstantMs; readonly closedThrough: InstantMs }
  | { readonly code: "TARIFFS_TOO_MANY"; readonly most: number };

/** The slot of a command. */
export type SlotRefusal =
  /** Not the start of a slot, or outside the calendar. */
  | { readonly code: "SLOT_MISALIGNED"; readonly slot: InstantMs }
  | { readonly code: "SLOT_BEYOND_HORIZON"; readonly slot: InstantMs; readonly last: InstantMs }
  | { readonly code: "GATE_CLOSED"; readonly slot: InstantMs; readonly gate: InstantMs }
  | { readonly code: "GATE_NOT_DUE"; readonly slot: InstantMs; readonly gate: InstantMs }
  /** It was closed, or passed over: a later gate closed while this slot's book was empty. */
  | { readonly code: "GATE_ALREADY_CLOSED"; readonly slot: InstantMs; readonly closedThrough: InstantMs }
  /** The slot `earlier` holds tenders and must be cleared first. */
  | { readonly code: "GATE_OUT_OF_ORDER"; readonly slot: InstantMs; readonly earlier: InstantMs }
  /** No prices of the residual counterparty are in force for the slot. */
  | { readonly code: "TARIFF_MISSING"; readonly slot: InstantMs }
  | { readonly code: "SLOT_NOT_CLEARED"; readonly slot: InstantMs }
  /** All its deliveries are in, or its gate was passed over. */
  | { readonly code: "SLOT_SETTLED"; readonly slot: InstantMs };

/** The tender of a command. */
export type TenderRefusal =
  /** The residual counterparty's own ids. */
  | { readonly code: "TENDER_ID_RESERVED"; readonly tender: TenderId }
  /** It stands in the slot's book, or stood there and was taken back: an id serves once per slot. */
  | { readonly code: "TENDER_ALREADY_EXISTS"; readonly tender: TenderId }
  | { readonly code: "BOOK_FULL"; readonly most: number }
  | { readonly code: "STEPS_TOO_MANY"; readonly steps: number; readonly most: number }
  /** What the auction would refuse it for. */
  | { readonly code: Exclude<RejectionCode, "DUPLICATE_ID">; readonly tender: TenderId }
  | { readonly code: "PRICE_TOO_LARGE"; readonly tender: TenderId; readonly most: PriceMicro }
  | { readonly code: "ENERGY_TOO_LARGE"; readonly tender: TenderId; readonly most: WattHours }
  | { readonly code: "TENDER_UNKNOWN"; readonly tender: TenderId }
  | { readonly code: "TENDER_NOT_OWN"; readonly tender: TenderId };

/** Several tenders at once: of these nothing is taken unless all is. */
export type BatchRefusal =
  | { readonly code: "BATCH_NAME_TOO_LONG"; readonly most: number }
  /** No lot, or one without tenders. */
  | { readonly code: "BATCH_EMPTY" }
  | { readonly code: "BATCH_TOO_LARGE"; readonly what: "slots" | "steps" | "tenders"; readonly most: number }
  /** The columns of a lot do not fit each other. */
  | { readonly code: "BATCH_RAGGED"; readonly slot: InstantMs }
  | { readonly code: "BATCH_SLOT_TWICE"; readonly slot: InstantMs }
  /** Another batch of this name, or a tender with an id such as this one gives, was in the slot's book. */
  | { readonly code: "BATCH_NAME_USED"; readonly slot: InstantMs; readonly batch: TenderId }
  /** The first tender that would be refused if each came alone, counted from 0, and why. */
  | {
      readonly code: "BATCH_REFUSED";
      readonly index: number;
      readonly refusal: SlotRefusal | TenderRefusal | PositionRefusal;
    }
  /** There is nothing of the party to take back. */
  | { readonly code: "TENDERS_NONE"; readonly party: PartyId };

/** The reading of a `ReportDelivery`. */
export type DeliveryRefusal =
  /** The party was not registered when the slot's gate closed. */
  | { readonly code: "DELIVERY_NOT_EXPECTED"; readonly party: PartyId; readonly slot: InstantMs }
  | { readonly code: "DELIVERY_ALREADY_REPORTED"; readonly party: PartyId; readonly slot: InstantMs }
  /** The slot has not ended. */
  | { readonly code: "DELIVERY_TOO_EARLY"; readonly slot: InstantMs; readonly end: InstantMs }
  | { readonly code: "DELIVERY_NEGATIVE"; readonly imported: WattHours; readonly exported: WattHours }
  | { readonly code: "DELIVERY_TOO_LARGE"; readonly most: WattHours }
  /** The party's deliveries follow from its counters. */
  | { readonly code: "DELIVERY_BY_COUNTER"; readonly party: PartyId }
  /** The party has no meter: what it delivers follows from its registration. */
  | { readonly code: "DELIVERY_NOT_METERED"; readonly party: PartyId; readonly delivery: UnmeteredBasis };

/** A `ReadMeter` or an `EstimateDeliveries`. */
export type ReadingRefusal =
  /** Not at the start of a slot, or outside the calendar. */
  | { readonly code: "READING_MISALIGNED"; readonly at: InstantMs }
  /** It is of an instant to come. */
  | { readonly code: "READING_TOO_EARLY"; readonly at: InstantMs }
  | { readonly code: "READING_NEGATIVE"; readonly imported: WattHours; readonly exported: WattHours }
  | { readonly code: "READING_NOT_NEWER"; readonly at: InstantMs; readonly last: InstantMs }
  /** A counter shows less than before: it was reset, or somebody was at it. */
  | { readonly code: "METER_WENT_BACK"; readonly party: PartyId; readonly at: InstantMs }
  /** No slot in between waits for the party; a later reading brings the energy along. */
  | {
      readonly code: "READING_COVERS_NOTHING";
      readonly party: PartyId;
      readonly from: InstantMs;
      readonly at: InstantMs;
    }
  /** The market was founded without rules of settlement. */
  | { readonly code: "SETTLEMENT_NOT_RULED" }
  | { readonly code: "READINGS_NOT_DUE"; readonly slot: InstantMs; readonly due: InstantMs };

/** The tie of a `SetTie`. */
export type TieRefusal =
  /** The market stands below a supplier, or has no market above to wait for. */
  | { readonly code: "NO_MARKET_ABOVE" }
  /** A negative limit, or one above `ENERGY_MAX`. */
  | { readonly code: "TIE_LIMIT_OUT_OF_RANGE"; readonly limit: WattHours; readonly most: WattHours }
  | { readonly code: "TIE_FEE_OUT_OF_RANGE"; readonly fee: PriceMicro; readonly most: PriceMicro }
  | { readonly code: "TIE_LOSS_OUT_OF_RANGE"; readonly loss: number; readonly most: number }
  | { readonly code: "TIE_IN_THE_PAST"; readonly from: InstantMs; readonly closedThrough: InstantMs }
  | { readonly code: "TIES_TOO_MANY"; readonly most: number };

/** The position of a `SubmitPosition`. */
export type PositionRefusal =
  /** The market was founded without `node`. */
  | { readonly code: "POSITIONS_NOT_TAKEN" }
  /** What flows into a market below is metered: a party without a meter is none. */
  | { readonly code: "POSITION_NOT_METERED"; readonly party: PartyId }
  /** The party tenders in this slot: it is a member or a market, not both at once. */
  | { readonly code: "PARTY_TENDERS"; readonly party: PartyId }
  /** The party has a position in this slot and may not tender. */
  | { readonly code: "PARTY_HAS_POSITION"; readonly party: PartyId }
  | { readonly code: "POSITION_NUMBER_NOT_POSITIVE"; readonly number: number }
  /** It stands there with this number or a higher one. */
  | { readonly code: "POSITION_STALE"; readonly number: number; readonly standing: number }
  | { readonly code: "POSITIONS_TOO_MANY"; readonly most: number }
  | { readonly code: "POSITION_STEPS_TOO_MANY"; readonly steps: number; readonly most: number }
  /** It breaks an invariant of net demand curves. */
  | { readonly code: "POSITION_MALFORMED" }
  | { readonly code: "POSITION_PRICE_TOO_LARGE"; readonly most: PriceMicro }
  | { readonly code: "POSITION_ENERGY_TOO_LARGE"; readonly most: WattHours };

/** An award, or its absence. */
export type AwardRefusal =
  /** The gate has not closed. */
  | { readonly code: "AWARD_NOT_AWAITED"; readonly slot: InstantMs }
  /** The slot is cleared: by an award, by a fallback or as an island. */
  | { readonly code: "AWARD_LATE"; readonly slot: InstantMs }
  | { readonly code: "AWARD_STALE"; readonly number: number; readonly presented: number }
  /** A price out of range, or parts that do not add up. */
  | { readonly code: "AWARD_MALFORMED" }
  /** At this price the position does not take this energy. */
  | { readonly code: "AWARD_OFF_POSITION"; readonly price: PriceMicro; readonly energy: WattHours };

/** What the market above booked. */
export type StatementRefusal =
  /** The statement before it was not the last one that was taken: it is a copy, or one is missing. */
  | { readonly code: "STATEMENT_OUT_OF_TURN"; readonly after: number; readonly last: number }
  | { readonly code: "STATEMENT_NUMBER_NOT_RISING"; readonly number: number; readonly after: number }
  /** The slot is not over. */
  | { readonly code: "STATEMENT_TOO_EARLY"; readonly slot: InstantMs; readonly end: InstantMs }
  | { readonly code: "STATEMENT_TOO_LARGE"; readonly most: AmountNano };

/** Who a command is from. */
export type SignatureGateRefusal =
  /** In a signed market a command of this type counts in an envelope only. */
  | { readonly code: "UNSIGNED"; readonly command: string }
  | AdmissionRefusal
  /** Envelopes of this type carry no such command. */
  | { readonly code: "COMMAND_NOT_OF_TYPE"; readonly type: string; readonly command: string }
  /** The command commits somebody else than the envelope says. */
  | { readonly code: "COMMAND_OF_OTHER_PARTY"; readonly party: PartyId }
  /** The id of a signed tender is `PARTY/NAME`, the name without a slash: nobody uses up a neighbour's ids. */
  | { readonly code: "TENDER_ID_NOT_OWN"; readonly tender: TenderId }
  /** Nobody acts for another by envelopes of this type. */
  | { readonly code: "GRANT_NOT_FOR_TYPE"; readonly type: string }
  | GrantUseRefusal;

/** Keys, standing and grants. */
export type IdentityRefusal =
  | RegistryRefusal
  | { readonly code: "PARTY_SUSPENDED"; readonly party: PartyId }
  /** An operator's key is the residual counterparty's, and nobody else's. */
  | { readonly code: "ROLE_RESERVED"; readonly party: PartyId }
  | { readonly code: "KEYS_TOO_MANY"; readonly party: PartyId; readonly most: number }
  /** A signed market without an operator could never be told anything again. */
  | { readonly code: "OPERATOR_KEY_LAST"; readonly did: string }
  /** A party itself may leave; suspending and readmitting is the operator's. */
  /** Where a meter's counting begins anew is the operator's to say. */
  | { readonly code: "COUNTING_NOT_OWN_TO_START"; readonly party: PartyId }
  | { readonly code: "STANDING_NOT_OWN_TO_SET"; readonly party: PartyId }
  | GrantRefusal
  | { readonly code: "GRANTS_TOO_MANY"; readonly party: PartyId; readonly most: number };

/** A session, and what is said in it. */
export type SessionCommandRefusal =
  /** There is none of this id: it was never opened, or it is over and signed, or its key was revoked. */
  | { readonly code: "SESSION_UNKNOWN"; readonly session: HashHex }
  | { readonly code: "SESSION_ENDED"; readonly session: HashHex }
  | { readonly code: "SESSION_EXPIRED"; readonly session: HashHex; readonly expires: InstantMs }
  /** The operator's answer is to another greeting. */
  | { readonly code: "ANSWER_OF_OTHER_GREETING"; readonly answers: HashHex }
  /** The party whose key it is has as many as it may have. */
  | { readonly code: "SESSIONS_TOO_MANY"; readonly party: PartyId; readonly most: number }
  /** What the signer said in `slot` of `session` is to be signed first. */
  | { readonly code: "SESSION_ROOT_OVERDUE"; readonly session: HashHex; readonly slot: InstantMs }
  /** A message with this number or a later one was obeyed before. */
  | { readonly code: "SEQUENCE_BROKEN"; readonly sequence: number; readonly last: number }
  | { readonly code: "MESSAGE_TOO_LONG"; readonly length: number; readonly most: number }
  | { readonly code: "MESSAGE_NESTED_TOO_DEEP"; readonly most: number }
  /** Another key's, or for another party or by another grant. */
  | { readonly code: "SESSION_NOT_THE_SIGNERS"; readonly session: HashHex }
  /** Nothing unsigned was said in the slot. */
  | { readonly code: "SESSION_SLOT_NOT_OPEN"; readonly slot: InstantMs }
  /** More may be said in it. */
  | { readonly code: "SESSION_SLOT_RUNNING"; readonly slot: InstantMs; readonly end: InstantMs }
  /** Another number of messages than the node took. */
  | { readonly code: "SESSION_COUNT_DIFFERS"; readonly count: number; readonly taken: number }
  /** Other messages than the node took. */
  | {
      readonly code: "SESSION_ROOT_DIFFERS";
      readonly session: HashHex;
      readonly slot: InstantMs;
      readonly root: HashHex;
    }
  /** The operator alone waits for roots no more. */
  | { readonly code: "WAIVER_NOT_OWN"; readonly session: HashHex };

/** Every reason to refuse a command. */
export type Refusal =
  | PartyRefusal
  | PaymentRefusal
  | FundingRefusal
  | TariffRefusal
  | SlotRefusal
  | TenderRefusal
  | BatchRefusal
  | DeliveryRefusal
  | ReadingRefusal
  | TieRefusal
  | PositionRefusal
  | AwardRefusal
  | StatementRefusal
  | SignatureGateRefusal
  | IdentityRefusal
  | SessionCommandRefusal;

/** The name of a reason. */
export type RefusalCode = Refusal["code"];
