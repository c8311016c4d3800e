export { DELIVERED, FEES, IMBALANCE, LOSSES, OUTSIDE, partyAccount, RENT, UNACCOUNTED } from "./accounts.ts";
export { apply, effectiveAt } from "./apply.ts";
export { checkMarketRules, type MarketRulesProblem } from "./check-market-rules.ts";
export { bookToClear } from "./close-gate.ts";
export type {
  ApplyAward,
  BareCommand,
  CancelTender,
  CloseGate,
  Command,
  CreditAccount,
  EnrolKey,
  FallBack,
  MakeGrant,
  RegisterParty,
  ReportDelivery,
  RevokeGrant,
  RevokeKey,
  RotateKey,
  SetStanding,
  SetTariff,
  SetTie,
  Signed,
  SubmitPosition,
  SubmitTender,
} from "./command.ts";
export { COMMAND_LENGTH_MAX, decodeCommand, encodeCommand } from "./command-text.ts";
export { isDerived, type EnvelopeType } from "./commitments.ts";
export type {
  AccountCredited,
  ClearingMode,
  DeliveryPosted,
  EquivocationFound,
  GateClosed,
  GrantMade,
  GrantRevoked,
  KeyEnrolled,
  KeyRevoked,
  KeyRotated,
  MarketEvent,
  NodeClearing,
  PartyRegistered,
  PositionAccepted,
  PositionAward,
  PositionFormed,
  SlotSettled,
  StandingSet,
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
export { JournalFailure, type Journal, type JournalEntry, type Snapshot } from "./journal.ts";
export {
  AMOUNT_MAX,
  ENERGY_MAX,
  ENVELOPE_WINDOW_MAX,
  GRANTS_MAX,
  HORIZON_MAX,
  KEYS_MAX,
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
export { commandWithin } from "./obey-signed.ts";
export { openNode, type OpenFailure, type OpenOptions } from "./open-node.ts";
export type { Outcome } from "./outcome.ts";
export type {
  AwardRefusal,
  DeliveryRefusal,
  IdentityRefusal,
  PartyRefusal,
  PaymentRefusal,
  PositionRefusal,
  Refusal,
  RefusalCode,
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
export { RESIDUAL_BUY, RESIDUAL_SELL } from "./residual-tenders.ts";
export { restoreState, type RestoreFailure } from "./restore-state.ts";
export { NODE_DEFAULTS, RULES_VERSION, type MarketRules, type NodeRules, type ResidualCounterparty } from "./rules.ts";
export { marketGenesis } from "./rules-record.ts";
export { snapshotText, stateHash } from "./snapshot.ts";
export type {
  ClearedSlot,
  NumberedPosition,
  Placement,
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
