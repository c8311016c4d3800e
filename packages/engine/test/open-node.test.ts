import { describe, expect, test } from "@jest/globals";
import { hashText, instantMs, marketId } from "@micromarket/kernel";
import { chainHash, type ChainedFields } from "@micromarket/ledger";
import {
  encodeCommand,
  foundMarket,
  marketGenesis,
  openNode,
  replayFromZero,
  snapshotText,
  stateHash,
  type JournalEntry,
  type MarketRules,
  type Snapshot,
} from "@micromarket/engine";
import { createMemoryDisk, createMemoryJournal, type MemoryDisk } from "@micromarket/testkit";
import { ANNE, BERT, minute, RULES, rulesWith, START } from "./street.ts";

const register = (party: typeof ANNE): string => encodeCommand({ type: "RegisterParty", party });

/** A journal of any commands, linked as it should be. */
function entriesOf(texts: readonly string[], change: Partial<ChainedFields> = {}) {
  let hash = marketGenesis(RULES);
  return texts.map((command, index) => {
    const entry = { sequence: index + 1, at: minute(index), rulesVersion: 1, command, ...change };
    hash = chainHash(hash, entry);
    return { ...entry, hash };
  });
}

function diskOf(entries: readonly JournalEntry[], ...snapshots: readonly Snapshot[]): MemoryDisk {
  return { ...createMemoryDisk(), entries: [...entries], snapshots: [...snapshots] };
}

const open = (disk: MemoryDisk, rules: MarketRules = RULES, options = {}) =>
  openNode(rules, createMemoryJournal(disk), options);

const good = entriesOf([register(ANNE), register(BERT)]);
const [first, second] = good as [(typeof good)[0], (typeof good)[0]];

/** The snapshot that a node with these entries would take. */
function snapshotOf(entries: readonly JournalEntry[]): Snapshot {
  const node = open(diskOf(entries));
  if (!node.ok) throw new Error(JSON.stringify(node.error));
  return node.value.snapshot();
}

describe("openNode refuses", () => {
  const other = hashText("other");

  test.each<[string, readonly JournalEntry[], object]>([
    [
      "an entry of another version",
      entriesOf([register(ANNE)], { rulesVersion: 2 }),
      { code: "RULES_VERSION_DIFFERS", sequence: 1, found: 2, expected: 1 },
    ],
    ["a changed entry", [{ ...first, at: minute(9) }, second], { code: "FOUNDING_RULES_DIFFER" }],
    [
      "a changed later entry",
      [first, { ...second, at: minute(9) }],
      { code: "CHAIN_BROKEN", break: { code: "HASH_MISMATCH", sequence: 2 } },
    ],
    ["a gap", [second], { code: "CHAIN_BROKEN", break: { code: "SEQUENCE_BROKEN", sequence: 2, expected: 1 } }],
    [
      "an unreadable command",
      entriesOf([register(ANNE), `{"type":"Bribe"}`]),
      { code: "COMMAND_UNREADABLE", sequence: 2, failure: { path: "type" } },
    ],
    [
      "a command that is refused",
      entriesOf([register(ANNE), register(ANNE)]),
      { code: "COMMAND_REFUSED", sequence: 2, refusal: { code: "PARTY_ALREADY_REGISTERED" } },
    ],
    [
      "a time before the founding",
      entriesOf([register(ANNE)], { at: instantMs(-1) }),
      { code: "TIME_DIFFERS", sequence: 1 },
    ],
  ])("%s", (_, entries, error) => {
    expect(open(diskOf(entries))).toMatchObject({ ok: false, error });
    expect(replayFromZero(RULES, entries)).toMatchObject({ ok: false, error });
  });

  test("unsound rules, and rules of a version that it does not apply", () => {
    expect(open(diskOf(good), rulesWith({ currency: "?" }))).toEqual({
      ok: false,
      error: { code: "RULES_UNSOUND", problem: "CURRENCY_MALFORMED" },
    });
    expect(open(diskOf([]), rulesWith({ rulesVersion: 2 }))).toMatchObject({
      error: { problem: "RULES_VERSION_UNSUPPORTED" },
    });
  });

  test("the journal of a market that was founded otherwise", () => {
    expect(open(diskOf(good), rulesWith({ market: marketId("lane") }))).toEqual({
      ok: false,
      error: { code: "FOUNDING_RULES_DIFFER" },
    });
  });

  const taken = snapshotOf([first]);
  const foreignState = snapshotText(foundMarket(rulesWith({ market: marketId("lane") })));
  test.each<[string, Partial<Snapshot>, object]>([
    ["ahead of the journal", { sequence: 3 }, { code: "SNAPSHOT_FOREIGN", sequence: 3 }],
    ["ahead of it, on the last entry's hash", { sequence: 3, chainHash: second.hash }, { code: "SNAPSHOT_FOREIGN" }],
    ["of another entry", { sequence: 2 }, { code: "SNAPSHOT_FOREIGN", sequence: 2 }],
    ["of another chain", { chainHash: other }, { code: "SNAPSHOT_FOREIGN", sequence: 1 }],
    [
      "of another market",
      { state: foreignState, stateHash: hashText(`micromarket/state/v1\0${foreignState}`) },
      { code: "SNAPSHOT_FOREIGN" },
    ],
    ["with another text", { state: `${taken.state} ` }, { code: "SNAPSHOT_HASH_MISMATCH", expected: taken.stateHash }],
    ["with another hash", { stateHash: other }, { code: "SNAPSHOT_HASH_MISMATCH", hash: taken.stateHash }],
    [
      "that cannot be read",
      { state: "{}", stateHash: hashText("micromarket/state/v1\0{}") },
      { code: "SNAPSHOT_UNREADABLE", failure: { path: "format" } },
    ],
  ])("a snapshot %s, and opens without it", (_, change, error) => {
    expect(open(diskOf(good, { ...taken, ...change }))).toMatchObject({ ok: false, error });
    expect(open(diskOf(good, { ...taken, ...change }), RULES, { useSnapshot: false }).ok).toBe(true);
  });

  test("a broken link before a good snapshot", () => {
    const entries = [{ ...first, command: register(BERT) }, second];
    expect(open(diskOf(entries, snapshotOf(good)))).toMatchObject({ error: { code: "FOUNDING_RULES_DIFFER" } });
  });
});

describe("replayFromZero", () => {
  test("shows each entry with its events and ends where the node is", () => {
    const seen: string[] = [];
    const replayed = replayFromZero(RULES, good, ({ sequence }, events) => {
      seen.push(`${sequence} ${events.map(({ type }) => type).join()}`);
    });
    expect(seen).toEqual(["1 PartyRegistered", "2 PartyRegistered"]);
    const node = open(diskOf(good));
    expect(replayed.ok && node.ok && stateHash(replayed.value.state) === stateHash(node.value.state)).toBe(true);
    expect(replayed.ok && replayed.value.head).toEqual({ sequence: 2, at: minute(1), hash: second.hash });
  });

  test("a journal without entries is a market just founded", () => {
    const replayed = replayFromZero(RULES, []);
    expect(replayed.ok && replayed.value.state).toEqual(foundMarket(RULES));
    expect(START).toBeGreaterThan(0);
  });
});
