/**
 * What the mechanisms beside the uniform call auction take and answer: types only, shared by clearing and auditor.
 *
 * One shape for all of them: a mechanism is a pure function from a book to a `MechanismResult` or to one with more in it.
 */
import type { AmountNano, PriceMicro, TenderId, WattHours } from "@micromarket/kernel";
import type { AuctionResult, Book, Fill, PriceInterval, Rejection, Scarcity, Trade, Unfilled } from "./auction.ts";
import type { Side } from "./tender.ts";

/**
 * What one tender got, and for how much. `amount` is what a buyer pays or a seller receives, exactly. `price` is the
 * amount for one unit of energy, rounded down to a price that can be written: neither side is worse off by its limit.
 */
export interface PricedFill extends Fill {
  readonly amount: AmountNano;
}

/** Energy that passes from one seller's fill to one buyer's. `price` is what the buyer pays. */
export interface PricedTrade extends Trade {
  /** What the seller receives, where that differs from what the buyer pays. */
  readonly sellerPrice?: PriceMicro;
}

/** The whole rest of an accepted tender. */
export interface Rest extends Omit<Unfilled, "reason"> {
  /** `REDUCED`: in the money, but left out so that nobody gains by a false price (McAfee's and Huang's auctions). */
  readonly reason: Unfilled["reason"] | "REDUCED";
}

/** The answer of a mechanism. */
export interface MechanismResult {
  /** The one price of all trades; `null` where nothing trades, or where there is no single one. */
  readonly price: PriceMicro | null;
  /** Energy that changes hands between the tenders of the book. */
  readonly energy: WattHours;
  /** The prices at which the book could clear at a single price. */
  readonly interval: PriceInterval;
  /** Buyers: value less payment, sellers: income less cost. */
  readonly surplus: AuctionResult["surplus"];
  readonly scarcity: Scarcity | null;
  /** In order of tender id. */
  readonly fills: readonly PricedFill[];
  readonly trades: readonly PricedTrade[];
  /** In order of tender id. */
  readonly unfilled: readonly Rest[];
  /** In order of tender id. */
  readonly rejections: readonly Rejection[];
  /** Parties that both bought and sold. In order of id. */
  readonly selfTrades: readonly string[];
}

/** The answer of a mechanism with one price for all buyers and another for all sellers. */
export interface TwoPriceResult extends MechanismResult {
  /** `null` where nothing trades. */
  readonly buyerPrice: PriceMicro | null;
  /** `null` where nothing trades. */
  readonly sellerPrice: PriceMicro | null;
  /** What buyers pay beyond what sellers receive; never negative. */
  readonly auctioneer: AmountNano;
}

/** All readings of a community in one slot, and the supplier's two prices: `feedInPrice` ≤ `retailPrice`. */
export interface CommunityBook extends Book {
  /** What the supplier takes for what the community lacks. */
  readonly retailPrice: PriceMicro;
  /** What the supplier pays for what the community has left. */
  readonly feedInPrice: PriceMicro;
}

/**
 * The answer of the mid-market rate: everybody is served in full, the pool trades its rest with the supplier. Fills hold
 * all energy of a tender at the average price of its side; trades hold what stays in the community, at `price`.
 */
export interface PoolResult extends MechanismResult {
  /** What the pool's money comes to for one unit of energy, rounded down; fills have the exact amounts. */
  readonly buyerPrice: PriceMicro | null;
  readonly sellerPrice: PriceMicro | null;
  /** Bought from the supplier at the retail price. */
  readonly imported: WattHours;
  /** Sold to the supplier at the feed-in price. */
  readonly exported: WattHours;
  /** Energy that parties cover by their own production, without a price. In order of tender id. */
  readonly ownUse: readonly OwnUse[];
}

/** Energy of a tender that its own party covers. */
export interface OwnUse {
  readonly id: TenderId;
  readonly energy: WattHours;
}

/** A community that shares its production by keys. */
export interface SharingBook extends CommunityBook {
  /** Weights by party, non-negative, with a sum that is a safe integer; `null`: in proportion to consumption. */
  readonly keys: ReadonlyMap<string, number> | null;
  /** The price inside the community, between feed-in and retail price; `null`: half-way, rounded down. */
  readonly communityPrice: PriceMicro | null;
}

/** The answer of a sharing key: fills are what stays in the community, the rest is traded with the supplier. */
export interface SharingResult extends MechanismResult {
  /** What each tender trades with the supplier, at the retail (feed-in) price. In order of tender id. */
  readonly residual: readonly PricedFill[];
  /** Bought from the supplier. */
  readonly imported: WattHours;
  /** Sold to the supplier. */
  readonly exported: WattHours;
}

/** What one tender of a demand-curve market got; a curve may end up on either side. */
export interface CurveFill extends PricedFill {
  readonly side: Side;
}

/** The answer of the demand-curve equilibrium. */
export interface CurveResult extends MechanismResult {
  readonly fills: readonly CurveFill[];
  /** The zero of aggregate net demand before it was moved to the tick; `null` where nothing trades. */
  readonly exactPrice: { readonly numerator: bigint; readonly denominator: bigint } | null;
}
