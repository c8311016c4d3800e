/** Devices that are not ours, from end to end: their counters become delivered energy in settled slots. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "@jest/globals";
import { gatewayFile } from "./gateway-text.ts";
import {
  brokerRemark,
  endPeers,
  isBrokerWanted,
  keep,
  settledEnergy,
  settledSlots,
  startBroker,
} from "./peer-street.ts";
import { endAll, firstLine, runGatewayCommand, until } from "./processes.ts";

const LONG = 300_000;
const IS_CI = process.env["CI"] === "true";
/** A quarter of an hour in two seconds. */
const SPEED = 450;
const SLOT_SECONDS = 900 / SPEED;
const SLOTS = 4;

const timers: NodeJS.Timeout[] = [];
afterEach(async () => {
  for (const timer of timers.splice(0)) clearInterval(timer);
  await endAll();
  endPeers();
});

/** The file of a market with these devices, one home behind each. */
function fileFor(devices: Readonly<Record<string, string>>): string {
  const names = Object.keys(devices);
  return gatewayFile(`name: street
slot: 15m
market: { currency: EUR, priceFloor: 0 EUR/kWh, priceCap: 1 EUR/kWh }
supplier: { tariff: 0.32 EUR/kWh, feedIn: 0.08 EUR/kWh }
data: data
clock: { accelerated: ${SPEED}, epoch: "2026-06-01T12:00Z" }
http: { port: 0 }
devices:
${names.map((name) => `  - { id: ${name}-meter, ${devices[name]} }`).join("\n")}
homes:
${names.map((name) => `  - { id: ${name}, meter: ${name}-meter }`).join("\n")}
`);
}

/** Until neighbours have traded what their meters let expect: a busy machine misses gates of so short slots now and then. */
async function untilTraded(url: string): Promise<void> {
  await until(async () => (await settledSlots(url)).some(({ energy_wh }) => energy_wh > 0), 100);
}

/** What a counter counts in the slots, a whole slot's worth of lateness at their ends allowed. */
function expectEnergy(found: number | undefined, whPerSecond: number): void {
  const slotWh = whPerSecond * SLOT_SECONDS;
  expect(found).toBeGreaterThanOrEqual((SLOTS - 1) * slotWh);
  expect(found).toBeLessThanOrEqual((SLOTS + 1) * slotWh);
}

const PYTHON = process.env["MICROMARKET_PYMODBUS_PYTHON"];
const withPymodbus = PYTHON !== undefined || IS_CI ? test : test.skip;
const NEEDS = "run tools/ci/install-pymodbus.sh and set MICROMARKET_PYMODBUS_PYTHON to the path that it prints";

withPymodbus(
  `SDM630 meters by pymodbus (${NEEDS})`,
  async () => {
    if (PYTHON === undefined) throw new Error(`pymodbus is missing: ${NEEDS}`);
    const script = fileURLToPath(new URL("pymodbus-meters.py", import.meta.url));
    const server = keep(spawn(PYTHON, [script], { stdio: ["pipe", "pipe", "inherit"] }));
    server.stdin.write('{ "1": [200, 0], "2": [0, 300], "3": [400, 0] }\n');
    const [port] = (await once(createInterface(server.stdout), "line")) as [string];
    const device = (unit: number): string =>
      `modbus: { host: 127.0.0.1, port: ${port}, unit: ${unit}, profile: eastron-sdm630 }`;
    const gateway = runGatewayCommand(fileFor({ "home-1": device(1), "home-2": device(2), "home-3": device(3) }));
    const url = await firstLine(gateway);
    const sums = await settledEnergy(url, SLOTS);
    expectEnergy(sums.get("home-1")?.imported, 200);
    expectEnergy(sums.get("home-2")?.exported, 300);
    expectEnergy(sums.get("home-3")?.imported, 400);
    expect([sums.get("home-1")?.exported, sums.get("home-2")?.imported]).toEqual([0, 0]);
    await untilTraded(url);
  },
  LONG,
);

const withMosquitto = isBrokerWanted ? test : test.skip;

/** A Shelly by `mosquitto_pub`: each line of its input is one message. */
function publishShelly(port: number, id: string, [imports, exports_]: readonly [number, number]): void {
  const pub = (topic: string) => {
    const child = keep(spawn("mosquitto_pub", ["-h", "127.0.0.1", "-p", String(port), "-t", topic, "-l"]));
    child.stdin.on("error", () => undefined);
    return child.stdin;
  };
  const [power, energy] = [pub(`${id}/status/em:0`), pub(`${id}/status/emdata:0`)];
  const startedMs = performance.now();
  const timer = setInterval(() => {
    const gone = (performance.now() - startedMs) / 1_000;
    power.write(`${JSON.stringify({ id: 0, total_act_power: 8 * (imports - exports_) })}\n`);
    const counters = { id: 0, total_act: 500_000 + imports * gone, total_act_ret: 70_000 + exports_ * gone };
    energy.write(`${JSON.stringify(counters)}\n`);
  }, 200);
  timers.push(timer);
}

withMosquitto(
  `Shelly meters by mosquitto_pub, over Mosquitto${brokerRemark}`,
  async () => {
    const port = await startBroker();
    publishShelly(port, "shelly-1", [250, 0]);
    publishShelly(port, "shelly-2", [0, 350]);
    const device = (id: string): string =>
      `mqtt: { broker: "mqtt://127.0.0.1:${port}", id: ${id}, profile: shelly-pro-3em }`;
    const gateway = runGatewayCommand(fileFor({ "home-1": device("shelly-1"), "home-2": device("shelly-2") }));
    const url = await firstLine(gateway);
    const sums = await settledEnergy(url, SLOTS);
    expectEnergy(sums.get("home-1")?.imported, 250);
    expectEnergy(sums.get("home-2")?.exported, 350);
    await untilTraded(url);
  },
  LONG,
);
