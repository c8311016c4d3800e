/** `micromarket ledger prune`: leaves old entries of a journal behind; one state stands in for them. */
import { JournalFailure, pruneJournal, type PruneFailure, type Pruning } from "@micromarket/engine";
import { sha256ByOpenssl, verifyByOpenssl } from "@micromarket/identity-node";
import { formatInstant, type InstantMs, type Result } from "@micromarket/kernel";
import { openSqliteJournal, readSqliteJournal } from "@micromarket/store-sqlite";
import type { ConsolePort } from "../console-port.ts";
import { EXIT_CODE, type ExitCode } from "../exit-code.ts";
import { printRecord } from "../ledger/head-record.ts";
import { troubleOfOpening, troubleOfReplay } from "../ledger/journal-trouble.ts";
import { replayJournal, type JournalOptions } from "../ledger/replay-journal.ts";
import { reportTrouble } from "../ledger/report-trouble.ts";

const LIBRARIES = { sha256: sha256ByOpenssl, verify: verifyByOpenssl };

/** Options of `micromarket ledger prune`. */
export interface LedgerPruneOptions extends JournalOptions {
  /** Entries of this instant and later stay. */
  readonly before: InstantMs;
  readonly dryRun?: boolean;
}

/** Prunes nothing of a journal that does not hold to its end; exit 1 where it does not, 3 where a gateway has it open. */
export function ledgerPrune(file: string, options: LedgerPruneOptions, port: ConsolePort): ExitCode {
  const { json = false, dryRun = false, before } = options;
  const verified = replayJournal(file, options, port);
  if (!verified.ok) return reportTrouble(file, verified.error, json, port);
  const { rules } = verified.value.state;
  try {
    const journal = dryRun ? readSqliteJournal(file) : openSqliteJournal(file);
    try {
      const pruned = drain(pruneJournal(rules, journal, { before, dryRun, ...LIBRARIES }));
      if (!pruned.ok) return reportTrouble(file, troubleOfReplay(pruned.error), json, port);
      printRecord(recordOf(pruned.value, dryRun), json, port);
      return EXIT_CODE.ok;
    } finally {
      journal.close();
    }
  } catch (error) {
    if (error instanceof JournalFailure) return reportTrouble(file, troubleOfOpening(file, error), json, port);
    throw error;
  }
}

function drain(steps: Generator<void, Result<Pruning | null, PruneFailure>>): Result<Pruning | null, PruneFailure> {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

function recordOf(pruned: Pruning | null, dryRun: boolean): Record<string, string | number | boolean | null> {
  return {
    dryRun,
    pruned: pruned?.entries ?? 0,
    base: pruned?.base.sequence ?? null,
    since: pruned === null ? null : formatInstant(pruned.baseAt),
    stateHash: pruned?.base.stateHash ?? null,
  };
}
