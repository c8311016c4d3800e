/** What client and server say of the session itself: who is there, what is listened to, whether the other still is. */
import { Type, type Static } from "@sinclair/typebox";
import { ErrorBody } from "./error-code.ts";
import type { ClientId } from "./frame.ts";
import { answerFrame, ChannelName, clientFrame } from "./frame.ts";
import { closedObject, Count, Integer, Name, nullable, oneOf } from "./units.ts";

/** What a principal may do for a party. */
export const SCOPES = ["read", "trade", "admin"] as const;

/** What a principal may do for a party. */
export const Scope = oneOf(...SCOPES);
export type Scope = Static<typeof Scope>;

/** Who is there, as far as it is known, and what it may do. `party` is `*` for every party. */
export const PrincipalView = Type.Object({
  principal: Name,
  grants: Type.Array(Type.Object({ party: Name, scopes: Type.Array(Scope) })),
});

/** A bucket of a limit: how much is left, and in how many milliseconds it is full again. */
export const LimitView = Type.Object({ name: Name, remaining: Count, reset_ms: Count });
export type LimitView = Static<typeof LimitView>;

/** The first message of every session, before anything is asked. */
export const Hello = answerFrame(
  "hello",
  Type.Object({
    /** The name that a challenge is signed for. */
    server: Name,
    version: Name,
    protocol: Name,
    session: Name,
    market: Name,
    /** The wall clock of the server, the market's own time, and how many times faster it runs; `null`: it is the wall clock. */
    server_ms: Integer,
    market_ms: Integer,
    factor: nullable(Count),
    features: Type.Array(Name),
    units: Type.Object({ energy: Name, price: Name, money: Name, time: Name, currency: Name }),
    limits: Type.Object({
      frame_bytes_max: Count,
      batch_max: Count,
      sessions_max: Count,
      subscriptions_max: Count,
      unread_bytes_max: Count,
      invalid_per_minute_max: Count,
      buckets: Type.Array(Type.Object({ name: Name, per_second: Count, burst: Count })),
    }),
    heartbeat_ms: Count,
    /** Silence after which the server gives a session up. */
    silence_ms_max: Count,
    /** Time within which one must have said who one is. */
    auth_within_ms: Count,
    /** Methods of `auth`. */
    auth: Type.Object({ methods: Type.Array(oneOf("certificate", "challenge", "bearer", "ticket")) }),
    /** Already known, by its certificate; `null`: not yet. */
    principal: nullable(PrincipalView),
    /** The `seq` of the latest message of each public channel. */
    channels: Type.Record(Type.String(), Count),
    /** Planned stops. */
    maintenance: Type.Array(Type.Object({ from_ms: Integer, to_ms: Integer, reason: Type.String() })),
    /** What will go away, and when. */
    deprecations: Type.Array(Type.Object({ what: Type.String(), from_ms: Integer })),
  }),
);
export type Hello = Static<typeof Hello>;

/** Messages that a client may send about the session, by type. */
export const SESSION_REQUESTS = {
  /** Who the client is; also before a token expires. */
  auth: clientFrame(
    "auth",
    Type.Union([
      closedObject({ method: Type.Literal("bearer"), token: Type.String({ minLength: 1, maxLength: 8_192 }) }),
      closedObject({ method: Type.Literal("ticket"), ticket: Type.String({ minLength: 1, maxLength: 256 }) }),
      closedObject({
        method: Type.Literal("challenge"),
        /** did:key of secp256k1 or Ed25519. */
        key: Type.String({ minLength: 1, maxLength: 256 }),
        nonce: Type.String({ minLength: 1, maxLength: 512 }),
        /** 64 bytes in hexadecimal digits. */
        signature: Type.String({ pattern: "^[0-9a-f]{128}$" }),
      }),
    ]),
  ),
  /** What is to be signed for the method `challenge`. */
  "auth.challenge": clientFrame("auth.challenge", closedObject({})),
  /**
   * What happens to the session's open orders when it ends; `null`: they stay. `takes_over` names an earlier session of
   * the same principal whose orders are this one's from now on.
   */
  "session.configure": clientFrame(
    "session.configure",
    closedObject({
      cancel_on_disconnect: nullable(closedObject({ grace_ms: Type.Integer({ minimum: 0, maximum: 600_000 }) })),
      takes_over: Type.Optional(Name),
    }),
  ),
  subscribe: clientFrame(
    "subscribe",
    closedObject({
      ch: ChannelName,
      /** Least time between two messages; what happens in between is told as one. Private channels are never thinned. */
      max_rate_ms: Type.Optional(Type.Integer({ minimum: 0, maximum: 60_000 })),
    }),
  ),
  unsubscribe: clientFrame("unsubscribe", closedObject({ ch: ChannelName })),
  /** Something is missing in the channel: a new snapshot is asked for. */
  resync: clientFrame("resync", closedObject({ ch: ChannelName })),
  /** Subscribes to a private channel from `after_seq` on. Numbers mean the same as long as `epoch` is the same. */
  resume: clientFrame("resume", closedObject({ ch: ChannelName, after_seq: Count, epoch: Type.Optional(Count) })),
  /** Are you there? */
  test: clientFrame("test", closedObject({ text: Type.Optional(Type.String({ maxLength: 128 })) })),
  /** Yes: the answer to the server's `test`. */
  "test.answer": clientFrame("test.answer", closedObject({ text: Type.Optional(Type.String({ maxLength: 128 })) })),
  /** For the offset of the clocks. */
  time: clientFrame("time", closedObject({ t0_ms: Integer })),
  /** What the session may still send, and what it listens to. */
  "session.state": clientFrame("session.state", closedObject({})),
} as const;

/** What may be said before the sender is known. */
export const OPEN_REQUESTS = ["auth", "auth.challenge", "time", "test", "test.answer"] as const;

/** What is to be signed: canonical text of all but `expires_ms`. */
const ChallengeFrame = Type.Object({ purpose: Name, server: Name, nonce: Name, at_ms: Integer, expires_ms: Integer });

/** Messages of the server about the session, by type. */
export const SESSION_ANSWERS = {
  hello: Hello,
  "auth.challenge": answerFrame("auth.challenge", ChallengeFrame),
  authenticated: answerFrame(
    "authenticated",
    Type.Object({
      ...PrincipalView.properties,
      /** When the credential ends: say `auth` again before; `null`: it does not. */
      expires_ms: nullable(Integer),
    }),
  ),
  "session.configured": answerFrame(
    "session.configured",
    Type.Object({
      cancel_on_disconnect: nullable(Type.Object({ grace_ms: Count })),
      /** Whether there were orders to take over. */
      took_over: Type.Boolean(),
    }),
  ),
  subscribed: answerFrame(
    "subscribed",
    Type.Object({ ch: ChannelName, seq: Count, max_rate_ms: Count, epoch: nullable(Count) }),
  ),
  /** A snapshot follows. */
  resynced: answerFrame("resynced", Type.Object({ ch: ChannelName })),
  unsubscribed: answerFrame("unsubscribed", Type.Object({ ch: ChannelName })),
  /** What follows are the messages after `after_seq` up to `to_seq`, then new ones. */
  resumed: answerFrame("resumed", Type.Object({ ch: ChannelName, after_seq: Count, to_seq: Count, epoch: Count })),
  /** What was missed is not kept any more: a snapshot follows. */
  "resume.reset": answerFrame(
    "resume.reset",
    Type.Object({ ch: ChannelName, first_seq: Count, to_seq: Count, epoch: Count }),
  ),
  heartbeat: answerFrame("heartbeat", Type.Object({ last: Type.Record(Type.String(), Count), market_ms: Integer })),
  test: answerFrame("test", Type.Object({ text: Type.Optional(Type.String()) })),
  "test.answer": answerFrame("test.answer", Type.Object({ text: Type.Optional(Type.String()) })),
  time: answerFrame("time", Type.Object({ t0_ms: Integer, t1_ms: Integer, t2_ms: Integer, market_ms: Integer })),
  "session.state": answerFrame(
    "session.state",
    Type.Object({
      session: Name,
      principal: Name,
      channels: Type.Array(ChannelName),
      limits: Type.Array(LimitView),
      cancel_on_disconnect: nullable(Type.Object({ grace_ms: Count })),
    }),
  ),
  "server.closing": answerFrame(
    "server.closing",
    Type.Object({ reason: Type.String(), at_ms: Integer, retry_after_ms: Count }),
  ),
  error: answerFrame("error", ErrorBody),
} as const;

/** The id of a request that could not be read is not known. */
export type RequestId = Static<typeof ClientId>;
