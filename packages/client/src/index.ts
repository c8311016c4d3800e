export { crc32, isBookSound } from "./channels/book-checksum.ts";
export type { ChannelCursor, ChannelHearer, ChannelNotice, ChannelWish } from "./channels/channel-follower.ts";
export { connect } from "./connect.ts";
export { HttpTwin, socketUrl, type HttpAnswer, type HttpTwinOptions } from "./http-twin.ts";
export { isFinalState, type ClientOrder, type ClientOrderState, type RequestedOrder } from "./orders/client-order.ts";
export { ClientOrders, type UnsettledRequest } from "./orders/client-orders.ts";
export {
  envelopeAuthority,
  RequestUnsignable,
  type EnvelopeInit,
  type OrderAuthority,
} from "./orders/order-authority.ts";
export { OrderDesk, type OrderDeskEvents, type OrderDeskInit, type Placing } from "./orders/order-desk.ts";
export {
  memoryJournal,
  storeJournal,
  type AnsweredOrder,
  type JournalRecord,
  type KeptRequest,
  type OrderJournal,
  type TextStore,
} from "./orders/order-journal.ts";
export { askDelivery, askPosition, askTransactions, type PartyRange } from "./orders/party-queries.ts";
export type { Outcome } from "./orders/request-outcome.ts";
export { interval, limitTender, streamTender, type LimitOrder, type StreamOrder } from "./orders/tender-builders.ts";
export type { AnswerData, AskedType, Reply } from "./reply.ts";
export {
  followPrivate,
  followPublic,
  type PrivateHearer,
  type PrivateMessage,
  type PublicHearer,
} from "./session/channels.ts";
export { bestOffset, type ClockOffset, type FourTimes } from "./session/clock-offset.ts";
export type { ConnectionEnd, Hello, ServerFrame } from "./session/connection.ts";
export {
  CHALLENGE_PURPOSE,
  challengeSigner,
  ChallengeUnfit,
  ed25519Signer,
  type ChallengeSigner,
  type Credential,
} from "./session/credential.ts";
export { MarketSession } from "./session/market-session.ts";
export { RECONNECT_RULE, reconnectDelay, type LastEnd, type ReconnectRule } from "./session/reconnect-delay.ts";
export type {
  Authenticated,
  SessionEvents,
  SessionFailure,
  SessionOptions,
  SessionState,
} from "./session/session-options.ts";
export { GLOBAL_SURROUNDINGS, type ClientSocket, type OpenSocket, type Surroundings } from "./surroundings.ts";
