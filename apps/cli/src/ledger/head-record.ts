/** How far a journal goes: what is kept elsewhere, so that an older journal cannot pass for it. */
import { formatInstant, type HashHex } from "@micromarket/kernel";
import type { ConsolePort } from "../console-port.ts";
import type { JournalReplay } from "./replay-journal.ts";

/** A journal's head. */
export interface HeadRecord {
  readonly sequence: number;
  readonly hash: HashHex;
  readonly at: string | null;
  /** Of both books; `null` where the commands were not replayed. */
  readonly accounts: number | null;
}

/** The head that a replay led to. */
export function headRecord({ head, state }: JournalReplay): HeadRecord {
  const accounts = new Set([...state.ledger.money.keys(), ...state.ledger.energy.keys()]);
  const at = head.at === null ? null : formatInstant(head.at);
  return { sequence: head.sequence, hash: head.hash, at, accounts: accounts.size };
}

/** A line for each field, or all of them as JSON. */
export function printRecord(record: object, json: boolean, port: ConsolePort): void {
  if (json) port.out(`${JSON.stringify(record, null, 2)}\n`);
  else for (const [name, value] of Object.entries(record)) port.out(`${name.padEnd(10)} ${String(value ?? "none")}\n`);
}
