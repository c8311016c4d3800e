/**
 * What every implementation of the `OrderArchive` port must do. Each runs this one suite with its own set-up; what it must
 * answer is what the twin in memory answers.
 */
import { describe, expect, test } from "@jest/globals";
import { readEnvelope } from "@micromarket/identity";
import {
  durationMs,
  hashText,
  instantMs,
  partyId,
  randomStream,
  times,
  HOUR,
  type InstantMs,
  type PartyId,
} from "@micromarket/kernel";
import { apply, foundMarket, type Command, type State } from "@micromarket/engine";
import { ARCHIVE_RETENTION, ArchiveFailure, type OrderArchive, type PrivateEvent } from "@micromarket/protocol";
import { runArchivedMarket, runArchivedStreet, type ArchivedMarket } from "./archive-entries.ts";
import { contentOf, recordAll, recordWithCrashes, textOf } from "./archive-restarts.ts";
import {
  cancelTender,
  creditAccount,
  marketRules,
  NOON,
  registerParty,
  submitTender,
  tender,
} from "./market-builders.ts";
import { createArchiveDisk, createMemoryArchive } from "./memory-archive.ts";

/** One empty storage and the ways to open the archive on it. */
export interface ArchiveHarness {
  /** Opens the archive after a close, or for the first time. */
  readonly open: () => OrderArchive;
  /** Opens what a crash would leave of the archive that is open: what was flushed, and maybe more. */
  readonly openAfterCrash: () => OrderArchive;
  /** Removes the storage. */
  readonly dispose: () => void;
}

type MakeHarness = () => ArchiveHarness;

const ANNE = partyId("anne");

/** Runs the suite; `makeHarness` is called once a test. `seeds` says on how many markets crashes are tried. */
export function archiveCompliance(name: string, makeHarness: MakeHarness, seeds = 2): void {
  describe(`${name} keeps the archive's port`, () => {
    describe("content", () => content(makeHarness, seeds));
    describe("orders", () => orders(makeHarness));
    describe("requests", () => requests(makeHarness));
    describe("events", () => events(makeHarness));
    describe("retention", () => retention(makeHarness));
    describe("refusals", () => refusals(makeHarness));
  });
}

function scenario(name: string, makeHarness: MakeHarness, run: (harness: ArchiveHarness) => void): void {
  test(name, () => {
    const harness = makeHarness();
    try {
      run(harness);
    } finally {
      harness.dispose();
    }
  });
}

function content(makeHarness: MakeHarness, seeds: number): void {
  const markets: readonly [string, (seed: number) => ArchivedMarket][] = [
    ["every command", (seed) => runArchivedMarket(seed, 40, 6)],
    ["a street that trades", (seed) => runArchivedStreet(seed, 60, 6)],
  ];
  for (const [what, run] of markets) {
    scenario(`${what}: it says what the twin says, written or not, and after a close`, makeHarness, ({ open }) => {
      const market = run(11);
      const { expected, parties } = expectation(market);
      const archive = open();
      recordAll(archive, market);
      expect(contentOf(archive, parties)).toEqual(expected);
      archive.flush();
      expect(contentOf(archive, parties)).toEqual(expected);
      archive.close();
      const again = open();
      expect(contentOf(again, parties)).toEqual(expected);
      again.close();
    });

    scenario(`${what}: crashes change nothing`, makeHarness, () => {
      for (let seed = 1; seed <= seeds; seed += 1) {
        const market = run(seed);
        const { expected, parties } = expectation(market);
        const harness = makeHarness();
        let opened: OrderArchive | null = null;
        const openNext = (): OrderArchive => (opened = opened === null ? harness.open() : harness.openAfterCrash());
        const archive = recordWithCrashes(openNext, market, randomStream(seed, "compliance"));
        const found = contentOf(archive, parties);
        if (textOf(found) !== textOf(expected)) expect({ seed, found }).toEqual({ seed, found: expected });
        archive.close();
        harness.dispose();
      }
    });
  }
}

function expectation(market: ArchivedMarket) {
  const twin = createMemoryArchive({ disk: createArchiveDisk() });
  const parties = new Set<PartyId>();
  twin.subscribe((told) => told.forEach(({ party }) => parties.add(party)));
  recordAll(twin, market);
  return { expected: contentOf(twin, parties), parties };
}

/** Commands of a small market, one entry each. */
class Feeder {
  readonly #state: State = foundMarket(marketRules());
  readonly #archive: OrderArchive;

  constructor(archive: OrderArchive) {
    this.#archive = archive;
    this.feed(registerParty("anne"), NOON);
    this.feed(registerParty("bob"), NOON);
  }

  feed(command: Command, at: InstantMs): void {
    this.feedTo(this.#archive, command, at);
  }

  feedTo(archive: OrderArchive, command: Command, at: InstantMs): void {
    const outcome = apply(this.#state, command, at);
    if (!outcome.ok) throw new Error(outcome.refusal.code);
    const sequence = archive.through + 1;
    archive.record({ sequence, at, hash: hashOf(sequence), command, events: outcome.events });
  }
}

function hashOf(sequence: number) {
  return hashText(`entry ${sequence}`);
}

const SLOT = instantMs(NOON + times(HOUR, 1));

function orders(makeHarness: MakeHarness): void {
  scenario("a name that serves in two slots means the order that was placed last", makeHarness, ({ open }) => {
    const archive = open();
    const feeder = new Feeder(archive);
    const later = instantMs(SLOT + times(HOUR, 1));
    for (const slot of [SLOT, later])
      feeder.feed(submitTender(slot, tender("anne/load", "anne", "buy", [100_000, 50])), NOON);
    for (let round = 0; round < 2; round += 1) {
      expect(archive.order(ANNE, "load")).toMatchObject({ slot: later, marketOrderId: "4", state: "OPEN" });
      archive.flush();
    }
    feeder.feed(cancelTender(SLOT, "anne", "anne/load"), NOON);
    for (let round = 0; round < 2; round += 1) {
      expect(archive.order(ANNE, "load")).toMatchObject({ slot: later, marketOrderId: "4", state: "OPEN" });
      expect(archive.ordersOf(ANNE, { slot: SLOT }, { after: null, limit: 5 }).orders).toMatchObject([
        { state: "CANCELED" },
      ]);
      archive.flush();
    }
    expect(archive.order(partyId("bob"), "load")).toBeNull();
    expect(archive.order(partyId("nobody"), "load")).toBeNull();
    archive.close();
  });

  scenario("pages of orders, newest first, written or not", makeHarness, ({ open }) => {
    const archive = open();
    const feeder = new Feeder(archive);
    for (let number = 1; number <= 7; number += 1) {
      feeder.feed(submitTender(SLOT, tender(`anne/${number}`, "anne", "buy", [100_000, number])), NOON);
      if (number === 4) archive.flush();
    }
    feeder.feed(cancelTender(SLOT, "anne", "anne/2"), NOON);
    feeder.feed(cancelTender(SLOT, "anne", "anne/6"), NOON);
    const pages = (states?: readonly ["CANCELED"] | readonly ["OPEN"]): readonly string[] => {
      const found: string[] = [];
      let after: number | null = null;
      do {
        const page = archive.ordersOf(ANNE, states === undefined ? {} : { states }, { after, limit: 2 });
        found.push(page.orders.map(({ clientOrderId }) => clientOrderId).join(" "));
        after = page.cursor;
      } while (after !== null);
      return found;
    };
    for (let round = 0; round < 2; round += 1) {
      expect(pages()).toEqual(["7 6", "5 4", "3 2", "1"]);
      expect(pages(["CANCELED"])).toEqual(["6 2"]);
      expect(pages(["OPEN"])).toEqual(["7 5", "4 3", "1"]);
      archive.flush();
    }
    archive.close();
  });
}

function requests(makeHarness: MakeHarness): void {
  scenario("a request that carried an id is found by it", makeHarness, ({ open }) => {
    const market = runArchivedMarket(3, 300, 6);
    const archive = open();
    const asked = new Map<string, PartyId>();
    for (const entry of market.groups.flat()) {
      archive.record(entry);
      if (entry.command.type !== "Signed" || entry.events[0]?.type !== "TenderAccepted") continue;
      const envelope = readEnvelope(entry.command.envelope);
      if (envelope.ok) asked.set(envelope.value.payload.salt, envelope.value.payload.party);
    }
    expect(asked.size).toBeGreaterThan(0);
    for (let round = 0; round < 2; round += 1) {
      for (const [salt, party] of asked) {
        const request = archive.request(party, salt);
        expect(request).toMatchObject({ party, requestId: salt });
        expect(request?.orders.length).toBe(1);
        const [placed] = archive
          .ordersOf(party, {}, { after: null, limit: 1_000 })
          .orders.filter(({ requestId }) => requestId === salt);
        expect(placed?.bodyHash).toBe(request?.bodyHash);
        expect(archive.request(partyId("nobody"), salt)).toBeNull();
      }
      archive.flush();
    }
    archive.close();
  });
}

function events(makeHarness: MakeHarness): void {
  scenario("events are told once they can be read, to whoever listens still", makeHarness, ({ open }) => {
    const archive = open();
    const heard: PrivateEvent[] = [];
    const end = archive.subscribe((told) => {
      for (const { party, seq } of told) heard.push(...archive.eventsAfter(party, seq - 1, 1));
    });
    const feeder = new Feeder(archive);
    feeder.feed(creditAccount("anne", 5n, "a"), NOON);
    end();
    feeder.feed(creditAccount("anne", 5n, "b"), NOON);
    expect(heard.map(({ party, seq, kind }) => `${party} ${seq} ${kind}`)).toEqual([
      "anne 1 party.admitted",
      "bob 1 party.admitted",
      "anne 2 account.credited",
    ]);
    expect([archive.firstSeq(ANNE), archive.lastSeq(ANNE), archive.lastSeq(partyId("nobody"))]).toEqual([1, 3, 0]);
    expect(archive.firstSeq(partyId("nobody"))).toBe(1);
    archive.close();
  });

  scenario("events after a number, at most so many, written, half written or not", makeHarness, ({ open }) => {
    const archive = open();
    const feeder = new Feeder(archive);
    for (let number = 2; number <= 40; number += 1) {
      feeder.feed(creditAccount("anne", 1n, `r${number}`), NOON);
      if (number % 7 === 0) archive.flush();
      if (number === 20) feeder.feed(creditAccount("bob", 1n, "b"), NOON);
    }
    for (const [seq, limit] of [
      [0, 3],
      [6, 1],
      [12, 10],
      [39, 5],
      [40, 5],
      [33, 100],
    ] as const) {
      const found = archive.eventsAfter(ANNE, seq, limit).map((event) => event.seq);
      const expected = Array.from({ length: 40 - seq }, (_, index) => seq + 1 + index).slice(0, limit);
      expect({ seq, limit, found }).toEqual({ seq, limit, found: expected });
    }
    archive.close();
  });

  scenario("a group that is not whole is not kept", makeHarness, ({ open, openAfterCrash }) => {
    const market = runArchivedStreet(5, 20, 6);
    const group = market.groups.slice(3).find(({ length }) => length > 1) ?? [];
    const before = market.groups.flat().filter(({ sequence }) => sequence < (group[0]?.sequence ?? 0));
    const archive = open();
    for (const entry of before) archive.record(entry);
    for (const entry of group.slice(0, -1)) archive.record(entry);
    archive.flush();
    expect(archive.kept.sequence).toBe(before.at(-1)?.sequence);
    expect(archive.through).toBe((group.at(-1)?.sequence ?? 0) - 1);
    const next = openAfterCrash();
    expect(next.through).toBe(before.at(-1)?.sequence);
    for (const entry of group) next.record(entry);
    next.flush();
    expect(next.kept).toEqual({ sequence: group.at(-1)?.sequence, hash: group.at(-1)?.hash });
    next.close();
  });
}

function retention(makeHarness: MakeHarness): void {
  const { events: eventsKept, eventsMin, ids } = ARCHIVE_RETENTION;
  const after = (start: InstantMs, ...spans: readonly number[]): InstantMs =>
    instantMs(spans.reduce<number>((sum, span) => sum + span, start));

  scenario("what is promised stays, what is not goes in time, and the numbers go on", makeHarness, ({ open }) => {
    const archive = open();
    const feeder = new Feeder(archive);
    const old = 3 * eventsMin;
    for (let number = 1; number <= old; number += 1) feeder.feed(creditAccount("anne", 1n, `old ${number}`), NOON);
    feeder.feed(submitTender(SLOT, tender("anne/a", "anne", "buy", [100_000, 5])), NOON);
    feeder.feed(submitTender(SLOT, tender("anne/b", "anne", "buy", [100_000, 5])), NOON);
    feeder.feed(cancelTender(SLOT, "anne", "anne/a"), NOON);
    archive.flush();
    feeder.feed(creditAccount("bob", 1n, "just in time"), after(NOON, eventsKept));
    archive.flush();
    expect(archive.firstSeq(ANNE)).toBe(1);

    feeder.feed(creditAccount("bob", 1n, "later"), after(NOON, eventsKept, times(HOUR, 2)));
    archive.flush();
    const last = archive.lastSeq(ANNE);
    expect(last).toBe(old + 4);
    expect(archive.firstSeq(ANNE)).toBeLessThanOrEqual(last - eventsMin + 1);
    expect(archive.eventsAfter(ANNE, 0, Infinity).map(({ seq }) => seq)).toEqual(
      Array.from({ length: last - archive.firstSeq(ANNE) + 1 }, (_, index) => archive.firstSeq(ANNE) + index),
    );
    expect(archive.order(ANNE, "a")).toMatchObject({ state: "CANCELED" });

    feeder.feed(creditAccount("bob", 1n, "a week"), after(NOON, ids));
    archive.flush();
    expect(archive.order(ANNE, "a")).toMatchObject({ state: "CANCELED" });
    feeder.feed(creditAccount("bob", 1n, "more than a week"), after(NOON, ids, times(HOUR, 2)));
    archive.flush();
    expect(archive.order(ANNE, "a")).toBeNull();
    expect(archive.order(ANNE, "b")).toMatchObject({ state: "OPEN" }); // what stands is kept
    archive.close();

    const again = open();
    expect(again.lastSeq(ANNE)).toBe(last);
    feeder.feedTo(again, creditAccount("anne", 1n, "goes on"), after(NOON, ids, times(HOUR, 2)));
    expect(again.eventsAfter(ANNE, last, 10)).toMatchObject([{ seq: last + 1, kind: "account.credited" }]);
    again.close();
  });

  scenario("it does not grow with time", makeHarness, ({ open }) => {
    const archive = open();
    const feeder = new Feeder(archive);
    let at = NOON;
    for (let day = 0; day < 40; day += 1) {
      for (let number = 0; number < 20; number += 1) feeder.feed(creditAccount("anne", 1n, `${day}/${number}`), at);
      archive.flush();
      at = instantMs(at + durationMs(24 * 3_600_000));
    }
    const kept = archive.eventsAfter(ANNE, 0, Infinity).length;
    expect(kept).toBeGreaterThanOrEqual(Math.max(eventsMin, 3 * 20));
    expect(kept).toBeLessThan(eventsMin + 5 * 20);
    archive.close();
  });
}

function refusals(makeHarness: MakeHarness): void {
  scenario("an entry that is not the next one is refused, and changes nothing", makeHarness, ({ open }) => {
    const archive = open();
    const feeder = new Feeder(archive);
    const entry = { at: NOON, hash: hashOf(9), command: registerParty("carl"), events: [] };
    for (const sequence of [1, 2, 4]) {
      expect(codeOf(() => archive.record({ ...entry, sequence }))).toBe("ARCHIVE_MISUSED");
    }
    feeder.feed(creditAccount("anne", 1n, "a"), NOON);
    expect(archive.through).toBe(3);
    archive.close();
  });

  scenario("a closed archive refuses everything, a second close nothing", makeHarness, ({ open }) => {
    const archive = open();
    const feeder = new Feeder(archive);
    archive.close();
    archive.close();
    const acts: readonly (() => unknown)[] = [
      () => feeder.feed(creditAccount("anne", 1n, "a"), NOON),
      () => archive.flush(),
      () => archive.order(ANNE, "a"),
      () => archive.ordersOf(ANNE, {}, { after: null, limit: 1 }),
      () => archive.request(ANNE, "a"),
      () => archive.eventsAfter(ANNE, 0, 1),
      () => archive.begin({ head: { sequence: 0, hash: null }, standing: [] }),
    ];
    expect(acts.map(codeOf)).toEqual(acts.map(() => "ARCHIVE_CLOSED"));
  });
}

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (failure) {
    return failure instanceof ArchiveFailure ? failure.code : String(failure);
  }
  return "nothing was thrown";
}
