/**
 * What any engine's result can be read into: price, volume and fills, and whatever else that engine states.
 *
 * Our own `AuctionResult` is one. A member that is left out is not claimed and so not checked. Identifiers and codes are
 * plain texts, because a foreign result may name tenders that never existed.
 */
import type { AmountNano, PriceMicro, WattHours } from "@micromarket/kernel";
import type { PriceInterval, Scarcity } from "../auction.ts";

/** What one tender got. A price that is left out or `null` is the clearing price. */
export interface ClaimedFill {
  readonly id: string;
  readonly energy: WattHours;
  readonly price?: PriceMicro | null;
}

/** Energy that passes from one seller's fill to one buyer's. A price that is left out or `null` is the clearing price. */
export interface ClaimedTrade {
  readonly buy: string;
  readonly sell: string;
  readonly energy: WattHours;
  readonly price?: PriceMicro | null;
}

/** Surplus as a total, as its two parts, or both. */
export interface ClaimedSurplus {
  readonly buyers?: AmountNano;
  readonly sellers?: AmountNano;
  readonly total?: AmountNano;
}

/** A result of a uniform call auction, as somebody claims it. */
export interface AuctionClaim {
  /** The clearing price; `null` when nothing trades. */
  readonly price: PriceMicro | null;
  /** Energy that changes hands. */
  readonly energy?: WattHours;
  readonly fills: readonly ClaimedFill[];
  readonly interval?: PriceInterval;
  readonly surplus?: ClaimedSurplus;
  readonly scarcity?: Scarcity | null;
  readonly trades?: readonly ClaimedTrade[];
  readonly unfilled?: readonly { readonly id: string; readonly energy: WattHours; readonly reason: string }[];
  readonly rejections?: readonly { readonly id: string; readonly code: string }[];
  readonly selfTrades?: readonly string[];
}
