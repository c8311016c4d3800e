import { afterEach, expect, test } from "@jest/globals";
import { startSimulator, type Device, type Simulator } from "@micromarket/device-simulator";
import { violatedInvariants } from "@micromarket/engine";
import { assert, durationMs, HOUR, instantMs, minus } from "@micromarket/kernel";
import { openKeyFile, verifyByOpenssl } from "@micromarket/identity-node";
import { openOrderArchive, openSqliteJournal } from "@micromarket/store-sqlite";
import { openControlMemory } from "../src/control/control-memory.ts";
import { openDeviceLinks } from "../src/device-links.ts";
import { loadGatewayFile } from "../src/gateway-file.ts";
import type { GatewayPorts, RunningGateway } from "../src/gateway-ports.ts";
import { startGateway } from "../src/gateway.ts";
import { machineTime } from "../src/machine-time.ts";
import { openMeterFile } from "../src/meter-store.ts";
import { gatewayFile } from "./gateway-text.ts";

/** A quarter of an hour in 1.5 seconds. */
const SPEED = 600;
const POLL = durationMs(250);

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const part of running.splice(0).reverse()) await part.stop();
});

function deviceLine(device: Device, simulator: Simulator): string {
  const { modbus, mqtt } = simulator.description;
  if (device.link === "modbus") {
    const { host, port } = modbus;
    return `{ id: ${device.id}, modbus: { host: ${host}, port: ${port}, unit: ${device.unit}, profile: eastron-sdm630 } }`;
  }
  const id = device.presence.topic.replace(/^tele\/|\/(?:online|LWT)$/g, "");
  return `{ id: ${device.id}, mqtt: { broker: "${mqtt.url}", id: ${id}, profile: ${device.profile} } }`;
}

function fileFor(simulator: Simulator): string {
  const { devices, clock } = simulator.description;
  const homes = simulator.street.homes.map((home) => {
    const pv = simulator.street.hasPv(home) ? `, pv: ${home}-pv` : "";
    return `  - { id: ${home}, meter: ${home}-grid${pv} }`;
  });
  return `name: street
slot: 15m
market: { currency: EUR, priceFloor: 0 EUR/kWh, priceCap: 1 EUR/kWh }
supplier: { tariff: 0.32 EUR/kWh, feedIn: 0.08 EUR/kWh }
data: data
clock: { accelerated: ${clock.speed}, epoch: "${clock.epoch}", anchor: "${clock.anchor}" }
http: { port: 0 }
devices:
${devices.map((device) => `  - ${deviceLine(device, simulator)}`).join("\n")}
homes:
${homes.join("\n")}
`;
}

async function start(path: string): Promise<RunningGateway> {
  const loaded = loadGatewayFile(path);
  assert(loaded.ok, loaded.ok ? "" : JSON.stringify(loaded.error));
  const quiet = (): void => undefined;
  const ports: GatewayPorts = {
    time: machineTime,
    clockHealth: { check: () => Promise.resolve({ kind: "synchronised", offsetMs: 0 }) },
    log: { info: quiet, warn: quiet, error: quiet },
    version: "0.0.0",
    page: null,
    openJournal: openSqliteJournal,
    openDevices: ({ devices }, clock, links) => openDeviceLinks(devices, clock, machineTime, links),
    allowControl: false,
    openControlMemory,
    openMeterStore: openMeterFile,
    openArchive: openOrderArchive,
    openKey: openKeyFile,
    verify: verifyByOpenssl,
  };
  const config = { ...loaded.value, devices: loaded.value.devices.map((device) => ({ ...device, poll: POLL })) };
  const started = await startGateway(config, ports);
  assert(started.ok, started.ok ? "" : started.error.what);
  running.push(started.value);
  return started.value;
}

interface SlotOnWire {
  readonly start_ms: number;
  readonly price_micro_per_kwh: number | null;
  readonly energy_wh: number;
  readonly phase: string;
}

async function slotsAt(url: string): Promise<readonly SlotOnWire[]> {
  return ((await (await fetch(`${url}/api/v1/slots`)).json()) as { slots: SlotOnWire[] }).slots;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 50));
}

test("three homes behind real sockets trade, settle, and go on after a restart", async () => {
  const epoch = instantMs(Date.UTC(2026, 5, 1, 9));
  const publishEvery = durationMs(200);
  const simulator = await startSimulator({ homes: 3, seed: 7, speed: SPEED, epoch, publishEvery });
  running.push(simulator);
  const path = gatewayFile(fileFor(simulator));
  const first = await start(path);
  // On a busy machine the first slots may pass before anybody has tendered.
  const isTraded = ({ price_micro_per_kwh: price }: SlotOnWire): boolean => price !== null;
  await until(async () => {
    const slots = await slotsAt(first.url);
    return slots.some(isTraded) && slots.filter(({ phase }) => phase === "settled").length >= 3;
  });
  const traded = (await slotsAt(first.url)).filter(isTraded);
  expect(traded.every(({ price_micro_per_kwh: price }) => price !== null && price >= 80_000 && price <= 320_000)).toBe(
    true,
  );
  expect(violatedInvariants(first.node.state)).toEqual([]);
  await first.stop();
  const second = await start(path);
  const before = (await slotsAt(second.url)).length;
  await until(async () => (await slotsAt(second.url)).length >= before + 3);
  const { state } = second.node;
  expect(violatedInvariants(state)).toEqual([]);
  expect(minus(state.at, epoch)).toBeGreaterThan(HOUR);
  const devices = (await (await fetch(`${second.url}/api/v1/devices`)).json()) as { devices: { up: boolean }[] };
  expect(devices.devices.every(({ up }) => up)).toBe(true);
  const starts = (await slotsAt(second.url)).map(({ start_ms: startMs }) => startMs);
  expect(starts.slice(1).map((startMs, index) => (starts[index] ?? 0) - startMs)).toEqual(
    starts.slice(1).map(() => 900_000),
  );
});

test("a home that falls silent leaves its slots open, and the others are reported", async () => {
  const epoch = instantMs(Date.UTC(2026, 5, 1, 9));
  const publishEvery = durationMs(200);
  const simulator = await startSimulator({ homes: 2, seed: 7, speed: SPEED, epoch, publishEvery });
  running.push(simulator);
  const gateway = await start(gatewayFile(fileFor(simulator)));
  await until(async () => (await slotsAt(gateway.url)).some(({ phase }) => phase === "settled"));
  expect(simulator.inject({ fault: "silent", home: "home-1" }).ok).toBe(true);
  const silentFrom = gateway.node.state.at;
  // The first slot of all may be open as well: it had begun before the first reading.
  const openSince = () =>
    [...gateway.node.state.cleared].find(([slot, { awaiting }]) => slot > silentFrom && awaiting.size === 2)?.[1];
  await until(() => Promise.resolve(openSince() !== undefined));
  const open = openSince();
  expect([...(open?.awaiting ?? [])].sort()).toEqual(["home-1", "supplier"]);
  expect(violatedInvariants(gateway.node.state)).toEqual([]);
});
