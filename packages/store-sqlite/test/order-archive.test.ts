/** The archive of orders in SQLite: the port's suite, files that cannot be used, and failures of the disk. */
import { describe, expect, test } from "@jest/globals";
import { hashText, partyId } from "@micromarket/kernel";
import { ArchiveFailure, catchUp, type ArchivedEntry } from "@micromarket/protocol";
import { openOrderArchive, type StoredArchive } from "@micromarket/store-sqlite";
import { archiveCompliance, contentOf, recordAll, runArchivedStreet } from "@micromarket/testkit";
import Database from "better-sqlite3";
import { copyFileSync, existsSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { inTemporaryFolder, temporaryFolder } from "./journal-file.ts";

archiveCompliance("the archive in SQLite", () => {
  const folder = temporaryFolder();
  const opened: StoredArchive[] = [];
  let number = 0;
  const open = (): StoredArchive => {
    const archive = openOrderArchive(join(folder.path, `orders-${number}.sqlite`), { delayMs: 1e6 });
    opened.push(archive);
    return archive;
  };
  return {
    open,
    /** The files as a kill would leave them, under another name: the archive itself is still open. */
    openAfterCrash() {
      const from = join(folder.path, `orders-${number}.sqlite`);
      number += 1;
      const to = join(folder.path, `orders-${number}.sqlite`);
      for (const suffix of ["", "-wal"]) if (existsSync(from + suffix)) copyFileSync(from + suffix, to + suffix);
      return open();
    },
    dispose() {
      for (const archive of opened) archive.close();
      folder.remove();
    },
  };
});

const market = runArchivedStreet(7, 60, 6);
const parties = ["home-1", "home-2", "home-3", "supplier"].map(partyId);

/** An archive of the whole street, closed. */
function writeArchive(path: string) {
  const archive = openOrderArchive(path);
  recordAll(archive, market);
  const content = contentOf(archive, parties);
  archive.close();
  return content;
}

describe("a file that cannot be used is set aside, and all is there again from the journal", () => {
  const damages: readonly (readonly [string, (path: string) => void])[] = [
    ["a text", (path) => writeFileSync(path, "no database\n".repeat(1_000))],
    ["cut off in the middle", (path) => truncateSync(path, Math.floor(readFileSync(path).length / 8_192) * 4_096)],
    ["with pages overwritten", overwrite],
    ["another program's database", (path) => alter(path, "PRAGMA application_id = 7")],
    ["of another layout", (path) => alter(path, "PRAGMA user_version = 99")],
    ["without a table", (path) => alter(path, "DROP TABLE orders")],
    [
      "with a standing order that cannot be read",
      (path) => alter(path, "UPDATE orders SET record = '{}', state = 'OPEN'"),
    ],
  ];
  test.each(damages)("%s", (_, damage) => {
    inTemporaryFolder((folder) => {
      const path = join(folder, "orders.sqlite");
      const expected = writeArchive(path);
      damage(path);
      const before = readFileSync(path);
      const archive = openOrderArchive(path);
      expect(archive.found).toBe("unusable");
      expect(archive.through).toBe(0);
      expect(readFileSync(`${path}-set-aside`).equals(before)).toBe(true);
      expect(catchUp(archive, market.rules, market.journal, { entriesMax: Infinity })).toMatchObject({
        ok: true,
        value: { anew: { because: "EMPTY", since: 1 } },
      });
      expect(contentOf(archive, parties)).toEqual(expected);
      archive.close();
    });
  });

  test("one that is there and sound goes on; one that is not there is made", () => {
    inTemporaryFolder((folder) => {
      const path = join(folder, "orders.sqlite");
      const fresh = openOrderArchive(path);
      expect(fresh.found).toBe("nothing");
      fresh.close();
      const again = openOrderArchive(path);
      expect([again.found, again.through, again.failure]).toEqual(["archive", 0, null]);
      again.close();
    });
  });
});

function alter(path: string, statement: string): void {
  const database = new Database(path);
  database.exec(statement);
  database.close();
}

/** All pages but the first. */
function overwrite(path: string): void {
  const bytes = readFileSync(path);
  bytes.fill(0xa5, 4_096);
  writeFileSync(path, bytes);
}

test("a record that cannot be read ends the archive, and the next start makes it anew", () => {
  inTemporaryFolder((folder) => {
    const path = join(folder, "orders.sqlite");
    writeArchive(path);
    alter(path, 'UPDATE run SET events = \'[{"kind":"bill"}]\'');
    const archive = openOrderArchive(path);
    expect(archive.found).toBe("archive");
    const home = partyId("home-1");
    expect(() => archive.eventsAfter(home, 0, 1)).toThrow(/malformed at \[0\]/);
    expect(archive.failure?.code).toBe("ARCHIVE_FAILED");
    expect(() => archive.order(home, "a")).toThrow(ArchiveFailure);
    archive.close();
    const again = openOrderArchive(path);
    expect([again.found, again.through]).toEqual(["unusable", 0]);
    again.close();
  });
});

test("what waits is written by itself, in steps, without anybody's asking", async () => {
  const folder = temporaryFolder();
  const archive = openOrderArchive(join(folder.path, "orders.sqlite"), { delayMs: 1, rowsPerStep: 20 });
  recordAll(archive, market);
  expect(archive.kept.sequence).toBe(0); // nothing was written in the turn in which it was recorded
  while (archive.kept.sequence < archive.through) await delay(1);
  archive.close();
  folder.remove();
});

test("more than may wait is written at once", () => {
  inTemporaryFolder((folder) => {
    const archive = openOrderArchive(join(folder, "orders.sqlite"), { delayMs: 1e6, rowsMax: 50 });
    recordAll(archive, market);
    expect(archive.kept.sequence).toBeGreaterThan(0);
    archive.close();
  });
});

test("a write that fails is told, stops the archive alone, and loses nothing that was written", async () => {
  const folder = temporaryFolder();
  const path = join(folder.path, "orders.sqlite");
  const failures: ArchiveFailure[] = [];
  writeArchive(path);
  const archive = openOrderArchive(path, { delayMs: 1, onFailure: (failure) => failures.push(failure) });
  const { kept, through } = archive;
  // an entry that cannot be written: SQLite takes no number that is none
  const [entry] = market.groups.flat();
  if (entry === undefined) throw new Error("the street has entries");
  const unwritable = {
    ...entry,
    sequence: through + 1,
    at: Number.NaN,
    hash: hashText("x"),
  } as unknown as ArchivedEntry;
  archive.record(unwritable);
  while (failures.length === 0) await delay(1);
  expect(failures[0]?.code).toBe("ARCHIVE_FAILED");
  expect(() => archive.record({ ...entry, sequence: through + 2 })).toThrow("failed before");
  archive.close();
  const again = openOrderArchive(path);
  expect([again.found, again.kept]).toEqual(["archive", kept]);
  again.close();
  folder.remove();
});
