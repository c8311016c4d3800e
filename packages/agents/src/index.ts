export { committedLoad, type CommittedLoadView } from "./committed-load.ts";
export { deferrableCharge, type DeferrableChargeView } from "./deferrable-charge.ts";
export { netTenders } from "./net-tenders.ts";
export { storageTrader, type StorageTraderView } from "./storage-trader.ts";
export { storageValue, type StorageOutlook, type StorageValue } from "./storage-value.ts";
export { variableGenerator, type VariableGeneratorView } from "./variable-generator.ts";
export type { HeardQuote, QuoteView, Strategy, Trader } from "./traders/trader.ts";
export { zeroIntelligencePlus } from "./traders/zero-intelligence-plus.ts";
export { zeroIntelligenceConstrained, zeroIntelligenceUnconstrained } from "./traders/zero-intelligence.ts";
