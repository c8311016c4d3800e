/** `micromarket ledger restore`: a backup becomes the journal that a gateway goes on with. */
import { JournalFailure } from "@micromarket/engine";
import { assert } from "@micromarket/kernel";
import { copyJournal, installJournal, isJournalInUse } from "@micromarket/store-sqlite";
import { existsSync, rmSync } from "node:fs";
import type { ConsolePort } from "../console-port.ts";
import { EXIT_CODE, type ExitCode } from "../exit-code.ts";
import { headRecord, printRecord } from "../ledger/head-record.ts";
import { inputTrouble, troubleOfOpening } from "../ledger/journal-trouble.ts";
import { replayJournal, type JournalOptions } from "../ledger/replay-journal.ts";
import { reportTrouble } from "../ledger/report-trouble.ts";

/** Options of `micromarket ledger restore`. */
export interface LedgerRestoreOptions extends JournalOptions {
  /** Put it in the place of a journal that is there, and keep that one aside. */
  readonly replace?: boolean;
}

/** Nothing is touched before the backup was replayed to its end; exit 1 where it is damaged, 3 where a journal is in the way. */
export async function ledgerRestore(
  backup: string,
  target: string,
  options: LedgerRestoreOptions,
  port: ConsolePort,
): Promise<ExitCode> {
  const { json = false, replace = false } = options;
  const replayed = replayJournal(backup, options, port);
  if (!replayed.ok) return reportTrouble(backup, replayed.error, json, port);
  const record = headRecord(replayed.value);
  const restoring = `${target}.restoring`;
  try {
    const isThere = existsSync(target);
    if (isThere && isJournalInUse(target)) {
      const mend = "stop the gateway, and restore again";
      const complaint = { code: "JOURNAL_IN_USE", what: "a gateway has it open", mend };
      return reportTrouble(target, inputTrouble(target, complaint), json, port);
    }
    if (isThere && !replace) {
      const mend = "add --replace, which keeps it aside under another name, or name another target";
      const complaint = { code: "JOURNAL_EXISTS", what: "a journal is there already", mend };
      return reportTrouble(target, inputTrouble(target, complaint), json, port);
    }
    rmSync(restoring, { force: true });
    const head = await copyJournal(backup, restoring);
    assert(head === null || head.hash === record.hash, "the copy ends where the backup ends");
    const keepAs = isThere ? freeName(target) : null;
    installJournal(restoring, target, { keepAs });
    printRecord({ ...record, kept: keepAs }, json, port);
    return EXIT_CODE.ok;
  } catch (error) {
    if (error instanceof JournalFailure) return reportTrouble(target, troubleOfOpening(target, error), json, port);
    throw error;
  } finally {
    rmSync(restoring, { force: true });
  }
}

function freeName(target: string): string {
  for (let number = 1; ; number += 1) {
    const name = `${target}.replaced-${number}`;
    if (!existsSync(name)) return name;
  }
}
