/** How long to wait before the next attempt: at once a few times, then longer and longer, each client at another moment. */

/** How attempts are spaced. */
export interface ReconnectRule {
  /** Attempts that come at once, but for a little jitter. */
  readonly immediate: number;
  /** Jitter of those, milliseconds at most. */
  readonly jitterMs: number;
  /** Least wait of the others … */
  readonly leastMs: number;
  /** … and the most. */
  readonly mostMs: number;
  /** A session that was ready for so long ends the count of attempts. */
  readonly stableMs: number;
}

/** Three times at once, then not faster than every 5 s, up to a minute. */
export const RECONNECT_RULE: ReconnectRule = {
  immediate: 3,
  jitterMs: 250,
  leastMs: 5_000,
  mostMs: 60_000,
  stableMs: 10_000,
};

/** Why the last session ended, as far as it matters here. */
export interface LastEnd {
  /** What `server.closing` asked for; `null`: nothing. */
  readonly retryAfterMs: number | null;
  /** The server said that it has too much to do: no attempt comes at once. */
  readonly isOverloaded: boolean;
}

/** Milliseconds before attempt number `attempt` (1 is the first after a session ended); `random` is from [0, 1). */
export function reconnectDelay(rule: ReconnectRule, attempt: number, last: LastEnd, random: number): number {
  if (last.retryAfterMs !== null) return Math.round(last.retryAfterMs * (1 + random / 4));
  if (attempt <= rule.immediate && !last.isOverloaded) return Math.round(rule.jitterMs * random);
  const doublings = Math.min(16, Math.max(0, attempt - rule.immediate - 1));
  const ceiling = Math.min(rule.mostMs, rule.leastMs * 2 ** (doublings + 1));
  return Math.round(rule.leastMs + (ceiling - rule.leastMs) * random);
}
