/** What a participant asks of a call auction. */
import type { PartyId, PriceMicro, TenderId, WattHours } from "@micromarket/kernel";

/** Which way energy goes: a buyer receives, a seller gives. */
export type Side = "buy" | "sell";

/** An additional quantity at a limit price. `price: null` is a market order: it trades at any price inside floor and cap. */
export interface Step {
  readonly price: PriceMicro | null;
  readonly energy: WattHours;
}

/** A point of a net demand curve. Positive is demand, negative is supply. */
export interface CurvePoint {
  readonly price: PriceMicro;
  readonly netDemand: WattHours;
}

/**
 * What makes a tender indivisible, or (`points`) piecewise linear. The auction of divisible step curves refuses each of
 * them by name.
 */
export type TenderCondition = "allOrNone" | "minQuantity" | "parent" | "group" | "slots" | "points";

/** A buy or sell order for one slot: one step is a limit order, several are a curve. */
export interface Tender {
  readonly id: TenderId;
  readonly party: PartyId;
  readonly side: Side;
  readonly steps: readonly Step[];
  /** A piecewise linear curve in place of steps (condition `points`): constant beyond its outermost points. */
  readonly points?: readonly CurvePoint[];
  /** Conditions that the tender carries; absent or empty means divisible. */
  readonly conditions?: readonly TenderCondition[];
}
