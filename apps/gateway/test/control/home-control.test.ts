import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Capability } from "@micromarket/control";
import { POINT_NAMES, type PointName } from "@micromarket/assets";
import { zoneClock } from "@micromarket/data-files";
import {
  assert,
  durationMs,
  instantMs,
  measured,
  partsPerMillion,
  priceMicro,
  wattHours,
  watts,
} from "@micromarket/kernel";
import type { ControlRunner } from "../../src/control/control-runner.ts";
import { DeviceBoard } from "../../src/control/device-board.ts";
import { HomeControl } from "../../src/control/home-control.ts";
import type { HomeConfig } from "../../src/gateway-config.ts";
import { HOMES } from "../memory-street.ts";
import { memoryOf, rulesOf, runnerOf, TestTime, toldDevice, type Told } from "./told-device.ts";

/** When signals of the grid operator come. */
const NOW = instantMs(0);
const SLOT = durationMs(900_000);
const ZONE = zoneClock("UTC");
assert(ZONE !== null, "there is UTC");
const BATTERY = {
  ...{ device: "battery", capacity: wattHours(10_000), charge: watts(5_000), discharge: watts(5_000) },
  ...{ efficiency: partsPerMillion(1_000_000), reserve: partsPerMillion(0), cycleCost: priceMicro(0) },
};
const CHARGER = {
  ...{
    device: "charger",
    energy: wattHours(20_000),
    byMinute: 0,
    zone: ZONE,
    least: watts(1_380),
    most: watts(11_000),
  },
  limit: priceMicro(320_000),
};
const NO_LIMITS = { import: null, export: null, dimFloor: null };
const CURRENT = rulesOf("evse_current_ma", { min: 6_000, max: 16_000, step: 1_000 });
const SWITCH = rulesOf("evse_enable", { min: 0, max: 1, step: 1 });

interface Bench {
  readonly control: HomeControl;
  readonly told: Readonly<Record<string, Told>>;
  readonly runners: Readonly<Record<string, ControlRunner>>;
  /** What devices say, and a second in which the home is looked after. */
  step(power: Readonly<Record<string, number>>, more?: Partial<Record<PointName, number>>): Promise<void>;
  skipTo(ms: number): void;
}

function bench(changes: Partial<HomeConfig>, current = CURRENT): Bench {
  const home = { ...(HOMES[1] as HomeConfig), meter: "grid", ...changes };
  const time = new TestTime();
  time.ms = 0;
  const board = new DeviceBoard(
    () => time.ms,
    () => 15_000,
  );
  const told: Record<string, Told> = {
    setpoint_power_w: toldDevice(rulesOf("setpoint_power_w")),
    limit_generation_w: toldDevice(rulesOf("limit_generation_w", { min: 0, max: 10_000, step: 1 }), 10_000),
    evse_current_ma: toldDevice(current, 16_000),
    evse_enable: toldDevice(SWITCH, 1),
  };
  const runners = Object.fromEntries(
    Object.entries(told).map(([name, device]) => [name, runnerOf(device, memoryOf(), time, name)]),
  );
  const of: Readonly<Record<string, readonly Capability[]>> = {
    battery: ["setpoint_power_w"],
    plant: ["limit_generation_w"],
    charger: ["evse_current_ma", "evse_enable"],
  };
  const control = new HomeControl({
    ...{ home, board, slotLength: SLOT, flowGapMs: 10_000, noteDim: () => undefined },
    runnersOf: (device) =>
      new Map(
        (of[device] ?? []).flatMap((name) => {
          const runner = runners[name];
          return runner === undefined ? [] : [[name, runner] as const];
        }),
      ),
  });
  const say = (device: string, values: Partial<Record<PointName, number>>): void => {
    const readings = POINT_NAMES.flatMap((point) => {
      const value = values[point];
      return value === undefined ? [] : [{ point, at: instantMs(time.ms), value: measured(value) }];
    });
    board.note({ device, readings });
  };
  const step: Bench["step"] = async (power, more = {}) => {
    for (const [device, watts_] of Object.entries(power)) {
      say(device, { power_w: watts_, state_of_charge_ppm: 500_000, rating_w: 10_000, phases_count: 3, ...more });
    }
    control.step(instantMs(time.ms));
    await time.pass(1_000);
  };
  return { control, told, runners, step, skipTo: (ms) => (time.ms = ms) };
}

const heldBy = ({ told }: Bench, name: string): number | null =>
  told[name]?.isActive === true ? (told[name]?.value ?? null) : null;

test("an award becomes a power, and without one the battery is given back", async () => {
  const home = bench({ battery: BATTERY });
  home.control.plan(instantMs(0), { battery: wattHours(500), charger: null });
  await home.step({ grid: 500, battery: 0 });
  expect(heldBy(home, "setpoint_power_w")).toBe(2_000);
  expect(home.control.outstanding(instantMs(450_000))).toEqual({ battery: 250, charger: null });
  home.control.forget();
  await home.step({ grid: 2_500, battery: 2_000 });
  expect(heldBy(home, "setpoint_power_w")).toBeNull();
});

test("the import limit holds an award back", async () => {
  const home = bench({ battery: BATTERY, limits: { ...NO_LIMITS, import: watts(1_500) } });
  home.control.plan(instantMs(0), { battery: wattHours(500), charger: null });
  await home.step({ grid: 500, battery: 0 });
  expect(heldBy(home, "setpoint_power_w")).toBe(1_000);
  expect(home.control.reasonsFor("battery")).toEqual(["IMPORT_LIMIT"]);
});

test("without the home's meter storage rests, and goes on when it speaks again", async () => {
  const home = bench({ battery: BATTERY });
  home.control.plan(instantMs(0), { battery: wattHours(500), charger: null });
  await home.step({ battery: 0 });
  expect([heldBy(home, "setpoint_power_w"), home.control.view().isFailSafe]).toEqual([0, true]);
  await home.step({ grid: 500, battery: 0 });
  expect([heldBy(home, "setpoint_power_w"), home.control.view().isFailSafe]).toEqual([2_000, false]);
});

test("a plant is held back only while the limit needs it, and a silent one flows in the rest", async () => {
  const home = bench({ pv: "plant", limits: { ...NO_LIMITS, export: watts(2_000) } });
  await home.step({ grid: -1_500, plant: -2_000 });
  expect(heldBy(home, "limit_generation_w")).toBeNull();
  await home.step({ grid: -5_500, plant: -6_000 });
  expect(heldBy(home, "limit_generation_w")).toBe(2_500);
  await home.step({ grid: -2_000, plant: -2_500 });
  expect(heldBy(home, "limit_generation_w")).toBe(2_500);
  await home.step({ grid: -500, plant: -1_000 }); // a cloud: nothing is held back any more
  expect(heldBy(home, "limit_generation_w")).toBeNull();

  const night = bench({ pv: "plant", battery: BATTERY, limits: { ...NO_LIMITS, export: watts(2_000) } });
  night.control.plan(instantMs(0), { battery: wattHours(-500), charger: null });
  await night.step({ grid: 500, battery: 0 });
  expect([heldBy(night, "setpoint_power_w"), night.control.view().isFailSafe]).toEqual([-2_000, false]);
});

test("a dimmed battery without an award stays dimmed while it obeys, and is freed", async () => {
  const home = bench({ battery: BATTERY, limits: { ...NO_LIMITS, dimFloor: watts(1_000) } });
  expect(home.control.undim(NOW)).toMatchObject({ error: { code: "NOT_DIMMED" } });
  expect(home.control.dim(watts(999), instantMs(600_000), NOW)).toMatchObject({ error: { code: "LIMIT_REFUSED" } });
  expect(home.control.dim(watts(1_000), instantMs(600_000), NOW)).toMatchObject({ ok: true });
  await home.step({ grid: 3_500, battery: 3_000 });
  for (let second = 0; second < 5; second++) {
    expect(heldBy(home, "setpoint_power_w")).toBe(1_000);
    await home.step({ grid: 1_500, battery: 1_000 });
  }
  expect(home.told["setpoint_power_w"]?.sent).toEqual([1_000]);
  expect(home.control.undim(NOW)).toMatchObject({ ok: true });
  await home.step({ grid: 1_500, battery: 1_000 });
  expect(heldBy(home, "setpoint_power_w")).toBeNull();
});

test("by default one device may be dimmed to 4.2 kW, two to 7.56 kW", () => {
  const until = instantMs(600_000);
  const one = bench({ charger: CHARGER }).control;
  expect([one.dim(watts(4_199), until, NOW).ok, one.dim(watts(4_200), until, NOW).ok]).toEqual([false, true]);
  const two = bench({ charger: CHARGER, battery: BATTERY }).control;
  expect([two.dim(watts(7_559), until, NOW).ok, two.dim(watts(7_560), until, NOW).ok]).toEqual([false, true]);
});

test("a dimmed charger gets fewer amperes, pauses below its least, and is freed when the signal ends", async () => {
  const home = bench({ charger: CHARGER, limits: { ...NO_LIMITS, dimFloor: watts(1_000) } });
  home.control.dim(watts(5_000), instantMs(10_000), NOW);
  await home.step({ grid: 11_500, charger: 11_000 });
  await home.step({ grid: 5_330, charger: 4_830 });
  expect([heldBy(home, "evse_current_ma"), heldBy(home, "evse_enable")]).toEqual([7_000, 1]);
  home.control.dim(watts(1_000), instantMs(10_000), NOW);
  await home.step({ grid: 5_330, charger: 4_830 });
  await home.step({ grid: 500, charger: 0 });
  expect(heldBy(home, "evse_enable")).toBe(0);
  for (let second = 4; second < 11; second++) await home.step({ grid: 500, charger: 0 });
  expect([heldBy(home, "evse_current_ma"), heldBy(home, "evse_enable")]).toEqual([null, null]);
});

test("a charger at which no vehicle stands, or a full one, is told nothing", async () => {
  const home = bench({ charger: CHARGER });
  home.control.plan(instantMs(0), { battery: null, charger: wattHours(0) });
  await home.step({ grid: 500, charger: 0 }, { vehicle_state: 1 });
  expect(heldBy(home, "evse_enable")).toBe(0);
  await home.step({ grid: 500, charger: 0 }, { vehicle_state: 3 });
  expect(heldBy(home, "evse_enable")).toBeNull();
  await home.step({ grid: 500, charger: 0 }, { vehicle_state: 0 });
  expect(heldBy(home, "evse_enable")).toBeNull();
  await home.step({ grid: 500, charger: 0 }, { vehicle_state: 2 });
  expect(heldBy(home, "evse_enable")).toBe(0);
});

test("what a charger takes standing by is left alone where there is room", async () => {
  const home = bench({ charger: CHARGER, limits: { ...NO_LIMITS, import: watts(14_000) } });
  await home.step({ grid: 510, charger: 10 });
  expect([heldBy(home, "evse_current_ma"), heldBy(home, "evse_enable")]).toEqual([null, null]);
});

describe("a plant of which not all was sold", () => {
  const held = (home: Bench): number | null => heldBy(home, "limit_generation_w");
  const plan = (surplus: number) => ({
    ...{ battery: null, charger: null },
    plant: { surplus: wattHours(surplus), expected: wattHours(1_500) },
  });

  test("gives what was sold and what the home takes, follows its load, and comes back with the next slot", async () => {
    const home = bench({ pv: "plant" });
    home.control.plan(instantMs(0), plan(250)); // 1 kW
    await home.step({ grid: -5_500, plant: -6_000 });
    expect(held(home)).toBe(1_500);
    await home.step({ grid: -1_000, plant: -1_500 });
    expect(held(home)).toBe(1_500);
    await home.step({ grid: 1_500, plant: -1_500 }); // a kettle, and then some
    expect(held(home)).toBe(4_000);
    await home.step({ grid: -1_000, plant: -4_000 });
    await home.step({ grid: -3_500, plant: -4_000 });
    expect(held(home)).toBe(1_500);
    expect(home.control.reasonsFor("plant")).toEqual([]);
    await home.step({ grid: -1_000, plant: -1_500 });
    expect(home.control.unsoldIn(instantMs(0))).toBe(1_500);
    home.skipTo(900_000);
    await home.step({ grid: -1_000, plant: -1_500 });
    expect(held(home)).toBeNull();
    expect(home.control.unsoldIn(instantMs(900_000))).toBeNull();
  });

  test("is held to what was sold alone while the home's meter is silent", async () => {
    const home = bench({ pv: "plant" });
    home.control.plan(instantMs(0), plan(250));
    await home.step({ plant: -6_000 });
    expect(held(home)).toBe(1_000);
  });

  test("is bound by the home's export limit before what it sold", async () => {
    const home = bench({ pv: "plant", limits: { ...NO_LIMITS, export: watts(600) } });
    home.control.plan(instantMs(0), plan(250));
    await home.step({ grid: -5_500, plant: -6_000 });
    expect(held(home)).toBe(1_100);
    expect(home.control.reasonsFor("plant")).toEqual(["EXPORT_LIMIT"]);
  });

  test("is left alone in the dark, where it gives less than it may", async () => {
    const home = bench({ pv: "plant" });
    home.control.plan(instantMs(0), plan(0));
    await home.step({ grid: 490, plant: -10 });
    await home.step({ grid: 490, plant: -10 });
    expect(home.control.unsoldIn(instantMs(0))).toBeNull();
  });
});

/** A charger that takes every watt from its least on: what steps of an ampere leave out is seen in the next step. */
const FINE = rulesOf("evse_current_ma", { min: 2_000, max: 16_000, step: 1 });

test("whatever was awarded, the grid operator's signal and the connection's limits go first", async () => {
  const draws = fc.record({
    battery: fc.integer({ min: -1_250, max: 1_250 }),
    charger: fc.nat(2_750),
    surplus: fc.nat(2_000),
    load: fc.nat(6_000),
    sun: fc.nat(9_000),
    store: fc.integer({ min: -5_000, max: 5_000 }),
    car: fc.constantFrom(0, 1_380, 4_140, 9_000),
    importMax: fc.option(fc.nat(9_000)),
    exportMax: fc.option(fc.nat(9_000)),
    dimmed: fc.option(fc.integer({ min: 1_000, max: 9_000 })),
  });
  await fc.assert(
    fc.asyncProperty(draws, async (draw) => {
      const limits = {
        import: draw.importMax === null ? null : watts(draw.importMax),
        export: draw.exportMax === null ? null : watts(draw.exportMax),
        dimFloor: watts(1_000),
      };
      const home = bench({ pv: "plant", battery: BATTERY, charger: CHARGER, limits }, FINE);
      home.control.plan(instantMs(0), {
        ...{ battery: wattHours(draw.battery), charger: wattHours(draw.charger) },
        plant: { surplus: wattHours(draw.surplus), expected: wattHours(2_250) },
      });
      if (draw.dimmed !== null) home.control.dim(watts(draw.dimmed), instantMs(600_000), NOW);
      const grid = draw.load + draw.store + draw.car - draw.sun;
      await home.step({ grid, plant: -draw.sun, battery: draw.store, charger: draw.car });
      const [store, most] = [
        heldBy(home, "setpoint_power_w") ?? draw.store,
        heldBy(home, "limit_generation_w") ?? 10_000,
      ];
      const isOn = heldBy(home, "evse_enable") !== 0;
      const car = isOn ? Math.ceil(((heldBy(home, "evse_current_ma") ?? 0) * 230 * 3) / 1_000) : 0;
      const given = Math.min(draw.sun, most); // what the plant gives now, as far as it may
      const isIdle = store <= 0 && car === 0;
      if (draw.importMax !== null && !isIdle)
        expect(draw.load + store + car - given).toBeLessThanOrEqual(draw.importMax);
      const isHeld = store >= 0 && most === 0;
      const charged = draw.car >= 1_380 ? Math.min(draw.car, car) : 0;
      if (draw.exportMax !== null && !isHeld) {
        expect(most - draw.load - store - charged).toBeLessThanOrEqual(draw.exportMax + 1);
      }
      if (draw.dimmed !== null) {
        const own = Math.max(0, given - draw.load);
        expect(Math.max(0, store) + car).toBeLessThanOrEqual(draw.dimmed + own + Math.max(0, -store));
      }
    }),
    { numRuns: 1_000 },
  );
});
