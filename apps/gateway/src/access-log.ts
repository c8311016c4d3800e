/**
 * What the log says of access: every revocation, and refusals, each kind of each address once a minute with a count, so that
 * nobody who is not let in fills the disk.
 */
import type { AccessEvent } from "@micromarket/api-http";
import type { GatewayLog } from "./gateway-log.ts";

const EVERY_MS = 60_000;
/** Kinds that are told apart; what comes beyond them is one kind more. */
const KINDS_MAX = 256;

interface Said {
  readonly atMs: number;
  readonly unsaid: number;
}

/** Takes what a registry tells. `elapsedMs`: a clock that never goes back. */
export function accessLog(log: GatewayLog, elapsedMs: () => number): (event: AccessEvent) => void {
  const said = new Map<string, Said>();
  return (event) => {
    if (event.type !== "refused") return logRare(log, event);
    const { refusal, from, principalId: principal } = event;
    const now = elapsedMs();
    for (const [each, { atMs, unsaid }] of said) {
      if (now - atMs <= EVERY_MS) continue;
      said.delete(each);
      if (unsaid > 0) log.warn({ kind: each, times: unsaid }, "access refused, as often again");
    }
    const wanted = `${refusal.reason} ${from}`;
    const kind = said.has(wanted) || said.size < KINDS_MAX ? wanted : "others";
    const last = said.get(kind);
    if (last !== undefined) return void said.set(kind, { ...last, unsaid: last.unsaid + 1 });
    said.set(kind, { atMs: now, unsaid: 0 });
    const { code, reason, note } = refusal;
    log.warn(
      { code, reason, from, ...(principal === null ? {} : { principal }), ...(note === undefined ? {} : { note }) },
      "access refused",
    );
  };
}

function logRare(log: GatewayLog, event: Exclude<AccessEvent, { readonly type: "refused" }>): void {
  if (event.type === "listener-failed") {
    return log.error({ error: String(event.error) }, "a session was not closed at a revocation");
  }
  log.warn({ principal: event.principalId, by: event.by }, `a principal was ${event.type}`);
}
