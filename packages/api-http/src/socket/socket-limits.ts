/** How much a session may ask for and keep waiting. `hello` tells them. */

/** Limits and times of sockets; times in milliseconds of the wall clock. */
export interface SocketLimits {
  readonly frameBytesMax: number;
  readonly batchMax: number;
  readonly subscriptionsMax: number;
  /** Sessions of all principals together. */
  readonly sessionsMax: number;
  /** Most bytes that may wait to be read, beyond the snapshots that were asked for. */
  readonly unreadBytesMax: number;
  readonly invalidPerMinuteMax: number;
  readonly authWithinMs: number;
  readonly heartbeatMs: number;
  readonly pingMs: number;
  readonly silenceMsMax: number;
  /** How often open books are looked at while somebody listens. */
  readonly lookMs: number;
  /** How long requests that go on beyond the limits are refused before the session is closed. */
  readonly insistenceMsMax: number;
}

/** What holds where nothing else is said. */
export const SOCKET_LIMITS: SocketLimits = {
  frameBytesMax: 65_536,
  batchMax: 1_000,
  subscriptionsMax: 64,
  sessionsMax: 2_048,
  unreadBytesMax: 1_048_576,
  invalidPerMinuteMax: 5,
  authWithinMs: 5_000,
  heartbeatMs: 5_000,
  pingMs: 20_000,
  silenceMsMax: 60_000,
  lookMs: 1_000,
  insistenceMsMax: 60_000,
};
