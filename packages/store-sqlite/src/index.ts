export type { SqliteJournalOptions } from "./connection.ts";
export { copyJournal, type CopyHead, type CopyOptions } from "./copy-journal.ts";
export { putInPlace } from "./durable-file.ts";
export {
  GroupCommit,
  GroupCommitClosed,
  QueueFull,
  type CommandExecutor,
  type GroupCommitOptions,
} from "./group-commit.ts";
export { installJournal, type InstallOptions } from "./install-journal.ts";
export type { ArchiveFound } from "./archive-file.ts";
export { openOrderArchive, type OrderArchiveOptions, type StoredArchive } from "./order-archive.ts";
export { openSqliteJournal, readSqliteJournal, type StoredJournal } from "./sqlite-journal.ts";
export { isJournalInUse, takeWriterLock, type WriterLock } from "./writer-lock.ts";
