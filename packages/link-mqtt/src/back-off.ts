/** How long to wait before the next attempt: doubling, with jitter, so that a street does not come back in one instant. */

/** Bounds of the wait. */
export interface BackOff {
  /** @default 500 */
  readonly firstMs: number;
  /** @default 60 000 */
  readonly maxMs: number;
  /** A connection that stood this long forgets earlier failures. @default 30 000 */
  readonly stableMs: number;
}

/** The usual bounds. */
export const BACK_OFF: BackOff = { firstMs: 500, maxMs: 60_000, stableMs: 30_000 };

/**
 * The wait after `failures` failures in a row, milliseconds: between the half and the whole of firstMs × 2^(failures − 1),
 * which is at most maxMs.
 *
 * @param failures from 1
 * @param random in [0, 1)
 */
export function waitMs({ firstMs, maxMs }: BackOff, failures: number, random: number): number {
  const whole = Math.min(maxMs, firstMs * 2 ** Math.min(failures - 1, 30));
  return Math.ceil(whole / 2 + (whole / 2) * random);
}
