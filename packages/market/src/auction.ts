/** The call auction's rules and its answer: the types that clearing and the auditor share, and all that they share. */
import type { AmountNano, PartyId, PriceMicro, TenderId, WattHours } from "@micromarket/kernel";
import type { Tender } from "./tender.ts";

/** An exact fraction, `numerator / denominator`, with a positive denominator. */
export interface Ratio {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** Who of equals is served first at the marginal price. */
export type Rationing = "pro-rata" | "time-priority";

/** How a market clears. */
export interface AuctionRules {
  /** Where in the competitive interval the price lies: 0 at its low end, 1 at its high end. */
  readonly k: Ratio;
  /** Limit prices and the clearing price are multiples of it; positive. */
  readonly tick: PriceMicro;
  readonly priceFloor: PriceMicro | null;
  readonly priceCap: PriceMicro | null;
  readonly rationing: Rationing;
}

/** All tenders of one slot. Their order is the order of arrival; only time priority looks at it. */
export interface Book {
  /** The slot's name; part of the tie-break that nobody can game. */
  readonly slot: string;
  readonly rules: AuctionRules;
  readonly tenders: readonly Tender[];
}

/** Why a tender did not enter the book, in the order in which the checks are made. */
export type RejectionCode =
  /** Another tender of the book has the same id: all of them are refused. */
  | "DUPLICATE_ID"
  /** All-or-none, minimum-quantity, linked, grouped and block tenders need another auction. */
  | "CONDITION_UNSUPPORTED"
  /** A curve without steps. */
  | "STEPS_EMPTY"
  | "QUANTITY_NOT_POSITIVE"
  /** Below the floor or above the cap. */
  | "PRICE_OUT_OF_BAND"
  /** Not a multiple of the tick. */
  | "PRICE_OFF_TICK"
  /** A net demand curve along which demand rises with the price. */
  | "CURVE_INCREASING";

/** A refused tender: one entry for every occurrence in the book. */
export interface Rejection {
  readonly id: TenderId;
  readonly code: RejectionCode;
}

/** What one tender got, at the uniform price. Tenders that got nothing have no fill. */
export interface Fill {
  readonly id: TenderId;
  readonly energy: WattHours;
  readonly price: PriceMicro;
}

/** Energy that passes from one seller's fill to one buyer's. */
export interface Trade {
  readonly buy: TenderId;
  readonly sell: TenderId;
  readonly energy: WattHours;
  readonly price: PriceMicro;
}

/** Why energy of an accepted tender stayed untraded. */
export type UnfilledReason =
  /** The limit is worse than the clearing price, or nothing traded. */
  | "OUT_OF_MONEY"
  /** The limit is the clearing price, where there was not enough for all. */
  | "RATIONED"
  /** Must-run: demand at the cap, supply at the floor, or a market order that could not be met. */
  | "CURTAILED";

/** The whole rest of an accepted tender; `reason` is that of its best unfilled step. */
export interface Unfilled {
  readonly id: TenderId;
  readonly energy: WattHours;
  readonly reason: UnfilledReason;
}

/** Prices at which no accepted order loses and no rejected order is strictly in the money; `null` is an open end. */
export interface PriceInterval {
  readonly low: PriceMicro | null;
  readonly high: PriceMicro | null;
}

/** Must-run demand (or supply) that had to be curtailed. */
export type Scarcity = "demand" | "supply";

/** The answer of the uniform call auction. */
export interface AuctionResult {
  /** The clearing price; `null` when nothing trades. */
  readonly price: PriceMicro | null;
  /** Energy that changes hands. */
  readonly energy: WattHours;
  readonly interval: PriceInterval;
  /** Value (buyers: limit − price, sellers: price − limit) times energy, summed. */
  readonly surplus: { readonly buyers: AmountNano; readonly sellers: AmountNano };
  readonly scarcity: Scarcity | null;
  /** In order of tender id. */
  readonly fills: readonly Fill[];
  /** Fills paired largest first, ties by id. */
  readonly trades: readonly Trade[];
  /** In order of tender id. */
  readonly unfilled: readonly Unfilled[];
  /** In order of tender id. */
  readonly rejections: readonly Rejection[];
  /** Parties that both bought and sold: legal in a uniform auction, but worth a look. In order of id. */
  readonly selfTrades: readonly PartyId[];
}
