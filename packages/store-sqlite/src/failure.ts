/**
 * Storage errors in words: what happened, to which file, and how to mend it.
 *
 * Errors are told apart by their `code` alone: the native module keeps the error class of whoever loaded it first,
 * so `instanceof` fails where one process loads it twice.
 */
import { JournalFailure, type JournalFailureCode } from "@micromarket/engine";

interface Diagnosis {
  readonly codePrefix: string;
  readonly code: JournalFailureCode;
  readonly what: string;
  readonly mend: string;
}

/** How a damaged journal is mended. */
export const RESTORE = "keep the file and its -wal for study, then restore a backup";

const ACCESS = "give this user write access to both";

const DIAGNOSES: readonly Diagnosis[] = [
  {
    codePrefix: "SQLITE_FULL",
    code: "DISK_FULL",
    what: "the disk is full",
    mend: "free some space, then start again",
  },
  {
    codePrefix: "SQLITE_BUSY",
    code: "JOURNAL_IN_USE",
    what: "another process has it open",
    mend: "stop that process first; a journal has one writer",
  },
  { codePrefix: "SQLITE_CORRUPT", code: "JOURNAL_DAMAGED", what: "the file is damaged", mend: RESTORE },
  {
    codePrefix: "SQLITE_NOTADB",
    code: "NOT_A_JOURNAL",
    what: "the file is no SQLite database",
    mend: "choose another path; if it was a journal, restore a backup",
  },
  {
    codePrefix: "SQLITE_IOERR",
    code: "DISK_FAILED",
    what: "the disk reported an error",
    mend: "check the disk and the system log, then start again",
  },
  {
    codePrefix: "SQLITE_READONLY",
    code: "JOURNAL_READ_ONLY",
    what: "the file or its folder is read-only",
    mend: ACCESS,
  },
  {
    codePrefix: "SQLITE_CANTOPEN",
    code: "JOURNAL_MISSING",
    what: "the file cannot be opened",
    mend: "check that the path names a file",
  },
  {
    codePrefix: "EEXIST",
    code: "JOURNAL_EXISTS",
    what: "a file of that name is there",
    mend: "choose another name",
  },
  { codePrefix: "ENOENT", code: "JOURNAL_MISSING", what: "the folder does not exist", mend: "create it" },
  { codePrefix: "ENOSPC", code: "DISK_FULL", what: "the disk is full", mend: "free some space, then start again" },
  { codePrefix: "EACCES", code: "JOURNAL_READ_ONLY", what: "the file or its folder is read-only", mend: ACCESS },
  {
    codePrefix: "EPERM",
    code: "JOURNAL_READ_ONLY",
    what: "the file or its folder is immutable",
    mend: "take that mark off both (chattr -i)",
  },
  {
    codePrefix: "EROFS",
    code: "JOURNAL_READ_ONLY",
    what: "the file system is read-only",
    mend: "mount it for writing",
  },
  {
    codePrefix: "EIO",
    code: "DISK_FAILED",
    what: "the disk reported an error",
    mend: "check the disk and the system log, then start again",
  },
];

/** What of a journal is wrong, and what the operator should do. */
export interface Trouble {
  readonly code: JournalFailureCode;
  readonly what: string;
  readonly mend: string;
}

/** A failure of the journal at `path`. `action` completes "cannot …". */
export function journalFailure(
  action: string,
  path: string,
  { code, what, mend }: Trouble,
  cause?: unknown,
): JournalFailure {
  const complaint = { code, what: `cannot ${action} journal ${path}: ${what}`, mend };
  return new JournalFailure(complaint, cause === undefined ? {} : { cause });
}

/** The failure that stands for a mistake of this program. */
export function misuse(action: string, path: string, what: string): JournalFailure {
  return journalFailure(action, path, { code: "JOURNAL_MISUSED", what, mend: "this is a bug, please report it" });
}

/** The failure that stands for whatever was thrown while the journal at `path` was worked on. */
export function diagnose(action: string, path: string, cause: unknown): JournalFailure {
  if (cause instanceof JournalFailure) return cause;
  const code = errorCode(cause);
  const diagnosis = DIAGNOSES.find(({ codePrefix }) => code.startsWith(codePrefix));
  const message = messageOf(cause);
  if (diagnosis === undefined) {
    const trouble = { code: "STORAGE_FAILED", what: message, mend: "start again to verify the journal" } as const;
    return journalFailure(action, path, trouble, cause);
  }
  const what = `${diagnosis.what} (${code}: ${message})`;
  return journalFailure(action, path, { code: diagnosis.code, what, mend: diagnosis.mend }, cause);
}

/** The code that SQLite or the operating system gave an error; empty where it has none. */
export function errorCode(cause: unknown): string {
  const hasCode = typeof cause === "object" && cause !== null && "code" in cause && typeof cause.code === "string";
  return hasCode ? String(cause.code) : "";
}

function messageOf(cause: unknown): string {
  if (typeof cause !== "object" || cause === null) return String(cause);
  return "message" in cause && typeof cause.message === "string" ? cause.message : "unknown error";
}
