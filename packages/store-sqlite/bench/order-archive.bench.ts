/** What the archive of orders costs a market: what the answer to an order waits for, and all that is done for it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { hashText, instantMs, partyId, priceMicro, tenderId, wattHours } from "@micromarket/kernel";
import type { Command } from "@micromarket/engine";
import {
  encodeOrder,
  encodePrivateEvent,
  orderFingerprint,
  OrderProjection,
  type ArchivedEntry,
} from "@micromarket/protocol";
import { sha256ByOpenssl } from "@micromarket/identity-node";
import { openOrderArchive } from "@micromarket/store-sqlite";
import { compareGrowth } from "../../../tools/bench/compare-growth.ts";

const SEED = 1;
const AT = instantMs(1_782_864_000_000);
const SLOT = instantMs(1_782_864_900_000);
const PARTIES = 10;
const HASH = hashText("a hash");

const folder = mkdtempSync(join(tmpdir(), "archive-bench-"));
process.once("exit", () => {
  rmSync(folder, { recursive: true });
});

let placed = 0;

/** Orders of ten parties that become durable together. */
function orders(count: number): readonly ArchivedEntry[] {
  return Array.from({ length: count }, (_, index): ArchivedEntry => {
    const party = partyId(`home-${index % PARTIES}`);
    const id = tenderId(`${party}/order-${(placed += 1)}`);
    const step = {
      price: priceMicro(80_000 + ((index * 104_729) % 240_000)),
      energy: wattHours(100 + (index % 2_000)),
    };
    const command = { type: "SubmitTender", slot: SLOT, tender: { id, party, side: "buy", steps: [step] } } as const;
    const accepted = { type: "TenderAccepted", slot: SLOT, party, tender: id } as const;
    return { sequence: 0, at: AT, hash: index === count - 1 ? HASH : null, command, events: [accepted] };
  });
}

function project(entries: readonly ArchivedEntry[]): number {
  const projection = new OrderProjection(undefined, sha256ByOpenssl);
  return entries.reduce((sum, entry) => sum + projection.project(entry).orders.length, 0);
}

compareGrowth<readonly ArchivedEntry[]>({
  title: "orders projected: what their answer waits for",
  seed: SEED,
  unit: "order",
  peer: "canonical text and SHA-256 of the same orders alone, which their fingerprints are",
  sizes: [1, 100, 10_000],
  prepare: orders,
  run: project,
  runPeer: (entries) => entries.reduce((sum, { command }) => sum + fingerprintOf(command).length, 0),
});

function fingerprintOf(command: Command): string {
  return command.type === "SubmitTender" ? orderFingerprint(command, sha256ByOpenssl) : "";
}

/** Writes at the end of each group, as it does in the background, in the same transaction sizes. */
const archive = openOrderArchive(join(folder, "orders.sqlite"), { delayMs: 1e6, rowsMax: 0, sha256: sha256ByOpenssl });

function record(entries: readonly ArchivedEntry[]): number {
  for (const entry of entries) archive.record({ ...entry, sequence: archive.through + 1 });
  return archive.through;
}

const writeBare = openBare();

/** What the peer does: the same texts as rows of two tables with the same indexes. */
function openBare() {
  const database = new Database(join(folder, "bare.sqlite"));
  database.pragma("locking_mode = EXCLUSIVE");
  database.pragma("journal_mode = WAL");
  database.pragma("synchronous = NORMAL");
  database.exec(
    "CREATE TABLE event (party INTEGER, seq INTEGER, text TEXT) STRICT; CREATE INDEX e ON event (party, seq)",
  );
  database.exec(
    "CREATE TABLE orders (party INTEGER, name TEXT, text TEXT) STRICT; CREATE INDEX o ON orders (party, name)",
  );
  const event = database.prepare("INSERT INTO event VALUES (?, ?, ?)");
  const order = database.prepare("INSERT INTO orders VALUES (?, ?, ?)");
  let written = 0;
  return database.transaction((texts: readonly Texts[]): number => {
    for (const [index, { name, eventText, orderText }] of texts.entries()) {
      event.run(index % PARTIES, (written += 1), eventText);
      order.run(index % PARTIES, name, orderText);
    }
    return written;
  });
}

interface Texts {
  readonly name: string;
  readonly eventText: string;
  readonly orderText: string;
}

function textsOf(entries: readonly ArchivedEntry[]): readonly Texts[] {
  const projection = new OrderProjection(undefined, sha256ByOpenssl);
  return entries.flatMap((entry) => {
    const { events, orders: changed } = projection.project(entry);
    const [event, order] = [events[0], changed[0]];
    if (event === undefined || order === undefined) return [];
    return [{ name: order.clientOrderId, eventText: encodePrivateEvent(event), orderText: encodeOrder(order) }];
  });
}

compareGrowth<{ readonly entries: readonly ArchivedEntry[]; readonly texts: readonly Texts[] }>({
  title: "orders projected, recorded and written behind, by the group",
  seed: SEED,
  unit: "order",
  peer: "bare better-sqlite3 inserts of the same texts, an order and an event each, in one transaction, with one index each",
  sizes: [1, 100, 10_000],
  prepare: (size) => {
    const entries = orders(size);
    return { entries, texts: textsOf(entries) };
  },
  run: ({ entries }) => record(entries),
  runPeer: ({ texts }) => writeBare(texts),
});
