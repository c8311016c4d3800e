/** What goes wrong with durable storage, as a code, in words, and with what mends it. */
import type { Complaint } from "@micromarket/kernel";

/** What a journal's failure is told apart by. */
export type JournalFailureCode =
  /** Another process, or another part of this one, writes to it. */
  | "JOURNAL_IN_USE"
  | "JOURNAL_DAMAGED"
  /** A newer version of the program wrote it. */
  | "JOURNAL_NEWER"
  | "NOT_A_JOURNAL"
  /** A file is where one was to be written. */
  | "JOURNAL_EXISTS"
  /** It is not there, or not where a file can be. */
  | "JOURNAL_MISSING"
  | "JOURNAL_READ_ONLY"
  | "DISK_FULL"
  /** The disk, or the file system, reported an error. */
  | "DISK_FAILED"
  /** It was closed. */
  | "JOURNAL_CLOSED"
  /** It failed before: what is on disk is unknown until it is opened anew. */
  | "JOURNAL_FAILED"
  /** It was asked for what would break it: a mistake of this program. */
  | "JOURNAL_MISUSED"
  /** The storage said something that none of the others stands for. */
  | "STORAGE_FAILED";

/** A journal's complaint: `what` completes a sentence that begins with the journal's name. */
export interface JournalComplaint extends Complaint {
  readonly code: JournalFailureCode;
}

/** Thrown by a journal that could not write or read. `cause` is the storage's own error. */
export class JournalFailure extends Error {
  override readonly name = "JournalFailure";
  readonly code: JournalFailureCode;
  readonly what: string;
  readonly mend: string;

  constructor({ code, what, mend }: JournalComplaint, options?: ErrorOptions) {
    super(`${what}; ${mend}`, options);
    this.code = code;
    this.what = what;
    this.mend = mend;
  }
}
