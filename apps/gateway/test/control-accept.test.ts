/**
 * Control from end to end, on devices that we did not write: the real gateway tells them, another client sees it, and
 * what ends a set-point is the device's own timer. The devices' time stands still unless a test lets it go by.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "@jest/globals";
import Database from "better-sqlite3";
import { gatewayFile } from "./gateway-text.ts";
import { endAll, firstLine, logLines, runGatewayCommand, until, type Running } from "./processes.ts";
import { endSites, isPeerWanted, NEEDS, sunspecSite, UNITS, type SunspecSite } from "./sunspec-site.ts";

const LONG = 300_000;
/** A quarter of an hour in 15 seconds. */
const SPEED = 60;
const EPOCH = "2026-06-01T12:00Z";
const testWithPeer = isPeerWanted ? test : test.skip;
const testWithPrlimit = isPeerWanted && spawnSync("prlimit", ["--version"]).error === undefined ? test : test.skip;

afterEach(async () => {
  await endAll();
  endSites();
});

interface ControlOnWire {
  readonly device: string;
  readonly capability: string;
  readonly locked: { readonly lock: string; readonly mend: string } | null;
  readonly phase: string;
  readonly wanted: number | null;
  readonly actual: number | null;
  readonly foreign: number | null;
  readonly reverts_in_ms: number | null;
  readonly last_event: { readonly code: string } | null;
}

interface LimitOnWire {
  readonly measured_w: number | null;
  readonly is_fail_safe: boolean;
  readonly dimmed: { readonly import_limit_w: number } | null;
  readonly reasons: readonly string[];
}

interface ListOnWire {
  readonly stopped: { readonly by: string } | null;
  readonly controls: readonly ControlOnWire[];
  readonly limits: readonly LimitOnWire[];
}

interface Changes {
  readonly clock?: string;
  readonly site?: string;
  readonly plant?: string;
  readonly limits?: string;
  readonly battery?: string;
}

function siteFile(port: number, changes: Changes = {}): string {
  const { clock = "{ trust: unchecked }", site = "control: { enabled: true }" } = changes;
  const { plant = "control: [limit_generation_w]", limits = "{ export: 2 kW, dimFloor: 1 kW }" } = changes;
  const { battery = "sunspec-storage" } = changes;
  const place = (unit: number, profile: string): string =>
    `modbus: { host: 127.0.0.1, port: ${port}, unit: ${unit}, profile: ${profile} }`;
  const poll = clock.includes("accelerated") ? "" : "poll: 1s, ";
  return gatewayFile(`name: site
slot: 15m
market: { currency: EUR, priceFloor: 0 EUR/kWh, priceCap: 1 EUR/kWh }
supplier: { tariff: 0.32 EUR/kWh, feedIn: 0.08 EUR/kWh }
data: data
clock: ${clock}
http: { port: 0 }
${site}
devices:
  - { id: grid, ${poll}${place(UNITS.meter, "sunspec-meter")} }
  - { id: plant, ${poll}${plant}${plant === "" ? "" : ", "}${place(UNITS.plant, "sunspec-inverter")} }
  - { id: battery, ${poll}control: [setpoint_power_w], ${place(UNITS.battery, battery)} }
homes:
  - id: home-1
    meter: grid
    pv: plant
    battery: { device: battery, capacity: 10 kWh, charge: 3 kW }
    limits: ${limits}
`);
}

interface Life {
  readonly gateway: Running;
  readonly url: string;
}

async function start(path: string, ...words: readonly string[]): Promise<Life> {
  const gateway = runGatewayCommand(path, ...words);
  return { gateway, url: await firstLine(gateway) };
}

async function listOf({ url }: Life): Promise<ListOnWire> {
  const response = await fetch(`${url}/api/v1/controls`);
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as ListOnWire;
}

async function controlOf(life: Life, device: string): Promise<ControlOnWire> {
  const { controls } = await listOf(life);
  const found = controls.find((control) => control.device === device);
  if (found === undefined) throw new Error(`nothing of ${device} is listed`);
  return found;
}

async function tell({ url }: Life, method: string, path: string, body?: object) {
  const response = await fetch(`${url}/api/v1${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
  return { status: response.status, answer: (await response.json()) as Readonly<Record<string, unknown>> };
}

const untilPhase = (life: Life, device: string, phase: string): Promise<void> =>
  until(async () => (await controlOf(life, device)).phase === phase, 50);

/** The plant's limit in percent, whether it is obeyed, and what flows. */
const plantOf = (site: SunspecSite): Promise<readonly unknown[]> =>
  site.read(UNITS.plant, [123, "WMaxLimPct"], [123, "WMaxLim_Ena"], [103, "W"]);

/** The battery's mode, and what comes out of it. */
const batteryOf = (site: SunspecSite): Promise<readonly unknown[]> =>
  site.read(UNITS.battery, [124, "StorCtl_Mod"], [103, "W"]);

const codesOf = ({ gateway }: Life): readonly unknown[] =>
  logLines(gateway).flatMap(({ code, capability }) => (capability === undefined ? [] : [code]));

const errorsOf = ({ gateway }: Life) => logLines(gateway).filter(({ level }) => level === 50);

async function kill({ gateway }: Life): Promise<void> {
  gateway.child.kill("SIGKILL");
  expect(await gateway.ended).toBe("SIGKILL");
}

async function stop({ gateway }: Life): Promise<void> {
  gateway.child.kill("SIGTERM");
  expect(await gateway.ended).toBe(0);
}

testWithPeer(
  `a plant is held back, known again after a kill, given back by a stop, and by its own timer after a kill (${NEEDS})`,
  async () => {
    const site = await sunspecSite(6_000, 500);
    const path = siteFile(site.port);
    const first = await start(path, "--allow-control");
    await untilPhase(first, "plant", "holding");
    expect(await plantOf(site)).toEqual([25, 1, 2_500]); // 2 kW fed in beside a load of 500 W
    await kill(first);
    expect(await plantOf(site)).toEqual([25, 1, 2_500]);

    const second = await start(path, "--allow-control");
    await until(async () => {
      const { actual, phase } = await controlOf(second, "plant");
      return actual === 2_500 && phase === "holding"; // and not refreshing it at the moment
    }, 50);
    expect(await controlOf(second, "plant")).toMatchObject({ foreign: null, wanted: 2_500 });
    expect(codesOf(second)).not.toContain("FOREIGN_CHANGE");
    expect(codesOf(second)).not.toContain("TAKEN");
    await stop(second);
    expect(await plantOf(site)).toEqual([100, 0, 6_000]);
    expect(codesOf(second)).toContain("RELEASED");
    expect([...errorsOf(first), ...errorsOf(second)]).toEqual([]);

    const third = await start(path, "--allow-control");
    await untilPhase(third, "plant", "holding");
    await kill(third);
    await site.tell({ tick: 89 });
    expect(await plantOf(site)).toEqual([25, 1, 2_500]);
    await site.tell({ tick: 1 });
    expect(await plantOf(site)).toEqual([25, 0, 6_000]);
  },
  LONG,
);

testWithPeer(
  `what an earlier run left held is given back where it is wanted no longer (${NEEDS})`,
  async () => {
    const site = await sunspecSite(6_000, 500);
    const path = siteFile(site.port);
    const first = await start(path, "--allow-control");
    await untilPhase(first, "plant", "holding");
    await kill(first);
    writeFileSync(path, readFileSync(path, "utf8").replace("export: 2 kW, ", ""));
    const second = await start(path, "--allow-control");
    await until(async () => (await plantOf(site))[1] === 0, 50);
    expect(await plantOf(site)).toEqual([100, 0, 6_000]);
    await untilPhase(second, "plant", "idle");
    await stop(second);
  },
  LONG,
);

testWithPeer.each([
  ["program", [], {}],
  ["site", ["--allow-control"], { site: "" }],
  ["device", ["--allow-control"], { plant: "" }],
] as const)(
  `nothing is written through a closed lock: %s (${NEEDS})`,
  async (lock, words, changes) => {
    const site = await sunspecSite(6_000, 500);
    const life = await start(siteFile(site.port, changes), ...words);
    const isListed = lock !== "device"; // what its file does not name is no control at all
    if (isListed) await untilPhase(life, "plant", "refused");
    else await until(async () => (await listOf(life)).limits[0]?.measured_w === -5_500, 50);
    const { controls } = await listOf(life);
    expect(controls.map(({ device, locked }) => [device, locked?.lock ?? null])).toEqual([
      ["battery", isListed ? lock : null],
      ...(isListed ? [["plant", lock]] : []),
    ]);
    if (isListed) expect(await controlOf(life, "plant")).toMatchObject({ wanted: 2_500, actual: null });
    expect((await tell(life, "POST", "/controls/stop", {})).status).toBe(200);
    await stop(life);
    expect(await site.tell({ writes: true })).toEqual([]);
    expect(await plantOf(site)).toEqual([100, 0, 6_000]);
  },
  LONG,
);

testWithPeer(
  `the emergency stop works while the market is dead, and is latched over a restart (${NEEDS})`,
  async () => {
    const site = await sunspecSite(6_000, 500);
    const path = siteFile(site.port, { clock: `{ accelerated: ${SPEED}, epoch: "${EPOCH}" }` });
    const first = await start(path, "--allow-control");
    await untilPhase(first, "plant", "holding");
    const other = new Database(join(dirname(path), "data", "journal.sqlite"));
    other.exec("BEGIN IMMEDIATE"); // nothing can be journalled any more
    await until(async () => (await fetch(`${first.url}/health`)).status === 503, 50);
    expect((await controlOf(first, "plant")).phase).toBe("holding"); // limits hold without a market
    const { status, answer } = await tell(first, "POST", "/controls/stop", { by: "Ada" });
    expect([status, answer]).toMatchObject([200, { stopped: { by: "Ada" } }]);
    expect(await plantOf(site)).toEqual([100, 0, 6_000]);
    expect((await controlOf(first, "plant")).phase).toBe("stopped");
    other.close();
    await kill(first);

    await site.tell({ writes: true });
    const second = await start(path, "--allow-control");
    await until(async () => (await listOf(second)).limits[0]?.measured_w === -5_500, 50);
    expect(await listOf(second)).toMatchObject({
      stopped: { by: "Ada" },
      controls: [{ phase: "stopped" }, { phase: "stopped" }],
    });
    expect(await site.tell({ writes: true })).toEqual([]);
    expect((await tell(second, "POST", "/controls/reset", { by: "Ada" })).status).toBe(200);
    await untilPhase(second, "plant", "holding");
    expect(await plantOf(site)).toEqual([25, 1, 2_500]);
    await stop(second);
  },
  LONG,
);

testWithPrlimit(
  `a disk that takes nothing keeps no device from being given back (${NEEDS})`,
  async () => {
    const site = await sunspecSite(6_000, 500);
    const path = siteFile(site.port);
    const life = await start(path, "--allow-control");
    await untilPhase(life, "plant", "holding");
    spawnSync("prlimit", ["--pid", String(life.gateway.child.pid), "--fsize=0:0"]);
    const { status, answer } = await tell(life, "POST", "/controls/stop", { by: "Ada" });
    expect(await plantOf(site)).toEqual([100, 0, 6_000]);
    expect([status, answer["code"]]).toEqual([500, "STOP_FAILED"]); // a restart would not know of it
    expect(await listOf(life)).toMatchObject({ stopped: { by: "Ada" } });
    await kill(life);
  },
  LONG,
);

testWithPeer(
  `a limit of somebody else is kept, and one that comes meanwhile is left alone (${NEEDS})`,
  async () => {
    const site = await sunspecSite(6_000, 500);
    const limit = (percent: number): Promise<void> =>
      site.write(UNITS.plant, 123, [
        ["WMaxLimPct", percent],
        ["WMaxLim_Ena", 1],
      ]);
    await limit(40);
    const path = siteFile(site.port);
    const first = await start(path, "--allow-control");
    await untilPhase(first, "plant", "holding");
    expect(await plantOf(site)).toEqual([25, 1, 2_500]);
    expect((await controlOf(first, "plant")).foreign).toBe(4_000);
    await site.tell({ env: [UNITS.meter, "load_w", 9_000] }); // all of it is used: there is room for 10 kW
    await until(async () => (await plantOf(site))[2] === 4_000, 50);
    expect(await plantOf(site)).toEqual([40, 1, 4_000]);
    await stop(first);
    expect(await plantOf(site)).toEqual([40, 1, 4_000]);

    await site.tell({ env: [UNITS.meter, "load_w", 500] });
    const second = await start(path, "--allow-control");
    await untilPhase(second, "plant", "holding");
    await limit(10);
    await until(() => codesOf(second).includes("FOREIGN_CHANGE"), 50);
    expect(await plantOf(site)).toEqual([10, 1, 1_000]);
    await stop(second);
    expect(await plantOf(site)).toEqual([10, 1, 1_000]);
  },
  LONG,
);

testWithPeer(
  `a silent meter: nothing is fed in on trust, until it speaks again (${NEEDS})`,
  async () => {
    const site = await sunspecSite(6_000, 500);
    const life = await start(siteFile(site.port), "--allow-control");
    await untilPhase(life, "plant", "holding");
    const models = await site.tell<[number, number, unknown][]>({ dump: UNITS.meter });
    const address = (models.find(([id]) => id === 203)?.[1] ?? 0) + 2;
    const count = 105;
    const words: number[] = [];
    await site.tell({ drop: [UNITS.meter, address, count] }).then((dropped) => words.push(...(dropped as number[])));
    await until(async () => (await listOf(life)).limits[0]?.is_fail_safe === true, 50);
    await until(async () => Number((await plantOf(site))[2]) < 100, 50);
    expect((await controlOf(life, "plant")).phase).not.toBe("refused");
    await site.tell({ poke: [UNITS.meter, address, words] });
    await until(async () => (await plantOf(site))[2] === 2_500, 50);
    expect((await listOf(life)).limits[0]?.is_fail_safe).toBe(false);
    await stop(life);
    expect(await plantOf(site)).toEqual([100, 0, 6_000]);
  },
  LONG,
);

testWithPeer(
  `a battery that charges by itself is dimmed by the grid operator's signal, steadily, and freed (${NEEDS})`,
  async () => {
    const site = await sunspecSite(0, 500);
    await site.tell({ env: [UNITS.battery, "want_w", 3_000] });
    const life = await start(siteFile(site.port), "--allow-control");
    await until(async () => (await listOf(life)).limits[0]?.measured_w === 3_500, 50);
    const until_ = Date.now() + 3_600_000;
    const refused = await tell(life, "POST", "/homes/home-1/dim", { import_limit_w: 999, valid_until_ms: until_ });
    expect([refused.status, refused.answer["code"]]).toEqual([422, "LIMIT_REFUSED"]);
    expect((await tell(life, "DELETE", "/homes/home-1/dim")).answer["code"]).toBe("NOT_DIMMED");
    const done = await tell(life, "POST", "/homes/home-1/dim", { import_limit_w: 1_000, valid_until_ms: until_ });
    expect(done.status).toBe(200);
    await untilPhase(life, "battery", "holding");
    expect(await batteryOf(site)).toEqual([3, -1_000]);
    await site.tell({ writes: true });
    const seen = new Set<unknown>();
    const meterReads = { count: 0 };
    await until(async () => {
      seen.add((await batteryOf(site))[1]);
      const { limits } = await listOf(life);
      if (limits[0]?.measured_w === 1_500) meterReads.count += 1;
      return meterReads.count >= 60;
    }, 100);
    expect([...seen]).toEqual([-1_000]);
    expect((await tell(life, "DELETE", "/homes/home-1/dim")).status).toBe(200);
    await until(async () => (await batteryOf(site))[1] === -3_000, 50);
    expect(await batteryOf(site)).toEqual([0, -3_000]);
    await stop(life);
  },
  LONG,
);

testWithPeer(
  `what the market awarded flows, and ends with the slot (${NEEDS})`,
  async () => {
    const site = await sunspecSite(6_000, 500);
    const shipped = fileURLToPath(
      new URL("../../../packages/link-modbus/profiles/sunspec/sunspec-storage.yaml", import.meta.url),
    );
    const path = siteFile(site.port, {
      clock: `{ accelerated: ${SPEED}, epoch: "${EPOCH}" }`,
      limits: "{}",
      battery: "./battery.yaml",
    });
    // the devices' time goes by as fast as the market's, the gateway's does not
    const slow = readFileSync(shipped, "utf8").replaceAll("after_s: 90, refresh_s: 30", "after_s: 9000, refresh_s: 10");
    writeFileSync(join(dirname(path), "battery.yaml"), slow);
    const stepMs = 100;
    const timer = setInterval(() => void site.tell({ tick: (SPEED * stepMs) / 1_000 }), stepMs);
    try {
      const life = await start(path, "--allow-control");
      await until(async () => Number((await batteryOf(site))[1]) <= -2_900, 50);
      expect(await controlOf(life, "battery")).toMatchObject({ capability: "setpoint_power_w", foreign: null });
      await until(async () => Number((await batteryOf(site))[1]) > -100, 50);
      await stop(life);
      expect((await batteryOf(site))[0]).toBe(0);
      expect(errorsOf(life)).toEqual([]);
    } finally {
      clearInterval(timer);
    }
  },
  LONG,
);
