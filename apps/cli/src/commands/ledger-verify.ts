/**
 * `micromarket ledger verify`: whether a journal leads, entry by entry, to the state that it says, and whose word what was said
 * in sessions is.
 */
import { stateHash } from "@micromarket/engine";
import { formatDecimal, formatInstant } from "@micromarket/kernel";
import { balanceSheet } from "@micromarket/ledger";
import type { ConsolePort } from "../console-port.ts";
import { EXIT_CODE, type ExitCode } from "../exit-code.ts";
import { printRecord } from "../ledger/head-record.ts";
import { replayJournal, type JournalOptions, type JournalReplay } from "../ledger/replay-journal.ts";
import { gatherStretches, stretchText, type SessionStretch } from "../ledger/session-stretches.ts";
import { reportTrouble } from "../ledger/report-trouble.ts";

/** Exit 0 when everything holds, 1 with the sequence of the first entry that does not. */
export function ledgerVerify(file: string, options: JournalOptions, port: ConsolePort): ExitCode {
  const { json = false } = options;
  const { watch, stretches, trouble } = gatherStretches();
  const replayed = replayJournal(file, options, port, watch);
  if (!replayed.ok) return reportTrouble(file, replayed.error, json, port);
  const differs = trouble();
  if (differs !== null) return reportTrouble(file, differs, json, port);
  const [record, sessions] = [recordOf(replayed.value), stretches()];
  if (json) printRecord({ ...record, ...summaryOf(sessions), sessions }, json, port);
  else printRecord(sessions.length === 0 ? record : { ...record, ...summaryOf(sessions) }, json, port);
  if (!json) for (const stretch of sessions) port.out(`${stretchText(stretch)}\n`);
  return EXIT_CODE.ok;
}

/** How much of what was said in sessions its signers stand for, and how much the operator alone. */
function summaryOf(sessions: readonly SessionStretch[]): Record<string, number> {
  const sumOf = (isSigned: boolean): number =>
    sessions.reduce((sum, { messages, signedIn }) => sum + ((signedIn !== null) === isSigned ? messages : 0), 0);
  return { signed: sumOf(true), vouchedFor: sumOf(false) };
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
