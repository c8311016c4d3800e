export { DELIVERED, FEES, IMBALANCE, LOSSES, OUTSIDE, partyAccount, RENT, UNACCOUNTED } from "./accounts.ts";
export { apply, effectiveAt } from "./apply.ts";
export { checkMarketRules, type MarketRulesProblem } from "./check-market-rules.ts";
export { bookToClear } from "./close-gate.ts";
export type {
  ApplyAward,
  CancelTender,
  CloseGate,
  Command,
  CreditAccount,
  FallBack,
  RegisterParty,
  ReportDelivery,
  SetTariff,
  SetTie,
  SubmitPosition,
  SubmitTender,
} from "./command.ts";
export { COMMAND_LENGTH_MAX, decodeCommand, encodeCommand } from "./command-text.ts";
export type {
  AccountCredited,
  ClearingMode,
  DeliveryPosted,
  GateClosed,
  MarketEvent,
  NodeClearing,
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
  PartyRefusal,
  PaymentRefusal,
  PositionRefusal,
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
export { resumeNode } from "./resume-node.ts";
export { restoreState, type RestoreFailure } from "./restore-state.ts";
export { NODE_DEFAULTS, RULES_VERSION, type MarketRules, type NodeRules, type ResidualCounterparty } from "./rules.ts";
export { marketGenesis } from "./rules-record.ts";
export { hashOfSnapshot, snapshotText, stateHash } from "./snapshot.ts";
export { startPosition, type SnapshotFailure } from "./start-position.ts";
export { transfersOf } from "./statement/event-transfers.ts";
export { statementLines, sumOfLines, type StatementLine } from "./statement/statement-lines.ts";
export type {
  ClearedSlot,
  NumberedPosition,
  Prices,
  SlotBook,
  State,
  StateView,
  TariffEntry,
  TieEntry,
  View,
  WaitingSlot,
} from "./state.ts";
export { tariffInForce } from "./tariff.ts";
