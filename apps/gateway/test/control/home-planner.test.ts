import { describe, expect, test } from "@jest/globals";
import { VEHICLE_STATES } from "@micromarket/assets";
import { zoneClock } from "@micromarket/data-files";
import type { Control } from "@micromarket/device-profiles";
import type { GateClosed } from "@micromarket/engine";
import {
  assert,
  durationMs,
  instantMs,
  measured,
  partsPerMillion,
  priceMicro,
  wattHours,
  watts,
  type InstantMs,
  type PriceMicro,
} from "@micromarket/kernel";
import { marketRules } from "@micromarket/testkit";
import { ControlRoom } from "../../src/control/control-room.ts";
import type { HomePlan } from "../../src/control/home-control.ts";
import { HomePlanner } from "../../src/control/home-planner.ts";
import type { HomeConfig } from "../../src/gateway-config.ts";
import { HOMES } from "../memory-street.ts";
import { memoryOf, rulesOf, TestTime, toldDevice } from "./told-device.ts";

const ZONE = zoneClock("UTC");
assert(ZONE !== null && HOMES[0] !== undefined, "there are UTC and a home");
const SLOT = instantMs(Date.UTC(2026, 5, 1, 12));
const NIGHT = instantMs(Date.UTC(2026, 5, 2, 6));
const [LOAD, PV] = [wattHours(300), wattHours(700)];
const BATTERY = {
  ...{ device: "battery", capacity: wattHours(10_000), charge: watts(4_000), discharge: watts(4_000) },
  ...{ efficiency: partsPerMillion(950_000), reserve: partsPerMillion(100_000), cycleCost: priceMicro(0) },
};
const CHARGER = {
  ...{ device: "charger", energy: wattHours(2_000), byMinute: 7 * 60, zone: ZONE, least: watts(1_380) },
  ...{ most: watts(4_000), limit: priceMicro(320_000) },
};
const PRICES = [0, 50_000, 100_000, 150_000, 190_000, 250_000, 300_000, 320_000, 400_000, 900_000].map(priceMicro);

function plannerOf(
  changes: Partial<HomeConfig>,
  car: (typeof VEHICLE_STATES)[number] = "connected",
  controls: ReadonlyMap<string, readonly Control[]> = new Map(),
) {
  const home = { ...(HOMES[0] as HomeConfig), ...changes };
  const time = new TestTime();
  const rules = marketRules({ slotLength: durationMs(900_000) });
  const room = new ControlRoom({
    noteDim: () => undefined,
    config: { name: "site", homes: [home], devices: [], rules, isControlEnabled: true },
    controls,
    clock: { now: () => instantMs(time.ms), factor: null },
    time: { wallNow: () => instantMs(time.ms), elapsedMs: () => time.ms, after: time.after },
    ...{ memory: memoryOf(), isProgramOpen: true, tell: () => undefined },
  });
  const say = (device: string, point: "state_of_charge_ppm" | "vehicle_state" | "session_wh", value: number): void => {
    room.board.note({ device, readings: [{ point, at: instantMs(time.ms), value: measured(value) }] });
  };
  if (home.battery !== null) say("battery", "state_of_charge_ppm", 500_000);
  if (home.charger !== null) say("charger", "vehicle_state", VEHICLE_STATES.indexOf(car));
  const prices = { tariff: priceMicro(320_000), feedIn: priceMicro(80_000) };
  const planner = new HomePlanner({ homes: [home], rules, prices }, room, () => instantMs(time.ms));
  return { home, room, planner, say };
}

/** The home tenders, and the market clears at `price` with all that wants it. */
function clearedAt(
  { home, room, planner }: ReturnType<typeof plannerOf>,
  slot: InstantMs,
  price: PriceMicro | null,
  unsold = 0,
) {
  const tenders = planner
    .tenders(home, slot, { load: LOAD, pv: PV })
    .flatMap((command) => (command.type === "SubmitTender" ? [command.tender] : []));
  let net = 0;
  const fills = tenders.map(({ id, side, steps }) => {
    const isIn = ({ price: limit }: (typeof steps)[number]): boolean =>
      price !== null && (limit === null || (side === "buy" ? limit >= price : limit <= price));
    const all = steps.filter(isIn).reduce((sum, step) => sum + step.energy, 0);
    const energy = side === "sell" ? Math.max(0, all - unsold) : all;
    net += side === "buy" ? energy : -energy;
    return { id, energy: wattHours(energy), price };
  });
  const closed: Pick<GateClosed, "slot" | "tenders"> & { readonly result: object } = {
    ...{ slot, tenders, result: { price, fills } },
  };
  planner.cleared(closed as GateClosed);
  const [control] = room.homes;
  assert(control !== undefined, "there is the home");
  const { battery, charger } = control.outstanding(slot);
  return { net, battery, charger, tenders };
}

describe("a battery", () => {
  test("buys low and sells high, and what is planned adds up to what the home got", () => {
    const plans = PRICES.map((price) => clearedAt(plannerOf({ battery: BATTERY }), SLOT, price));
    for (const { net, battery, charger } of plans) {
      expect([charger, (battery ?? 0) + LOAD - PV]).toEqual([null, net]);
    }
    const flows = plans.map(({ battery }) => battery ?? 0);
    expect(flows).toEqual(flows.toSorted((a, b) => b - a));
    expect([flows[0], flows.at(-1)]).toEqual([1_000, -1_000]);
  });

  test("that could sell at the same price all night sells at once, below the supplier, and not at the end", () => {
    const bench = plannerOf({ battery: BATTERY });
    const tariff = priceMicro(320_000);
    clearedAt(bench, SLOT, tariff); // from now on that is what is expected of every slot
    const next = instantMs(SLOT + 900_000);
    const { battery, tenders } = clearedAt(bench, next, tariff);
    expect(battery).toBe(-1_000);
    const [lowest] = tenders.flatMap(({ side, steps }) => (side === "sell" ? steps.slice(-1) : []));
    expect(lowest?.price).toBeLessThan(tariff);
  });

  test("that does not say what it holds trades nothing", () => {
    const silent = plannerOf({ battery: BATTERY });
    silent.say("battery", "state_of_charge_ppm", 1_000_001);
    expect(clearedAt(silent, SLOT, priceMicro(80_000))).toMatchObject({ battery: 0, net: LOAD - PV });
  });

  test("and a charger share one position without trading with each other", () => {
    for (const price of PRICES) {
      const { net, battery, charger, tenders } = clearedAt(
        plannerOf({ battery: BATTERY, charger: CHARGER }),
        NIGHT,
        price,
      );
      expect((battery ?? 0) + (charger ?? 0) + LOAD - PV).toBe(net);
      const limits = (side: "buy" | "sell"): readonly number[] =>
        tenders.flatMap((tender) => (tender.side === side ? tender.steps.flatMap(({ price: p }) => p ?? []) : []));
      expect(Math.max(-1, ...limits("buy"))).toBeLessThan(Math.min(2e6, ...limits("sell")));
    }
  });
});

describe("a plant that can be told to give less", () => {
  const [reserve, below, above] = [priceMicro(80_000), priceMicro(79_999), priceMicro(80_001)];
  const controls = new Map([["pv-1", [toldDevice(rulesOf("limit_generation_w")).control]]]);
  /** What it is held to in the slot, and the battery's plan, where the home's tenders were filled by `sold` less. */
  const heldAt = (price: PriceMicro | null, unsold = 0, changes: Partial<HomeConfig> = {}, told = controls) => {
    const bench = plannerOf(changes, "connected", told);
    const plans: HomePlan[] = [];
    const [control] = bench.room.homes;
    assert(control !== undefined, "there is the home");
    const plan = control.plan.bind(control);
    control.plan = (slot, next) => {
      plans.push(next);
      plan(slot, next);
    };
    clearedAt(bench, SLOT, price, unsold);
    return plans[0];
  };

  test.each([
    ["is free where it gets more than its reserve", above, 0, undefined],
    ["is free where all of it was taken at its reserve", reserve, 0, undefined],
    ["is held to what was taken at its reserve", reserve, 150, { surplus: 250, expected: PV }],
    ["is held to nothing below its reserve", below, 0, { surplus: 0, expected: PV }],
    ["is held to nothing where nothing was traded", null, 400, { surplus: 0, expected: PV }],
  ] as const)("%s", (_, price, unsold, plant) => {
    expect(heldAt(price, unsold)?.plant).toEqual(plant);
  });

  test("is the first that gives less; what its battery sold is not cut for it", () => {
    const dear = { pvReserve: priceMicro(900_000) };
    const [held, free] = [controls, new Map<string, Control[]>()].map((told) =>
      heldAt(priceMicro(400_000), 400, { ...dear, battery: BATTERY }, told),
    );
    expect(held).toMatchObject({ battery: -1_000, plant: { surplus: 1_000, expected: PV } });
    expect(free).toEqual({ battery: -600, charger: null });
  });

  test("that cannot be told anything is planned as it is", () => {
    expect(heldAt(below, 0, {}, new Map())?.plant).toBeUndefined();
  });
});

describe("a charger", () => {
  test("waits while it is dear and there is time, and takes it where there is none", () => {
    const dear = priceMicro(900_000);
    expect(clearedAt(plannerOf({ charger: CHARGER }), SLOT, dear).charger).toBe(0);
    expect(clearedAt(plannerOf({ charger: CHARGER }), SLOT, priceMicro(100_000)).charger).toBeGreaterThan(0);
    const late = instantMs(Date.UTC(2026, 5, 2, 6, 45));
    expect(clearedAt(plannerOf({ charger: CHARGER }), late, dear).charger).toBe(1_000);
  });

  test.each(["none", "charged"])("buys nothing without a vehicle that wants it: %s", (car) => {
    const state =
      VEHICLE_STATES.find((each) => each === car) ??
      VEHICLE_STATES.find((each) => !["connected", "charging"].includes(each));
    expect(clearedAt(plannerOf({ charger: CHARGER }, state), NIGHT, priceMicro(0)).charger).toBe(0);
  });

  test("buys no more than the session still needs", () => {
    const bench = plannerOf({ charger: { ...CHARGER, energy: wattHours(300) } });
    expect(clearedAt(bench, SLOT, priceMicro(0)).charger).toBe(300);
  });
});

test("no trade, no plan: the home's own flows are left alone", () => {
  const bench = plannerOf({ battery: BATTERY });
  bench.planner.tenders(bench.home, SLOT, { load: LOAD, pv: PV });
  const unpriced = { slot: SLOT, tenders: [], result: { price: null, fills: [] } } as unknown as GateClosed;
  bench.planner.cleared(unpriced);
  expect(bench.room.homes[0]?.outstanding(SLOT)).toEqual({ battery: 0, charger: null });
});
