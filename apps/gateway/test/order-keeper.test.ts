/** The archive of orders beside a journal on real files: fed, written in time, brought up, and done without. */
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import {
  openNode,
  pruneJournal,
  verifiedBefore,
  type Command,
  type Journal,
  type MarketNode,
} from "@micromarket/engine";
import { instantMs, partyId, type InstantMs } from "@micromarket/kernel";
import {
  openOrderArchive,
  openSqliteJournal,
  type OrderArchiveOptions,
  type StoredArchive,
} from "@micromarket/store-sqlite";
import {
  cancelTender,
  creditAccount,
  marketRules,
  NOON,
  registerParty,
  submitTender,
  tender,
} from "@micromarket/testkit";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OrderKeeper } from "../src/order-keeper.ts";

const rules = marketRules();
const ANNE = partyId("anne");
const DAY_MS = 86_400_000;
const SLOT = instantMs(NOON + 3_600_000);

let folder = "";
let lines: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "micromarket-keeper-"));
  lines = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Running {
  readonly keeper: OrderKeeper;
  readonly journal: Journal;
  readonly node: MarketNode;
  readonly archive: () => StoredArchive | null;
  readonly execute: (at: InstantMs, ...commands: Command[]) => readonly boolean[];
}

type OpenArchive = (path: string, options: OrderArchiveOptions) => StoredArchive;

/** A market with its keeper, as a gateway opens them. */
function start(openArchive: OpenArchive = openOrderArchive): Running {
  let archive: StoredArchive | null = null;
  const note = (fields: unknown, text?: string): void => void lines.push(`${JSON.stringify(fields)} ${text ?? ""}`);
  const open: OpenArchive = (path, options) => (archive = openArchive(path, options));
  const keeper = new OrderKeeper(openSqliteJournal(join(folder, "journal.sqlite")), join(folder, "orders.sqlite"), {
    openArchive: open,
    log: { info: note, warn: note, error: note },
  });
  const { journal } = keeper;
  const opened = openNode(rules, journal);
  if (!opened.ok) throw new Error(opened.error.code);
  const node = opened.value;
  keeper.catchUp(rules);
  const executor = keeper.recording(node, node);
  const execute: Running["execute"] = (at, ...commands) => executor.execute(commands, at).map(({ ok }) => ok);
  return { keeper, journal, node, archive: () => archive, execute };
}

function bid(name: string): Command {
  return submitTender(SLOT, tender(`anne/${name}`, "anne", "buy", [100_000, 50]));
}

test("what was accepted is there at once, in the journal's order, and nothing that was refused", () => {
  const { keeper, journal, execute } = start();
  expect(execute(NOON, registerParty("anne"), bid("a"), bid("a"), bid("b"))).toEqual([true, true, false, true]);
  expect(execute(NOON, cancelTender(SLOT, "anne", "anne/a"))).toEqual([true]);
  expect(keeper.archive?.through).toBe(4);
  expect(keeper.archive?.order(ANNE, "a")).toMatchObject({ marketOrderId: "2", state: "CANCELED" });
  expect(keeper.archive?.order(ANNE, "b")).toMatchObject({ marketOrderId: "3", state: "OPEN" });
  expect(keeper.archive?.eventsAfter(ANNE, 0, 9).map(({ seq, entry, kind }) => [seq, entry, kind])).toEqual([
    [1, 1, "party.admitted"],
    [2, 2, "order.open"],
    [3, 3, "order.open"],
    [4, 4, "order.cancelled"],
  ]);
  journal.close();
  expect(lines).toEqual([]);
});

test("the archive is written before a snapshot is saved and before entries are dropped", () => {
  const { journal, node, archive, execute } = start();
  execute(NOON, registerParty("anne"), bid("a"));
  expect(archive()?.kept.sequence).toBe(0);
  node.snapshot();
  expect(archive()?.kept).toEqual({ sequence: 2, hash: node.head.hash });
  execute(instantMs(NOON + DAY_MS), creditAccount("anne", 1n, "a"));
  execute(instantMs(NOON + 2 * DAY_MS), creditAccount("anne", 1n, "b"));
  expect(archive()?.kept.sequence).toBe(2);
  const steps = pruneJournal(rules, journal, { before: instantMs(NOON + 2 * DAY_MS), verify: verifiedBefore });
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  expect(journal.base()?.sequence).toBe(3);
  expect(archive()?.kept.sequence).toBe(4);
  journal.close();
});

test("a start records what a crash kept from being written", () => {
  const lost: OpenArchive = (path, options) => openOrderArchive(`${path}-lost`, options);
  const first = start();
  first.execute(NOON, registerParty("anne"), bid("a"));
  first.journal.close();
  const second = start(lost); // its archive goes elsewhere, as if never written
  second.execute(NOON, bid("b"));
  second.execute(NOON, cancelTender(SLOT, "anne", "anne/a"));
  const expected = second.keeper.archive?.eventsAfter(ANNE, 0, 99);
  second.journal.close();
  lines = [];

  const third = start();
  expect(third.archive()?.found).toBe("archive");
  expect(third.keeper.archive?.eventsAfter(ANNE, 0, 99)).toEqual(expected);
  expect(third.keeper.archive?.order(ANNE, "b")).toMatchObject({ marketOrderId: "3", state: "OPEN" });
  expect(lines).toEqual([]);
  third.journal.close();
});

test("a file that cannot be used is made anew, and said", () => {
  const first = start();
  first.execute(NOON, registerParty("anne"), bid("a"));
  const expected = first.keeper.archive?.eventsAfter(ANNE, 0, 99);
  first.journal.close();
  writeFileSync(join(folder, "orders.sqlite"), "no database\n".repeat(999));
  const second = start();
  expect(second.keeper.archive?.eventsAfter(ANNE, 0, 99)).toEqual(expected);
  expect(lines).toEqual([
    '{"because":"FILE_UNUSABLE","since":1,"recorded":2} the archive of orders was made anew from the journal: nothing is missing',
  ]);
  second.journal.close();
});

test("an archive that was lost with its journal's beginning says what is gone", () => {
  const { journal, execute } = start();
  execute(NOON, registerParty("anne"), bid("a"));
  execute(instantMs(NOON + DAY_MS), creditAccount("anne", 1n, "a"));
  const steps = pruneJournal(rules, journal, { before: instantMs(NOON + DAY_MS), verify: verifiedBefore });
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  journal.close();
  rmSync(join(folder, "orders.sqlite"));
  const second = start();
  expect(second.keeper.archive?.since).toBe(3);
  expect(second.keeper.archive?.order(ANNE, "a")).toMatchObject({ marketOrderId: null, state: "OPEN" });
  expect(lines).toEqual([
    '{"because":"EMPTY","since":3,"recorded":1} the archive of orders was made anew from the journal: ' +
      "earlier orders and events are gone, and numbers begin anew",
  ]);
  second.journal.close();
});

test("trading goes on without an archive that does not open, or fails later, and health says so", () => {
  const unopened = start(() => {
    throw new Error("no such disk");
  });
  expect(unopened.execute(NOON, registerParty("anne"), bid("a"))).toEqual([true, true]);
  expect(unopened.keeper.archive).toBeNull();
  expect(unopened.keeper.check()).toMatchObject({ status: "warn" });
  unopened.node.snapshot();
  unopened.journal.close();
  expect(lines).toEqual([
    '{"error":"no such disk"} the archive of orders has failed: trading goes on without it until the next start',
  ]);

  const failing = start();
  expect(failing.keeper.check()).toBeNull();
  failing.archive()?.close(); // whoever feeds it now is refused
  expect(failing.execute(NOON, bid("b"))).toEqual([true]);
  expect(failing.keeper.check()).toMatchObject({ status: "warn" });
  failing.node.snapshot();
  failing.journal.close();

  const healed = start();
  expect(healed.keeper.check()).toBeNull();
  expect(healed.keeper.archive?.order(ANNE, "b")).toMatchObject({ marketOrderId: "3" });
  healed.journal.close();
});
