import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { wattHours } from "@micromarket/kernel";
import { stepLoad, stepPv } from "@micromarket/assets";

describe("load", () => {
  test("what is demanded flows in", () => {
    expect(stepLoad(wattHours(250))).toEqual({ energy: 250 });
    expect(() => stepLoad(wattHours(-1))).toThrow("must not be negative");
  });
});

describe("PV", () => {
  test.each([
    { available: 500, limit: null, energy: -500, curtailed: 0 },
    { available: 500, limit: 800, energy: -500, curtailed: 0 },
    { available: 500, limit: 500, energy: -500, curtailed: 0 },
    { available: 500, limit: 120, energy: -120, curtailed: 380 },
    { available: 500, limit: 0, energy: 0, curtailed: 500 },
    { available: 0, limit: null, energy: 0, curtailed: 0 },
  ])("$available Wh under the limit $limit", ({ available, limit, energy, curtailed }) => {
    expect(stepPv(wattHours(available), limit === null ? null : wattHours(limit))).toEqual({ energy, curtailed });
  });

  test("no energy appears or vanishes, and none flows in", () => {
    const wh = fc.nat().map(wattHours);
    fc.assert(
      fc.property(wh, fc.option(wh), (available, limit) => {
        const { energy, curtailed } = stepPv(available, limit);
        expect(curtailed - energy).toBe(available);
        expect(energy <= 0 && curtailed >= 0 && -energy <= (limit ?? available)).toBe(true);
      }),
    );
  });

  test("negative input is a bug", () => {
    expect(() => stepPv(wattHours(-1), null)).toThrow("must not be negative");
    expect(() => stepPv(wattHours(1), wattHours(-1))).toThrow("must not be negative");
  });
});
