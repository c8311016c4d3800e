/**
 * An archive that is written now and then and crashes now and then, beside a journal that keeps everything: after each crash
 * it has lost what was not written, and is brought up to the journal again.
 */
import type { PartyId, RandomStream } from "@micromarket/kernel";
import { verifiedBefore, type Journal } from "@micromarket/engine";
import { catchUp, type OrderArchive, type OrderRecord, type PrivateEvent } from "@micromarket/protocol";
import type { ArchivedMarket } from "./archive-entries.ts";
import { createMemoryJournal } from "./memory-journal.ts";

/** Opens the archive, also anew after a crash: then what was not written is lost. */
export type OpenArchive = () => OrderArchive;

/** What an archive knows of everybody. */
export interface ArchiveContent {
  readonly since: number;
  readonly through: number;
  readonly events: ReadonlyMap<PartyId, readonly PrivateEvent[]>;
  readonly orders: ReadonlyMap<PartyId, readonly OrderRecord[]>;
}

/** All that there is. */
export function contentOf(archive: OrderArchive, parties: Iterable<PartyId>): ArchiveContent {
  const sorted = [...parties].sort();
  const { since, through } = archive;
  return {
    ...{ since, through },
    events: new Map(sorted.map((party) => [party, archive.eventsAfter(party, 0, Infinity)])),
    orders: new Map(sorted.map((party) => [party, ordersOf(archive, party)])),
  };
}

function ordersOf(archive: OrderArchive, party: PartyId): readonly OrderRecord[] {
  return archive.ordersOf(party, {}, { after: null, limit: 1_000_000 }).orders;
}

/** The same as one text: two are compared quickly. */
export function textOf({ since, through, events, orders }: ArchiveContent): string {
  const digits = (_: string, value: unknown): unknown => (typeof value === "bigint" ? String(value) : value);
  return JSON.stringify({ since, through, events: [...events], orders: [...orders] }, digits);
}

/** Feeds everything to the archive without a crash. */
export function recordAll(archive: OrderArchive, { groups }: ArchivedMarket): void {
  for (const entry of groups.flat()) archive.record(entry);
}

/**
 * Feeds the market to archives that `open` gives, with writes, crashes and snapshots as `stream` has them; the last one
 * has seen all. Snapshots are taken after a flush, as a gateway takes them.
 */
export function recordWithCrashes(open: OpenArchive, market: ArchivedMarket, stream: RandomStream): OrderArchive {
  const journal = createMemoryJournal();
  let archive = open();
  for (const group of market.groups) {
    const last = group.at(-1);
    if (last === undefined) continue;
    const before = journal.last()?.sequence ?? 0;
    journal.append([...market.journal.read(before + 1)].filter(({ sequence }) => sequence <= last.sequence));
    const chance = stream.below(24);
    if (chance === 0) {
      // after the journal has the group, and before the archive has all of it
      for (const entry of group.slice(0, stream.below(group.length))) archive.record(entry);
    } else for (const entry of group) archive.record(entry);
    if (chance > 12) archive.flush();
    if (chance > 18) takeSnapshot(market, journal);
    if (chance > 2) continue;
    archive = open();
    const caughtUp = catchUp(archive, market.rules, journal, { entriesMax: Infinity, verify: verifiedBefore });
    if (!caughtUp.ok) throw new Error(`group of ${last.sequence}: ${caughtUp.error.code}`);
  }
  return archive;
}

/** Saves the state after all entries of `journal`. */
export function takeSnapshot({ snapshots }: ArchivedMarket, journal: Journal): void {
  const snapshot = snapshots.get(journal.last()?.sequence ?? 0);
  if (snapshot === undefined) throw new Error("snapshots are taken between groups");
  journal.saveSnapshot(snapshot);
}
