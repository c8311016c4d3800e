/**
 * Token buckets: how much may be asked for at once, and how soon again. Time comes in as an argument; a clock that goes
 * back refills nothing and takes nothing away.
 *
 * Tokens are counted in thousandths, so that whole tokens a second are whole thousandths a millisecond: nothing rounds.
 * Invariant: from any instant on, over any time t, at most `burst + perSecond × t` tokens are given.
 */

/** What is counted apart. Cancels have their own bucket: who has asked for too much can still take orders back. */
export const BUCKET_NAMES = ["orders", "queries", "cancels"] as const;
export type BucketName = (typeof BUCKET_NAMES)[number];

/** Size and flow of a bucket: positive integers. */
export interface RateRule {
  /** Most tokens at once. */
  readonly burst: number;
  /** Tokens that flow in each second. */
  readonly perSecond: number;
}

/** What a bucket holds at an instant. */
export interface BucketLevel {
  /** Thousandths of a token. */
  readonly milliTokens: number;
  /** Instant of it, in milliseconds. */
  readonly at: number;
}

/** Whether something may be done, as it stands in answers. */
export interface RateVerdict {
  readonly allowed: boolean;
  readonly name: BucketName;
  /** Whole tokens that are left; `null`: nothing is counted. */
  readonly remaining: number | null;
  /** Milliseconds until the bucket is full again. */
  readonly resetMs: number;
  /** Milliseconds until the same may be asked again; 0 where it was allowed. */
  readonly retryAfterMs: number;
}

const MILLI = 1_000;

/** A full bucket. */
export function fullBucket({ burst }: RateRule, at: number): BucketLevel {
  return { milliTokens: burst * MILLI, at };
}

/** What the bucket holds at `now`. */
export function levelAt(level: BucketLevel, { burst, perSecond }: RateRule, now: number): BucketLevel {
  const elapsedMs = Math.max(0, now - level.at);
  const room = burst * MILLI - level.milliTokens;
  const inflow = Math.min(room, elapsedMs * perSecond); // a clock that jumped by years does not overflow the sum
  return { milliTokens: level.milliTokens + inflow, at: Math.max(now, level.at) };
}

/** Takes `cost` tokens, or none and says when. A cost above the burst is never given. */
export function takeTokens(
  name: BucketName,
  level: BucketLevel,
  rule: RateRule,
  cost: number,
  now: number,
): { readonly level: BucketLevel; readonly verdict: RateVerdict } {
  const before = levelAt(level, rule, now);
  const lacking = cost * MILLI - before.milliTokens;
  const allowed = lacking <= 0;
  const after = allowed ? { ...before, milliTokens: before.milliTokens - cost * MILLI } : before;
  const verdict = {
    ...{ allowed, name },
    remaining: Math.floor(after.milliTokens / MILLI),
    resetMs: Math.ceil((rule.burst * MILLI - after.milliTokens) / rule.perSecond),
    retryAfterMs: allowed ? 0 : Math.ceil(lacking / rule.perSecond),
  };
  return { level: after, verdict };
}
