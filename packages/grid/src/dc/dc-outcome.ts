/** What clearing a meshed network says. */
import type { AmountNano, PriceMicro, WattHours } from "@micromarket/kernel";
import type { Fill, PriceInterval, Rejection, Side } from "@micromarket/market";

/** A bus. */
export interface BusAnswer {
  /** `null` where nothing trades in the bus's connected part: what a solver leaves there is nobody's price. */
  readonly price: PriceMicro | null;
  /**
   * Prices at which the bus's own orders want just what they get: a price outside would be wrong, whatever the network.
   * Open where no order sets an end.
   */
  readonly interval: PriceInterval;
  /** What its orders buy less what they sell, Wh. */
  readonly netImport: WattHours;
  /** The price at the reference of its connected part; the rest is congestion. `null` where the price is. */
  readonly energy: PriceMicro | null;
}

/** A line. */
export interface DcLineAnswer {
  /** From `from` to `to`; negative the other way. */
  readonly flow: WattHours;
  /** What one more kWh of limit would gain; not negative, 0 where nothing trades. */
  readonly shadowPrice: PriceMicro;
  /** What the flow gains from its sending to its receiving end. */
  readonly rent: AmountNano;
}

/** A network, cleared. */
export interface DcResult {
  readonly buses: readonly BusAnswer[];
  readonly lines: readonly DcLineAnswer[];
  /** In order of tender id, each at its bus's price. */
  readonly fills: readonly Fill[];
  readonly energy: WattHours;
  /** Buyers' value less sellers' cost, as in the flat auction. */
  readonly surplus: AmountNano;
  /** What sellers ask for what they sell. */
  readonly cost: AmountNano;
  readonly rejections: readonly Rejection[];
}

/** The answer, or why there is none. */
export type DcOutcome =
  | { readonly ok: true; readonly result: DcResult }
  | { readonly ok: false; readonly code: "NETWORK_INFEASIBLE"; readonly shortages: readonly DcShortage[] }
  | { readonly ok: false; readonly code: "SOLVER_FAILED"; readonly reason: string };

/** A constraint that cannot hold. */
export type DcShortage =
  /** Line number `line` would have to carry so much more than its limit. */
  | { readonly kind: "line"; readonly line: number; readonly excess: WattHours }
  /** At bus `bus` so much must-run demand cannot be met, or must-run supply not be taken. */
  | { readonly kind: "bus"; readonly bus: number; readonly side: Side; readonly lacking: WattHours };
