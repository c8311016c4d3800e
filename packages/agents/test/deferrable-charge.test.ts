import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  instantMs,
  MINUTE,
  partyId,
  priceMicro,
  slotAfter,
  slotAt,
  tenderId,
  times,
  wattHours,
  watts,
} from "@micromarket/kernel";
import { chargerRoom, stepCharger, type ChargingSession } from "@micromarket/assets";
import { deferrableCharge, type DeferrableChargeView } from "@micromarket/agents";

const base: DeferrableChargeView = {
  ...{ party: partyId("home-1"), tender: tenderId("home-1/car") },
  ...{ needed: wattHours(4_000), committed: wattHours(0), most: wattHours(1_000), least: wattHours(400) },
  ...{ later: wattHours(7_000), low: priceMicro(100_000), cap: priceMicro(500_000), tick: priceMicro(1_000) },
};
const stepsOf = (more: Record<string, number>) =>
  deferrableCharge({
    ...base,
    ...Object.fromEntries(Object.entries(more).map(([name, value]) => [name, wattHours(value)])),
  })[0]?.steps.map(({ price, energy }) => [price, energy]) ?? [];

describe("deferrable charge", () => {
  test.each([
    { name: "half of the time is needed: half-way", more: {}, steps: [[300_000, 1_000]] },
    { name: "less time: dearer", more: { later: 4_000 }, steps: [[420_000, 1_000]] },
    { name: "no slack: at the cap", more: { later: 3_000 }, steps: [[500_000, 1_000]] },
    { name: "late: as much as goes, at the cap", more: { later: 1_000 }, steps: [[500_000, 1_000]] },
    {
      name: "some of it must run now",
      more: { later: 3_300 },
      steps: [
        [500_000, 700],
        [472_000, 300],
      ],
    },
    {
      name: "a little that must run is what runs at least",
      more: { later: 3_990 },
      steps: [
        [500_000, 400],
        [420_000, 600],
      ],
    },
    { name: "what is bought is not bought again", more: { later: 3_300, committed: 800 }, steps: [[472_000, 200]] },
    { name: "all is bought", more: { committed: 1_000 }, steps: [] },
    { name: "not there yet", more: { most: 0 }, steps: [] },
    { name: "full", more: { needed: 0 }, steps: [] },
    { name: "the last bit", more: { needed: 50, later: 0 }, steps: [[500_000, 50]] },
  ])("$name", ({ more, steps }) => {
    expect(stepsOf(more)).toEqual(steps);
  });

  test("leaves with all it needs wherever energy at the cap can be had, and never asks for more than it can take", () => {
    const quarter = times(MINUTE, 15);
    const parts = fc.record({
      arrival: fc.nat(5_400_000),
      stay: fc.integer({ min: 900_000, max: 20_000_000 }),
      share: fc.nat(100),
    });
    const fills = fc.array(fc.nat(100), { minLength: 40, maxLength: 40 });
    fc.assert(
      fc.property(parts, fills, ({ arrival, stay, share }, fill) => {
        const stayed = { arrival: instantMs(arrival), departure: instantMs(arrival + stay) };
        const session: ChargingSession = {
          ...stayed,
          needed: wattHours(50_000),
          powerMin: watts(1_380),
          powerMax: watts(11_040),
        };
        const slots = Array.from({ length: 40 }, (_, index) => slotAfter(slotAt(instantMs(0), quarter), index));
        const mostIn = (index: number): number => {
          const slot = slots[index];
          return slot === undefined ? 0 : chargerRoom(session, wattHours(0), slot).most;
        };
        const possible = slots.reduce((sum, _, index) => sum + mostIn(index), 0);
        const needed = wattHours(Math.floor((possible * share) / 100));
        const one = { ...session, needed };
        let delivered = wattHours(0);
        for (const [index, slot] of slots.entries()) {
          const room = chargerRoom(one, delivered, slot);
          const later = slots.slice(index + 1).reduce((sum, _, next) => sum + mostIn(index + 1 + next), 0);
          const open = {
            needed: wattHours(needed - delivered),
            most: room.most,
            least: room.least,
            later: wattHours(later),
          };
          const [tender] = deferrableCharge({ ...base, ...open });
          const steps = tender?.steps ?? [];
          expect(steps.reduce((sum, { energy }) => sum + energy, 0)).toBeLessThanOrEqual(room.most);
          const bought = steps.reduce((sum, { price, energy }) => {
            const energyWh: number = energy;
            return sum + (price === base.cap ? energyWh : Math.floor((energyWh * (fill[index] ?? 0)) / 100));
          }, 0);
          delivered = stepCharger(one, delivered, wattHours(bought), slot).delivered;
        }
        expect(delivered).toBe(needed);
      }),
    );
  });
});
