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
  partyOfAccount,
  PENALTIES,
  RENT,
  UNACCOUNTED,
} from "./accounts.ts";
export { apply, effectiveAt } from "./apply.ts";
export { checkMarketRules, type MarketRulesProblem } from "./check-market-rules.ts";
export { bookToClear } from "./close-gate.ts";
export type {
  ApplyAward,
  BareCommand,
  CancelTender,
  ReplaceTender,
  CancelTenders,
  CloseGate,
  CloseSessionSlot,
  Command,
  CreditAccount,
  EndSession,
  EnrolKey,
  EstimateDeliveries,
  FallBack,
  InSession,
  MakeGrant,
  OpenSession,
  PayOut,
  ReadMeter,
  RegisterParty,
  ReportDelivery,
  RevokeGrant,
  RevokeKey,
  RotateKey,
  SessionCommand,
  SetCreditLine,
  SetStanding,
  SetTariff,
  SetTie,
  SettleTie,
  Signed,
  SubmitPosition,
  SubmitTender,
  SubmitTenders,
  TenderLot,
} from "./command.ts";
export { COMMAND_LENGTH_MAX, decodeCommand, encodeCommand } from "./command-text.ts";
export { isBare, isDerived, type EnvelopeType } from "./commitments.ts";
export type {
  AccountCredited,
  ClearingMode,
  CreditLineSet,
  DeliveryEstimated,
  DeliveryPosted,
  DeliveryTruedUp,
  EquivocationFound,
  GateClosed,
  GrantMade,
  GrantRevoked,
  KeyEnrolled,
  KeyRevoked,
  KeyRotated,
  MarketEvent,
  MeterRead,
  MeterSettlement,
  NodeClearing,
  PaidOut,
  PartyRegistered,
  PositionAccepted,
  PositionAward,
  PositionFormed,
  SessionEnded,
  SessionMessageTaken,
  SessionOpened,
  SessionSlotSigned,
  SettledTrade,
  SlotSettled,
  StandingSet,
  TariffSet,
  TenderAccepted,
  TenderCancelled,
  TendersAccepted,
  TendersCancelled,
  TieSet,
  TieSettled,
} from "./event.ts";
export { curveRecord, decodeCurve, decodeParts, partsRecord } from "./curve-record.ts";
export {
  decodeAmount,
  decodeEnergy,
  decodeHash,
  decodeInstant,
  decodePartyId,
  decodePrice,
  decodeTenderId,
} from "./decode-quantities.ts";
export { foundMarket } from "./found-market.ts";
export { fundsOf, ownFundsOf, type FundsRefusal } from "./funds.ts";
export { gateInstant } from "./gate.ts";
export { indicative, partiesTendering } from "./indicative.ts";
export { violatedInvariants } from "./invariants.ts";
export type { Journal, JournalEntry, Snapshot } from "./journal.ts";
export { JournalFailure, type JournalComplaint, type JournalFailureCode } from "./journal-failure.ts";
export {
  AMOUNT_MAX,
  BATCH_NAME_LENGTH_MAX,
  BATCH_SLOTS_MAX,
  BATCH_STEPS_MAX,
  CANCELLATIONS_MAX,
  ENERGY_MAX,
  ENVELOPE_WINDOW_MAX,
  GRANTS_MAX,
  HORIZON_MAX,
  KEYS_MAX,
  MESSAGE_LENGTH_MAX,
  PARTIES_MAX,
  PRICE_MAX,
  PRICE_MIN,
  TARIFFS_MAX,
  STEPS_MAX,
  TENDERS_MAX,
  LOSS_MAX,
  POSITIONS_MAX,
  AWARDS_MISSED_MAX,
  TIES_MAX,
} from "./limits.ts";
export type { Libraries } from "./libraries.ts";
export { idInBatch, tendersOf, type LotView, type Placement, type TenderColumns } from "./lot.ts";
export { headedLots } from "./submit-tenders.ts";
export { MarketNode, NodeFailure } from "./market-node.ts";
export { commandWithin } from "./obey-signed.ts";
export { openNode, type OpenFailure, type OpenOptions } from "./open-node.ts";
export type { Executed, Outcome } from "./outcome.ts";
export { pruneJournal, type PruneFailure, type PruneOptions, type Pruning } from "./prune-journal.ts";
export type {
  AwardRefusal,
  StatementRefusal,
  BatchRefusal,
  DeliveryRefusal,
  FundingRefusal,
  IdentityRefusal,
  PartyRefusal,
  PaymentRefusal,
  PositionRefusal,
  ReadingRefusal,
  Refusal,
  RefusalCode,
  SessionCommandRefusal,
  SignatureGateRefusal,
  SlotRefusal,
  TariffRefusal,
  TenderRefusal,
  TieRefusal,
} from "./refusal.ts";
export {
  foundPosition,
  replayEntries,
  replayFromZero,
  verifiedBefore,
  type NodePosition,
  type ReplayFailure,
  type ReplayObserver,
} from "./replay.ts";
export { isResidualTender, RESIDUAL_BUY, RESIDUAL_SELL } from "./residual-tenders.ts";
export { restoreState, type RestoreFailure } from "./restore-state.ts";
export {
  NODE_DEFAULTS,
  RULES_VERSION,
  SESSION_DEFAULTS,
  type MarketRules,
  type NodeRules,
  type ResidualCounterparty,
  type SessionRules,
} from "./rules.ts";
export { marketGenesis, rulesRecord } from "./rules-record.ts";
export { overdueSessions, type OverdueSession } from "./session/session-time.ts";
export { vouchFor } from "./session/vouch.ts";
export type { Funding, ImbalanceRules, Levy, SettlementRules } from "./settlement-rules.ts";
export { settleTrade, type Shortfall, type TradeSettlement } from "./settle-trade.ts";
export { hashOfSnapshot, snapshotText, stateHash } from "./snapshot.ts";
export { standingTenders, StandingTenders, type StandingTendersView } from "./standing-tenders.ts";
export { positionOf, startPosition, type SnapshotFailure } from "./start-position.ts";
export { transfersOf } from "./statement/event-transfers.ts";
export { statementLines, statementsByAccount, sumOfLines, type StatementLine } from "./statement/statement-lines.ts";
export type {
  ClearedSlot,
  CounterReading,
  EstimatedSlot,
  NumberedPosition,
  OpenTrade,
  OpenTrades,
  PricePair,
  Prices,
  SessionRecord,
  SlotBook,
  SlotReading,
  State,
  StateView,
  TariffEntry,
  TieEntry,
  View,
  WaitingSlot,
} from "./state.ts";
export type { DeliveryBasis, UnmeteredBasis } from "./delivery-basis.ts";
export { worstCostOfPosition, worstCostOfTender } from "./worst-cost.ts";
export { tariffInForce } from "./tariff.ts";
