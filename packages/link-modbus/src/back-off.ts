/** How long to wait before the next attempt to connect. */
import { randomInt } from "node:crypto";

/** Bounds of the wait. */
export interface BackOff {
  /** The shortest wait, after the first failure. */
  readonly firstMs: number;
  /** The longest wait. */
  readonly maxMs: number;
}

/** A uniform integer in [low, high]; `RandomStream` of the kernel is one. */
export interface JitterSource {
  between(low: number, high: number): number;
}

/** Half a second to a minute. */
export const DEFAULT_BACK_OFF: BackOff = { firstMs: 500, maxMs: 60_000 };

/** Unseeded: links of many gateways must not fall into step. */
export const machineJitter: JitterSource = { between: (low, high) => randomInt(low, high + 1) };

/**
 * The wait after `failures` failures in a row (1 or more): drawn from the upper half of a ceiling that doubles each
 * time, so it is never below `firstMs`, never above `maxMs`, and spread even at the top.
 */
export function backOffMs(failures: number, bounds: BackOff, jitter: JitterSource): number {
  const ceiling = Math.min(bounds.maxMs, bounds.firstMs * 2 ** Math.min(failures, 30));
  return jitter.between(Math.ceil(ceiling / 2), ceiling);
}
