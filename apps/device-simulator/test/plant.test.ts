/** Homes under control as books: every part's energy, at whatever moments somebody looks. */
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { battery, type StorageCommand } from "../src/plant/battery.ts";
import { charger } from "../src/plant/charger.ts";
import { WMS_PER_WH } from "../src/plant/energy.ts";
import { homePlant, type HomeFlows, type HomePlant, type SlotFlow } from "../src/plant/home-plant.ts";
import { pvInverter } from "../src/plant/pv-inverter.ts";
import { storageCell } from "../src/plant/storage-cell.ts";

const SPEC = { capacityWh: 4_000, chargeW: 3_000, dischargeW: 3_000, efficiencyPercent: 93, initialPercent: 40 };
const QUARTER_MS = 900_000;
const DAY_MS = 86_400_000;

/** A day's flows that repeat: night, morning, noon, evening. */
const FLOWS = [
  { loadW: 200, availablePvW: 0 },
  { loadW: 1_500, availablePvW: 700 },
  { loadW: 300, availablePvW: 5_000 },
  { loadW: 2_600, availablePvW: 90 },
];

interface Words {
  power: number | null;
  limitW: number;
  amperes: number;
}

/** A home whose battery, inverter and charger obey `words`. */
function home(words: Words, slotEnded?: (flow: SlotFlow) => void): HomePlant {
  const command: StorageCommand = {
    powerFor: (wish) => words.power ?? wish,
    reservePercent: 0,
    mayChargeFromGrid: true,
    timerAt: () => Infinity,
    expire: () => undefined,
  };
  const limit = {
    get limitW() {
      return words.limitW;
    },
    timerAt: () => Infinity,
    expire: () => undefined,
  };
  const offer = () => ({ currentA: words.amperes, phases: 3, isAllowed: true }) as const;
  const members = [
    pvInverter(limit),
    charger(7, "home-1", 0, offer, () => undefined),
    battery(SPEC, "self-consumption", command),
  ];
  const flowsAt = (at: number): HomeFlows => {
    const slot = Math.floor(at / QUARTER_MS);
    const flows = FLOWS[Math.floor(slot / 24) % FLOWS.length];
    return { ...(flows ?? { loadW: 0, availablePvW: 0 }), untilMs: (slot + 1) * QUARTER_MS };
  };
  return homePlant(0, 0, members, flowsAt, slotEnded);
}

/** Net energies of grid and parts in watt-milliseconds. */
function net({ inWms, outWms }: { inWms: number; outWms: number }): number {
  return inWms - outWms;
}

const words = fc.record({
  power: fc.option(fc.integer({ min: -4_000, max: 4_000 })),
  limitW: fc.constantFrom(Infinity, 0, 1_200),
  amperes: fc.integer({ min: 0, max: 16 }),
});

describe("a home under control", () => {
  test("counts at the grid exactly what its parts take and give, second by second", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(words, fc.integer({ min: 1, max: 30 })), { minLength: 1, maxLength: 8 }),
        (plan) => {
          const said: Words = { power: null, limitW: Infinity, amperes: 16 };
          const plant = home(said);
          let now = 0;
          for (const [next, seconds] of plan) {
            Object.assign(said, next);
            for (let second = 0; second < seconds; second++) {
              now += second % 3 === 0 ? 1_000 : 613_000;
              plant.advance(now, now);
              const parts = [...plant.members.values()];
              expect(net(plant.grid)).toBe(net(plant.load) + parts.reduce((sum, { counter }) => sum + net(counter), 0));
              const powers = parts.reduce((sum, { powerW }) => sum + powerW, 0);
              expect(FLOWS.map(({ loadW }) => loadW + powers)).toContain(plant.gridW());
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test("is the same whoever looks how often", () => {
    fc.assert(
      fc.property(words, fc.array(fc.integer({ min: 1, max: 7_000_000 }), { maxLength: 60 }), (said, looks) => {
        const told: SlotFlow[][] = [[], []];
        const [watched, alone] = told.map((flows) => home(said, (flow) => flows.push(flow))) as [HomePlant, HomePlant];
        let now = 0;
        for (const step of looks) watched.advance((now += step), now);
        const end = now + DAY_MS;
        watched.advance(end, end);
        alone.advance(end, end);
        expect([watched.grid.inWms, watched.grid.outWms]).toEqual([alone.grid.inWms, alone.grid.outWms]);
        expect(told[0]).toEqual(told[1]);
        expect(told[0]).toHaveLength(Math.floor(end / QUARTER_MS));
        for (const [name, { counter }] of watched.members) {
          const other = alone.members.get(name)?.counter;
          expect([name, counter.inWms, counter.outWms]).toEqual([name, other?.inWms, other?.outWms]);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("tells of each slot what went through the grid meter, and between which powers", () => {
    fc.assert(
      fc.property(
        words,
        fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 100, maxLength: 100 }),
        (said, looks) => {
          const flows: SlotFlow[] = [];
          const plant = home(said, (flow) => flows.push(flow));
          const seen = new Map<number, number[]>();
          let now = 0;
          for (const step of looks) {
            plant.advance((now += step), now);
            const slot = Math.floor(now / QUARTER_MS);
            if (now % QUARTER_MS > 0) seen.set(slot, [...(seen.get(slot) ?? []), plant.gridW()]);
          }
          let before = { imported: 0, exported: 0 };
          for (const [slot, { endMs, leastW, mostW, imported, exported }] of flows.entries()) {
            expect(endMs).toBe((slot + 1) * QUARTER_MS);
            for (const power of seen.get(slot) ?? []) expect([leastW <= power, power <= mostW]).toEqual([true, true]);
            const netWh = imported - before.imported - (exported - before.exported);
            expect(netWh).toBeGreaterThanOrEqual(leastW / 4 - 2);
            expect(netWh).toBeLessThanOrEqual(mostW / 4 + 2);
            before = { imported, exported };
          }
          expect(flows).toHaveLength(Math.floor(now / QUARTER_MS));
        },
      ),
      { numRuns: 60 },
    );
  });

  test("tells of a slot in which it was recalled as of any other", () => {
    const flows: SlotFlow[] = [];
    const said: Words = { power: 3_000, limitW: Infinity, amperes: 0 };
    const first = home(said, (flow) => flows.push(flow));
    first.advance(QUARTER_MS / 2, QUARTER_MS / 2);
    said.power = 0;
    const second = home(said, (flow) => flows.push(flow));
    second.recall(first.keep());
    second.advance(QUARTER_MS, QUARTER_MS);
    expect(flows).toEqual([{ endMs: QUARTER_MS, imported: 425, exported: 0, leastW: 200, mostW: 3_200 }]);
  });

  test("gives its car what it wanted, once a night", () => {
    const plant = home({ power: 0, limitW: Infinity, amperes: 16 });
    plant.advance(DAY_MS, DAY_MS);
    const first = plant.members.get("charger")?.counter.inWms ?? 0;
    plant.advance(1.5 * DAY_MS, 1.5 * DAY_MS);
    expect(plant.members.get("charger")?.counter.inWms).toBe(first);
    expect(first / WMS_PER_WH).toBeGreaterThan(5_999);
    expect(first / WMS_PER_WH).toBeLessThanOrEqual(30_000);
  });
});

describe("a battery's content", () => {
  test("is charge times efficiency less discharge through efficiency, and never leaves 0 to 100 %", () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: -3_000, max: 3_000 }), fc.integer({ min: 1, max: 7_200_000 })));
    fc.assert(
      fc.property(steps, fc.integer({ min: 50, max: 100 }), (plan, efficiencyPercent) => {
        const cell = storageCell({ ...SPEC, efficiencyPercent });
        let [charged, given] = [0n, 0n];
        for (const [power, ms] of plan) {
          const forMs = Math.min(ms, cell.longestMs(power, 0));
          cell.run(power, forMs);
          if (power > 0) charged += BigInt(power) * BigInt(forMs);
          else given -= BigInt(power) * BigInt(forMs);
          expect(cell.stateOfCharge()).toBeGreaterThanOrEqual(0);
          expect(cell.stateOfCharge()).toBeLessThanOrEqual(10_000);
        }
        const efficiency = BigInt(efficiencyPercent);
        const initial = BigInt(SPEC.capacityWh * WMS_PER_WH * 0.4) * efficiency * 100n;
        const units = initial + charged * efficiency * efficiency - given * 10_000n;
        const losses = charged * (100n - efficiency) * efficiency + given * (10_000n - 100n * efficiency);
        // What went in is what came out, what is there now and the losses.
        expect(initial + (charged - given) * efficiency * 100n).toBe(units + losses);
        expect(cell.storedWh()).toBeCloseTo(Number(units) / (WMS_PER_WH * efficiencyPercent * 100), 6);
      }),
    );
  });

  test("bears no power when it is full, or empty down to its reserve", () => {
    const cell = storageCell(SPEC);
    cell.run(2_000, cell.longestMs(2_000, 0));
    expect([cell.longestMs(1_000, 0), Math.round(cell.storedWh())]).toEqual([0, 4_000]);
    cell.run(-2_000, cell.longestMs(-2_000, 25));
    expect([cell.longestMs(-2_000, 25), Math.round(cell.storedWh())]).toEqual([0, 1_000]);
    expect(cell.longestMs(-1_000, 0)).toBeGreaterThan(0);
  });
});
