export { journalCompliance, type JournalHarness } from "./journal-compliance.ts";
export { journalEntries, journalEntry, journalSnapshot } from "./journal-entries.ts";
export {
  auctionRules,
  cancelTender,
  closeGate,
  creditAccount,
  marketRules,
  NOON,
  registerParty,
  reportDelivery,
  setTariff,
  submitTender,
  tender,
} from "./market-builders.ts";
export { createMeterReader, createOperator, createTrader, type CommandSource } from "./market-traffic.ts";
export {
  createMemoryDisk,
  createMemoryJournal,
  type FaultKind,
  type MemoryDisk,
  type MemoryJournal,
} from "./memory-journal.ts";
export { createVirtualClock, type VirtualClock } from "./virtual-clock.ts";
