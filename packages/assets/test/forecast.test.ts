import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { DAY, HOUR, times, wattHours } from "@micromarket/kernel";
import { perfectForecast, persistenceForecast } from "@micromarket/assets";

const SIX_HOURS = times(HOUR, 6);
const series = [10, 20, 30, 40, 11, 21, 31, 41, 12].map(wattHours);

describe("forecasts", () => {
  test("perfect is the series itself", () => {
    expect(series.map((_, index) => perfectForecast(series)(index))).toEqual(series);
  });

  test("persistence repeats the day before; the first day is true", () => {
    const forecast = persistenceForecast(series, SIX_HOURS);
    expect(series.map((_, index) => forecast(index))).toEqual([10, 20, 30, 40, 10, 20, 30, 40, 11]);
  });

  test("after the first day, nobody sees a planted future", () => {
    const slots = fc.integer({ min: 5, max: 60 });
    fc.assert(
      fc.property(slots, fc.nat(), fc.integer({ min: 1 }), (count, at, planted) => {
        const day = 4;
        const now = day + (at % (count - day));
        const past = Array.from({ length: count }, (_, index) => wattHours(index));
        const other = past.map((value, index) => (index >= now ? wattHours(value + planted) : value));
        const [first, second] = [persistenceForecast(past, SIX_HOURS), persistenceForecast(other, SIX_HOURS)];
        for (let slot = day; slot < Math.min(now + day, count); slot++) expect(second(slot)).toBe(first(slot));
        expect(perfectForecast(other)(now)).not.toBe(perfectForecast(past)(now));
      }),
    );
  });

  test("a slot that the series lacks, or a slot length that does not divide a day, is a bug", () => {
    expect(() => perfectForecast(series)(9)).toThrow("none with number 9");
    expect(() => persistenceForecast(series, times(HOUR, 7))).toThrow("does not divide a day");
    expect(() => persistenceForecast(series, times(DAY, 2))).toThrow("does not divide a day");
  });
});
