/** What every session begins with. */
import { SUBPROTOCOL, type ServerMessage } from "@micromarket/protocol";
import type { Pass } from "../access/principal.ts";
import { DEFAULT_RATES } from "../access/rate-meters.ts";
import type { SessionContext } from "./session-context.ts";

/** Who it is, on the wire. */
export function principalView({ principal }: Pass) {
  return {
    principal: principal.id,
    grants: principal.grants.map(({ party, scopes }) => ({ party, scopes: [...scopes] })),
  };
}

/** The first message of a session. */
export function helloOf(context: SessionContext, session: string, pass: Pass | null): ServerMessage<"hello">["data"] {
  const { limits, desk, moment, wallNow, server, version, channels } = context;
  const { now, factor } = moment();
  const rates = pass === null ? DEFAULT_RATES : pass.principal.limits.rates;
  return {
    ...{ server, version, protocol: SUBPROTOCOL, session, market: desk.rules.market },
    ...{ server_ms: wallNow(), market_ms: now, factor },
    features: ["cts", "batch", "resume", "cancel_on_disconnect"],
    units: {
      energy: "Wh",
      price: `10^-6 ${desk.rules.currency} per kWh`,
      money: `10^-9 ${desk.rules.currency}`,
      time: "ms",
      currency: desk.rules.currency,
    },
    limits: {
      frame_bytes_max: limits.frameBytesMax,
      batch_max: limits.batchMax,
      sessions_max: pass?.principal.limits.sessionsMax ?? 0,
      subscriptions_max: limits.subscriptionsMax,
      unread_bytes_max: limits.unreadBytesMax,
      invalid_per_minute_max: limits.invalidPerMinuteMax,
      buckets:
        rates === null
          ? []
          : Object.entries(rates).map(([name, { perSecond, burst }]) => ({ name, per_second: perSecond, burst })),
    },
    heartbeat_ms: limits.heartbeatMs,
    silence_ms_max: limits.silenceMsMax,
    auth_within_ms: limits.authWithinMs,
    auth: { methods: ["certificate", "challenge", "bearer", "ticket"] },
    principal: pass === null ? null : principalView(pass),
    channels: { ...channels.seqs },
    maintenance: [],
    deprecations: [],
  };
}
