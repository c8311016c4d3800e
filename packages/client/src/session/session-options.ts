/** How a session is held, and what is told of it. */
import type { ErrorBody, ServerMessage } from "@micromarket/protocol";
import type { ChannelNotice } from "../channels/channel-follower.ts";
import type { Surroundings } from "../surroundings.ts";
import type { ConnectionEnd, Hello, ServerFrame } from "./connection.ts";
import type { Credential } from "./credential.ts";
import type { ReconnectRule } from "./reconnect-delay.ts";

/** How a session is held. Times in milliseconds. */
export interface SessionOptions {
  readonly credential: Credential;
  /** @default the global ones */
  readonly surroundings?: Partial<Surroundings>;
  /** After which a request's outcome is unknown. @default 10000 */
  readonly requestTimeoutMs?: number;
  /** Within which the socket has to be open and hello there. @default 10000 */
  readonly helloWithinMs?: number;
  /** Silence after which the session is dropped. @default three heartbeats, 5000 at least */
  readonly silenceMs?: number;
  /** The server takes open orders back where the session is gone for so long; for bots. @default null: it does not */
  readonly cancelOnDisconnect?: { readonly graceMs: number } | null;
  /** Questions for the time after each sign-in. @default 4 */
  readonly clockSamples?: number;
  /** @default RECONNECT_RULE */
  readonly reconnect?: Partial<ReconnectRule>;
  /** Hears of errors that listeners throw. @default they are thrown on, out of everybody's way */
  readonly onListenerError?: (error: unknown) => void;
}

/** Where a session stands. */
export type SessionState = "connecting" | "signing-in" | "ready" | "waiting" | "closed" | "failed";

/** Who one is, and what one may do. */
export type Authenticated = Pick<ServerMessage<"authenticated">["data"], "principal" | "grants"> & {
  readonly expires_ms: number | null;
};

/** Why a session was given up for good. */
export interface SessionFailure {
  readonly code: "AUTH_REFUSED" | "FORBIDDEN" | "REPLACED" | "VERSION" | "CREDENTIAL";
  readonly message: string;
  readonly error: ErrorBody | null;
}

/** What is told of a session. */
export interface SessionEvents {
  readonly state: SessionState;
  readonly hello: Hello;
  /** Signed in, channels asked for; `isAgain`: there was a session before. */
  readonly ready: { readonly session: string; readonly isAgain: boolean; readonly who: Authenticated };
  readonly refreshed: Authenticated;
  readonly ended: ConnectionEnd;
  /** The server is about to stop. */
  readonly closing: ServerMessage<"server.closing">["data"];
  /** A bucket runs dry. */
  readonly limit: ServerMessage<"limit">["data"];
  readonly channel: ChannelNotice;
  /** Of no channel and no request: a push such as `EiCreateTransaction`, an error without id, or what is newer than this client. */
  readonly frame: ServerFrame;
  /** Something that does not belong there and was passed over. */
  readonly stray: string;
  readonly failed: SessionFailure;
}
