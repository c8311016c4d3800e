import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { fitValue, isLooser, stricter } from "@micromarket/control";
import { LIMIT_RULES, SETPOINT_RULES } from "./control-rig.ts";

describe("fitting a wish", () => {
  test.each([
    { name: "a limit goes down to its step", rules: LIMIT_RULES, wish: 4_299, bound: null, fitted: 4_200 },
    { name: "a limit stays under another's", rules: LIMIT_RULES, wish: 9_000, bound: 7_050, fitted: 7_000 },
    { name: "a forbidden 0 becomes the step above", rules: LIMIT_RULES, wish: -3, bound: null, fitted: 100 },
    { name: "but not over another's limit", rules: LIMIT_RULES, wish: 0, bound: 50, fitted: null },
    { name: "a set-point goes towards 0", rules: SETPOINT_RULES, wish: -1_299, bound: null, fitted: -1_290 },
    { name: "a set-point knows no bound", rules: SETPOINT_RULES, wish: 1_299, bound: 10, fitted: 1_290 },
    { name: "the range ends it", rules: SETPOINT_RULES, wish: 70_000, bound: null, fitted: 5_000 },
    {
      name: "a reserve goes up",
      rules: { ...LIMIT_RULES, capability: "storage_reserve_ppm" as const },
      wish: 4_201,
      bound: 5_000,
      fitted: 5_000,
    },
  ])("$name", ({ rules, wish, bound, fitted }) => {
    expect(fitValue(rules, wish, bound)).toBe(fitted);
  });

  test("what is written is in range, on the grid, not forbidden, and no looser than the bound", () => {
    const rules = fc.record({
      base: fc.constantFrom(LIMIT_RULES, SETPOINT_RULES),
      min: fc.integer({ min: -50, max: 50 }),
      size: fc.nat(60),
      step: fc.integer({ min: 1, max: 9 }),
      forbid: fc.array(fc.integer({ min: -50, max: 110 }), { maxLength: 6 }),
    });
    const bounds = fc.option(fc.integer({ min: -60, max: 120 }));
    fc.assert(
      fc.property(
        rules,
        fc.integer({ min: -80, max: 140 }),
        bounds,
        ({ base, min, size, step, forbid }, wish, bound) => {
          const all = { ...base, range: { min, max: min + size, step }, forbid };
          const grid = Array.from({ length: Math.floor(size / step) + 1 }, (_, index) => min + index * step);
          const allowed = grid.filter(
            (value) => !forbid.includes(value) && (bound === null || !isLooser(base.capability, value, bound)),
          );
          const fitted = fitValue(all, wish, bound);
          if (fitted !== null) expect(allowed).toContain(fitted);
          else expect(allowed).toEqual([]);
        },
      ),
    );
  });

  test("the stricter of two", () => {
    expect(stricter("limit_export_w", 500, 300)).toBe(300);
    expect(stricter("storage_reserve_ppm", 500, 300)).toBe(500);
    expect(stricter("setpoint_power_w", 500, 300)).toBe(500);
    expect(stricter("evse_enable", 1, null)).toBe(1);
  });
});
