/** What a run hands out, row by row and at its end. */
import type { AmountNano, InstantMs, PartyId, PriceMicro, TenderId, WattHours } from "@micromarket/kernel";

/** One slot of the market. */
export interface SlotRow {
  readonly slot: InstantMs;
  /** `null` when nothing traded. */
  readonly price: PriceMicro | null;
  readonly intervalLow: PriceMicro | null;
  readonly intervalHigh: PriceMicro | null;
  readonly tariff: PriceMicro;
  readonly feedIn: PriceMicro;
  /** Energy that changed hands, the supplier's included. */
  readonly cleared: WattHours;
  /** Energy that passed from home to home. */
  readonly local: WattHours;
  readonly load: WattHours;
  readonly pv: WattHours;
  /** Metered at the tie. */
  readonly gridImport: WattHours;
  readonly gridExport: WattHours;
  /** Sum of absolute deviations of metered from traded energy. */
  readonly deviation: WattHours;
}

/** One trade of a slot. */
export interface TradeRow {
  readonly slot: InstantMs;
  readonly buy: TenderId;
  readonly sell: TenderId;
  readonly buyer: PartyId;
  readonly seller: PartyId;
  readonly energy: WattHours;
  readonly price: PriceMicro;
}

/** One home over the whole run. */
export interface BillRow {
  readonly party: PartyId;
  readonly load: WattHours;
  readonly pv: WattHours;
  /** Sum over slots of min(load, PV): what the home covers by itself. */
  readonly selfConsumed: WattHours;
  /** Bought from and sold to other homes. */
  readonly localBought: WattHours;
  readonly localSold: WattHours;
  /** Metered at the home's connection point. */
  readonly metered: { readonly imported: WattHours; readonly exported: WattHours };
  /** What the home would pay alone for what its meter counted, at tariff (with levies) and feed-in price. Negative is income. */
  readonly billAlone: AmountNano;
  /** What the postings say that it paid. */
  readonly billMarket: AmountNano;
}

/** Receives rows while a run goes on; a run never keeps them. */
export interface ResultSink {
  slot(row: SlotRow): void;
  trade(row: TradeRow): void;
}
