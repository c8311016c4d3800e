import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  energyOfPower,
  MINUTE,
  minus,
  plus,
  priceMicro,
  times,
  tradeValue,
  wattHours,
  watts,
} from "@micromarket/kernel";

describe("quantities", () => {
  test.each([0.5, NaN, Infinity, 2 ** 53, -(2 ** 53)])("refuse %p", (value) => {
    expect(() => wattHours(value)).toThrow("safe integer");
    expect(() => priceMicro(value)).toThrow("safe integer");
  });

  test("sums and differences stay safe integers or throw", () => {
    const most = wattHours(Number.MAX_SAFE_INTEGER);
    expect(() => plus(most, wattHours(1))).toThrow("safe integer");
    expect(minus(wattHours(3), wattHours(5))).toBe(-2);
  });

  test("multiples are whole and stay safe integers, or throw", () => {
    expect(times(MINUTE, 15)).toBe(900_000);
    expect(times(wattHours(-7), 3)).toBe(-21);
    expect(() => times(wattHours(4), 0.5)).toThrow("count must be a safe integer");
    expect(() => times(wattHours(2 ** 52), 2)).toThrow("product must be a safe integer");
  });

  test("there is no negative zero", () => {
    expect(Object.is(wattHours(-0), 0)).toBe(true);
    expect(Object.is(minus(wattHours(5), wattHours(5)), 0)).toBe(true);
  });

  test("the value of a trade is exact for every price and energy", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.maxSafeInteger(), (price, energy) => {
        expect(tradeValue(priceMicro(price), wattHours(energy))).toBe(BigInt(price) * BigInt(energy));
      }),
    );
  });

  test.each([
    [1000, 60, 1000],
    [2, 15, 1],
    [1, 15, 0],
    [-2, 15, 0],
    [-6, 15, -1],
  ])("%p W for %p min is %p Wh, half up", (power, minutes, energy) => {
    expect(energyOfPower(watts(power), times(MINUTE, minutes))).toBe(energy);
  });
});
