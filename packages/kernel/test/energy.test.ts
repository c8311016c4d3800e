import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  energyOfSeries,
  floorDivide,
  isMultiple,
  measured,
  missing,
  partsPerMillion,
  priceMicro,
  roundQuotient,
  splitLoss,
  valueOr,
  wattHours,
} from "@micromarket/kernel";

describe("energyOfSeries", () => {
  test("a year of thirds of a watt-hour loses nothing", () => {
    expect(energyOfSeries([1n, 1n, 1n, 1n, 1n, 1n], 1n, 3n)).toEqual([0, 1, 0, 0, 1, 0]);
  });

  test("every partial sum is the exact one, rounded: total exact to 1 Wh, signs kept", () => {
    const values = fc.array(fc.bigInt({ min: 0n, max: 10n ** 12n }), { maxLength: 50 });
    fc.assert(
      fc.property(values, fc.bigInt({ min: 1n, max: 10n ** 9n }), (series, denominator) => {
        const energies = energyOfSeries(series, 1n, denominator);
        const total = series.reduce((a, b) => a + b, 0n);
        expect(energies.reduce((a, b) => a + BigInt(b), 0n)).toBe(roundQuotient(total, denominator));
        expect(energies.every((energy) => energy >= 0)).toBe(true);
      }),
    );
  });
});

test.each([
  [7n, 2n, 3n, 4n],
  [-7n, 2n, -4n, -3n],
  [6n, 3n, 2n, 2n],
  [-1n, 3n, -1n, 0n],
])("%p / %p: floor %p, nearest %p (half up)", (dividend, divisor, floor, nearest) => {
  expect(floorDivide(dividend, divisor)).toBe(floor);
  expect(roundQuotient(dividend, divisor)).toBe(nearest);
});

test("isMultiple knows negative prices and zero", () => {
  expect([-10, 0, 10].every((price) => isMultiple(priceMicro(price), priceMicro(5)))).toBe(true);
  expect(isMultiple(priceMicro(-3), priceMicro(5))).toBe(false);
  expect(() => isMultiple(priceMicro(1), priceMicro(0))).toThrow("positive");
});

test("losses: what arrives and what is lost sum to what was sent", () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.nat(1_000_000), (sent, ppm) => {
      const { received, lost } = splitLoss(wattHours(sent), partsPerMillion(ppm));
      expect(BigInt(received)).toBe((BigInt(sent) * BigInt(1_000_000 - ppm)) / 1_000_000n);
      expect(received + lost).toBe(sent);
    }),
  );
  expect(() => partsPerMillion(1_000_001)).toThrow("partsPerMillion");
  expect(() => splitLoss(wattHours(-1), partsPerMillion(0))).toThrow("negative");
});

test("a missing reading has a reason and never becomes 0 by itself", () => {
  expect(valueOr(measured(0), () => -1)).toBe(0);
  expect(valueOr(missing("gap"), (reason) => reason)).toBe("gap");
});
