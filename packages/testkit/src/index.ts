export { archiveCompliance, type ArchiveHarness } from "./archive-compliance.ts";
export { executeGroup, runArchivedMarket, runArchivedStreet, type ArchivedMarket } from "./archive-entries.ts";
export {
  contentOf,
  recordAll,
  recordWithCrashes,
  takeSnapshot,
  textOf,
  type ArchiveContent,
  type OpenArchive,
} from "./archive-restarts.ts";
export { type CommandGroup, drawGroups, type GroupRun } from "./command-groups.ts";
export { COMMAND_TABLE, type CommandRow, type Draw, nestedMarketRules } from "./command-table.ts";
export { FundedBookkeeper } from "./funded-bookkeeper.ts";
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
  submitTenders,
  tender,
} from "./market-builders.ts";
export { createMeterReader, createOperator, createTrader, HOMES, type CommandSource } from "./market-traffic.ts";
export {
  createMemoryDisk,
  createMemoryJournal,
  type FaultKind,
  type MemoryDisk,
  type MemoryJournal,
} from "./memory-journal.ts";
export { pick, randomBook, shuffled, type BookSize } from "./random-book.ts";
export { depthOf, FREE_TIE, randomTree, type TreeMood } from "./random-tree.ts";
export {
  createArchiveDisk,
  createMemoryArchive,
  type MemoryArchiveDisk,
  type MemoryArchiveInit,
} from "./memory-archive.ts";
export { describeSolver } from "./solver-compliance.ts";
export { createVirtualClock, type VirtualClock } from "./virtual-clock.ts";
