/** What any engine's result of a session can be read into. A member that is left out is not claimed and so not checked. */
import type { AmountNano, PriceMicro, WattHours } from "@micromarket/kernel";
import type { PriceInterval } from "../auction.ts";
import type { Side } from "../tender.ts";

/** What one order got, and what it paid or earned for that. */
export interface ClaimedSessionFill {
  readonly id: string;
  readonly energy: WattHours;
  /** Mean price, where it is stated. */
  readonly price?: PriceMicro | null;
  readonly value?: AmountNano;
}

/** One trade, in the order of events. */
export interface ClaimedSessionTrade {
  readonly buy: string;
  readonly sell: string;
  readonly energy: WattHours;
  readonly price: PriceMicro;
  /** Which of the two rested. */
  readonly maker?: Side;
}

/** An order with a quantity: what rests, was cancelled, or expired. */
export interface ClaimedRest {
  readonly id: string;
  readonly energy: WattHours;
  readonly price?: PriceMicro;
  readonly reason?: string;
}

/** A result of a session, as somebody claims it. */
export interface SessionClaim {
  /** Price of the last trade. */
  readonly price: PriceMicro | null;
  readonly energy?: WattHours;
  readonly fills: readonly ClaimedSessionFill[];
  readonly trades?: readonly ClaimedSessionTrade[];
  readonly value?: AmountNano;
  readonly interval?: PriceInterval;
  readonly surplus?: AmountNano;
  readonly rejections?: readonly { readonly id: string; readonly code: string }[];
  readonly cancelled?: readonly ClaimedRest[];
  readonly expired?: readonly ClaimedRest[];
  readonly bids?: readonly ClaimedRest[];
  readonly asks?: readonly ClaimedRest[];
  readonly selfTrades?: readonly string[];
}
