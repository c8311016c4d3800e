/** The journal that a run keeps where its user wants one: a new file, which is there only if the run comes to its end. */
import { existsSync, rmSync } from "node:fs";
import { JournalFailure, type Journal } from "@micromarket/engine";
import { fail, ok, type Complaint, type Result } from "@micromarket/kernel";
import type { Scenario } from "@micromarket/simulation";
import { openSqliteJournal } from "@micromarket/store-sqlite";

/** The journal of a run. One of `keep` and `discard` must be called. */
export interface RunJournal {
  readonly journal: Journal;
  keep(): void;
  /** Removes it. Does nothing after the end. */
  discard(): void;
}

/** Begins the journal at `path`. */
export function openRunJournal(path: string, { grid }: Scenario): Result<RunJournal, Complaint> {
  if (grid !== undefined) {
    const what = "each market of a tree has a journal of its own, and one file keeps one";
    return fail({ code: "JOURNAL_OF_TREE", what, mend: "run a scenario of one market, or leave out --journal" });
  }
  if (existsSync(path))
    return fail({ code: "JOURNAL_EXISTS", what: "is there already", mend: "name a new file, or remove this one" });
  try {
    return ok(runJournal(path, openSqliteJournal(path)));
  } catch (error) {
    if (!(error instanceof JournalFailure)) throw error;
    return fail({
      code: "JOURNAL_NOT_WRITABLE",
      what: error.message,
      mend: "name a file in a folder that can be written",
    });
  }
}

function runJournal(path: string, journal: Journal): RunJournal {
  let isOver = false;
  const end = (): void => {
    isOver = true;
    journal.close();
  };
  return {
    journal,
    keep: end,
    discard() {
      if (isOver) return;
      end();
      for (const suffix of ["", "-wal", "-shm", "-lock"]) rmSync(`${path}${suffix}`, { force: true });
    },
  };
}
