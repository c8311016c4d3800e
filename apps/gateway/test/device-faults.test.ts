/**
 * What counters do when a device goes wrong, read from servers that are not ours: a counter that turns, is reset, or steps
 * back for one reading. A slot has its energy to a step of the counter, or none with a reason; the slots around are right.
 */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "@jest/globals";
import { instantMs, MINUTE, times, type InstantMs } from "@micromarket/kernel";
import {
  loadProfile,
  loadSunspecProfile,
  ModbusDevice,
  ModbusLink,
  SunspecDevice,
  type DeviceProfile,
  type SunspecProfile,
} from "@micromarket/link-modbus";
import { loadProfile as loadMqttProfile, MqttDevice, MqttLink } from "@micromarket/link-mqtt";
import type { CountedReadings } from "../src/counter-facts.ts";
import { meterSpec, type DeviceConfig } from "../src/gateway-config.ts";
import type { MeteredSlot } from "../src/device-meter.ts";
import { MeterBoard } from "../src/meter-board.ts";
import { freePort, until } from "./processes.ts";

const PYTHON = process.env["MICROMARKET_PYMODBUS_PYTHON"];
const IS_CI = process.env["CI"] === "true";
const whenPymodbusIsThere = PYTHON !== undefined || IS_CI ? describe : describe.skip;
const NEEDS = "run tools/ci/install-pymodbus.sh and set MICROMARKET_PYMODBUS_PYTHON to the path that it prints";
/** Debian puts the broker where not every user's PATH leads. */
const BROKER = ["/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto"].find((path) => existsSync(path)) ?? "mosquitto";
const hasBroker = [BROKER, "mosquitto_pub"].every((tool) => spawnSync(tool, ["--help"]).error === undefined);
const whenMosquittoIsThere = hasBroker || IS_CI ? describe : describe.skip;

const MINUTES = 76;
const FAULT_AT = 20;
/** 6 kW. */
const WH_A_MINUTE = 100;

/** A meter or inverter that shows what it is told. */
interface Counting {
  readonly config: DeviceConfig;
  readonly direction: "imported" | "exported";
  /** What the counter counts in, Wh; more than that no slot is off. */
  readonly stepWh: number;
  /** Where it starts again; `null`: it never gets there. */
  readonly wrapsAtWh: number | null;
  /** Whether the profile, or the device itself, says so: the slot in which it turns is known then. */
  readonly isWrapKnown: boolean;
  readonly show: (totalWh: number) => Promise<void>;
  readonly read: (now: () => InstantMs) => Promise<CountedReadings>;
}

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function ended(child: ChildProcess): Promise<void> {
  child.stdin?.end();
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}

/** A server of link-modbus's tests: a line of JSON for each line of JSON. */
async function python(script: string, options: readonly string[], first: object | null) {
  const path = fileURLToPath(new URL(`../../../packages/link-modbus/test/${script}`, import.meta.url));
  const child = spawn(PYTHON ?? NEEDS, [path, ...options], { stdio: ["pipe", "pipe", "inherit"] });
  ends.push(() => ended(child));
  const lines: AsyncIterator<string> = createInterface(child.stdout)[Symbol.asyncIterator]();
  const tell = async (order: object | null): Promise<unknown> => {
    if (order !== null) child.stdin.write(`${JSON.stringify(order)}\n`);
    const line = await lines.next();
    if (line.done === true) throw new Error(`${script} has ended`);
    return JSON.parse(line.value) as unknown;
  };
  return { hello: await tell(first), tell };
}

function linkTo(port: number): ModbusLink {
  const link = new ModbusLink({ host: "127.0.0.1", port, timeoutMs: 20_000, deadlineMs: 30_000 });
  ends.push(() => link.close());
  return link;
}

interface Table {
  readonly profile: string;
  readonly area: "input" | "holding";
  readonly order: "big" | "little";
  readonly stepWh: number;
  readonly wrapsAtWh: number | null;
  /** Address, type and value of what it shows beside a counter of `wh`. */
  readonly rows: (wh: number) => readonly (readonly [number, string, number])[];
}

async function byRegisters({ profile: name, area, order, stepWh, wrapsAtWh, rows }: Table): Promise<Counting> {
  const profile = { ...(loadProfile(name) as DeviceProfile), gapMs: 0 };
  const points = (wh: number): object[] =>
    rows(wh).map(([address, type, value]) => ({ area, address, type, value, order }));
  const zeros = Object.fromEntries(Array.from({ length: 0x60 }, (_, index) => [index, 0]));
  const start = { framing: "tcp", unit: profile.unit, input: zeros, holding: {}, points: points(1_000) };
  const { hello, tell } = await python("pymodbus-server.py", [], start);
  const device = new ModbusDevice({ device: "d", link: linkTo(Number(hello)), profile });
  return {
    config: { link: "modbus", profile, isAsIs: false } as DeviceConfig,
    ...{ direction: "imported", stepWh, wrapsAtWh, isWrapKnown: true },
    show: async (wh) => void (await tell({ points: points(wh) })),
    read: (now) => device.poll(now),
  };
}

/** A SunSpec counter that shows energy by a scale factor. */
interface ScaledCounting extends Counting {
  readonly rescale: (model: number, scale: number) => Promise<void>;
}

/** A counter of `model` that holds its offset of 1,000, as the server has it. */
async function bySunspec(kind: string, wrapsAtWh: number | null): Promise<ScaledCounting> {
  const profile = loadSunspecProfile("sunspec-inverter") as SunspecProfile;
  const { hello, tell } = await python(
    "sunspec/sunspec-server.py",
    ["--device", `${kind}@1:sun_w=6000.0`, "--clock", "manual"],
    null,
  );
  const link = linkTo((hello as { readonly port: number }).port);
  const device = new SunspecDevice({ device: "d", link, profile, unit: 1 });
  let exponent = 0;
  return {
    config: { link: "sunspec", profile, isAsIs: false } as DeviceConfig,
    ...{ direction: "exported", stepWh: 1, wrapsAtWh, isWrapKnown: wrapsAtWh !== null },
    show: async (wh) => void (await tell({ env: [1, "given_wh", Math.floor(wh / 10 ** exponent) - 1_000] })),
    rescale: async (model, scale) => {
      exponent = scale;
      await tell({ set: [1, model, "WH_SF", scale] });
    },
    read: (now) => device.poll(now),
  };
}

const DEVICES: readonly (readonly [string, () => Promise<Counting>])[] = [
  ["SunSpec 1547: model 701, 64 bits", () => bySunspec("der", null)],
  ["SunSpec 103: 32 bits of 1 Wh", () => bySunspec("inverter", 2 ** 32)],
  [
    "Eastron SDM630: a float of kWh",
    () =>
      byRegisters({
        ...{ profile: "eastron-sdm630", area: "input", order: "big", stepWh: 1, wrapsAtWh: null },
        rows: (wh) => [
          [0x34, "float32", 6_000],
          [0x46, "float32", 50],
          [0x48, "float32", wh / 1_000],
          [0x4a, "float32", 0],
        ],
      }),
  ],
  [
    "Carlo Gavazzi EM24: steps of 100 Wh",
    () =>
      byRegisters({
        ...{ profile: "carlo-gavazzi-em24", area: "input", order: "little", stepWh: 100, wrapsAtWh: null },
        rows: (wh) => [
          [0x28, "int32", 60_000],
          [0x37, "uint16", 500],
          [0x3e, "int32", Math.floor(wh / 100)],
          [0x00, "int32", 2_300],
        ],
      }),
  ],
  [
    "Victron grid meter: 32 bits of 10 Wh",
    () =>
      byRegisters({
        ...{ profile: "victron-gx-grid", area: "holding", order: "big", stepWh: 10, wrapsAtWh: 42_949_672_960 },
        rows: (wh) => [
          [2_634, "uint32", Math.floor(wh / 10)],
          [2_636, "uint32", 0],
          [2_638, "int32", 6_000],
          [2_640, "int32", 0],
          [2_642, "int32", 0],
          [2_644, "uint16", 5_000],
        ],
      }),
  ],
];

type CounterFault = "wrap" | "reset" | "negative step";

/** What the counter shows at a minute: 1,500 Wh a slot, but for the fault. */
function shownAt(fault: CounterFault, minute: number, wrapsAtWh: number | null): number {
  const start = fault === "wrap" && wrapsAtWh !== null ? wrapsAtWh - FAULT_AT * WH_A_MINUTE : 500_000;
  const total = start + WH_A_MINUTE * minute;
  if (fault === "wrap") return total % (wrapsAtWh ?? Infinity);
  if (fault === "reset") return minute >= FAULT_AT ? (minute - FAULT_AT) * WH_A_MINUTE : total;
  return minute === FAULT_AT ? total - 500 : total;
}

/** The slots of an hour, by a poll a minute. */
async function slotsOf(
  device: Counting,
  shown: (minute: number) => number,
  before: (minute: number) => Promise<void> = () => Promise.resolve(),
): Promise<readonly MeteredSlot[]> {
  const spec = meterSpec(device.config);
  const counters = [...spec.counters].filter(([point]) => point === `${device.direction}_wh`); // an inverter has no other
  const board = new MeterBoard({
    ...{ slotLength: times(MINUTE, 15), gapMax: times(MINUTE, 7), tie: null, wattsMax: 30_000 },
    meters: new Map([["d", { ...spec, counters: new Map(counters) }]]),
    stepMaxWh: () => 10,
  });
  for (let minute = 0; minute < MINUTES; minute++) {
    await before(minute);
    await device.show(shown(minute));
    board.note(await device.read(() => instantMs(minute * 60_000)));
  }
  const now = instantMs(MINUTES * 60_000);
  return [0, 1, 2, 3].map((slot) => board.slotOf("d", instantMs(slot * 900_000), now));
}

function expectSlots(device: Counting, fault: CounterFault, slots: readonly MeteredSlot[]): void {
  const [nothing, right] = [{ imported: 0, exported: 0 }, 15 * WH_A_MINUTE];
  for (const [index, slot] of slots.entries()) {
    if (slot.kind === "value") {
      expect({ ...slot, [device.direction]: 0 }).toMatchObject(nothing);
      expect([index, Math.abs(slot[device.direction] - right) <= device.stepWh]).toEqual([index, true]);
    }
    const mayMiss = index === 1 && !(fault === "wrap" && device.isWrapKnown);
    expect([index, slot.kind]).toEqual([index, mayMiss ? expect.stringMatching(/value|missing/) : "value"]);
  }
  if (fault === "reset") expect(slots[1]).toEqual({ kind: "missing", reason: "counter-reset" });
}

whenPymodbusIsThere(`counters behind Modbus (${NEEDS})`, () => {
  test.each(DEVICES)("%s", async (_name, start) => {
    const faults: readonly CounterFault[] = ["wrap", "reset", "negative step"];
    const device = await start();
    for (const fault of faults) {
      if (fault === "wrap" && device.wrapsAtWh === null) continue; // a float, signed or of 64 bits: it never gets there
      expectSlots(device, fault, await slotsOf(device, (minute) => shownAt(fault, minute, device.wrapsAtWh)));
    }
  });

  test("SunSpec: a scale factor that changes between readings is no flow, no reset and no turn", async () => {
    const device = await bySunspec("inverter", null);
    // 0.1 Wh, steps of 10 Wh, of 1 Wh, of 1 kWh, and of 1 Wh again; each while 6 kW flow
    const scales = new Map([0, -1, 1, 0, 3, 0].map((scale, index) => [index * 11, scale]));
    let exponent = 0;
    const slots = await slotsOf(
      device,
      (minute) => 500_004 + WH_A_MINUTE * minute,
      async (minute) => {
        exponent = scales.get(minute) ?? exponent;
        if (scales.has(minute)) await device.rescale(103, exponent);
      },
    );
    // an end that falls into a time of coarser steps is off by one of them at most, and made up for in the next slot
    const energies = slots.map((slot) => (slot.kind === "value" ? slot.exported : NaN));
    const off = energies.map((energy) => Math.abs(energy - 1_500));
    const offMax = [0, 10, 1_010, 1_000];
    expect(off.map((wh, index) => wh <= (offMax[index] ?? 0))).toEqual([true, true, true, true]);
    expect(energies.reduce((sum, energy) => sum + energy, 0)).toBe(6_000);
  });
});

/** A Shelly by `mosquitto_pub`, and the device that hears it over Mosquitto. */
async function byShelly(): Promise<Counting> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "micromarket-broker-"));
  const user = process.getuid?.() === 0 ? "user root\n" : "";
  const settings = join(folder, "mosquitto.conf");
  writeFileSync(settings, `${user}persistence false\nlistener ${port} 127.0.0.1\nallow_anonymous true\n`);
  const broker = spawn(BROKER, ["-c", settings], { stdio: "ignore" });
  ends.push(async () => {
    broker.kill();
    await ended(broker);
    rmSync(folder, { recursive: true });
  });
  const profile = loadMqttProfile("shelly-pro-3em");
  if (!profile.ok) throw new Error(JSON.stringify(profile.error));
  let at = instantMs(0);
  let heard = 0;
  const device = new MqttDevice(profile.value, "d", () => at);
  const link = MqttLink.open(
    {
      ...{ url: `mqtt://127.0.0.1:${port}`, clientId: "faults", backOff: { firstMs: 10, maxMs: 50 } },
      limits: { messagesPerSecondMax: 1_000 }, // minutes go by at once here
      subscriptions: device.topics().map((filter) => ({ filter, qos: 1 as const })),
    },
    { now: () => instantMs(Date.now()), onMessage: (message) => void (heard += device.accept(message) ? 1 : 0) },
  );
  if (!link.ok) throw new Error(JSON.stringify(link.error));
  ends.push(() => link.value.close());
  await until(() => link.value.status.state === "connected");
  const pub = (topic: string): ChildProcess => {
    const child = spawn("mosquitto_pub", ["-h", "127.0.0.1", "-p", String(port), "-t", topic, "-l"], {
      stdio: ["pipe", "ignore", "inherit"],
    });
    ends.push(() => ended(child));
    return child;
  };
  const [power, energy] = [pub("d/status/em:0"), pub("d/status/emdata:0")];
  let [shownWh, sent, isOver] = [0, 0, false];
  ends.push(() => Promise.resolve(void (isOver = true)));
  return {
    config: { link: "mqtt", profile: profile.value, isAsIs: false } as DeviceConfig,
    ...{ direction: "imported", stepWh: 1, wrapsAtWh: null, isWrapKnown: false },
    show: (wh) => Promise.resolve(void (shownWh = wh)),
    read: async (now) => {
      at = now();
      power.stdin?.write(`${JSON.stringify({ id: 0, total_act_power: 6_000 })}\n`);
      energy.stdin?.write(`${JSON.stringify({ id: 0, total_act: shownWh, total_act_ret: 7 })}\n`);
      sent += 2;
      await until(() => heard === sent || isOver);
      return device.readings();
    },
  };
}

whenMosquittoIsThere("counters behind MQTT (run: sudo tools/ci/install-mosquitto.sh)", () => {
  test.each<[CounterFault]>([["reset"], ["negative step"]])("Shelly Pro 3EM: %s", async (fault) => {
    const device = await byShelly();
    expectSlots(device, fault, await slotsOf(device, (minute) => shownAt(fault, minute, device.wrapsAtWh)));
  });
});
