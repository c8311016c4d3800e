/**
 * The gateway's promise, tried the hard way: gateway and street are real processes, and one of them is killed at a random
 * moment, again and again. What the event stream had shown must be in the journal; what nobody metered must be a gap;
 * every slot must be cleared, or told as passed over.
 */
import { appendFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, expect, test } from "@jest/globals";
import { buildStreet, type SimulatorDescription, type Street } from "@micromarket/device-simulator";
import {
  openNode,
  replayFromZero,
  stateHash,
  violatedInvariants,
  type DeliveryPosted,
  type MarketEvent,
} from "@micromarket/engine";
import { verifyByOpenssl } from "@micromarket/identity-node";
import { assert, instantMs, MINUTE, parseInstant, randomStream, times, type InstantMs } from "@micromarket/kernel";
import { isBalanced } from "@micromarket/ledger";
import { openSqliteJournal } from "@micromarket/store-sqlite";
import { foundingRules } from "../src/founding-rules.ts";
import { loadGatewayFile } from "../src/gateway-file.ts";
import { gatewayFile } from "./gateway-text.ts";
import {
  endAll,
  fileOfStreet,
  firstLine,
  freePort,
  logLines,
  runGatewayCommand,
  runSimulator,
  until,
  type LogLine,
  type Running,
} from "./processes.ts";
import { factsOf, Witness } from "./witness.ts";

const SEED = Number(process.env["MICROMARKET_SEED"] ?? 20_260_701);
const KILLS = Number(process.env["MICROMARKET_KILLS"] ?? 50);
const HOMES = 8;
/** A quarter of an hour in 0.75 seconds. */
const SPEED = 1_200;
const SLOT = times(MINUTE, 15);
const SLOT_MS: number = SLOT;
const EPOCH = instantMs(Date.UTC(2026, 5, 1, 8));
/** Most facts that are shown before the next kill. */
const FACTS_MAX = 6;

afterAll(endAll);

/** The two processes, of which each can be started again at once. */
interface Pair {
  gateway: Running;
  simulator: Running;
}

/** How they are started. */
interface Site {
  readonly path: string;
  readonly words: readonly string[];
  readonly pair: Pair;
}

async function startPair(): Promise<Site> {
  const ports = { modbus: await freePort(), mqtt: await freePort(), http: await freePort() };
  const anchor = new Date().toISOString();
  const words = Object.entries({
    homes: HOMES,
    ...{ seed: SEED, speed: SPEED, epoch: new Date(EPOCH).toISOString(), anchor, "publish-every": 80 },
    ...{ "modbus-port": ports.modbus, "mqtt-port": ports.mqtt },
  }).flatMap(([key, value]) => [`--${key}`, String(value)]);
  const simulator = runSimulator(words);
  const description = JSON.parse(await firstLine(simulator)) as SimulatorDescription;
  const path = gatewayFile(fileOfStreet(description, ports.http));
  const pair: Pair = { gateway: runGatewayCommand(path), simulator };
  return { path, words, pair };
}

/** Lets both run until so many more facts were shown, and a moment longer. */
async function lifeOf({ gateway, simulator }: Pair, witness: Witness, facts: number, restMs: number): Promise<void> {
  await Promise.all([firstLine(gateway), firstLine(simulator)]);
  const before = witness.facts.size;
  await until(() => witness.facts.size >= before + facts);
  await delay(restMs);
}

/**
 * Kills one of the two, at a moment and by a choice of the seed, and starts it again: in one round of eight while they may
 * still start, otherwise while they run.
 */
async function killOne(round: number, { pair, path, words }: Site, witness: Witness): Promise<void> {
  const stream = randomStream(SEED, "gateway-kill", String(round));
  const victim = stream.below(4) === 0 ? "simulator" : "gateway";
  if (stream.below(8) === 0) await delay(stream.between(20, 500));
  else await lifeOf(pair, witness, stream.between(0, FACTS_MAX), stream.between(0, 300));
  pair[victim].child.kill("SIGKILL");
  expect([round, victim, await pair[victim].ended]).toEqual([round, victim, "SIGKILL"]);
  pair[victim] = victim === "gateway" ? runGatewayCommand(path) : runSimulator(words);
}

/** Everything that the journal holds, replayed from zero and held against a start from the snapshot. */
function readJournal(path: string) {
  const loaded = loadGatewayFile(path);
  assert(loaded.ok, "the file is right");
  const journal = openSqliteJournal(join(dirname(path), "data", "journal.sqlite"));
  const rules = foundingRules(loaded.value.rules, journal, null);
  const facts = new Set<string>();
  const events: MarketEvent[] = [];
  const replayed = replayFromZero(
    rules,
    journal.read(1),
    ({ at }, happened) => {
      events.push(...happened);
      for (const fact of factsOf(at, happened)) facts.add(fact);
    },
    { verify: verifyByOpenssl },
  );
  assert(replayed.ok, replayed.ok ? "" : JSON.stringify(replayed.error));
  const opened = openNode(rules, journal, { verify: verifyByOpenssl });
  assert(opened.ok, opened.ok ? "" : JSON.stringify(opened.error));
  const { state, head } = opened.value;
  expect(head).toEqual(replayed.value.head);
  expect(stateHash(state)).toBe(stateHash(replayed.value.state));
  expect(violatedInvariants(state)).toEqual([]);
  expect(isBalanced(state.ledger)).toBe(true);
  const fromSnapshot = journal.latestSnapshot() !== null;
  journal.close();
  return { facts, events, fromSnapshot, entries: head.sequence };
}

/** Slots from the first closed one to the last that are neither closed nor told as passed over, and those that are both. */
function slotsInDoubt(closed: readonly InstantMs[], log: readonly LogLine[]) {
  const missed = new Set<number>();
  for (const line of log.filter(({ notice }) => notice === "slots-missed")) {
    const [from, through] = [parseInstant(String(line["from"])), parseInstant(String(line["through"]))];
    assert(from.ok && through.ok, "slots-missed names two instants");
    for (let slot: number = from.value; slot <= through.value; slot += SLOT_MS) missed.add(slot);
  }
  const known = new Set<number>(closed);
  const [first = 0, last = 0] = [closed[0], closed.at(-1)];
  const neither: number[] = [];
  for (let slot: number = first; slot <= last; slot += SLOT_MS) {
    if (!known.has(slot) && !missed.has(slot)) neither.push(slot);
  }
  const passedOver = [...missed].filter((slot) => slot <= last).length;
  return { neither, both: closed.filter((slot) => missed.has(slot)), passedOver };
}

/**
 * Whether a delivery can be true: an end of a slot is read at most a slot late, so that what was counted lies inside what
 * flowed in that slot and its neighbours; and it is 0 only where nothing flowed.
 */
function isPossible(street: Street, { party, slot, imported, exported }: DeliveryPosted): boolean {
  const flow = (from: number, through: number) => {
    const [before, after] = [from, through].map((at) => street.read(party, "grid", instantMs(Math.max(EPOCH, at))));
    assert(before !== undefined && after !== undefined, "both were read");
    return { imported: after.imported - before.imported, exported: after.exported - before.exported };
  };
  const wide = flow(slot - SLOT_MS, slot + 2 * SLOT_MS);
  const own = flow(slot, slot + SLOT_MS);
  const isZero = imported === 0 && exported === 0;
  return (
    imported <= wide.imported + 1 && exported <= wide.exported + 1 && !(isZero && own.imported + own.exported > 20)
  );
}

test(`nothing that was shown is lost, and no gap is a zero, in ${KILLS} kills (MICROMARKET_SEED=${SEED})`, async () => {
  const site = await startPair();
  const { path, pair } = site;
  const witness = new Witness();
  const log: LogLine[] = [];
  for (let round = 1; round <= KILLS; round++) {
    const { gateway } = pair;
    void firstLine(gateway).then(
      (url) => witness.listen(url),
      () => undefined, // killed before it listened
    );
    await killOne(round, site, witness);
    if (pair.gateway !== gateway) log.push(...logLines(gateway));
  }
  await firstLine(pair.gateway);
  await delay(2_000);
  pair.gateway.child.kill("SIGTERM");
  const exit = await pair.gateway.ended;
  log.push(...logLines(pair.gateway));
  witness.close();
  const isError = ({ level }: LogLine): boolean => level === 50;
  expect({ errors: log.filter(isError), exit }).toEqual({ errors: [], exit: 0 });

  const { facts, events, fromSnapshot, entries } = readJournal(path);
  const lost = [...witness.facts].filter((fact) => !facts.has(fact));
  const closed = events.flatMap((event) => (event.type === "GateClosed" ? [event.slot] : []));
  const { neither, both, passedOver } = slotsInDoubt(closed, log);
  const deliveries = events.filter((event): event is DeliveryPosted => event.type === "DeliveryPosted");
  const homes = deliveries.filter(({ party }) => party !== "supplier");
  const street = buildStreet({ homes: HOMES, seed: SEED, epoch: EPOCH, slotLength: SLOT });
  const impossible = homes.filter((delivery) => !isPossible(street, delivery));
  const gaps = log.filter(({ notice }) => notice === "delivery-missing").length;
  const settled = events.filter(({ type }) => type === "SlotSettled").length;
  const figures = { kills: KILLS, shown: witness.facts.size, lost: lost.length, entries, fromSnapshot };
  const slots = { closed: closed.length, settled, passedOver, deliveries: homes.length, gaps };
  const line = `${JSON.stringify({ seed: SEED, ...figures, ...slots })}\n`;
  process.stdout.write(line);
  if (process.env["MICROMARKET_FIGURES"] !== undefined) appendFileSync(process.env["MICROMARKET_FIGURES"], line);

  expect(lost).toEqual([]);
  expect({ neither, both }).toEqual({ neither: [], both: [] });
  expect(impossible).toEqual([]);
  expect(witness.facts.size).toBeGreaterThan(2 * KILLS);
  expect(closed.length).toBeGreaterThan(KILLS / 2);
  expect(homes.length).toBeGreaterThan(KILLS / 5);
  expect(events.some((event) => event.type === "GateClosed" && event.result.trades.length > 0)).toBe(true);
}, 900_000);
