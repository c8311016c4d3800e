/** An archive that loses its unwritten end again and again has the events, numbers and orders of one that saw everything. */
import { expect, test } from "@jest/globals";
import { randomStream, type PartyId } from "@micromarket/kernel";
import { pruneJournal, verifiedBefore } from "@micromarket/engine";
import { catchUp, type OrderArchive } from "@micromarket/protocol";
import {
  contentOf,
  createArchiveDisk,
  createMemoryArchive,
  createMemoryJournal,
  recordAll,
  recordWithCrashes,
  runArchivedMarket,
  runArchivedStreet,
  takeSnapshot,
  textOf,
  type ArchivedMarket,
} from "@micromarket/testkit";

const SEED = Number(process.env["MICROMARKET_SEED"] ?? 20_260_727);
const MARKETS = Number(process.env["MICROMARKET_MARKETS"] ?? 4);
const SCENARIOS = Number(process.env["MICROMARKET_SCENARIOS"] ?? 25);

function partiesOf({ groups, rules }: ArchivedMarket): ReadonlySet<PartyId> {
  const parties = new Set([rules.residual.party]);
  const archive = createMemoryArchive({ disk: createArchiveDisk() });
  archive.subscribe((events) => events.forEach(({ party }) => parties.add(party)));
  for (const entry of groups.flat()) archive.record(entry);
  return parties;
}

test.each([
  ["a market with every command", runArchivedMarket],
  ["a street that trades", runArchivedStreet],
])(
  `crashes change nothing in %s (MICROMARKET_SEED=${SEED})`,
  (_, run) => {
    for (let number = 0; number < MARKETS; number += 1) {
      const market = run(SEED + number, 80, 6);
      const parties = partiesOf(market);
      const whole = createMemoryArchive({ disk: createArchiveDisk() });
      recordAll(whole, market);
      const expected = contentOf(whole, parties);
      expect(expected.events.size).toBeGreaterThan(3);
      for (let scenario = 0; scenario < SCENARIOS; scenario += 1) {
        const disk = createArchiveDisk();
        const stream = randomStream(SEED + number, "crashes", String(scenario));
        const open = (): OrderArchive => createMemoryArchive({ disk });
        const archive = recordWithCrashes(open, market, stream);
        const content = contentOf(archive, parties);
        if (textOf(content) !== textOf(expected))
          expect({ number, scenario, content }).toEqual({ number, scenario, content: expected });
      }
    }
  },
  3_600_000,
);

test("an archive without a file begins where the journal does, and says so", () => {
  const market = runArchivedStreet(SEED, 120, 6);
  const parties = partiesOf(market);
  const { rules, journal } = market;
  const last = journal.last();
  if (last === null) throw new Error("the street has entries");
  const half = market.groups[market.groups.length >> 1]?.at(-1);
  if (half === undefined) throw new Error("the street has groups");
  const steps = pruneJournal(rules, journal, { before: half.at, verify: verifiedBefore });
  for (let step = steps.next(); step.done !== true; step = steps.next());
  const base = journal.base();
  expect(base?.sequence).toBeGreaterThan(0);

  const archive = createMemoryArchive({ disk: createArchiveDisk() });
  const caughtUp = catchUp(archive, rules, journal, { entriesMax: Infinity, verify: verifiedBefore });
  const since = (base?.sequence ?? 0) + 1;
  expect(caughtUp).toEqual({
    ok: true,
    value: { recorded: last.sequence - since + 1, anew: { because: "EMPTY", since } },
  });
  expect(archive.since).toBe(since);

  const whole = createMemoryArchive({ disk: createArchiveDisk() });
  recordAll(whole, market);
  for (const party of parties) {
    const news = (each: ReturnType<typeof whole.eventsAfter>): unknown[] =>
      each.filter(({ entry }) => entry >= since).map(({ party: who, entry, at, kind }) => ({ who, entry, at, kind }));
    const kept = archive.eventsAfter(party, 0, Infinity);
    expect(news(kept)).toEqual(news(whole.eventsAfter(party, 0, Infinity)));
    expect(kept.map(({ seq }) => seq)).toEqual(kept.map((_, index) => index + 1));
  }
});

test("an archive of another journal, of a later one, or of entries that are gone begins anew", () => {
  const [own, other] = [runArchivedStreet(1, 40, 6), runArchivedStreet(2, 60, 6)];
  const disk = createArchiveDisk();
  const archive = createMemoryArchive({ disk });
  recordAll(archive, other);
  archive.flush();
  const again = catchUp(archive, own.rules, own.journal, { entriesMax: Infinity, verify: verifiedBefore });
  expect(again).toMatchObject({ ok: true, value: { anew: { because: "OTHER_JOURNAL", since: 1 } } });
  const whole = createMemoryArchive({ disk: createArchiveDisk() });
  recordAll(whole, own);
  expect(contentOf(archive, partiesOf(own))).toEqual(contentOf(whole, partiesOf(own)));

  const early = createMemoryArchive({ disk: createArchiveDisk() });
  for (const entry of own.groups.slice(0, 2).flat()) early.record(entry);
  early.flush();
  const end = own.groups.at(-2)?.at(-1);
  if (end === undefined) throw new Error("the street has groups");
  const steps = pruneJournal(own.rules, own.journal, { before: end.at, verify: verifiedBefore });
  for (let step = steps.next(); step.done !== true; step = steps.next());
  const pruned = catchUp(early, own.rules, own.journal, { entriesMax: Infinity, verify: verifiedBefore });
  expect(pruned).toMatchObject({ ok: true, value: { anew: { because: "JOURNAL_PRUNED" } } });
  expect(early.since).toBe((own.journal.base()?.sequence ?? 0) + 1);
});

test("a journal that is too long to be replayed counts from its newest snapshot on", () => {
  const market = runArchivedStreet(SEED, 60, 6);
  const journal = createMemoryJournal();
  const half = market.groups[30]?.at(-1)?.sequence ?? 0;
  journal.append([...market.journal.read(1)].filter(({ sequence }) => sequence <= half));
  takeSnapshot(market, journal);
  journal.append([...market.journal.read(half + 1)]);
  const archive = createMemoryArchive({ disk: createArchiveDisk() });
  const caughtUp = catchUp(archive, market.rules, journal, { entriesMax: 10, verify: verifiedBefore });
  expect(caughtUp).toMatchObject({ ok: true, value: { anew: { because: "EMPTY", since: half + 1 } } });
  expect(archive.through).toBe(market.journal.last()?.sequence);
  const older = [...partiesOf(market)].flatMap((party) =>
    archive
      .ordersOf(party, {}, { after: null, limit: 1_000 })
      .orders.filter(({ marketOrderId }) => marketOrderId === null),
  );
  expect(older.length).toBeGreaterThan(0); // those that stood in the books of the snapshot
});
