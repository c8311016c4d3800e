/**
 * The line by which a market hangs on the one above it: limits, fees, loss, and prices seen from its other end.
 *
 * Limits, fees and flow count at the sending end: for imports that is the market above, for exports the market below. Of
 * F that is sent (1 − loss) × F arrives.
 */
import {
  minus,
  partsPerMillion,
  plus,
  priceMicro,
  wattHours,
  type PartsPerMillion,
  type PriceMicro,
  type WattHours,
} from "@micromarket/kernel";
import { ceilOf, floorOf } from "@micromarket/market";

const WHOLE = 1_000_000;

/** A tie in one slot. */
export interface Tie {
  /** Most energy that the market above sends, Wh; `null` is no limit. */
  readonly importLimit: WattHours | null;
  /** Most energy that the market below sends, Wh; `null` is no limit. */
  readonly exportLimit: WattHours | null;
  /** What each kWh costs that is sent down, on top of the price above. May be negative. */
  readonly feeIn: PriceMicro;
  /** What each kWh costs that is sent up. May be negative. */
  readonly feeOut: PriceMicro;
  /** Less than the whole. */
  readonly loss: PartsPerMillion;
}

/** The tie of an islanded market: nothing crosses. */
export const OPEN_TIE: Tie = {
  importLimit: wattHours(0),
  exportLimit: wattHours(0),
  feeIn: priceMicro(0),
  feeOut: priceMicro(0),
  loss: partsPerMillion(0),
};

/** Local prices between which nothing crosses: exporting pays from `exporting` down, importing from `importing` up. */
export interface TiePrices {
  /** (p + feeIn) / (1 − loss), rounded up, so that what is paid below covers what is owed above. */
  readonly importing: PriceMicro;
  /** p × (1 − loss) − feeOut, rounded down. */
  readonly exporting: PriceMicro;
}

/** What a price above is worth below, in each direction. */
export function pricesBelow(price: PriceMicro, { feeIn, feeOut, loss }: Tie): TiePrices {
  return {
    importing: priceMicro(ceilOf(plus(price, feeIn), WHOLE, WHOLE - loss)),
    exporting: minus(priceMicro(floorOf(price, WHOLE - loss, WHOLE)), feeOut),
  };
}
