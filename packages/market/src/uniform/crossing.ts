/**
 * Where demand and supply cross, and what follows from it: the whole of the auction but the hand-out.
 *
 * The crossing is the lowest occupied limit at which the energy of both sides together, counted from the lowest limit
 * up, reaches all demand; that is, at which supply up to the limit covers demand above it. No sort is needed to find it:
 * it is a weighted median. Everything follows from the sums around it: bids above it and offers below it are served in
 * full, bids below it and offers above it get nothing, and of the orders that stand at it at most one side is rationed.
 * Why that is the largest volume: at any lower limit less is on offer, at any higher one less is in demand.
 */

/** Sums around the crossing. Energies in Wh, each side's total a safe integer; limits in any order-preserving unit. */
export interface Crossing {
  /** The limit at which demand and supply cross. */
  readonly at: number;
  /** Whether it is a price; otherwise the market orders that take any price stand there. */
  readonly isPrice: boolean;
  /** The nearest limit below at which any order stands, market orders apart. */
  readonly below: number | null;
  /** The nearest limit above. */
  readonly above: number | null;
  readonly bidsAbove: number;
  readonly bidsAt: number;
  readonly offersBelow: number;
  readonly offersAt: number;
}

/** Volume, the part of it that the crossing limit itself bears, and the ends of the competitive interval. */
export interface Meeting {
  readonly energy: number;
  /** Of `bidsAt`, what is served. */
  readonly bought: number;
  /** Of `offersAt`, what is served. */
  readonly sold: number;
  readonly low: number | null;
  readonly high: number | null;
}

/**
 * What trades at a crossing. Served offers and rejected bids stand at or below it and set the interval's low end; served
 * bids and rejected offers stand at or above it and set the high end.
 */
export function meet({ at, isPrice, below, above, bidsAbove, bidsAt, offersBelow, offersAt }: Crossing): Meeting {
  const energy = Math.min(bidsAbove + bidsAt, offersBelow + offersAt);
  const bought = energy - bidsAbove;
  const sold = energy - offersBelow;
  return {
    energy,
    bought,
    sold,
    low: isPrice && (sold > 0 || bought < bidsAt) ? at : below,
    high: isPrice && (bought > 0 || sold < offersAt) ? at : above,
  };
}
