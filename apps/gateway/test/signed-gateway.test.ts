/** The gateway's market from its first start on: who signs, what the journal holds, and what is refused without its key. */
import { chmodSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, test } from "@jest/globals";
import type { Reading } from "@micromarket/assets";
import {
  commandWithin,
  decodeCommand,
  levyAccount,
  openNode,
  replayFromZero,
  stateHash,
  violatedInvariants,
  type Command,
  type Journal,
  type JournalEntry,
} from "@micromarket/engine";
import { readEnvelope } from "@micromarket/identity";
import { openKeyFile, verifyByOpenssl } from "@micromarket/identity-node";
import { assert, durationMs, measured, partyId, type InstantMs } from "@micromarket/kernel";
import { openOrderArchive, openSqliteJournal, readSqliteJournal } from "@micromarket/store-sqlite";
import { foundingRules } from "../src/founding-rules.ts";
import { loadGatewayFile } from "../src/gateway-file.ts";
import { startGateway } from "../src/gateway.ts";
import { journalPath, keyPath } from "../src/gateway-sources.ts";
import { machineTime } from "../src/machine-time.ts";
import { openControlMemory } from "../src/control/control-memory.ts";
import { openMeterFile } from "../src/meter-store.ts";
import { GATEWAY, gatewayFile } from "./gateway-text.ts";

/** A quarter of an hour in half a second. */
const TEXT = GATEWAY.replace("{ trust: unchecked }", '{ accelerated: 1800, epoch: "2026-06-01T00:00Z" }').replace(
  "    poll: 1s\n",
  "",
);

function configOf(path: string) {
  const loaded = loadGatewayFile(path, { env: {} });
  assert(loaded.ok, loaded.ok ? "" : JSON.stringify(loaded.error));
  return loaded.value;
}

/** Counters that go on evenly, 100 Wh a slot. */
function countersAt(at: InstantMs): Reading[] {
  const imported = Math.floor((at - Date.UTC(2026, 5, 1)) / 9_000);
  return [
    { point: "imported_wh", at, value: measured(imported) },
    { point: "exported_wh", at, value: measured(0) },
  ];
}

/** Starts the gateway of `path`; `lines` is what it logs. */
async function start(path: string) {
  const lines: string[] = [];
  const note = (fields: unknown, text?: string): void => void lines.push(`${JSON.stringify(fields)} ${text ?? ""}`);
  const started = await startGateway(configOf(path), {
    ...{ log: { info: note, warn: note, error: note }, version: "1.2.3", page: null, time: machineTime },
    clockHealth: { check: () => Promise.resolve({ kind: "synchronised", offsetMs: 0 }) },
    openJournal: openSqliteJournal,
    openMeterStore: openMeterFile,
    openArchive: openOrderArchive,
    allowControl: false,
    openControlMemory,
    openKey: openKeyFile,
    verify: verifyByOpenssl,
    openDevices: ({ devices }, clock) => ({
      close: () => Promise.resolve(),
      sources: devices.map(({ id: device }) => ({
        device,
        poll: durationMs(20),
        read: () => Promise.resolve({ device, readings: countersAt(clock.now()) }),
      })),
    }),
  });
  return { started, lines };
}

async function running(path: string) {
  const { started, lines } = await start(path);
  assert(started.ok, started.ok ? "" : started.error.what);
  return { gateway: started.value, lines };
}

/** Reads the journal of `path`, whose gateway has stopped. */
function journalOf<Answer>(path: string, read: (journal: Journal) => Answer): Answer {
  const journal = readSqliteJournal(journalPath(configOf(path)));
  try {
    return read(journal);
  } finally {
    journal.close();
  }
}

const entriesOf = (path: string): readonly JournalEntry[] => journalOf(path, (journal) => [...journal.read(1)]);

function commandsOf(path: string): readonly Command[] {
  return entriesOf(path).map(({ command }) => {
    const read = decodeCommand(command);
    assert(read.ok, "a journal's commands can be read");
    return read.value;
  });
}

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    assert(tries < 2_000, "it did not come to that in 40 s");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe("a first start", () => {
  test("makes the key, founds a signed market, and signs all that it says under the key of whom it commits", async () => {
    const path = gatewayFile(TEXT);
    const { gateway, lines } = await running(path);
    const { node } = gateway;
    await until(() => node.head.sequence > 30 && node.state.books.size > 0);
    const stranger = partyId("stranger");
    expect(node.execute([{ type: "RegisterParty", party: stranger }], node.state.at)).toEqual([
      { ok: false, refusal: { code: "UNSIGNED", command: "RegisterParty" } },
    ]);
    await gateway.stop();
    expect(lines.filter((line) => line.includes("refused"))).toEqual([]);

    const file = keyPath(configOf(path));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(dirname(file)).filter((name) => name.endsWith(".key"))).toEqual(["gateway.key"]);
    const commands = commandsOf(path);
    const bare = commands.filter(({ type }) => type !== "Signed");
    expect(new Set(bare.map(({ type }) => type))).toEqual(new Set(["CloseGate"]));
    const signers = new Map<string, Set<string>>();
    for (const command of commands) {
      const envelope = command.type === "Signed" ? readEnvelope(command.envelope) : null;
      if (envelope?.ok !== true) continue;
      const { type, party, signer } = envelope.value.payload;
      const what = `${type} of ${party}: ${commandWithin(command)?.type ?? ""}`;
      signers.set(what, (signers.get(what) ?? new Set()).add(signer));
    }
    expect([...signers.keys()]).toEqual(
      expect.arrayContaining([
        "operator of supplier: RegisterParty",
        "operator of supplier: EnrolKey",
        "operator of supplier: SetTariff",
        "operator of supplier: ReportDelivery",
        "reading of home-1: ReportDelivery",
        "reading of home-2: ReportDelivery",
        "order of home-1: SubmitTender",
      ]),
    );
    expect([...signers.values()].every(({ size }) => size === 1)).toBe(true);
    const [operator] = signers.get("operator of supplier: SetTariff") ?? [];
    const [first] = signers.get("reading of home-1: ReportDelivery") ?? [];
    const [second] = signers.get("reading of home-2: ReportDelivery") ?? [];
    expect(new Set([operator, first, second]).size).toBe(3);
    expect(signers.get("order of home-1: SubmitTender")).toEqual(new Set([first]));
  });

  test("with settlement holds money, reads counters, settles slots and takes levies, all of it signed", async () => {
    const settlement = "  settlement: { funding: prepaid, levies: { grid-fee: 0.09 EUR/kWh }, readingsDue: 15m }\n";
    const deposit = (home: string): string => `  - { home: ${home}, amount: 100 EUR, reference: first of ${home} }\n`;
    const text = TEXT.replace("  priceCap: 1 EUR/kWh\n", `  priceCap: 1 EUR/kWh\n${settlement}`);
    const path = gatewayFile(`${text}deposits:\n${deposit("home-1")}${deposit("home-2")}`);
    const { gateway, lines } = await running(path);
    const { state } = gateway.node;
    await until(() => (state.ledger.money.get(levyAccount("grid-fee"))?.balance ?? 0n) > 50_000_000n);
    await gateway.stop();
    expect(lines.filter((line) => line.includes("refused") || line.includes("delivery-missing"))).toEqual([]);
    const types = new Set(commandsOf(path).map((command) => commandWithin(command)?.type));
    expect([...types]).toEqual(expect.arrayContaining(["CreditAccount", "ReadMeter", "SubmitTender", "CloseGate"]));
    const rules = journalOf(path, (journal) => foundingRules(configOf(path).rules, journal, null));
    const replayed = replayFromZero(rules, entriesOf(path), undefined, { verify: verifyByOpenssl });
    expect(replayed.ok && violatedInvariants(replayed.value.state)).toEqual([]);
  });

  test("leaves a journal whose every signature holds offline, and whose envelopes count once", async () => {
    const path = gatewayFile(TEXT);
    const { gateway } = await running(path);
    await until(() => gateway.node.head.sequence > 12);
    await gateway.stop();
    const hash = journalOf(path, (journal) => journal.latestSnapshot()?.stateHash);
    const entries = entriesOf(path);
    const rules = foundingRules(configOf(path).rules, { read: () => entries, base: () => null }, null);
    const replayed = replayFromZero(rules, entries, undefined, { verify: verifyByOpenssl });
    assert(replayed.ok, "the journal can be replayed");
    expect(stateHash(replayed.value.state)).toBe(hash);
    journalOf(path, (journal) => {
      const read = { read: (from: number) => journal.read(from), base: () => journal.base() };
      const node = openNode(rules, { ...journal, ...read, latestSnapshot: () => null });
      assert(node.ok, "it opens");
      const envelopes = commandsOf(path).filter(({ type }) => type === "Signed");
      const codes = node.value.execute(envelopes, node.value.state.at).map((o) => (o.ok ? "ok" : o.refusal.code));
      expect(new Set(codes)).toEqual(new Set(["REPLAYED"]));
    });
  });
});

describe("a later start", () => {
  /** A gateway that has traded and stopped. */
  async function stopped(): Promise<string> {
    const path = gatewayFile(TEXT);
    const { gateway } = await running(path);
    await until(() => gateway.node.head.sequence > 6);
    await gateway.stop();
    return path;
  }

  test("goes on with the same key", async () => {
    const path = await stopped();
    const before = entriesOf(path).length;
    const { gateway, lines } = await running(path);
    await until(() => gateway.node.head.sequence > before + 4);
    await gateway.stop();
    expect(lines.filter((line) => line.includes("refused"))).toEqual([]);
    const enrolled = commandsOf(path).filter((command) => commandWithin(command)?.type === "EnrolKey");
    expect(enrolled).toHaveLength(2);
  });

  test.each<[string, string, (file: string) => void]>([
    ["KEY_NOT_OPERATORS", "is lost", (file) => rmSync(file)],
    ["KEY_FILE_OPEN_TO_OTHERS", "others may read", (file) => chmodSync(file, 0o644)],
    ["KEY_FILE_MALFORMED", "was overwritten", (file) => writeFileSync(file, "secret", { mode: 0o600 })],
    ["KEY_FILE_UNREADABLE", "is a folder", (file) => (rmSync(file), mkdirSync(file, { mode: 0o700 }))],
  ])("is refused with %s where the key %s, and writes nothing", async (code, _, spoil) => {
    const path = await stopped();
    const before = entriesOf(path).length;
    spoil(keyPath(configOf(path)));
    const { started } = await start(path);
    expect(started).toMatchObject({ ok: false, error: { code, mend: expect.stringMatching(/./) } });
    expect(entriesOf(path)).toHaveLength(before);
  });

  test("of a market that was founded before commands were signed goes on unsigned, and says so", async () => {
    const path = gatewayFile(TEXT);
    const { rules, dataDirectory } = configOf(path);
    mkdirSync(dataDirectory);
    const journal = openSqliteJournal(journalPath(configOf(path)));
    const node = openNode(rules, journal);
    assert(node.ok, "it opens");
    node.value.execute([{ type: "RegisterParty", party: partyId("home-1") }], node.value.state.at);
    journal.close();
    const { gateway, lines } = await running(path);
    await until(() => gateway.node.head.sequence > 6);
    await gateway.stop();
    expect(lines.join("\n")).toContain("goes on unsigned");
    expect(commandsOf(path).some(({ type }) => type === "Signed")).toBe(false);
    expect(commandsOf(path).length).toBeGreaterThan(6);
  });
});
