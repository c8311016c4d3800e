/** How dear, and how restless. */
import { priceMicro, roundQuotient, type PriceMicro } from "@micromarket/kernel";
import { rootQuotient } from "./figure.ts";
import { clearedOf, type Collector } from "./slot-outcome.ts";

/** Clearing prices over the slots that have one; rounded to the nearest micro, half up. */
export interface PriceKpis {
  /** Σ price × cleared energy / Σ cleared energy; `null` where nothing was cleared. */
  readonly meanMicroPerKwh: PriceMicro | null;
  /** Standard deviation of the slots' prices, each slot counting once; `null` where no slot has a price. */
  readonly deviationMicroPerKwh: PriceMicro | null;
  readonly lowestMicroPerKwh: PriceMicro | null;
  readonly highestMicroPerKwh: PriceMicro | null;
}

/** Gathers the price figures. */
export function collectPrices(): Collector<PriceKpis> {
  let [count, sum, squares, value, energy] = [0n, 0n, 0n, 0n, 0n];
  let lowest: PriceMicro | null = null;
  let highest: PriceMicro | null = null;
  return {
    add(slot) {
      const { price } = slot.result;
      if (price === null) return;
      const [exact, cleared] = [BigInt(price), BigInt(clearedOf(slot))];
      count += 1n;
      sum += exact;
      squares += exact * exact;
      value += exact * cleared;
      energy += cleared;
      lowest = lowest === null || price < lowest ? price : lowest;
      highest = highest === null || price > highest ? price : highest;
    },
    result: () => ({
      meanMicroPerKwh: energy === 0n ? null : priceMicro(Number(roundQuotient(value, energy))),
      deviationMicroPerKwh: count === 0n ? null : priceMicro(Number(rootQuotient(count * squares - sum * sum, count))),
      lowestMicroPerKwh: lowest,
      highestMicroPerKwh: highest,
    }),
  };
}
