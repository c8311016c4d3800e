/** Prices as whole numbers of ticks, and back: inside the kernel of the auction a limit is a plain number of ticks. */
import { priceMicro, type PriceMicro } from "@micromarket/kernel";

/** How many ticks `price`, a multiple of `tick`, is worth. */
export function ticksOf(price: PriceMicro, tick: PriceMicro): number {
  const [dividend, divisor]: readonly [number, number] = [price, tick];
  return dividend / divisor;
}

/** The price of a number of ticks. */
export function priceOf(ticks: number, tick: PriceMicro): PriceMicro {
  const size: number = tick;
  return priceMicro(ticks * size);
}
