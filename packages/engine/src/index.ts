export {
  arrearsAccount,
  collateralAccount,
  DELIVERED,
  FEES,
  IMBALANCE,
  levyAccount,
  LOSSES,
  OUTSIDE,
  partyAccount,
  PENALTIES,
  RENT,
  UNACCOUNTED,
} from "./accounts.ts";
export { apply, effectiveAt } from "./apply.ts";
export { checkMarketRules, type MarketRulesProblem } from "./check-market-rules.ts";
export { bookToClear } from "./close-gate.ts";
export type {
  ApplyAward,
  CancelTender,
  CloseGate,
  Command,
  CreditAccount,
  EstimateDeliveries,
  FallBack,
  PayOut,
  ReadMeter,
  RegisterParty,
  ReportDelivery,
  SetCreditLine,
  SetTariff,
  SetTie,
  SubmitPosition,
  SubmitTender,
} from "./command.ts";
export { COMMAND_LENGTH_MAX, decodeCommand, encodeCommand } from "./command-text.ts";
export type {
  AccountCredited,
  ClearingMode,
  CreditLineSet,
  DeliveryEstimated,
  DeliveryPosted,
  DeliveryTruedUp,
  GateClosed,
  MarketEvent,
  MeterRead,
  NodeClearing,
  PaidOut,
  PartyRegistered,
  PositionAccepted,
  PositionAward,
  PositionFormed,
  SlotSettled,
  TariffSet,
  TenderAccepted,
  TenderCancelled,
  TieSet,
} from "./event.ts";
export { curveRecord, decodeCurve, decodeParts, partsRecord } from "./curve-record.ts";
export { foundMarket } from "./found-market.ts";
export { fundsOf, ownFundsOf, type FundsRefusal } from "./funds.ts";
export { gateInstant } from "./gate.ts";
export { indicative, partiesTendering } from "./indicative.ts";
export { violatedInvariants } from "./invariants.ts";
export type { Journal, JournalEntry, Snapshot } from "./journal.ts";
export { JournalFailure, type JournalComplaint, type JournalFailureCode } from "./journal-failure.ts";
export {
  AMOUNT_MAX,
  ENERGY_MAX,
  HORIZON_MAX,
  PARTIES_MAX,
  PRICE_MAX,
  PRICE_MIN,
  TARIFFS_MAX,
  STEPS_MAX,
  TENDERS_MAX,
  LOSS_MAX,
  POSITIONS_MAX,
  TIES_MAX,
} from "./limits.ts";
export { MarketNode, NodeFailure } from "./market-node.ts";
export { openNode, type OpenFailure, type OpenOptions } from "./open-node.ts";
export type { Outcome } from "./outcome.ts";
export { pruneJournal, type PruneFailure, type PruneOptions, type Pruning } from "./prune-journal.ts";
export type {
  AwardRefusal,
  DeliveryRefusal,
  FundingRefusal,
  PartyRefusal,
  PaymentRefusal,
  PositionRefusal,
  ReadingRefusal,
  Refusal,
  RefusalCode,
  SlotRefusal,
  TariffRefusal,
  TenderRefusal,
  TieRefusal,
} from "./refusal.ts";
export {
  foundPosition,
  replayEntries,
  replayFromZero,
  type NodePosition,
  type ReplayFailure,
  type ReplayObserver,
} from "./replay.ts";
export { RESIDUAL_BUY, RESIDUAL_SELL } from "./residual-tenders.ts";
export { restoreState, type RestoreFailure } from "./restore-state.ts";
export { NODE_DEFAULTS, RULES_VERSION, type MarketRules, type NodeRules, type ResidualCounterparty } from "./rules.ts";
export { marketGenesis, rulesRecord } from "./rules-record.ts";
export type { Funding, ImbalanceRules, Levy, SettlementRules } from "./settlement-rules.ts";
export { settleTrade, type Shortfall, type TradeSettlement } from "./settle-trade.ts";
export { hashOfSnapshot, snapshotText, stateHash } from "./snapshot.ts";
export { startPosition, type SnapshotFailure } from "./start-position.ts";
export { transfersOf } from "./statement/event-transfers.ts";
export { statementLines, sumOfLines, type StatementLine } from "./statement/statement-lines.ts";
export type {
  ClearedSlot,
  CounterReading,
  EstimatedSlot,
  NumberedPosition,
  OpenTrade,
  OpenTrades,
  PricePair,
  Prices,
  SlotBook,
  SlotReading,
  State,
  StateView,
  TariffEntry,
  TieEntry,
  View,
  WaitingSlot,
} from "./state.ts";
export { worstCostOfPosition, worstCostOfTender } from "./worst-cost.ts";
export { tariffInForce } from "./tariff.ts";
