export { admit, admitTenders, refuseTender, rejectionsOf, type Admission } from "./admit-tenders.ts";
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
export { auditDemandCurve } from "./audit/audit-demand-curve.ts";
export { auditMidMarketRate } from "./audit/audit-mid-market-rate.ts";
export { auditPayAsBid } from "./audit/audit-pay-as-bid.ts";
export { auditSharingKey } from "./audit/audit-sharing-key.ts";
export { auditHuang, auditMcAfee } from "./audit/audit-two-prices.ts";
export type { AuctionClaim, ClaimedFill, ClaimedSurplus, ClaimedTrade } from "./audit/claim.ts";
export { describeFinding, type Finding, type FindingCode, type Notation } from "./audit/finding.ts";
export type { ClaimedPricedFill, ClaimedPricedTrade, MechanismClaim } from "./audit/mechanism-claim.ts";
export { auditUniform, type AuditOptions } from "./audit/audit-uniform.ts";
export { boundedBy } from "./bounded-by.ts";
export { checkRules, type RulesProblem } from "./check-rules.ts";
export {
  clearNode,
  curveOfBook,
  type Award,
  type Inflow,
  type NodeBook,
  type NodeResult,
  type Position,
  type PriceRule,
} from "./clear-node.ts";
export { clearUniform } from "./clear-uniform.ts";
export { coarsenCurve, coarsenToOneStep, isCurve, levelsAt, type CoarseCurve } from "./curve/coarsen-curve.ts";
export { clipCurve, splitAtZero, type SplitCurve } from "./curve/cut-curve.ts";
export { meetCurve, type CurveMeeting, type Margin } from "./curve/meet-curve.ts";
export {
  ceilOf,
  exportsAfterLoss,
  floorOf,
  importsBeforeLoss,
  joinAtZero,
  receivedOf,
  sentFor,
  shiftCurve,
} from "./curve/move-curve.ts";
export {
  assertCurve,
  bottomOf,
  compareDrops,
  curveOfDrops,
  curveOfSteps,
  dropsOf,
  EMPTY_CURVE,
  type Drop,
  type StepCurve,
} from "./curve/step-curve.ts";
export { addCurves, sumCurves } from "./curve/sum-curves.ts";
export { kPoint } from "./k-point.ts";
export { clearUniformObviously } from "./oracle/clear-uniform-obviously.ts";
export { GateBook, type GateBookView, type Indication } from "./gate-book.ts";
export { bookColumns, type BookColumns } from "./uniform/book-columns.ts";
export { clearColumns, emptyFills, type ColumnClearing } from "./uniform/clear-columns.ts";
export {
  assertColumns,
  BUY,
  isNarrow,
  SELL,
  type Columns,
  type EnergyColumn,
  type NarrowColumns,
} from "./uniform/columns.ts";
export { sortByKey } from "./uniform/radix-sort.ts";
export { shareOut, type Sharing } from "./uniform/share-out.ts";
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
export type {
  CommunityBook,
  CurveFill,
  CurveResult,
  MechanismResult,
  OwnUse,
  PoolResult,
  PricedFill,
  PricedTrade,
  SharingBook,
  SharingResult,
  TwoPriceResult,
} from "./mechanism.ts";
export { clearDemandCurve } from "./mechanisms/demand-curve.ts";
export { clearHuang } from "./mechanisms/huang.ts";
export { clearMcAfee } from "./mechanisms/mcafee.ts";
export { clearMidMarketRate } from "./mechanisms/mid-market-rate.ts";
export { clearPayAsBid } from "./mechanisms/pay-as-bid.ts";
export { clearSharingKey } from "./mechanisms/sharing-key.ts";
export type { CurvePoint, Side, Step, Tender, TenderCondition } from "./tender.ts";
