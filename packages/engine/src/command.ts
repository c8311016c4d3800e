/** What a market node can be told. Commands are imperative; what came of them are events. */
import type { AmountNano, InstantMs, PartyId, PriceMicro, TenderId, WattHours } from "@micromarket/kernel";
import type { Tender } from "@micromarket/market";

/** Admits a party and opens its accounts. */
export interface RegisterParty {
  readonly type: "RegisterParty";
  readonly party: PartyId;
}

/** Credits money from outside to a party. `reference` names the payment; a second one with the same name is refused. */
export interface CreditAccount {
  readonly type: "CreditAccount";
  readonly party: PartyId;
  readonly amount: AmountNano;
  readonly reference: string;
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

/** Everything that the node obeys. */
export type Command =
  RegisterParty | CreditAccount | SetTariff | SubmitTender | CancelTender | CloseGate | ReportDelivery;
