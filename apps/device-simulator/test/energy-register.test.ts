import { describe, expect, test } from "@jest/globals";
import { instantMs, MINUTE, times, wattHours } from "@micromarket/kernel";
import fc from "fast-check";
import { energyRegister } from "../src/energy-register.ts";

const EPOCH = instantMs(Date.UTC(2026, 0, 1));
const QUARTER = times(MINUTE, 15);
const registerOf = (...energies: readonly number[]) => energyRegister(EPOCH, QUARTER, energies.map(wattHours));
const at = (minutes: number) => instantMs(EPOCH + minutes * 60_000);

describe("a register over a series", () => {
  test("counts each direction for itself, evenly inside a slot, and shows the slot's mean power", () => {
    const register = registerOf(100, -30, 0);
    expect(register(at(0))).toEqual({ imported: 0, exported: 0, power: 400 });
    expect(register(at(7.5))).toEqual({ imported: 50, exported: 0, power: 400 });
    expect(register(at(15))).toEqual({ imported: 100, exported: 0, power: -120 });
    expect(register(at(20))).toEqual({ imported: 100, exported: 10, power: -120 });
    expect(register(at(30))).toEqual({ imported: 100, exported: 30, power: 0 });
  });

  test("stands at zero before its epoch, and counts on when its series begins anew", () => {
    const register = registerOf(100, -30);
    expect(register(at(-1))).toEqual({ imported: 0, exported: 0, power: 400 });
    expect(register(at(30))).toEqual({ imported: 100, exported: 30, power: 400 });
    expect(register(at(5 * 30 + 20))).toEqual({ imported: 600, exported: 160, power: -120 });
    expect(() => registerOf()).toThrow("needs a slot");
  });

  test("never goes back, and is the exact sum at every slot's end", () => {
    const energies = fc.array(fc.integer({ min: -5_000, max: 5_000 }), { minLength: 2, maxLength: 8 });
    const steps = fc.array(fc.integer({ min: 0, max: 900_000 }), { maxLength: 30 });
    fc.assert(
      fc.property(energies, steps, (series, pauses) => {
        const register = registerOf(...series);
        let [now, imported, exported] = [0, 0, 0];
        for (const pause of pauses) {
          now += pause;
          const reading = register(instantMs(EPOCH + now));
          expect(reading.imported).toBeGreaterThanOrEqual(imported);
          expect(reading.exported).toBeGreaterThanOrEqual(exported);
          [imported, exported] = [reading.imported, reading.exported];
        }
        for (let slot = 1; slot < series.length; slot++) {
          const { imported: bought, exported: sold } = register(instantMs(EPOCH + slot * 900_000));
          expect(bought - sold).toBe(series.slice(0, slot).reduce((sum, energy) => sum + energy, 0));
        }
      }),
    );
  });
});
