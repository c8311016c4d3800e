/** Whether what the page shows is current, and since when it is not. Instants are the page's own clock, milliseconds. */

/** Two heartbeats of the server: who has heard nothing for longer shows old numbers. */
export const SILENT_AFTER_MS = 30_000;

/** What is known of the live stream. */
export interface Contact {
  readonly open: boolean;
  /** When anything last came over it, a heartbeat included; `null`: never yet. */
  readonly heardMs: number | null;
}

/** What the page says of itself. */
export type Connection =
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  /** `silent`: the stream is open and says nothing; `market`: the server itself says that a gate is overdue. */
  | { readonly kind: "stale"; readonly sinceMs: number; readonly cause: "silent" | "market" }
  | { readonly kind: "disconnected"; readonly sinceMs: number };

/** The state of the page at `nowMs`; `marketStale` is what the server last said of the market. */
export function connectionOf({ open, heardMs }: Contact, marketStale: boolean, nowMs: number): Connection {
  if (heardMs === null) return { kind: "connecting" };
  if (!open) return { kind: "disconnected", sinceMs: heardMs };
  if (nowMs - heardMs > SILENT_AFTER_MS) return { kind: "stale", sinceMs: heardMs, cause: "silent" };
  if (marketStale) return { kind: "stale", sinceMs: heardMs, cause: "market" };
  return { kind: "live" };
}
