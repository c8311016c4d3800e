/**
 * A day of a street in minutes, on lines that are late, lose things and break: what is settled is what flowed, or is told as
 * not known; devices under control are told what they are to do; the broker is killed once; and the gateway does not grow.
 */
import { DAY, durationMs, instantMs, MINUTE, stepsIn, times } from "@micromarket/kernel";
import { buildStreet, type SimulatorDescription } from "@micromarket/device-simulator";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Say, SoakOptions, Tell } from "../round.ts";
import { startBroker, mosquittoHere, type Broker } from "./broker.ts";
import { judgeBurden } from "./burden.ts";
import { awaitChild, endChild, startChild, tellChild, type Child } from "./child.ts";
import { judgeControls } from "./control-judge.ts";
import { logLines, readEvidence } from "./evidence.ts";
import { gatewayWordsOf } from "./gateway-words.ts";
import { realNow } from "./lag.ts";
import { judgeSettlement } from "./settlement-judge.ts";
import { siteFile } from "./site-file.ts";
import { wordsOf, type StreetOrder } from "./street-words.ts";
import { truthsOf, type StreetFacts } from "./truth.ts";

/** Scripts of the processes. */
export interface DeviceScripts {
  readonly street: string;
  readonly gateway: string;
  readonly broker: string;
}

/** A quarter of an hour in five seconds: a reply that is lost costs less than half a slot more often than not. */
const SPEED = 180;
const SLOT = times(MINUTE, 15);
const SLOT_MS: number = SLOT;
const SLOT_REAL_MS = SLOT_MS / SPEED;
/** A summer's day from ten in the morning: sun from the first slot on, cars in the evening. */
const EPOCH = instantMs(Date.UTC(2026, 5, 1, 10));
const FAULT = { fault: "flaky", percent: 1, kinds: ["late", "lost", "reset"], ms: 500 };
const PUBLISH_MS = 500;
const LAG_MS = SLOT_REAL_MS / 4;
/** With twenty homes, meters included, more than thirty devices. Inverters stand in homes that have PV. */
const CONTROLLED = { batteries: 4, inverters: 2, chargers: 4 };
const DEVICES_LEAST = 30;
/** After so much of the day the broker is killed, and is away for so long. */
const BROKER_ENDS_AT = 0.4;
const BROKER_AWAY_MS = 1_000;
/** The gateway is weighed each hour. */
const SLOTS_PER_WEIGHING = 4;
/** The last slots are settled half a slot after their end at the latest. */
const SLOTS_AFTER = 1;

/** The processes of a run. */
interface Site {
  readonly options: SoakOptions;
  readonly broker: Broker;
  readonly street: Child;
  readonly gateway: Child;
  readonly path: string;
  readonly url: string;
  /** Real time at which market time is the epoch. */
  readonly anchorMs: number;
  /** Number of the market's slot in which the gateway was there: the day's slots are those behind it. */
  readonly bornIn: number;
}

/** Runs the day. */
export async function runDevices(
  options: SoakOptions,
  parent: string,
  scripts: DeviceScripts,
  tell: Tell,
  say: Say,
): Promise<void> {
  const folder = join(parent, "devices");
  mkdirSync(folder, { recursive: true });
  const children: Child[] = [];
  const broker = await startBroker(folder, scripts.broker);
  const point = `${options.homes} homes, ${options.slots} slots, ${FAULT.percent} % of replies late, lost or reset`;
  const report = { part: "devices", round: 1, trial: 0, point, acknowledged: 0, lost: 0, doubled: 0 } as const;
  try {
    const site = await openSite(options, broker, folder, scripts, children);
    tell({ ...report, ...(await liveThrough(site, say)) });
  } catch (failure) {
    const fault = failure instanceof Error ? failure.message : String(failure);
    tell({ ...report, faults: [fault], story: "the day did not end" });
  } finally {
    for (const child of children) if (child.end() === null) await endChild(child, "SIGKILL");
    await broker.kill();
  }
}

async function openSite(
  options: SoakOptions,
  broker: Broker,
  folder: string,
  scripts: DeviceScripts,
  children: Child[],
): Promise<Site> {
  const { homes, seed } = options;
  const order: StreetOrder = {
    options: {
      homes,
      seed,
      speed: SPEED,
      epoch: EPOCH,
      broker: broker.url,
      publishEvery: durationMs(PUBLISH_MS),
      ...controlledIn(homes, seed),
    },
    lagEveryMs: LAG_MS,
  };
  const street = startChild(process.execPath, [scripts.street, JSON.stringify(order)]);
  children.push(street);
  await awaitChild(street, () => street.out.length > 0);
  tellChild(street, FAULT);
  await awaitChild(street, () => wordsOf(street.out, "fault").length > 0);
  if (wordsOf(street.out, "fault")[0]?.ok !== true) throw new Error("the street refuses the fault");
  const description = describedBy(street);
  const path = join(folder, "gateway.yaml");
  writeFileSync(path, siteFile(description, mosquittoHere() !== null));
  const gateway = startChild(process.execPath, ["--expose-gc", scripts.gateway, path, String(LAG_MS)]);
  children.push(gateway);
  await awaitChild(gateway, () => gatewayWordsOf(gateway.out, "url").length > 0);
  const url = gatewayWordsOf(gateway.out, "url")[0]?.url ?? "";
  const anchorMs = Date.parse(description.clock.anchor);
  const bornIn = Math.floor((realNow() - anchorMs) / SLOT_REAL_MS);
  return { options, broker, street, gateway, path, url, anchorMs, bornIn };
}

/** As many devices under control as there are homes for. */
function controlledIn(homes: number, seed: number): typeof CONTROLLED {
  const street = buildStreet({ homes, seed, epoch: EPOCH, slotLength: SLOT });
  const { batteries, inverters, chargers } = CONTROLLED;
  const plants = street.homes.filter((home) => street.hasPv(home)).length;
  return {
    batteries: Math.min(batteries, homes),
    inverters: Math.min(inverters, plants),
    chargers: Math.min(chargers, homes),
  };
}

/** Lets the day go by, ends it, and judges it. */
async function liveThrough(site: Site, say: Say) {
  const { options, gateway, street, bornIn } = site;
  const killedAt = Math.floor(options.slots * BROKER_ENDS_AT);
  for (let slot = 1; slot <= options.slots + SLOTS_AFTER; slot++) {
    await untilSlot(site, bornIn + 1 + slot);
    if (slot === killedAt) await restartBroker(site, say);
    if (slot % SLOTS_PER_WEIGHING === 0) await weigh(site, slot, say);
  }
  const metrics = await (await fetch(`${site.url}/metrics`)).text();
  const throughMs = EPOCH + (bornIn + 1 + options.slots) * SLOT_MS;
  await endChild(gateway, "SIGTERM");
  await endChild(street, "SIGTERM");
  const verdicts = judge(site, metrics, throughMs);
  const faults = [...(gateway.end() === 0 ? [] : [`the gateway ended with ${gateway.end()}`]), ...verdicts.faults];
  return { faults, figures: verdicts.figures, story: storyOf(verdicts.figures) };
}

/** Waits until the market's slot of this number, from 0 at the epoch, has begun; throws where a process ended. */
async function untilSlot({ anchorMs, gateway, street }: Site, slot: number): Promise<void> {
  const atMs = anchorMs + slot * SLOT_REAL_MS;
  await Promise.all([gateway, street].map((child) => awaitChild(child, () => realNow() >= atMs, 50)));
}

async function restartBroker({ broker }: Site, say: Say): Promise<void> {
  await broker.kill();
  await delay(BROKER_AWAY_MS);
  await broker.start();
  say("devices: the broker was killed and started anew");
}

async function weigh({ gateway, options }: Site, slot: number, say: Say): Promise<void> {
  const before = gatewayWordsOf(gateway.out, "burden").length;
  tellChild(gateway, {});
  await awaitChild(gateway, () => gatewayWordsOf(gateway.out, "burden").length > before);
  const burden = gatewayWordsOf(gateway.out, "burden").at(-1)?.burden;
  const told = (notice: string): number => gateway.log.filter((line) => line.includes(`"notice":"${notice}"`)).length;
  const settled = `${told("slot-settled")} slots settled whole, ${told("delivery-missing")} home slots open`;
  say(
    `devices: slot ${slot} of ${options.slots}, ${settled}, heap ${burden?.heapKb} KB, ${burden?.files ?? "?"} files`,
  );
}

function judge({ options, gateway, street, path }: Site, metrics: string, throughMs: number) {
  const { homes, seed, slots } = options;
  const facts: StreetFacts = { homes, seed, epoch: EPOCH, slotLength: SLOT, faultLateMs: FAULT.ms, lagEveryMs: LAG_MS };
  const description = describedBy(street);
  const flaws = wordsOf(street.out, "flaw");
  const heard = {
    ...{ description, flaws, flows: wordsOf(street.out, "flow"), streetLags: wordsOf(street.out, "lag") },
    gatewayLags: gatewayWordsOf(gateway.out, "lag"),
  };
  const log = logLines(gateway.log);
  const { faults, entries, settled, ...slotsOf } = readEvidence(path, log, SLOT);
  const settlement = judgeSettlement({
    ...{ slotLengthMs: SLOT, speed: SPEED, homes: truthsOf(facts, heard), throughMs, ...slotsOf },
    settled: settled.filter(({ slotMs }) => slotMs + SLOT <= throughMs),
  });
  const burden = judgeBurden(gatewayWordsOf(gateway.out, "burden").map((word) => word.burden));
  const isMqttTold = mosquittoHere() !== null;
  const parts = wordsOf(street.out, "part");
  const isWholeDay = slots >= (stepsIn(DAY, SLOT) ?? 0);
  const controls = judgeControls({ description, metrics, parts, flaws, log, isMqttTold }, isWholeDay);
  const devices = description.devices.length + (description.controlled ?? []).length;
  const isFew = isWholeDay && devices < DEVICES_LEAST;
  return {
    faults: [
      ...(isFew ? [`${devices} devices are too few for a day: name more homes`] : []),
      ...[...faults, ...settlement.faults, ...burden.faults, ...controls.faults],
    ],
    figures: {
      devices,
      broker: isMqttTold ? "Mosquitto" : "the simulator's own",
      ...{ ...settlement.figures, entries, ...burden.figures, ...controls.figures },
      longestLagMs: [heard.streetLags, heard.gatewayLags]
        .map((lags) => Math.round(Math.max(0, ...lags.map(({ ms }) => ms))))
        .join(" / "),
    },
  };
}

function describedBy(street: Child): SimulatorDescription {
  const [described] = wordsOf(street.out, "description");
  if (described === undefined) throw new Error("the street does not say what it is");
  return described.description;
}

function storyOf({ devices, deliveries, wrong, gaps }: Readonly<Record<string, string | number>>): string {
  return `${devices} devices, ${deliveries} deliveries, ${wrong} wrong, ${gaps} gaps told`;
}
