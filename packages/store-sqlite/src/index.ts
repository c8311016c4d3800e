export type { SqliteJournalOptions } from "./connection.ts";
export {
  GroupCommit,
  GroupCommitClosed,
  QueueFull,
  type CommandExecutor,
  type GroupCommitOptions,
} from "./group-commit.ts";
export { openSqliteJournal, readSqliteJournal } from "./sqlite-journal.ts";
