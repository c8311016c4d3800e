/**
 * Traders for the study of markets: each buys or sells units one after the other and knows its limit for the next one.
 * A trader quotes when it is asked, hears every quote, and keeps nothing else. Prices are integers of any one unit.
 */
import type { RandomStream } from "@micromarket/kernel";
import type { Side } from "@micromarket/market";

/** What a trader may see when it is asked for a quote. */
export interface QuoteView {
  readonly side: Side;
  /** What the next unit is worth to a buyer, or costs a seller. */
  readonly limit: number;
  /** Prices that the market takes. */
  readonly lowest: number;
  readonly highest: number;
}

/** What everybody hears: somebody quoted, and whether that traded and at which price. */
export interface HeardQuote {
  readonly side: Side;
  /** The quote; the price of the trade where it traded. */
  readonly price: number;
  readonly traded: boolean;
}

/** One trader's mind. */
export interface Trader {
  /** The price of its next quote, within the market's. */
  quote(view: QuoteView): number;
  /** Hears a quote. `active` says whether it still has units. */
  hear(heard: HeardQuote, view: QuoteView, active: boolean): void;
}

/** Makes a trader; everything random about it comes from `stream`. */
export type Strategy = (stream: RandomStream) => Trader;
