/** Copies of journals that are written meanwhile. */
import { describe, expect, test } from "@jest/globals";
import { openNode, replayFromZero, stateHash, type MarketNode } from "@micromarket/engine";
import { instantMs, MINUTE, randomStream, type InstantMs } from "@micromarket/kernel";
import { copyJournal, openSqliteJournal, readSqliteJournal } from "@micromarket/store-sqlite";
import { createOperator, createTrader, marketRules, NOON, type CommandSource } from "@micromarket/testkit";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { asAnotherProgram, temporaryFolder } from "./journal-file.ts";

const SEED = 5;
const rules = marketRules();

/** A street that trades, minute by minute. */
class Feeder {
  readonly #sources: readonly CommandSource[];
  #at: InstantMs = NOON;

  constructor() {
    this.#sources = [
      createOperator("operator", rules, randomStream(SEED, "operator")),
      createTrader("trader", rules, randomStream(SEED, "trader")),
    ];
  }

  feed(node: MarketNode, minutes: number): void {
    for (let minute = 0; minute < minutes; minute += 1) {
      this.#at = instantMs(this.#at + MINUTE);
      const commands = this.#sources.map((source) => source.next(this.#at)).filter((command) => command !== null);
      node.execute(commands, this.#at);
    }
  }
}

async function inFolder(act: (folder: string) => Promise<void>): Promise<void> {
  const folder = temporaryFolder();
  try {
    await act(folder.path);
  } finally {
    folder.remove();
  }
}

function opened(path: string) {
  const journal = openSqliteJournal(path);
  const node = openNode(rules, journal);
  if (!node.ok) throw new Error(node.error.code);
  return { journal, node: node.value };
}

function refusalOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => "nothing was refused",
    (failure: unknown) => failure,
  );
}

describe("a copy", () => {
  test("taken while a market writes: one file, its chain whole, a prefix of the original", async () => {
    await inFolder(async (folder) => {
      const path = join(folder, "journal.db");
      const { journal, node } = opened(path);
      const feeder = new Feeder();
      feeder.feed(node, 600);
      node.snapshot();
      for (let round = 1; round <= 4; round += 1) {
        const before = node.head.sequence;
        let isDone = false;
        const target = join(folder, `backup-${round}.db`);
        const copying = copyJournal(path, target, { pagesPerStep: 1 }).finally(() => (isDone = true));
        while (!isDone) {
          feeder.feed(node, 5);
          await setImmediate();
        }
        const head = await copying;
        expect(node.head.sequence).toBeGreaterThan(before + 20);
        expect(head?.sequence).toBeGreaterThanOrEqual(before);
        const copy = readSqliteJournal(target);
        const replayed = replayFromZero(rules, copy.read(1));
        expect(replayed).toMatchObject({ ok: true, value: { head } });
        const entries = [...copy.read(1)];
        expect([...journal.read(1)].slice(0, entries.length)).toEqual(entries);
        copy.close();
        node.snapshot();
      }
      journal.close();
      const left = readdirSync(folder).filter((name) => name.startsWith("backup"));
      expect(left).toEqual([1, 2, 3, 4].map((round) => `backup-${round}.db`));
    });
  });

  test("goes on as a journal, from the entry that it ends with", async () => {
    await inFolder(async (folder) => {
      const path = join(folder, "journal.db");
      const { journal, node } = opened(path);
      new Feeder().feed(node, 100);
      await copyJournal(path, join(folder, "copy.db"));
      const copy = opened(join(folder, "copy.db"));
      expect(copy.node.head).toEqual(node.head);
      expect(stateHash(copy.node.state)).toBe(stateHash(node.state));
      new Feeder().feed(copy.node, 10);
      copy.journal.close();
      journal.close();
    });
  });

  test("takes no name that is taken, and none where the original is damaged", async () => {
    await inFolder(async (folder) => {
      const path = join(folder, "journal.db");
      const { journal, node } = opened(path);
      new Feeder().feed(node, 100);
      node.snapshot();
      journal.close();
      writeFileSync(join(folder, "taken.db"), "mine");
      const taken = await refusalOf(copyJournal(path, join(folder, "taken.db")));
      expect(taken).toMatchObject({ code: "JOURNAL_EXISTS" });
      expect(readFileSync(join(folder, "taken.db"), "utf8")).toBe("mine");
      expect(await refusalOf(copyJournal(path, join(folder, "nowhere", "copy.db")))).toMatchObject({
        code: "JOURNAL_MISSING",
        mend: "create it",
      });
      expect(await refusalOf(copyJournal(join(folder, "none.db"), join(folder, "copy.db")))).toMatchObject({
        code: "JOURNAL_MISSING",
      });
      asAnotherProgram(path, (database) => {
        database.exec("DROP TRIGGER journal_is_never_changed");
        database.exec("UPDATE journal SET at_ms = at_ms + 1 WHERE sequence = 17");
      });
      expect(await refusalOf(copyJournal(path, join(folder, "copy.db")))).toMatchObject({
        code: "JOURNAL_DAMAGED",
        what: expect.stringContaining("entry 17 does not continue the chain") as unknown,
      });
      expect(readdirSync(folder).filter((name) => name.startsWith("copy"))).toEqual([]);
    });
  });

  test("whose snapshot does not have its hash is none", async () => {
    await inFolder(async (folder) => {
      const path = join(folder, "journal.db");
      const { journal, node } = opened(path);
      new Feeder().feed(node, 20);
      node.snapshot();
      journal.close();
      asAnotherProgram(path, (database) => database.exec("UPDATE snapshot SET state = state || ' '"));
      expect(await refusalOf(copyJournal(path, join(folder, "copy.db")))).toMatchObject({ code: "JOURNAL_DAMAGED" });
      expect(existsSync(join(folder, "copy.db"))).toBe(false);
    });
  });
});
