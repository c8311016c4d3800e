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
export { auditDemandCurve } from "./audit/audit-demand-curve.ts";
export { auditMidMarketRate } from "./audit/audit-mid-market-rate.ts";
export { auditPayAsBid } from "./audit/audit-pay-as-bid.ts";
export { auditSharingKey } from "./audit/audit-sharing-key.ts";
export { auditHuang, auditMcAfee } from "./audit/audit-two-prices.ts";
export type { AuctionClaim, ClaimedFill, ClaimedSurplus, ClaimedTrade } from "./audit/claim.ts";
export { describeFinding, type Finding, type FindingCode, type Notation } from "./audit/finding.ts";
export type { ClaimedPricedFill, ClaimedPricedTrade, MechanismClaim } from "./audit/mechanism-claim.ts";
export { auditUniform, type AuditOptions } from "./audit/audit-uniform.ts";
export { checkRules, type RulesProblem } from "./check-rules.ts";
export { clearUniform } from "./clear-uniform.ts";
export { clearUniformObviously } from "./oracle/clear-uniform-obviously.ts";
export { GateBook, type GateBookView, type Indication } from "./gate-book.ts";
export { clearColumns, type ColumnClearing } from "./uniform/clear-columns.ts";
export { BUY, SELL, type Columns, type EnergyColumn } from "./uniform/columns.ts";
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
