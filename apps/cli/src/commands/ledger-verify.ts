/** `micromarket ledger verify`: whether a journal leads, entry by entry, to the state that it says. */
import { stateHash } from "@micromarket/engine";
import { formatDecimal, formatInstant } from "@micromarket/kernel";
import { balanceSheet } from "@micromarket/ledger";
import type { ConsolePort } from "../console-port.ts";
import { EXIT_CODE, type ExitCode } from "../exit-code.ts";
import { printRecord } from "../ledger/head-record.ts";
import { replayJournal, type JournalOptions, type JournalReplay } from "../ledger/replay-journal.ts";
import { reportTrouble } from "../ledger/report-trouble.ts";

/** Exit 0 when everything holds, 1 with the sequence of the first entry that does not. */
export function ledgerVerify(file: string, options: JournalOptions, port: ConsolePort): ExitCode {
  const { json = false } = options;
  const replayed = replayJournal(file, options, port);
  if (!replayed.ok) return reportTrouble(file, replayed.error, json, port);
  printRecord(recordOf(replayed.value), json, port);
  return EXIT_CODE.ok;
}

function recordOf({ state, head, first, base, snapshots }: JournalReplay): Record<string, string | number | null> {
  return {
    entries: head.sequence,
    base: base?.sequence ?? null,
    since: base === null ? null : formatInstant(base.at),
    first: first === null ? null : formatInstant(first),
    last: head.at === null ? null : formatInstant(head.at),
    headHash: head.hash,
    stateHash: stateHash(state),
    snapshot: snapshots.at(-1) ?? null,
    compared: snapshots.length,
    currency: state.rules.currency,
    money: formatDecimal(balanceSheet(state.ledger, "money").total, 9),
    energyWh: String(balanceSheet(state.ledger, "energy").total),
  };
}
