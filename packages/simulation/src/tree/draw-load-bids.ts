/** What the load of each home bids, where homes differ in what an interruption is worth to them. */
import { floorDivide, minus, plus, randomStream, times, type PartyId, type PriceMicro } from "@micromarket/kernel";

/**
 * For each of `homes` a price from `least` to `most`, both included, that is `least` and a whole number of `tick`s. A home's
 * draw depends on the seed and its own name only. At most 2^32 prices can be drawn from.
 */
export function drawLoadBids(
  seed: number,
  homes: readonly PartyId[],
  least: PriceMicro,
  most: PriceMicro,
  tick: PriceMicro,
): readonly PriceMicro[] {
  const ticks = Number(floorDivide(BigInt(minus(most, least)), BigInt(tick)));
  return homes.map((home) => plus(least, times(tick, randomStream(seed, "load bid", home).below(ticks + 1))));
}
