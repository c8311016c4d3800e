export { admitTenders, refuseTender } from "./admit-tenders.ts";
export type {
  AuctionResult,
  AuctionRules,
  Book,
  Fill,
  PriceInterval,
  Ratio,
  Rationing,
  Rejection,
  RejectionCode,
  Scarcity,
  Trade,
  Unfilled,
  UnfilledReason,
} from "./auction.ts";
export type { AuctionClaim, ClaimedFill, ClaimedSurplus, ClaimedTrade } from "./audit/claim.ts";
export { describeFinding, type Finding, type FindingCode, type Notation } from "./audit/finding.ts";
export { auditUniform, type AuditOptions } from "./audit/audit-uniform.ts";
export { checkRules, type RulesProblem } from "./check-rules.ts";
export { clearUniform } from "./clear-uniform.ts";
export { clearUniformObviously } from "./oracle/clear-uniform-obviously.ts";
export { GateBook, type GateBookView, type Indication } from "./gate-book.ts";
export { clearColumns, type ColumnClearing } from "./uniform/clear-columns.ts";
export { BUY, SELL, type Columns, type EnergyColumn } from "./uniform/columns.ts";
export type { Side, Step, Tender, TenderCondition } from "./tender.ts";
export { FastOrderBook } from "./order-book/fast-order-book.ts";
export { NaiveOrderBook } from "./order-book/naive-order-book.ts";
export {
  NEVER,
  ORDER_KIND,
  SELF_TRADE,
  TICKS_MAX,
  type BookStatistics,
  type DepthLevel,
  type OrderBook,
  type OrderBookRules,
  type RestingOrder,
} from "./order-book/order-book.ts";
export { CANCEL_REASON, REJECT_REASON, REPORT, ReportLog, type Report } from "./order-book/report-log.ts";
export { type Room } from "./order-book/resting-orders.ts";
export { stateHash } from "./order-book/state-hash.ts";
export { runSession } from "./order-book/run-session.ts";
export type {
  CancelEntry,
  CancelReason,
  OrderEntry,
  ReplaceEntry,
  SelfTradePolicy,
  Session,
  SessionEntry,
  SessionFill,
  SessionRefusal,
  SessionRest,
  SessionResult,
  SessionRules,
  SessionTrade,
  TimeInForce,
} from "./trading-session.ts";
export { auditSession } from "./audit/cda-audit.ts";
export type { ClaimedRest, ClaimedSessionFill, ClaimedSessionTrade, SessionClaim } from "./audit/cda-claim.ts";
