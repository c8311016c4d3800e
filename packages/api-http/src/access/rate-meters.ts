/** Meters over token buckets: one for a principal, shared by all its requests, and one for each of its connections. */
import type { Principal, RateMeter } from "./principal.ts";
import {
  BUCKET_NAMES,
  fullBucket,
  takeTokens,
  type BucketLevel,
  type BucketName,
  type RateRule,
  type RateVerdict,
} from "./token-bucket.ts";

/** What principals get where nothing else is configured: 20 orders and 20 queries a second, after a burst of five times that. */
export const DEFAULT_RATES: Readonly<Record<BucketName, RateRule>> = {
  orders: { burst: 100, perSecond: 20 },
  queries: { burst: 100, perSecond: 20 },
  cancels: { burst: 200, perSecond: 50 },
};

/** The meters of all principals of a server. */
export class RateMeters {
  readonly #now: () => number;
  readonly #levels = new Map<string, Levels>();

  /** `now`: milliseconds of any clock. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** The meter of everything that the principal asks. */
  meterOf({ id, limits: { rates } }: Principal): RateMeter {
    if (rates === null) return UNLIMITED;
    return meter([{ rates, levels: this.#levelsOf(id, rates) }], this.#now);
  }

  /** A meter of one connection: both it and the principal must have tokens, else neither gives any. */
  connectionMeter({ id, limits: { rates } }: Principal): RateMeter {
    if (rates === null) return UNLIMITED;
    const own = { rates, levels: fullLevels(rates, this.#now()) };
    return meter([own, { rates, levels: this.#levelsOf(id, rates) }], this.#now);
  }

  #levelsOf(id: string, rates: Readonly<Record<BucketName, RateRule>>): Levels {
    const known = this.#levels.get(id);
    if (known !== undefined) return known;
    const levels = fullLevels(rates, this.#now());
    this.#levels.set(id, levels);
    return levels;
  }
}

/** Written in place: all that count in one bucket share it. */
type Levels = Record<BucketName, BucketLevel>;

interface Buckets {
  readonly rates: Readonly<Record<BucketName, RateRule>>;
  readonly levels: Levels;
}

/** Nothing is counted. */
const UNLIMITED: RateMeter = {
  take: (name) => ({ allowed: true, name, remaining: null, resetMs: 0, retryAfterMs: 0 }),
};

function fullLevels(rates: Readonly<Record<BucketName, RateRule>>, now: number): Levels {
  const levels = BUCKET_NAMES.map((name) => [name, fullBucket(rates[name], now)] as const);
  return Object.fromEntries(levels) as Levels;
}

function meter(all: readonly Buckets[], now: () => number): RateMeter {
  return {
    take: (name, cost = 1) => {
      const at = now();
      const taken = all.map(({ levels, rates }) => takeTokens(name, levels[name], rates[name], cost, at));
      const verdicts = taken.map(({ verdict }) => verdict);
      if (verdicts.every(({ allowed }) => allowed)) {
        for (const [index, { level }] of taken.entries()) {
          const buckets = all[index];
          if (buckets !== undefined) buckets.levels[name] = level;
        }
        return tightest(verdicts);
      }
      return longestWait(verdicts);
    },
  };
}

function tightest(verdicts: readonly RateVerdict[]): RateVerdict {
  return verdicts.reduce((least, next) => ((next.remaining ?? 0) < (least.remaining ?? 0) ? next : least));
}

function longestWait(verdicts: readonly RateVerdict[]): RateVerdict {
  return verdicts.reduce((most, next) => (next.retryAfterMs > most.retryAfterMs ? next : most));
}
