import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  instantMs,
  measured,
  MINUTE,
  missing,
  slotAt,
  times,
  wattHours,
  watts,
  type Measurement,
} from "@micromarket/kernel";
import { allotPosition, setPoint, type SlotProgress } from "@micromarket/control";

const slot = slotAt(instantMs(0), times(MINUTE, 15));
const roomy = measured({ into: wattHours(100_000), outOf: wattHours(100_000) });
const progress = (
  minute: number,
  energy: number | null,
  soFar: Measurement<number>,
  more: Partial<SlotProgress> = {},
) =>
  setPoint({
    ...{ slot, at: times(instantMs(60_000), minute), energy: energy === null ? null : wattHours(energy), room: roomy },
    soFar: soFar.kind === "value" ? measured(wattHours(soFar.value)) : soFar,
    ...{ inMax: watts(5_000), outMax: watts(4_000), ...more },
  });

describe("set-points", () => {
  test.each([
    { name: "at the start", minute: 0, energy: 500, soFar: measured(0), power: 2_000, reason: null },
    { name: "behind", minute: 5, energy: 500, soFar: measured(100), power: 2_400, reason: null },
    { name: "ahead", minute: 10, energy: 500, soFar: measured(450), power: 600, reason: null },
    { name: "done, and never turned round", minute: 10, energy: 500, soFar: measured(520), power: 0, reason: null },
    { name: "discharging", minute: 5, energy: -500, soFar: measured(-100), power: -2_400, reason: null },
    { name: "no measurement", minute: 5, energy: 500, soFar: missing("stale"), power: 2_000, reason: null },
    {
      name: "too much for the device",
      minute: 10,
      energy: -900,
      soFar: measured(0),
      power: -4_000,
      reason: "POWER_LIMIT",
    },
  ])("$name", ({ minute, energy, soFar, power, reason }) => {
    expect(progress(minute, energy, soFar)).toEqual({ kind: "power", power, reason });
  });

  test("a full battery takes nothing, of a silent one nothing is asked", () => {
    const full = measured({ into: wattHours(10), outOf: wattHours(9_000) });
    expect(progress(0, 500, measured(0), { room: full })).toMatchObject({ power: 40, reason: "STATE_OF_CHARGE" });
    expect(progress(0, 500, measured(0), { room: missing("device-silent") })).toMatchObject({
      power: 0,
      reason: "ROOM_MISSING",
    });
  });

  test("no award, no set-point", () => {
    expect(progress(0, null, measured(0))).toEqual({ kind: "release", reason: "NO_AWARD" });
  });

  test("a device that obeys ends with the slot's energy, however often it is told", () => {
    const steps = fc.array(fc.integer({ min: 1, max: 200_000 }), { maxLength: 20 });
    fc.assert(
      fc.property(fc.integer({ min: -900, max: 1_200 }), steps, (energy, gaps) => {
        let [at, wattMs]: [number, number] = [0, 0];
        for (const gap of [...gaps, 900_000]) {
          if (at >= 900_000) break;
          const soFar = measured(wattHours(Math.trunc(wattMs / 3_600_000)));
          const told = setPoint({
            ...{ slot, at: instantMs(at), energy: wattHours(energy), soFar, room: roomy },
            inMax: watts(90_000_000),
            outMax: watts(90_000_000),
          });
          const until = Math.min(900_000, at + gap);
          const toldW: number = told.kind === "power" ? told.power : 0;
          wattMs += toldW * (until - at);
          at = until;
        }
        expect(Math.abs(wattMs / 3_600_000 - energy)).toBeLessThanOrEqual(1.25);
      }),
    );
  });
});

describe("plans and the award", () => {
  const plans = [
    { id: "battery", energy: wattHours(500), priority: 0 },
    { id: "charger", energy: wattHours(1_500), priority: 1 },
    { id: "old battery", energy: wattHours(-300), priority: 0 },
  ];
  test.each([
    { name: "as planned", net: 2_000, energies: [500, 1_500, -300], unplaced: 0 },
    { name: "less was bought", net: 1_700, energies: [200, 1_500, -300], unplaced: 0 },
    { name: "much less", net: 900, energies: [0, 900, -300], unplaced: 0 },
    { name: "more than can be shed", net: -200, energies: [0, 0, -300], unplaced: -200 },
    { name: "more was bought", net: 2_100, energies: [500, 1_500, -200], unplaced: 0 },
    { name: "more than can be used", net: 2_400, energies: [500, 1_500, 0], unplaced: 100 },
  ])("$name", ({ net, energies, unplaced }) => {
    expect(allotPosition(wattHours(net), wattHours(300), plans)).toEqual({ energies, unplaced });
  });

  test("what flows and what is left over is what was bought, and no plan grows", () => {
    const energy = fc.integer({ min: -2_000, max: 2_000 });
    const list = fc.array(fc.record({ energy, priority: fc.nat(2) }), { maxLength: 5 });
    fc.assert(
      fc.property(energy, energy, list, (net, rest, parts) => {
        const each = parts.map((part, index) => ({
          id: `d${index}`,
          energy: wattHours(part.energy),
          priority: part.priority,
        }));
        const { energies, unplaced } = allotPosition(wattHours(net), wattHours(rest), each);
        expect(energies.reduce((sum, part) => sum + part, rest + unplaced)).toBe(net);
        for (const [index, part] of energies.entries()) {
          const plan: number = parts[index]?.energy ?? 0;
          expect(Math.abs(part) <= Math.abs(plan) && Math.sign(part) * Math.sign(plan) >= 0).toBe(true);
        }
      }),
    );
  });
});
