import { describe, expect, test } from "@jest/globals";
import { DAY, HOUR, instantMs, MINUTE, partsPerMillion, times, watts } from "@micromarket/kernel";
import { generateHomes, type PopulationOptions } from "@micromarket/simulation";
import { isWeekend, summernessOf } from "../src/season.ts";

/** Midnight of 1 January 2026 in Berlin, a Thursday. */
const NEW_YEAR = instantMs(1_767_222_000_000);
const YEAR_OF_HOURS = 8_760;

const options: PopulationOptions = { count: 3, seed: 7, start: NEW_YEAR, slotLength: HOUR, slotCount: 48 };

const sum = (values: readonly number[]): number => values.reduce((partial, value) => partial + value, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;

describe("a generated street", () => {
  test("is the same for the same seed, and another for another", () => {
    expect(generateHomes(options)).toEqual(generateHomes(options));
    const others = generateHomes({ ...options, seed: 8 });
    for (const [index, { load }] of generateHomes(options).entries()) expect(others[index]?.load).not.toEqual(load);
  });

  test("one more home changes no other", () => {
    expect(generateHomes({ ...options, count: 5 }).slice(0, 3)).toEqual(generateHomes(options));
    expect(generateHomes({ ...options, count: 5 }).map(({ id }) => id)).toEqual(
      [1, 2, 3, 4, 5].map((n) => `home-${n}`),
    );
  });

  test("one more day changes no day before", () => {
    const longer = generateHomes({ ...options, slotCount: 72 });
    for (const [index, { load, pv }] of generateHomes(options).entries()) {
      expect(longer[index]?.load.slice(0, 48)).toEqual(load);
      expect(longer[index]?.pv.slice(0, 48)).toEqual(pv);
    }
  });

  test("a later start shows the same days, to the Wh that rounding moves", () => {
    const later = generateHomes({ ...options, start: instantMs(NEW_YEAR + DAY), slotCount: 24 });
    for (const [index, { load, pv }] of generateHomes(options).entries()) {
      load
        .slice(24)
        .forEach((energy, slot) => expect(Math.abs((later[index]?.load[slot] ?? NaN) - energy)).toBeLessThanOrEqual(1));
      pv.slice(24).forEach((energy, slot) =>
        expect(Math.abs((later[index]?.pv[slot] ?? NaN) - energy)).toBeLessThanOrEqual(1),
      );
    }
  });

  test("finer slots cut the same energy: every hour's sum is right to 1 Wh, the whole exactly", () => {
    const quarters = generateHomes({ ...options, slotLength: times(MINUTE, 15), slotCount: 192 });
    for (const [index, { load }] of generateHomes(options).entries()) {
      const fine = quarters[index]?.load ?? [];
      expect(sum(fine)).toBe(sum(load));
      load.forEach((energy, hour) =>
        expect(Math.abs(sum(fine.slice(4 * hour, 4 * hour + 4)) - energy)).toBeLessThanOrEqual(1),
      );
    }
  });

  test("the local clock moves the sun", () => {
    const firstSun = (utcOffsetMinutes: number): number => {
      const sunny = { ...options, count: 1, pvShare: partsPerMillion(1_000_000), slotCount: 24, utcOffsetMinutes };
      return generateHomes(sunny)[0]?.pv.findIndex((energy) => energy > 0) ?? -1;
    };
    expect(firstSun(60)).toBe(8);
    expect(firstSun(240)).toBe(8 - 3);
  });

  test("nobody or everybody has PV where the share says so", () => {
    const withShare = (share: number): readonly boolean[] =>
      generateHomes({ ...options, count: 10, pvShare: partsPerMillion(share), slotCount: 24 }).map(
        ({ pv }) => sum(pv) > 0,
      );
    expect(new Set(withShare(0))).toEqual(new Set([false]));
    expect(new Set(withShare(1_000_000))).toEqual(new Set([true]));
    expect(new Set(withShare(500_000))).toEqual(new Set([true, false]));
  });

  test("times that are no whole minutes are a bug", () => {
    expect(() => generateHomes({ ...options, start: instantMs(1) })).toThrow("whole minute");
    expect(() => generateHomes({ ...options, slotLength: times(MINUTE, 0) })).toThrow("whole minutes");
  });
});

describe("a year of twenty homes", () => {
  const KILOWATTS = 5;
  const homes = generateHomes({
    ...options,
    count: 20,
    slotCount: YEAR_OF_HOURS,
    pvShare: partsPerMillion(1_000_000),
    nameplate: { least: watts(KILOWATTS * 1_000), most: watts(KILOWATTS * 1_000) },
  });
  const street = homes[0]?.load.map((_, slot) => sum(homes.map(({ load }) => load[slot] ?? 0))) ?? [];
  const hourOfDay = (hours: readonly number[], days: (day: number) => boolean): number =>
    mean(street.filter((_, slot) => days(Math.floor(slot / 24)) && hours.includes(slot % 24)));
  const weekday = (day: number): boolean => (day + 3) % 7 < 5;

  test("each home needs 1.8 to 7 MWh, and the street 3 to 5 MWh a home", () => {
    const yearly = homes.map(({ load }) => sum(load) / 1_000_000);
    expect(Math.min(...yearly)).toBeGreaterThan(1.8);
    expect(Math.max(...yearly)).toBeLessThan(7);
    expect(mean(yearly)).toBeGreaterThan(3);
    expect(mean(yearly)).toBeLessThan(5);
    expect(Math.max(...yearly) / Math.min(...yearly)).toBeGreaterThan(1.5);
  });

  test("each kW of PV gives 850 to 1100 kWh, 900 to 1100 on the street's mean", () => {
    const specific = homes.map(({ pv }) => sum(pv) / 1_000 / KILOWATTS);
    expect(Math.min(...specific)).toBeGreaterThan(850);
    expect(Math.max(...specific)).toBeLessThan(1_100);
    expect(mean(specific)).toBeGreaterThan(900);
  });

  test("no plant exceeds its nameplate, none gives at night, and June gives several times what December does", () => {
    for (const { pv } of homes) {
      expect(
        pv.every((energy, slot) => energy >= 0 && energy <= KILOWATTS * 1_000 + 1 && (slot % 24 > 3 || energy === 0)),
      ).toBe(true);
      const [june, december] = [sum(pv.slice(151 * 24, 181 * 24)), sum(pv.slice(334 * 24, 364 * 24))];
      expect(june / december).toBeGreaterThan(3);
      expect(june / december).toBeLessThan(12);
    }
  });

  test("weekdays peak in the evening, less in the morning, and sleep at night", () => {
    const evening = hourOfDay([18, 19, 20], weekday);
    const morning = hourOfDay([6, 7, 8], weekday);
    const night = hourOfDay([1, 2, 3], weekday);
    expect(evening / night).toBeGreaterThan(3);
    expect(morning / night).toBeGreaterThan(2);
    expect(evening).toBeGreaterThan(morning);
    expect(hourOfDay([10, 11, 12, 13], (day) => !weekday(day))).toBeGreaterThan(
      1.15 * hourOfDay([10, 11, 12, 13], weekday),
    );
  });

  test("a home is spiky where the street is not", () => {
    const peakOverMean = (series: readonly number[]): number => Math.max(...series) / mean(series);
    const single = mean(homes.map(({ load }) => peakOverMean(load)));
    expect(single).toBeGreaterThan(6);
    expect(single).toBeGreaterThan(2 * peakOverMean(street));
  });

  test("plants share their clouds but are not copies", () => {
    const correlation = (a: readonly number[], b: readonly number[]): number => {
      const [meanA, meanB] = [mean(a), mean(b)];
      const covariance = mean(a.map((value, index) => (value - meanA) * ((b[index] ?? 0) - meanB)));
      return covariance / Math.sqrt(mean(a.map((v) => (v - meanA) ** 2)) * mean(b.map((v) => (v - meanB) ** 2)));
    };
    const [first, second] = homes.map(({ pv }) => pv.filter((_, slot) => slot % 24 === 12));
    const shared = correlation(first ?? [], second ?? []);
    expect(shared).toBeGreaterThan(0.95);
    expect(shared).toBeLessThan(1);
  });
});

describe("the calendar", () => {
  test.each([
    ["1970-01-01, a Thursday", 0, false],
    ["1970-01-03, a Saturday", 2, true],
    ["1970-01-04, a Sunday", 3, true],
    ["1970-01-05, a Monday", 4, false],
    ["1969-12-28, a Sunday", -4, true],
    ["2026-11-21, a Saturday", 20_778, true],
  ])("%s", (_, day, weekend) => {
    expect(isWeekend(day)).toBe(weekend);
  });

  test("summer comes at midsummer, winter at midwinter, spring between", () => {
    const [midwinter2025, midsummer2026, equinox2026] = [20_443, 20_625, 20_532];
    expect(summernessOf(midwinter2025)).toBeLessThan(300);
    expect(summernessOf(midsummer2026)).toBeGreaterThan(999_000);
    expect(Math.abs(summernessOf(equinox2026) - 500_000)).toBeLessThan(20_000);
  });
});
