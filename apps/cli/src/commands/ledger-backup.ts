/** `micromarket ledger backup`: a verified copy of a journal, also while a gateway writes to it. */
import { JournalFailure } from "@micromarket/engine";
import { formatInstant } from "@micromarket/kernel";
import { copyJournal, putInPlace } from "@micromarket/store-sqlite";
import { existsSync, rmSync } from "node:fs";
import type { ConsolePort } from "../console-port.ts";
import { EXIT_CODE, type ExitCode } from "../exit-code.ts";
import { refuse } from "../input.ts";
import { headRecord, printRecord } from "../ledger/head-record.ts";
import { troubleOfOpening } from "../ledger/journal-trouble.ts";
import { replayJournal, type JournalOptions } from "../ledger/replay-journal.ts";
import { reportTrouble } from "../ledger/report-trouble.ts";

/** The copy gets its name once it is verified; exit 1 where the journal is damaged, 3 where the name is taken. */
export async function ledgerBackup(
  file: string,
  out: string,
  options: JournalOptions,
  port: ConsolePort,
): Promise<ExitCode> {
  const { json = false } = options;
  if (existsSync(out)) {
    const problem = { file: out, line: 1, column: 1, code: "JOURNAL_EXISTS", what: "is there already" };
    return refuse([{ ...problem, mend: "choose another name: a backup is never written over" }], json, port);
  }
  const unverified = `${out}.unverified`;
  try {
    rmSync(unverified, { force: true });
    const head = await copyJournal(file, unverified);
    const replayed = replayJournal(unverified, options, port);
    if (replayed.ok) {
      putInPlace(unverified, out);
      printRecord(headRecord(replayed.value), json, port);
      return EXIT_CODE.ok;
    }
    const { error } = replayed;
    if (error.kind !== "input" || error.problems[0]?.code !== "RULES_NOT_KNOWN" || head === null)
      return reportTrouble(file, error, json, port);
    putInPlace(unverified, out);
    port.err(`${file}: its chain holds, but it keeps no snapshot yet: name --config to have its commands replayed\n`);
    const at = head.at === null ? null : formatInstant(head.at);
    printRecord({ sequence: head.sequence, hash: head.hash, at, accounts: null }, json, port);
    return EXIT_CODE.ok;
  } catch (error) {
    if (error instanceof JournalFailure) return reportTrouble(file, troubleOfOpening(file, error), json, port);
    throw error;
  } finally {
    rmSync(unverified, { force: true });
  }
}
