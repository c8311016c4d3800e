/**
 * Eight days in one run, with real sockets: nothing grows. What a day needs is there after the second day; from then on
 * open files, timers, sockets and the heap stay as they are, and every slot is cleared and settled.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { afterAll, expect, test } from "@jest/globals";
import { replayFromZero, violatedInvariants, type MarketEvent } from "@micromarket/engine";
import { verifyByOpenssl } from "@micromarket/identity-node";
import { assert } from "@micromarket/kernel";
import { isBalanced } from "@micromarket/ledger";
import { openSqliteJournal } from "@micromarket/store-sqlite";
import { foundingRules } from "../src/founding-rules.ts";
import { loadGatewayFile } from "../src/gateway-file.ts";
import { runScript } from "./run-script.ts";

const DAYS = 8;
const SLOTS = DAYS * 96;
const SLOT_MS = 900_000;
/** A quarter of an hour in 120 ms: as fast as meters can be asked three times a slot on a busy machine. */
const SPEED = 7_500;
/** What a collection leaves differs by so much from one to the next. */
const HEAP_NOISE_KB = 2_048;
/** Slots that a machine with ten times too much to do may leave open: each must have been told. An idle one leaves none. */
const GAPS_MAX = SLOTS / 50;

const folder = mkdtempSync(join(tmpdir(), "gateway-soak-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Sample {
  readonly day?: number;
  readonly exit?: number;
  readonly residual?: number;
  readonly heapKb: number;
  readonly files: number | null;
  readonly resources: Readonly<Record<string, number>>;
}

async function soak(): Promise<{ readonly samples: readonly Sample[]; readonly log: readonly string[] }> {
  const child = runScript(
    new URL("soak-script.ts", import.meta.url),
    [folder, String(DAYS), String(SPEED)],
    ["--expose-gc"],
  );
  const [samples, log]: [Sample[], string[]] = [[], []];
  assert(child.stdout !== null && child.stderr !== null, "both are piped");
  createInterface(child.stdout).on("line", (line) => samples.push(JSON.parse(line) as Sample));
  createInterface(child.stderr).on("line", (line) => log.push(line));
  await once(child, "close");
  return { samples, log };
}

function journalEvents(): readonly MarketEvent[] {
  const loaded = loadGatewayFile(join(folder, "gateway.yaml"));
  assert(loaded.ok, "the file is right");
  const journal = openSqliteJournal(join(folder, "data", "journal.sqlite"));
  const events: MarketEvent[] = [];
  const replayed = replayFromZero(
    foundingRules(loaded.value.rules, journal, null),
    journal.read(1),
    (_, happened) => void events.push(...happened),
    { verify: verifyByOpenssl },
  );
  journal.close();
  assert(replayed.ok, replayed.ok ? "" : JSON.stringify(replayed.error));
  expect(violatedInvariants(replayed.value.state)).toEqual([]);
  expect(isBalanced(replayed.value.state.ledger)).toBe(true);
  return events;
}

/** Sockets of devices come and go by one while a sample is taken. */
const socketsOf = ({ resources }: Sample): number => resources["TCPSocketWrap"] ?? 0;

test(`${SLOTS} slots leave nothing behind`, async () => {
  const { samples, log } = await soak();
  const days = samples.filter(({ day }) => day !== undefined);
  const last = samples.at(-1);
  process.stdout.write(`${days.map((day) => JSON.stringify(day)).join("\n")}\n`);
  expect(days).toHaveLength(DAYS);
  expect(days.every(({ residual }) => residual === 0)).toBe(true);
  const [second, ...later] = days.slice(1);
  assert(second !== undefined, "there was a second day");
  for (const day of later) {
    expect(day.heapKb).toBeLessThan(second.heapKb + HEAP_NOISE_KB);
    expect(Math.abs((day.files ?? 0) - (second.files ?? 0))).toBeLessThanOrEqual(2);
    expect(Math.abs(socketsOf(day) - socketsOf(second))).toBeLessThanOrEqual(2);
    expect(Math.abs((day.resources["Timeout"] ?? 0) - (second.resources["Timeout"] ?? 0))).toBeLessThanOrEqual(8);
  }
  expect([0, 130]).toContain(last?.exit);
  expect(Object.keys(last?.resources ?? {}).filter((kind) => !kind.startsWith("Pipe"))).toEqual([]);

  const events = journalEvents();
  const closed = events.flatMap((event) => (event.type === "GateClosed" ? [event.slot] : []));
  expect(closed.slice(1).every((slot, index) => slot - (closed[index] ?? 0) === SLOT_MS)).toBe(true);
  expect(closed.length).toBeGreaterThan(SLOTS - 10);
  const settled = new Set(events.flatMap((event) => (event.type === "SlotSettled" ? [event.slot] : [])));
  const told = log.filter((line) => line.includes('"notice":"delivery-missing"')).join("\n");
  const open = closed.slice(1, -2).filter((slot) => !settled.has(slot));
  expect(open.filter((slot) => !told.includes(new Date(slot).toISOString().slice(0, 16)))).toEqual([]);
  expect(open.length).toBeLessThanOrEqual(GAPS_MAX);
  expect(log.filter((line) => line.includes('"level":50'))).toEqual([]);
}, 900_000);
