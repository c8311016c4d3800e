/**
 * What becomes of the money between the two ends of a tie: the market below pays its own price for what it receives, the
 * market above gets its price for what it gave, and the difference is rent, fees and a residue of losses.
 */
import { amountNano, minus, tradeValue, wattHours, type AmountNano, type PriceMicro } from "@micromarket/kernel";
import type { TieFlow } from "./position.ts";
import { pricesBelow, type Tie } from "./tie.ts";

/** The money of one slot at one tie. paidBelow = paidAbove + fees + rent + residue, exactly. */
export interface TieMoney {
  /** What the market below pays (is paid, where negative) at its own price. */
  readonly paidBelow: AmountNano;
  /** What the market above is paid (pays, where negative) at its price. */
  readonly paidAbove: AmountNano;
  readonly fees: AmountNano;
  /** Congestion rent; never negative. */
  readonly rent: AmountNano;
  /**
   * What whole prices and whole watt-hours leave over: at most what a watt-hour is worth and a unit of price for each.
   * Where orders at any price are curtailed, also what no price could cover.
   */
  readonly residue: AmountNano;
}

/** Splits the money of a flow between the price above and the local price. */
export function tieMoney(flow: TieFlow, above: PriceMicro, local: PriceMicro, tie: Tie): TieMoney {
  const paidBelow = tradeValue(local, flow.below);
  const paidAbove = tradeValue(above, flow.above);
  const [seen, rate] =
    flow.sent < 0
      ? [pricesBelow(above, tie).exporting, minus(wattHours(0), flow.sent)]
      : [pricesBelow(above, tie).importing, flow.sent];
  const fees = tradeValue(flow.sent < 0 ? tie.feeOut : tie.feeIn, rate);
  const gain = tradeValue(minus(local, seen), flow.below);
  const rent = amountNano(gain > 0n ? gain : 0n);
  return { paidBelow, paidAbove, fees, rent, residue: amountNano(paidBelow - paidAbove - fees - rent) };
}
