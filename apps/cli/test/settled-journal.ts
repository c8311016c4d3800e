/** What a journal of a market with settlement says, for tests: replayed past an independent bookkeeper, and by the command. */
import {
  collateralAccount,
  arrearsAccount,
  decodeCommand,
  foundPosition,
  partyAccount,
  replayEntries,
  restoreState,
  type MarketEvent,
  type StateView,
} from "@micromarket/engine";
import type { InstantMs, PartyId } from "@micromarket/kernel";
import { balanceOf } from "@micromarket/ledger";
import { readSqliteJournal } from "@micromarket/store-sqlite";
import { FundedBookkeeper } from "@micromarket/testkit";
import { runCommand } from "./memory-console.ts";

/** Imported and exported Wh. */
export type Energies = readonly [imported: number, exported: number];

/** A journal replayed to its end. */
export interface ToldJournal {
  readonly state: StateView;
  readonly bookkeeper: FundedBookkeeper;
  /** What each party's slots were settled with, added up. */
  readonly energies: ReadonlyMap<PartyId, Energies>;
  readonly counts: ReadonlyMap<string, number>;
  /** Accounts that were wrong anywhere on the way. */
  readonly differences: readonly string[];
}

/** Every so many entries all accounts are compared. */
const COMPARE_EVERY = 997;

/** Replays the journal at `path`, whose snapshot says its rules. */
export function tellJournal(path: string): ToldJournal {
  const journal = readSqliteJournal(path);
  try {
    const restored = restoreState(journal.latestSnapshot()?.state ?? "");
    if (!restored.ok) throw new Error(restored.error.code);
    const { rules } = restored.value;
    const founded = foundPosition(rules);
    if (!founded.ok || rules.settlement === undefined) throw new Error("the rules are of a market with settlement");
    const { state } = founded.value;
    const bookkeeper = new FundedBookkeeper(rules.residual.party, rules.settlement);
    const readings = new Map<string, readonly [PartyId, Energies]>();
    const counts = new Map<string, number>();
    const differences: string[] = [];
    const replayed = replayEntries(rules, founded.value, journal.read(1), (entry, events) => {
      const command = decodeCommand(entry.command);
      if (command.ok && command.value.type === "ApplyAward") bookkeeper.noteAward(command.value);
      for (const event of events) {
        bookkeeper.note(event, state);
        noteReading(event, readings);
        counts.set(event.type, (counts.get(event.type) ?? 0) + 1);
      }
      if (entry.sequence % COMPARE_EVERY === 0) differences.push(...bookkeeper.differences(state));
    });
    if (!replayed.ok) throw new Error(JSON.stringify(replayed.error));
    differences.push(...bookkeeper.differences(state));
    return { state, bookkeeper, energies: sumsOf(readings.values()), counts, differences };
  } finally {
    journal.close();
  }
}

/** What the party has: its account, collateral and arrears. */
export function wealthOf({ ledger }: StateView, party: PartyId): bigint {
  const accounts = [partyAccount(party), arrearsAccount(party), collateralAccount(party)];
  return accounts.reduce((sum, account) => sum + (balanceOf(ledger, "money", account) ?? 0n), 0n);
}

/** All money, by account, as `micromarket ledger balance` prints it. */
export async function printedBalances(path: string): Promise<readonly { account: string; money: string | null }[]> {
  const { exitCode, out, err } = await runCommand(["ledger", "balance", path, "--json"]);
  if (exitCode !== 0) throw new Error(err);
  return (JSON.parse(out) as { balances: { account: string; money: string | null }[] }).balances;
}

/** Money by account, from all transfers that `micromarket ledger export` prints, in billionths. */
export async function exportedSums(path: string): Promise<ReadonlyMap<string, bigint>> {
  const { exitCode, out, err } = await runCommand(["ledger", "export", path, "--format", "json"]);
  if (exitCode !== 0) throw new Error(err);
  const sums = new Map<string, bigint>();
  const add = (account: string, amount: bigint): void => void sums.set(account, (sums.get(account) ?? 0n) + amount);
  for (const row of JSON.parse(out) as { ledger: string; debit: string; credit: string; amount: string }[]) {
    if (row.ledger !== "money") continue;
    add(row.debit, -BigInt(row.amount));
    add(row.credit, BigInt(row.amount));
  }
  return sums;
}

function noteReading(event: MarketEvent, readings: Map<string, readonly [PartyId, Energies]>): void {
  if (event.type === "DeliveryPosted" || event.type === "DeliveryEstimated" || event.type === "DeliveryTruedUp")
    readings.set(keyOf(event), [event.party, [event.imported, event.exported]]);
}

function keyOf({ slot, party }: { readonly slot: InstantMs; readonly party: PartyId }): string {
  return `${slot} ${party}`;
}

function sumsOf(readings: Iterable<readonly [PartyId, Energies]>): ReadonlyMap<PartyId, Energies> {
  const sums = new Map<PartyId, Energies>();
  for (const [party, [imported, exported]] of readings) {
    const [before, after] = sums.get(party) ?? [0, 0];
    sums.set(party, [before + imported, after + exported]);
  }
  return sums;
}
