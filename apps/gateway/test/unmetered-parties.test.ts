/** A market with homes, a bot and a utility that no meter speaks for: every slot settles, also over a restart. */
import { describe, expect, test } from "@jest/globals";
import { existsSync } from "node:fs";
import {
  commandWithin,
  decodeCommand,
  encodeCommand,
  marketGenesis,
  partyAccount,
  replayFromZero,
  stateHash,
  violatedInvariants,
  type BareCommand,
  type Command,
  type MarketEvent,
  type SettlementRules,
} from "@micromarket/engine";
import { sealEnvelope, signerOf, type Signer } from "@micromarket/identity";
import { openKeyFile, verifyByOpenssl } from "@micromarket/identity-node";
import {
  amountNano,
  assert,
  durationMs,
  hashText,
  HOUR,
  instantMs,
  measured,
  partsPerMillion,
  partyId,
  priceMicro,
  slotAfter,
  slotAt,
  tenderId,
  times,
  wattHours,
  type CanonicalValue,
  type InstantMs,
  type PartyId,
} from "@micromarket/kernel";
import { balanceOf, isBalanced } from "@micromarket/ledger";
import { openOrderArchive, openSqliteJournal, readSqliteJournal } from "@micromarket/store-sqlite";
import { createMemoryDisk } from "@micromarket/testkit";
import { openControlMemory } from "../src/control/control-memory.ts";
import { foundingRules } from "../src/founding-rules.ts";
import type { UnmeteredConfig } from "../src/gateway-config.ts";
import { loadGatewayFile } from "../src/gateway-file.ts";
import { journalPath } from "../src/gateway-sources.ts";
import { startGateway } from "../src/gateway.ts";
import { machineTime } from "../src/machine-time.ts";
import { openMeterFile } from "../src/meter-store.ts";
import { partiesOtherwise, partiesWithoutHome } from "../src/opening-commands.ts";
import { GATEWAY, gatewayFile } from "./gateway-text.ts";
import { evenFlows, HOMES, openStreet, slotNumber, START, type Street } from "./memory-street.ts";

const BOT = partyId("bot");
const UTILITY = partyId("utility");
const PARTIES: readonly UnmeteredConfig[] = [
  { party: BOT, delivery: "financial", creditLine: null, key: null },
  { party: UTILITY, delivery: "scheduled", creditLine: null, key: null },
];
const HOME_IDS = HOMES.map(({ party }) => party);

/** The bot sells what it does not have, the utility what it schedules. */
function sales(at: InstantMs): readonly Command[] {
  const sale = (party: PartyId, energy: number): Command => ({
    type: "SubmitTender",
    slot: at,
    tender: {
      id: tenderId(`${party}/${at}`),
      party,
      side: "sell",
      steps: [{ price: priceMicro(100_000), energy: wattHours(energy) }],
    },
  });
  return [sale(BOT, 50), sale(UTILITY, 120)];
}

/** Lets the street run slot by slot while both trade. */
async function runTrading(street: Street, from: number, to: number): Promise<void> {
  for (let index = from; index < to; index++) {
    await street.run(instantMs(slotNumber(index) + 60_000));
    const outcomes = street.node.execute(sales(slotNumber(index + 1)), street.node.state.at);
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, true]);
  }
  await street.run(instantMs(slotNumber(to) + 60_000));
}

function eventsOf({ node, journal }: Street): readonly MarketEvent[] {
  const events: MarketEvent[] = [];
  const replayed = replayFromZero(node.state.rules, journal.read(1), (_, happened) => void events.push(...happened));
  expect(replayed.ok && stateHash(replayed.value.state)).toBe(stateHash(node.state));
  return events;
}

const SETTLEMENT: SettlementRules = {
  funding: { kind: "mutual", limit: amountNano(1_000_000_000_000n) },
  bond: partsPerMillion(100_000),
  imbalance: { kind: "dual" },
  levies: [],
  readingsDue: times(HOUR, 24),
  trueUp: times(HOUR, 48),
};

describe.each([
  ["without rules of settlement", undefined],
  ["with rules of settlement, and no estimate due", SETTLEMENT],
])("a market %s", (_, settlement) => {
  const options = { parties: PARTIES, ...(settlement === undefined ? {} : { settlement }) };

  test("settles every slot with a bot and a utility in it, also over a restart", async () => {
    const disk = createMemoryDisk();
    const first = await openStreet(disk, START, evenFlows, options);
    await runTrading(first, 0, 20);
    const memory = first.close();
    const street = await openStreet(disk, instantMs(slotNumber(20) + 60_000), evenFlows, { ...options, memory });
    expect([...street.node.state.unmetered]).toEqual(PARTIES.map(({ party, delivery }) => [party, delivery]));
    await runTrading(street, 21, 40);
    const events = eventsOf(street);
    expect(events.filter(({ type }) => type === "DeliveryEstimated")).toEqual([]);
    const settled = events.flatMap((event) => (event.type === "SlotSettled" ? [event] : []));
    // what is open is what runs now and what was not counted while nobody was there
    expect(
      [...street.node.state.cleared.keys()].filter((slot) => slot < slotNumber(39) && slot > slotNumber(22)),
    ).toEqual([]);
    expect(settled.length).toBeGreaterThanOrEqual(36);
    expect(settled.every(({ unaccounted }) => unaccounted === 0)).toBe(true);
    expect(violatedInvariants(street.node.state)).toEqual([]);
    expect(isBalanced(street.node.state.ledger)).toBe(true);
    expect(street.notices.filter(({ type }) => type === "command-refused")).toEqual([]);
    const money = (party: PartyId): bigint => balanceOf(street.node.state.ledger, "money", partyAccount(party)) ?? 0n;
    const short = events.flatMap((event) => (event.type === "DeliveryPosted" && event.party === BOT ? [event] : []));
    expect(short.filter(({ deviation, basis }) => deviation === 50 && basis === "financial").length).toBeGreaterThan(
      20,
    );
    expect(money(BOT) <= 0n).toBe(true);
    expect(money(UTILITY) > 0n).toBe(true);
    expect(partiesWithoutHome(street.node.state, HOME_IDS)).toEqual([]);
  });

  test("without the registration its slots stay open for ever, which is what the field is for", async () => {
    const street = await openStreet(createMemoryDisk(), START, evenFlows, { ...options, parties: [] });
    street.node.execute([{ type: "RegisterParty", party: BOT }], START);
    await street.run(slotNumber(12));
    expect(eventsOf(street).filter(({ type }) => type === "SlotSettled")).toEqual([]);
    expect(partiesWithoutHome(street.node.state, HOME_IDS)).toEqual([BOT]);
    expect(partiesOtherwise(street.node.state, { homes: HOMES, parties: PARTIES })).toEqual([BOT]);
  });
});

/** A quarter of an hour in half a second. */
const TEXT = GATEWAY.replace("{ trust: unchecked }", '{ accelerated: 1800, epoch: "2026-06-01T00:00Z" }').replace(
  "    poll: 1s\n",
  "",
);

const signer = (name: string): Signer => signerOf(Uint8Array.from(Buffer.from(hashText(name), "hex")));

describe("a gateway file with parties", () => {
  const section = (lines: string): string => `${TEXT}parties:\n${lines}`;

  test("is read: financial is what is meant where nothing is said", () => {
    const did = signer("bot").key.did;
    const text = section(`  - { id: bot, key: "${did}" }\n  - { id: utility, delivery: scheduled }\n`);
    const principals =
      "    - { id: app, credentials: [{ key: did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp }], ";
    const api = `http:\n  token: "\${env:TOKEN}"\n`;
    const granted = `api:\n  principals:\n${principals}grants: [{ party: bot, scopes: [trade] }] }\n`;
    const whole = text
      .replace("http:\n", api)
      .concat(granted, "deposits:\n  - { home: bot, amount: 5 EUR, reference: b }\n");
    expect(
      loadGatewayFile(gatewayFile(whole), { env: { TOKEN: "a-token-that-is-long-enough-0123456789" } }),
    ).toMatchObject({
      ok: true,
      value: {
        parties: [
          { party: "bot", delivery: "financial", key: did, creditLine: null },
          { party: "utility", delivery: "scheduled", key: null, creditLine: null },
        ],
        deposits: [{ party: "bot" }],
      },
    });
  });

  test.each([
    ["  - { id: home-1 }\n", "PARTY_TWICE", /counted by a meter/],
    ["  - { id: supplier }\n", "PARTY_TWICE", /the supplier/],
    ["  - { id: bot }\n  - { id: bot, delivery: scheduled }\n", "PARTY_TWICE", /another party/],
    ["  - { id: bot, delivery: metered }\n", "VALUE_UNKNOWN", /metered/],
    ["  - { id: bot, key: did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp }\n", "KEY_MALFORMED", /no key/],
    [
      `  - { id: bot, key: "${signer("bot").key.did}" }\n  - { id: app, key: "${signer("bot").key.did}" }\n`,
      "KEY_TWICE",
      /another party's/,
    ],
    ["  - { id: bot, creditLine: 5 EUR }\n", "CREDIT_NOT_RULED", /lend/],
    ['  - { id: " bot" }\n', "IDENTIFIER_MALFORMED", /bot/],
  ])("%s → %s", (lines, code, what) => {
    expect(loadGatewayFile(gatewayFile(section(lines)))).toMatchObject({
      ok: false,
      error: expect.arrayContaining([
        expect.objectContaining({ code, what: expect.stringMatching(what), mend: expect.stringMatching(/./) }),
      ]),
    });
  });
});

/** Starts the gateway of `path` with counters that go on evenly, 100 Wh a slot. */
async function start(path: string) {
  const loaded = loadGatewayFile(path, { env: {} });
  assert(loaded.ok, loaded.ok ? "" : JSON.stringify(loaded.error));
  const lines: string[] = [];
  const note = (fields: unknown, text?: string): void => void lines.push(`${JSON.stringify(fields)} ${text ?? ""}`);
  const countersAt = (at: InstantMs) => [
    { point: "imported_wh" as const, at, value: measured(Math.floor((at - Date.UTC(2026, 5, 1)) / 9_000)) },
    { point: "exported_wh" as const, at, value: measured(0) },
  ];
  const started = await startGateway(loaded.value, {
    ...{ log: { info: note, warn: note, error: note }, version: "1.2.3", page: null, time: machineTime },
    clockHealth: { check: () => Promise.resolve({ kind: "synchronised", offsetMs: 0 }) },
    ...{ openJournal: openSqliteJournal, openMeterStore: openMeterFile, openArchive: openOrderArchive },
    ...{ allowControl: false, openControlMemory, openKey: openKeyFile, verify: verifyByOpenssl },
    openDevices: ({ devices }, clock) => ({
      close: () => Promise.resolve(),
      sources: devices.map(({ id: device }) => ({
        device,
        poll: durationMs(20),
        read: () => Promise.resolve({ device, readings: countersAt(clock.now()) }),
      })),
    }),
  });
  assert(started.ok, started.ok ? "" : started.error.what);
  return { gateway: started.value, lines, config: loaded.value };
}

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    assert(tries < 3_000, "it did not come to that in 60 s");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test("a gateway settles what homes, a bot and a utility with keys of their own traded, and again after a restart", async () => {
  const entries = ["bot", "utility"].map((id) => `  - { id: ${id}, key: "${signer(id).key.did}"`);
  const path = gatewayFile(`${TEXT}parties:\n${entries[0]} }\n${entries[1]}, delivery: scheduled }\n`);
  const traded = new Set<InstantMs>();
  for (const most of [3, 6]) {
    const { gateway, lines } = await start(path);
    const { node } = gateway;
    await until(() => node.state.unmetered.size === 2 && node.state.registry.keys.has(signer("utility").key.did));
    const before = node.head.sequence;
    const trade = (): void => {
      const { market, slotLength } = node.state.rules;
      const slot = slotAfter(slotAt(node.state.at, slotLength), 3).startMs;
      if (traded.has(slot)) return;
      traded.add(slot);
      for (const command of sales(slot) as readonly BareCommand[]) {
        assert(command.type === "SubmitTender", "they sell");
        const { party } = command.tender;
        const body = JSON.parse(encodeCommand(command)) as CanonicalValue;
        const at = node.state.at;
        const place = { type: "order", net: marketGenesis(node.state.rules), market, party, salt: `${slot}` };
        const expires = instantMs(at + times(HOUR, 1));
        const envelope = sealEnvelope({ ...place, notBefore: instantMs(at - 1), expires, body }, signer(party));
        const [outcome] = node.execute([{ type: "Signed", envelope }], at);
        expect(outcome).toEqual(expect.objectContaining({ ok: true }));
      }
    };
    const isSettled = (): boolean => {
      trade();
      const closed = [...traded].filter((slot) => slot <= (node.state.closedThrough ?? -1));
      return closed.filter((slot) => !node.state.cleared.has(slot)).length >= most;
    };
    await until(isSettled);
    await gateway.stop();
    expect(node.head.sequence).toBeGreaterThan(before);
    expect(violatedInvariants(node.state)).toEqual([]);
    expect(lines.filter((line) => /refused|no home stands|knows otherwise/.test(line))).toEqual([]);
  }
  const loaded = loadGatewayFile(path, { env: {} });
  assert(loaded.ok && existsSync(journalPath(loaded.value)), "the journal is there");
  const journal = readSqliteJournal(journalPath(loaded.value));
  const entriesRead = [...journal.read(1)];
  const rules = foundingRules(loaded.value.rules, journal, null);
  journal.close();
  const registered = entriesRead.flatMap(({ command }) => {
    const read = decodeCommand(command);
    const within = read.ok ? commandWithin(read.value) : null;
    return within?.type === "RegisterParty" ? [`${within.party} ${within.delivery ?? "metered"}`] : [];
  });
  expect(registered).toEqual(["home-1 metered", "home-2 metered", "bot financial", "utility scheduled"]);
  const settled: MarketEvent[] = [];
  const replayed = replayFromZero(
    rules,
    entriesRead,
    (_, events) => void settled.push(...events.filter(({ type }) => type === "SlotSettled")),
    { verify: verifyByOpenssl },
  );
  expect(replayed.ok && violatedInvariants(replayed.value.state)).toEqual([]);
  expect(settled.length).toBeGreaterThanOrEqual(6);
}, 240_000);
