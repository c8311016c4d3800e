export type {
  CancelTender,
  CloseGate,
  Command,
  CreditAccount,
  RegisterParty,
  ReportDelivery,
  SetTariff,
  SubmitTender,
} from "./command.ts";
export { JournalFailure, type Journal, type JournalEntry, type Snapshot } from "./journal.ts";
export { RULES_VERSION, type MarketRules, type ResidualCounterparty } from "./rules.ts";
