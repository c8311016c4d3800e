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
