/**
 * Every kind of meter, end to end on devices that we did not write (pysunspec2, pymodbus, Mosquitto): what flowed becomes
 * delivered energy in settled slots; what flows and is not counted is told, and settles nothing.
 */
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "@jest/globals";
import { gatewayFile } from "./gateway-text.ts";
import {
  brokerRemark,
  endPeers,
  isBrokerWanted,
  jsonAt,
  keep,
  settledEnergy,
  settledSlots,
  startBroker,
} from "./peer-street.ts";
import { endAll, firstLine, logLines, runGatewayCommand, until } from "./processes.ts";
import { endSites, isPeerWanted, NEEDS, sunspecSite, type SunspecSite } from "./sunspec-site.ts";

const LONG = 600_000;
/** A quarter of an hour in 15 seconds: power alone needs its samples. */
const SPEED = 60;
const SLOTS = 2;
const STEP_MS = 100;
/** Unit and registers of a meter that has nothing but a net counter. */
const [NET_UNIT, NET_ADDRESS] = [3, 60_000];
const testWithPeers = isPeerWanted && isBrokerWanted ? test : test.skip;

const timers: NodeJS.Timeout[] = [];
afterEach(async () => {
  for (const timer of timers.splice(0)) clearInterval(timer);
  await endAll();
  endSites();
  endPeers();
});

/** What meters say at `hours` of market time since the start. */
type Say = (hours: number) => string;

/** Lets time go by at the site, at a net counter in registers, and on the topics. */
function letGo(site: SunspecSite, port: number, topics: Readonly<Record<string, Say>>, netWatts = 0): void {
  const inputs = Object.entries(topics).map(([topic, say]) => {
    const { stdin } = keep(spawn("mosquitto_pub", ["-h", "127.0.0.1", "-p", String(port), "-t", topic, "-l"]));
    stdin.on("error", () => undefined);
    return [stdin, say] as const;
  });
  const startedMs = performance.now();
  let ticked = 0;
  const step = (): void => {
    const seconds = ((performance.now() - startedMs) / 1_000) * SPEED;
    const net = 100 + Math.round((netWatts * seconds) / 3_600);
    void site.tell({ poke: [NET_UNIT, NET_ADDRESS, [(net >> 16) & 0xffff, net & 0xffff]] }).catch(() => undefined);
    void site.tell({ tick: seconds - ticked }).catch(() => undefined);
    ticked = seconds;
    for (const [input, say] of inputs) input.write(`${say(seconds / 3_600)}\n`);
  };
  step();
  timers.push(setInterval(step, STEP_MS));
}

function fileFor(devices: Readonly<Record<string, string>>): string {
  const names = Object.keys(devices);
  const path = gatewayFile(`name: street
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
  writeFileSync(
    join(dirname(path), "net.yaml"),
    `schema: 1
profile: net
version: 1.0.0
kind: meter
vendor: Peer
models: [one counter that turns back]
verified: lab
sources: [{ title: this test }]
requirements: []
caveats: []
link: { framing: [tcp], port: 502, unit: ${NET_UNIT}, word_order: big, max_registers: 100, max_gap_registers: 0 }
max_age_s: 60
points:
  net_wh:
    function: 3
    address: ${NET_ADDRESS}
    type: int32
    counter: { resolution_wh: 1, width_bits: 32, resets: never, balance: vector }
`,
  );
  return path;
}

const modbus = (port: number, unit: number, profile: string): string =>
  `modbus: { host: 127.0.0.1, port: ${port}, unit: ${unit}, profile: ${profile} }`;
const mqtt = (port: number, id: string, profile: string, params: string): string =>
  `mqtt: { broker: "mqtt://127.0.0.1:${port}", id: ${id}, profile: ${profile}, params: { max_age_s: "60", ${params} } }`;

const importMeter = (port: number): string =>
  mqtt(port, "import/json", "generic-json-meter", 'imported: "/in", power: "/w", energy_unit: Wh, step_wh: "1"');

/** What a constant power comes to in the slots; half a slot of lateness at their ends is allowed. */
function expectEnergy(found: number | undefined, watts: number): void {
  const slotWh = watts / 4;
  expect(Math.abs((found ?? NaN) - SLOTS * slotWh)).toBeLessThanOrEqual(slotWh / 2);
}

testWithPeers(
  `a home that never exported, one that cannot, net counters and power alone are settled (${NEEDS})${brokerRemark}`,
  async () => {
    const site = await sunspecSite(0, 500, "meter@4:load_w=1800.0,exported_from=0");
    const port = await startBroker();
    letGo(
      site,
      port,
      {
        "import/json": (hours) => JSON.stringify({ in: 5_000 + 1_000 * hours, w: 1_000 }),
        "ha/net": (hours) => String(50 - 1_200 * hours),
        "power/json": () => JSON.stringify({ w: -600 }),
      },
      -800,
    );
    const gateway = runGatewayCommand(
      fileFor({
        sunspec: modbus(site.port, 4, "sunspec-meter"),
        importing: `exports: never, ${importMeter(port)}`,
        net: mqtt(port, "any", "generic-number", 'net: "ha/net", energy_unit: Wh, step_wh: "1"'),
        registers: modbus(site.port, NET_UNIT, "./net.yaml"),
        power: `energy: by-power, ${mqtt(port, "power/json", "generic-json-meter", 'power: "/w"')}`,
      }),
    );
    const url = await firstLine(gateway);
    const sums = await settledEnergy(url, SLOTS);
    expectEnergy(sums.get("sunspec")?.imported, 1_800);
    expectEnergy(sums.get("importing")?.imported, 1_000);
    expectEnergy(sums.get("net")?.exported, 1_200);
    expectEnergy(sums.get("registers")?.exported, 800);
    expectEnergy(sums.get("power")?.exported, 600);
    expect([sums.get("sunspec")?.exported, sums.get("importing")?.exported]).toEqual([0, 0]);
    expect(["net", "registers", "power"].map((home) => sums.get(home)?.imported)).toEqual([0, 0, 0]);
    expect(JSON.stringify(await jsonAt(`${url}/health`))).not.toContain("in doubt");
  },
  LONG,
);

testWithPeers(
  `export that no counter shows is told and settles nothing (${NEEDS})${brokerRemark}`,
  async () => {
    const site = await sunspecSite(0, 500, "meter@4:load_w=-1200.0,exported_from=0");
    await site.tell({ mask: [4, 203, "TotWhExp", true] });
    const port = await startBroker();
    letGo(site, port, { "import/json": () => JSON.stringify({ in: 5_000, w: -900 }) });
    const gateway = runGatewayCommand(
      fileFor({
        sunspec: modbus(site.port, 4, "sunspec-meter"),
        importing: `exports: never, ${importMeter(port)}`,
      }),
    );
    const url = await firstLine(gateway);
    const health = async (): Promise<string> => JSON.stringify(await jsonAt(`${url}/health`));
    await until(async () => (await health()).includes("power shows export, and the file says exports: never"), 100);
    await until(async () => (await health()).includes("power shows export that exported_wh does not count"), 100);
    const told = (): unknown[] => logLines(gateway).filter(({ reason }) => reason === "uncounted");
    await until(() => Promise.resolve(told().length >= 2), 100);
    expect(await settledSlots(url)).toEqual([]);
    // its counter is there after all: what it shows counts from its first reading on
    await site.tell({ mask: [4, 203, "TotWhExp", false] });
    await until(async () => !(await health()).includes("exported_wh does not count"), 100);
  },
  LONG,
);
