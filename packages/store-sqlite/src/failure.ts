/**
 * Storage errors in words: what happened, to which file, and how to mend it.
 *
 * Errors are told apart by their `code` alone: the native module keeps the error class of whoever loaded it first,
 * so `instanceof` fails where one process loads it twice.
 */
import { JournalFailure } from "@micromarket/engine";

interface Diagnosis {
  readonly codePrefix: string;
  readonly what: string;
  readonly remedy: string;
}

const DIAGNOSES: readonly Diagnosis[] = [
  { codePrefix: "SQLITE_FULL", what: "the disk is full", remedy: "free some space, then start again" },
  {
    codePrefix: "SQLITE_BUSY",
    what: "another process has it open",
    remedy: "stop that process first; a journal has one writer",
  },
  {
    codePrefix: "SQLITE_CORRUPT",
    what: "the file is damaged",
    remedy: "keep the file and its -wal for study, then restore a backup",
  },
  { codePrefix: "SQLITE_NOTADB", what: "the file is no SQLite database", remedy: "choose another path" },
  {
    codePrefix: "SQLITE_IOERR",
    what: "the disk reported an error",
    remedy: "check the disk and the system log, then start again",
  },
  {
    codePrefix: "SQLITE_READONLY",
    what: "the file or its folder is read-only",
    remedy: "give this user write access to both",
  },
  { codePrefix: "SQLITE_CANTOPEN", what: "the file cannot be opened", remedy: "check that the path names a file" },
  { codePrefix: "ENOENT", what: "the folder does not exist", remedy: "create it" },
  { codePrefix: "EACCES", what: "the file or its folder is read-only", remedy: "give this user write access to both" },
  { codePrefix: "EPERM", what: "the file or its folder is immutable", remedy: "take that mark off both (chattr -i)" },
  { codePrefix: "EROFS", what: "the file system is read-only", remedy: "mount it for writing" },
];

/** A failure of the journal at `path`. `action` completes "cannot …", `remedy` says what the operator should do. */
export function journalFailure(
  action: string,
  path: string,
  what: string,
  remedy: string,
  cause?: unknown,
): JournalFailure {
  return new JournalFailure(
    `cannot ${action} journal ${path}: ${what}; ${remedy}`,
    cause === undefined ? {} : { cause },
  );
}

/** The failure that stands for whatever was thrown while the journal at `path` was worked on. */
export function diagnose(action: string, path: string, cause: unknown): JournalFailure {
  if (cause instanceof JournalFailure) return cause;
  const { code, message } = errorFields(cause);
  const diagnosis = DIAGNOSES.find(({ codePrefix }) => code.startsWith(codePrefix));
  if (diagnosis === undefined) return journalFailure(action, path, message, "start again to verify the journal", cause);
  return journalFailure(action, path, `${diagnosis.what} (${code}: ${message})`, diagnosis.remedy, cause);
}

function errorFields(cause: unknown): { readonly code: string; readonly message: string } {
  if (typeof cause !== "object" || cause === null) return { code: "", message: String(cause) };
  const code = "code" in cause && typeof cause.code === "string" ? cause.code : "";
  const message = "message" in cause && typeof cause.message === "string" ? cause.message : "unknown error";
  return { code, message };
}
