/**
 * A session of the continuous double auction, from an empty book: what comes in, one entry after the other, and what
 * comes of it. These types are all that the session's code and its auditor share.
 */
import type { AmountNano, PartyId, PriceMicro, TenderId, WattHours } from "@micromarket/kernel";
import type { PriceInterval } from "./auction.ts";
import type { Side, TenderCondition } from "./tender.ts";

/** What happens when two orders of one party meet: both trade, the incoming one is cancelled, or the resting one is. */
export type SelfTradePolicy = "allow" | "cancel-newest" | "cancel-oldest";

/**
 * How long an order lives: until it is cancelled, until `expires`, or no longer than its arrival, partly or wholly
 * filled. An order without a price never rests: `gtc` and `gtt` mean `ioc` for it.
 */
export type TimeInForce = "gtc" | "gtt" | "ioc" | "fok";

/** What holds for all entries. */
export interface SessionRules {
  /** Prices are multiples of it; positive. */
  readonly tick: PriceMicro;
  readonly priceFloor: PriceMicro | null;
  readonly priceCap: PriceMicro | null;
  readonly selfTrade: SelfTradePolicy;
}

/** An order. `at` and `expires` are instants in any unit, and only compared; `null` is no statement. */
export interface OrderEntry {
  readonly request: "order";
  readonly at: number | null;
  readonly id: TenderId;
  readonly party: PartyId;
  readonly side: Side;
  /** `null`: any price. */
  readonly price: PriceMicro | null;
  readonly energy: WattHours;
  readonly timeInForce: TimeInForce;
  /** Never trades on arrival. */
  readonly postOnly: boolean;
  readonly expires: number | null;
  /** Conditions that no order book can keep. */
  readonly conditions: readonly (TenderCondition | "steps")[];
}

/** Takes an order back. */
export interface CancelEntry {
  readonly request: "cancel";
  readonly at: number | null;
  readonly id: string;
}

/** Gives a resting order another price or open quantity; `null` keeps what it has. */
export interface ReplaceEntry {
  readonly request: "replace";
  readonly at: number | null;
  readonly id: string;
  readonly price: PriceMicro | null;
  readonly energy: WattHours | null;
}

/** One entry of a session. */
export type SessionEntry = OrderEntry | CancelEntry | ReplaceEntry;

/**
 * A session. Entries arrive in the order of the list; before each one its `at` lets orders expire, those whose `expires`
 * is not after it. Time never goes back: an earlier `at` counts as the latest so far.
 */
export interface Session {
  readonly rules: SessionRules;
  readonly entries: readonly SessionEntry[];
}

/**
 * Why an entry was refused, in the order in which the checks are made. An order: all but the last two. A cancel: the last
 * two. A replacement: the last two, then quantity, band, tick, post-only.
 */
export type SessionRefusal =
  /** An earlier order of the session had the id, whatever became of it. */
  | "DUPLICATE_ID"
  /** All-or-none, minimum-quantity, linked, grouped, block and curve orders need another auction. */
  | "CONDITION_UNSUPPORTED"
  | "QUANTITY_NOT_POSITIVE"
  | "PRICE_OUT_OF_BAND"
  | "PRICE_OFF_TICK"
  /** An order that may not trade on arrival and may not rest can do nothing. */
  | "POST_ONLY_CONFLICT"
  /** It expires at its arrival or before. */
  | "EXPIRES_IN_PAST"
  | "POST_ONLY_WOULD_TRADE"
  /** No order of the session had the id so far. */
  | "ORDER_UNKNOWN"
  /** The order was refused, or is filled, cancelled or expired. */
  | "ORDER_NOT_LIVE";

/** Why an accepted order, or its rest, was cancelled. */
export type CancelReason = "REQUESTED" | "IMMEDIATE_OR_CANCEL" | "FILL_OR_KILL" | "SELF_TRADE";

/** Energy that passed from seller to buyer at the resting order's price. */
export interface SessionTrade {
  readonly buy: TenderId;
  readonly sell: TenderId;
  readonly energy: WattHours;
  readonly price: PriceMicro;
  /** Which of the two rested. */
  readonly maker: Side;
}

/** What one order got over all of its trades. Their mean price is `value` / `energy`, which need not be a whole number. */
export interface SessionFill {
  readonly id: TenderId;
  readonly energy: WattHours;
  readonly value: AmountNano;
}

/** What is left of an order. */
export interface SessionRest {
  readonly id: TenderId;
  readonly price: PriceMicro;
  readonly energy: WattHours;
}

/** The answer of a session. Lists are in the order of events, `fills` and `selfTrades` in order of id. */
export interface SessionResult {
  /** Price of the last trade; `null` without one. */
  readonly price: PriceMicro | null;
  readonly energy: WattHours;
  /** What all trades are worth; over `energy` it is the volume-weighted average price. */
  readonly value: AmountNano;
  /** Best price of either side at the end. */
  readonly interval: PriceInterval;
  /**
   * Limit at the time of the trade less price (sellers: price less limit), times energy. An order without a limit counts
   * from the cap (floor); without one from the highest buy (lowest sell) limit that was accepted, else from the lowest
   * sell (highest buy) limit, else from the price, and never loses.
   */
  readonly surplus: { readonly buyers: AmountNano; readonly sellers: AmountNano };
  readonly fills: readonly SessionFill[];
  readonly trades: readonly SessionTrade[];
  readonly rejections: readonly {
    readonly id: string;
    readonly code: SessionRefusal;
    readonly request: SessionEntry["request"];
  }[];
  readonly cancelled: readonly { readonly id: TenderId; readonly energy: WattHours; readonly reason: CancelReason }[];
  readonly expired: readonly { readonly id: TenderId; readonly energy: WattHours }[];
  /** What rests at the end, in priority. */
  readonly bids: readonly SessionRest[];
  readonly asks: readonly SessionRest[];
  /** Parties that traded with themselves. */
  readonly selfTrades: readonly PartyId[];
}
