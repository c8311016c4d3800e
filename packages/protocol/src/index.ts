export { formatDuration, parseDuration } from "./cts/duration.ts";
export {
  CANCEL_REASONS,
  CancelReasonType,
  INSTRUMENT_SUMMARIES,
  InstrumentSummaryType,
  MARKET_MECHANISMS,
  MarketMechanismType,
  MmtLevelTwoPhase,
  NEGOTIATION_TYPES,
  NegotiationType,
  RESOURCE_DESIGNATORS,
  ResourceDesignatorType,
  SEGMENT_STATUSES,
  SegmentStatusType,
  SESSION_STATUSES,
  SessionStatusType,
  SIDES,
  SideType,
  STREAM_TRADING,
  StreamTradingType,
  SUBSCRIPTION_ACTIONS,
  SubscriptionActionType,
  TICKER_TYPES,
  TickerType,
  TRADING_PHASES,
  UPDATE_TYPES,
  UpdateType,
} from "./cts/enumerations.ts";
export { Authority, CTS_ANSWERS, CTS_REQUESTS } from "./cts/messages.ts";
export {
  Duration,
  EiCanceledResponse,
  EiQuote,
  EiResponse,
  EiRfq,
  EiTender,
  EiTransaction,
  Interval,
  MarketAttributeViolation,
  Product,
  Stream,
  TenderIntervalDetail,
  TenderStreamDetail,
  Uid,
  Warrant,
} from "./cts/objects.ts";
export {
  InstrumentBookSummary,
  InstrumentData,
  InstrumentSessionSummary,
  MarketReferenceData,
  SegmentReferenceData,
  SessionData,
} from "./cts/reference-data.ts";
export { type Endpoints, marketReferenceData, segmentReferenceData, sessionData } from "./cts/reference-views.ts";
export {
  cancelCommands,
  commandOfBatch,
  commandOfTenders,
  rowOfRefusal,
  type NotOneBatch,
  type OrderPlace,
} from "./cts/order-commands.ts";
export { acceptedResponse, refusedResponse, violatedResponse } from "./cts/responses.ts";
export { type Executed, rangeOf, type SlotQuantity, streamOf, transactionOf } from "./cts/streams.ts";
export {
  marketPartyOf,
  orderName,
  type MessageTender,
  PRICE_SCALE,
  QUANTITY_SCALE,
  SEGMENT_ID,
  tendersOfMessage,
  type TenderTerms,
} from "./cts/tenders-of-message.ts";
export { errorOfRefusal } from "./error-of-refusal.ts";
export { answersTo, CLIENT_EXAMPLES } from "./examples/client-examples.ts";
export type { ClientExample } from "./examples/client-example.ts";
export type { ServerExample } from "./examples/server-example.ts";
export { SERVER_EXAMPLES } from "./examples/server-examples.ts";
export {
  BATCH_ROWS_MAX,
  type BatchAnswer,
  type BatchFailure,
  type BatchFrame,
  decodeBatch,
  decodeBatchAnswer,
  encodeBatch,
  encodeBatchAnswer,
} from "./wire/binary-batch.ts";
export {
  ADMIN_CHANNEL,
  AccountChange,
  AlarmView,
  BillView,
  BookView,
  CHANNEL_MESSAGES,
  ORDER_VIEW_STATES,
  OrderView,
  PositionChange,
  PRIVATE_CHANNELS,
  PRIVATE_MESSAGES,
  PRIVATE_SNAPSHOT,
  PriceView,
  PUBLIC_CHANNELS,
  PUBLIC_DATA,
  TradesView,
  TransactionView,
  type PrivateChannel,
  type PublicChannel,
} from "./wire/channel-messages.ts";
export {
  ByBody,
  CONTROL_LOCKS,
  CONTROL_PHASES,
  ControlItem,
  ControlList,
  type ControlLock,
  ControlNews,
  type ControlPhase,
  DimBody,
  EmptyBody,
  SiteLimit,
  StopAnswer,
} from "./wire/control-schema.ts";
export {
  CLOSE_CODES,
  type CloseCode,
  ERROR_CODES,
  ErrorBody,
  errorBody,
  type ErrorClass,
  type ErrorCode,
} from "./wire/error-code.ts";
export { LiveEvent } from "./wire/event-schema.ts";
export {
  answerFrame,
  AnyFrame,
  channelFrame,
  ChannelName,
  clientFrame,
  ClientId,
  ID_LENGTH_MAX,
  SUBPROTOCOL,
} from "./wire/frame.ts";
export { DeviceList, MarketView, PointReading, Snapshot } from "./wire/market-schema.ts";
export {
  CLIENT_MESSAGES,
  type ClientMessage,
  type ClientType,
  SERVER_MESSAGES,
  type ServerMessage,
  type ServerType,
} from "./wire/messages.ts";
export { OpenSlot } from "./wire/open-slot-schema.ts";
export { ORDER_ANSWERS, ORDER_REQUESTS } from "./wire/order-messages.ts";
export { PartyList, PartyPosition, PartyStatement, StatementLine } from "./wire/party-schema.ts";
export { CheckStatus, Health, Problem } from "./wire/service-schema.ts";
export {
  Hello,
  LimitView,
  PrincipalView,
  type RequestId,
  Scope,
  SCOPES,
  SESSION_ANSWERS,
  OPEN_REQUESTS,
  SESSION_REQUESTS,
} from "./wire/session-messages.ts";
export { Phase, PHASES, SlotBook, SlotDetail, SlotPage, SlotSummary } from "./wire/slot-schema.ts";
export { SlotNode, TieView } from "./wire/tie-schema.ts";
export {
  Amount,
  closedObject,
  Count,
  Instant,
  instantText,
  Integer,
  mapNullable,
  Name,
  nullable,
  oneOf,
} from "./wire/units.ts";
export { ArchiveFeed } from "./orders/archive-feed.ts";
export {
  ARCHIVE_RETENTION,
  ArchiveFailure,
  type ArchiveBeginning,
  type ArchivedEntry,
  type ArchiveFailureCode,
  type ArchiveHead,
  type ArchiveRetention,
  type OrderArchive,
  type OrderArchiveView,
  type OrderFilter,
  type OrderList,
  type OrderPage,
  type PrivateListener,
} from "./orders/order-archive.ts";
export { catchUp, type CatchUpFailure, type CatchUpOptions, type CaughtUp } from "./orders/catch-up.ts";
export { clientOrderId } from "./orders/client-order-id.ts";
export {
  EMPTY_START,
  OrderProjection,
  ordersStanding,
  type Projected,
  type ProjectedEntry,
  type ProjectionStart,
} from "./orders/order-projection.ts";
export {
  isFinal,
  ORDER_CAUSES,
  ORDER_STATES,
  type OrderCause,
  type OrderRecord,
  type OrderState,
  type RequestRecord,
} from "./orders/order-record.ts";
export {
  decodeOrder,
  decodePrivateEvents,
  decodeRequest,
  encodeOrder,
  encodePrivateEvent,
  encodeRequest,
} from "./orders/order-text.ts";
export {
  ORDER_NEWS,
  type AwardNews,
  type BillLine,
  type BillNews,
  type CreditLineNews,
  type DeliveryNews,
  type EventPlace,
  type GrantNews,
  type KeyEnrolledNews,
  type KeyRevokedNews,
  type KeyRotatedNews,
  type MeterNews,
  type OrderNews,
  type OrderUpdate,
  type PaymentNews,
  type PositionNews,
  type PrivateEvent,
  type PrivateNews,
  type StandingNews,
  type TradeNews,
} from "./orders/private-event.ts";
export {
  orderFingerprint,
  requestFingerprint,
  tradeRequest,
  type PlacedTender,
  type TradeRequest,
} from "./orders/trade-requests.ts";
export { archiveState, channelOf, orderView, privateFrame, type PrivateFrame } from "./orders/private-frames.ts";
