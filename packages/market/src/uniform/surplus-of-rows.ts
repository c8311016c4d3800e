/** What buyers and sellers gain against their limits, row by row, exactly. */
import { amountNano, type PriceMicro } from "@micromarket/kernel";
import type { AuctionResult } from "../auction.ts";
import type { BookColumns } from "./book-columns.ts";
import { BUY, type EnergyColumn } from "./columns.ts";

/** Sums stay in floating point as long as they are exact: to half the safe integers, so that one more fits. */
const PARTIAL_MAX = 2_251_799_813_685_248;

/**
 * The surplus of both sides. A market order counts at the cap (floor); with none, at its own side's best named limit,
 * else at the other side's, else at the clearing price.
 */
export function surplusOfRows(
  { columns, best }: BookColumns,
  fills: EnergyColumn,
  tickSize: PriceMicro,
  price: PriceMicro,
): AuctionResult["surplus"] {
  const { side, tick, lowest, highest } = columns;
  const ticks: number = tickSize;
  const limitOr = (limit: number | null): number => (limit === null ? price : limit * ticks); // a tie moves prices off the tick
  const anyPrice = { buy: limitOr(best.buy ?? best.sell), sell: limitOr(best.sell ?? best.buy) };
  const gains = { buyers: new ExactSum(), sellers: new ExactSum() };
  for (let row = 0; row < fills.length; row++) {
    const fill = fills[row] ?? 0;
    if (fill === 0) continue;
    const at = tick[row] ?? 0;
    if (side[row] === BUY) gains.buyers.add(at > highest ? anyPrice.buy : at * ticks, price, fill);
    else gains.sellers.add(price, at < lowest ? anyPrice.sell : at * ticks, fill);
  }
  return { buyers: amountNano(gains.buyers.value()), sellers: amountNano(gains.sellers.value()) };
}

/** A sum of (limit − price) × energy: small parts as numbers, large ones and carries as bigints. */
class ExactSum {
  #large = 0n;
  #small = 0;

  /** All three are safe integers. */
  add(minuend: number, subtrahend: number, energy: number): void {
    const gain = (minuend - subtrahend) * energy;
    if (gain > -PARTIAL_MAX && gain < PARTIAL_MAX) {
      this.#small += gain;
      if (this.#small <= -PARTIAL_MAX || this.#small >= PARTIAL_MAX) this.#carry();
    } else this.#large += (BigInt(minuend) - BigInt(subtrahend)) * BigInt(energy);
  }

  #carry(): void {
    this.#large += BigInt(this.#small);
    this.#small = 0;
  }

  value(): bigint {
    return this.#large + BigInt(this.#small);
  }
}
