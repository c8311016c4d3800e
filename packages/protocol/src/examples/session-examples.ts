/** Examples of what a client says of its session and of what it listens to. */
import type { ClientExample } from "./client-example.ts";

/** What may be said before anybody is known, and how one makes oneself known. */
export const GREETING_EXAMPLES: readonly ClientExample[] = [
  {
    type: "time",
    title: "the offset of the clocks: note when the answer comes, too",
    data: { t0_ms: 1_782_903_600_000 },
    answer: "time",
  },
  { type: "test", title: "are you there?", data: { text: "7" }, answer: "test.answer" },
  { type: "test.answer", title: "yes: to the server's `test`", data: { text: "7" }, answer: null },
  { type: "auth.challenge", title: "what is to be signed", data: {}, answer: "auth.challenge" },
  {
    type: "auth",
    title: "a bearer: the operator's token, an issuer's, or one that a signed challenge has earned",
    data: { method: "bearer", token: "the-token-of-the-operator" },
    answer: "authenticated",
  },
  {
    type: "auth",
    title: "a ticket from POST /api/v1/ws-ticket, for pages",
    data: { method: "ticket", ticket: "wYx0cN5l9gk2fVnq3hTq7Q" },
    answer: "authenticated",
    own: "AUTH_FAILED",
  },
  {
    type: "auth",
    title: "the nonce, signed by the key of the principal",
    data: {
      method: "challenge",
      key: "did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme",
      nonce: "1782903600000.0f5c0c9e7d5a4b7c.9f31c4a02f1f",
      signature: "1f".repeat(64),
    },
    answer: "authenticated",
    own: "AUTH_FAILED",
  },
];

/** How a session is set up, and what it listens to. */
export const SESSION_EXAMPLES: readonly ClientExample[] = [
  {
    type: "session.configure",
    title: "take the session's open orders back when it is gone for ten seconds",
    data: { cancel_on_disconnect: { grace_ms: 10_000 } },
    answer: "session.configured",
  },
  {
    type: "session.configure",
    title: "leave them where they are",
    data: { cancel_on_disconnect: null },
    answer: "session.configured",
  },
  { type: "subscribe", title: "the market: rules, clock, next gate", data: { ch: "market" }, answer: "subscribed" },
  {
    type: "subscribe",
    title: "the open books, once a second at most",
    data: { ch: "book", max_rate_ms: 1_000 },
    answer: "subscribed",
  },
  { type: "subscribe", title: "prices", data: { ch: "prices" }, answer: "subscribed" },
  { type: "subscribe", title: "results", data: { ch: "results" }, answer: "subscribed" },
  { type: "subscribe", title: "trades", data: { ch: "trades" }, answer: "subscribed" },
  { type: "subscribe", title: "one party's orders", data: { ch: "orders/anne" }, answer: "subscribed" },
  { type: "subscribe", title: "one party's account", data: { ch: "bills/anne" }, answer: "subscribed" },
  {
    type: "resume",
    title: "everything that was missed since a number",
    data: { ch: "positions/anne", after_seq: 0 },
    answer: "resumed",
  },
  {
    type: "resume",
    title: "a number that this archive never gave: a snapshot instead",
    data: { ch: "orders/bert", after_seq: 9_999 },
    answer: "resume.reset",
  },
  { type: "resync", title: "something is missing: a new snapshot", data: { ch: "prices" }, answer: "resynced" },
  { type: "unsubscribe", title: "that is enough", data: { ch: "trades" }, answer: "unsubscribed" },
  { type: "session.state", title: "what I listen to, and may still send", data: {}, answer: "session.state" },
];
