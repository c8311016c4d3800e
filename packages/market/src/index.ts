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
export { checkRules, type RulesProblem } from "./check-rules.ts";
export { clearUniform } from "./clear-uniform.ts";
export type { Side, Step, Tender, TenderCondition } from "./tender.ts";
