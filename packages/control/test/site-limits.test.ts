import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { measured, missing, partsPerMillion, watts } from "@micromarket/kernel";
import { groupMinimum, limitSite, shareOut, type SiteDevice, type SiteLimits } from "@micromarket/control";

const FREE: SiteLimits = { importMax: null, exportMax: null, groupMax: null };
const device = (id: string, kind: SiteDevice["kind"], wanted: number, more: Partial<SiteDevice> = {}): SiteDevice => ({
  ...{ id, kind, wanted: watts(wanted), measured: measured(watts(0)) },
  ...{ minimum: watts(0), floor: watts(0), priority: 0, isInGroup: true, ...more },
});
const powers = (meter: number, devices: readonly SiteDevice[], limits: Partial<SiteLimits>): number[] =>
  limitSite(measured(watts(meter)), devices, { ...FREE, ...limits }).allowed.map(({ power }) => power);

describe("limits of a site", () => {
  const charger = device("charger", "load", 11_000, { minimum: watts(4_140) });
  const battery = device("battery", "storage", 5_000);
  const pv = device("pv", "generator", -8_000);
  const sunny = { ...pv, measured: measured(watts(-8_000)) };

  test.each([
    { name: "no limit", meter: 500, devices: [charger, battery], limits: {}, allowed: [11_000, 5_000] },
    {
      name: "import, by proportion",
      meter: 500,
      devices: [charger, battery],
      limits: { importMax: watts(8_500) },
      allowed: [5_500, 2_500],
    },
    {
      name: "a charger below its minimum rests",
      meter: 500,
      devices: [charger, battery],
      limits: { importMax: watts(5_000) },
      allowed: [0, 4_500],
    },
    {
      name: "priority",
      meter: 0,
      devices: [charger, { ...battery, priority: 1 }],
      limits: { importMax: watts(9_500) },
      allowed: [4_500, 5_000],
    },
    {
      name: "floor",
      meter: 0,
      devices: [
        { ...charger, floor: watts(4_200) },
        { ...battery, priority: 1 },
      ],
      limits: { importMax: watts(6_000) },
      allowed: [4_200, 1_800],
    },
    { name: "zero export", meter: 1_000, devices: [pv], limits: { exportMax: watts(0) }, allowed: [-1_000] },
    {
      name: "discharge ends first",
      meter: 1_000,
      devices: [pv, device("battery", "storage", -3_000)],
      limits: { exportMax: watts(7_000) },
      allowed: [-8_000, 0],
    },
    {
      name: "group budget",
      meter: 500,
      devices: [charger, battery],
      limits: { groupMax: watts(7_560) },
      allowed: [5_197, 2_363],
    },
    {
      name: "generation comes on top of it",
      meter: -7_500,
      devices: [charger, battery, sunny],
      limits: { groupMax: watts(7_560) },
      allowed: [10_354, 4_706, -8_000],
    },
    {
      name: "what a plant might give, and does not, comes on top of nothing",
      meter: 500,
      devices: [charger, battery, pv],
      limits: { groupMax: watts(7_560) },
      allowed: [5_197, 2_363, -8_000],
    },
    {
      name: "what a plant gives feeds what the import limit leaves out",
      meter: -7_500,
      devices: [charger, battery, sunny],
      limits: { importMax: watts(6_000) },
      allowed: [9_281, 4_219, -8_000],
    },
    {
      name: "what it might give if it were not held back feeds nothing",
      meter: -1_500,
      devices: [charger, battery, { ...pv, measured: measured(watts(-2_000)) }],
      limits: { importMax: watts(6_000) },
      allowed: [5_156, 2_344, -8_000],
    },
    {
      name: "what a car might take, and does not, makes no room for a plant",
      meter: -6_000,
      devices: [charger, { ...pv, measured: measured(watts(-6_000)) }],
      limits: { exportMax: watts(1_000) },
      allowed: [11_000, -1_000],
    },
    {
      name: "and may not begin by more than both limits leave",
      meter: -6_000,
      devices: [charger, { ...pv, measured: measured(watts(-6_000)) }],
      limits: { importMax: watts(5_000), exportMax: watts(1_000) },
      allowed: [6_000, -1_000],
    },
    {
      name: "a battery goes on while the sun is only promised",
      meter: 0,
      devices: [
        device("charger", "load", 5_000, { measured: measured(watts(5_000)) }),
        device("battery", "storage", -5_000, { measured: measured(watts(-5_000)) }),
        pv,
      ],
      limits: { importMax: watts(1_000), exportMax: watts(0) },
      allowed: [5_000, -4_000, -1_000],
    },
    {
      name: "what plants give now is left to them first",
      meter: -5_000,
      devices: [
        device("east", "generator", -5_000, { measured: measured(watts(-5_000)) }),
        device("west", "generator", -5_000),
      ],
      limits: { exportMax: watts(5_000) },
      allowed: [-5_000, 0],
    },
    {
      name: "batteries do not feed each other",
      meter: 0,
      devices: [battery, device("old", "storage", -2_000)],
      limits: {},
      allowed: [3_000, 0],
    },
    { name: "a load does not give", meter: 0, devices: [device("boiler", "load", -500)], limits: {}, allowed: [0] },
  ])("$name", ({ meter, devices, limits, allowed }) => {
    expect(powers(meter, devices, limits)).toEqual(allowed);
  });

  test("without the meter, or a device's, nothing is taken for granted", () => {
    const limits = { ...FREE, exportMax: watts(5_000) };
    const blind = limitSite(missing("stale"), [charger, battery, pv], limits);
    expect(blind.allowed.map(({ power }) => power)).toEqual([4_140, 0, 0]);
    expect(blind.allowed[1]?.reasons).toEqual(["METER_MISSING"]);
    expect(blind.predicted).toBeNull();
    const half = [charger, { ...battery, measured: missing("device-silent") }];
    expect(limitSite(measured(watts(0)), half, limits).allowed.map(({ power }) => power)).toEqual([4_140, 0]);
  });

  test("a limit that no device can keep is told", () => {
    const site = limitSite(measured(watts(9_000)), [battery], { ...FREE, importMax: watts(6_000) });
    expect(site).toMatchObject({ predicted: { least: 9_000, most: 9_000 }, breaches: ["IMPORT_LIMIT"] });
    const out = limitSite(measured(watts(-9_000)), [], { ...FREE, exportMax: watts(6_000) });
    expect(out.breaches).toEqual(["EXPORT_LIMIT"]);
  });

  test("the least that a group is left", () => {
    expect([1, 2, 5].map((count) => groupMinimum(count, partsPerMillion(800_000)))).toEqual([4_200, 7_560, 17_640]);
    expect(() => groupMinimum(0, partsPerMillion(0))).toThrow("a group has devices");
  });
});

describe("whatever is wanted", () => {
  const kind = fc.constantFrom<SiteDevice["kind"]>("storage", "load", "generator");
  const power = fc.integer({ min: -9_000, max: 12_000 });
  const parts = fc.record({
    ...{ kind, wanted: power, now: power, minimum: fc.constantFrom(0, 0, 0, 1_380) },
    ...{ floor: fc.nat(2_000), priority: fc.nat(2), isInGroup: fc.boolean() },
  });
  const devices = fc.array(parts, { maxLength: 6 }).map((list) =>
    list.map((part, index) =>
      device(`d${index}`, part.kind, part.wanted, {
        ...{ measured: measured(watts(part.now)), minimum: watts(part.minimum), floor: watts(part.floor) },
        ...{ priority: part.priority, isInGroup: part.isInGroup },
      }),
    ),
  );
  const limit = fc.option(fc.nat(10_000).map(watts));
  const limits = fc.record({ importMax: limit, exportMax: limit, groupMax: limit });

  /** What can flow through a device that is allowed `power`, from the least to the most: it is the sun and the car that decide. */
  const span = (
    { kind: what, measured: now, minimum }: SiteDevice,
    most: number,
  ): readonly [low: number, high: number] => {
    const flows = now.kind === "value" ? (now.value as number) : 0;
    if (what === "storage") return [most, most];
    if (what === "generator") return [most, Math.max(most, Math.min(0, flows))];
    return [flows >= minimum ? Math.max(0, Math.min(most, flows)) : 0, most];
  };

  test("nothing is looser, batteries agree, and limits hold in every way that sun and cars may go", () => {
    fc.assert(
      fc.property(
        power,
        devices,
        limits,
        fc.array(fc.nat(100), { minLength: 6, maxLength: 6 }),
        (meter, list, bounds, ways) => {
          const site = limitSite(measured(watts(meter)), list, bounds);
          const allowed = site.allowed.map((each) => each.power as number);
          const rest = list.reduce((left, { measured: now }) => left - (now.kind === "value" ? now.value : 0), meter);
          for (const [index, each] of allowed.entries()) {
            const [wanted, minimum]: [number, number] = [list[index]?.wanted ?? 0, list[index]?.minimum ?? 0];
            expect(each * wanted >= 0 && Math.abs(each) <= Math.abs(wanted)).toBe(true);
            expect(each <= 0 || each >= minimum).toBe(true);
          }
          const stores = allowed.filter((_, index) => list[index]?.kind === "storage");
          expect(stores.some((each) => each > 0) && stores.some((each) => each < 0)).toBe(false);

          const spans = list.map((each, index) => span(each, allowed[index] ?? 0));
          const least = spans.reduce((flow, [low]) => flow + low, rest);
          const most = spans.reduce((flow, [, high]) => flow + high, rest);
          expect(site.predicted).toEqual({ least, most });
          const flows = spans.map(([low, high], index) => low + ((high - low) * (ways[index] ?? 0)) / 100);
          const flow = flows.reduce((sum, each) => sum + each, rest);
          const inflow = allowed.reduce((sum, each) => sum + Math.max(0, each), 0);
          const outflow = allowed.reduce((sum, each) => sum + Math.max(0, -each), 0);
          // where a limit is exceeded nothing that is controlled has a part in it
          if (bounds.importMax !== null && flow > bounds.importMax + 1e-6) expect(inflow).toBe(0);
          if (bounds.exportMax !== null && -flow > bounds.exportMax + 1e-6) expect(outflow).toBe(0);
          expect(site.breaches.includes("IMPORT_LIMIT")).toBe(bounds.importMax !== null && most > bounds.importMax);
          expect(site.breaches.includes("EXPORT_LIMIT")).toBe(bounds.exportMax !== null && -least > bounds.exportMax);
        },
      ),
      { numRuns: 3_000 },
    );
  });

  test("the grid operator's budget goes before every award, whatever the sun does", () => {
    fc.assert(
      fc.property(power, devices, limits, fc.nat(10_000), (meter, list, bounds, groupMax) => {
        const site = limitSite(measured(watts(meter)), list, { ...bounds, groupMax: watts(groupMax) });
        const allowed = site.allowed.map((each) => each.power as number);
        const rest = list.reduce((left, { measured: now }) => left - (now.kind === "value" ? now.value : 0), meter);
        const drawn = allowed.reduce(
          (sum, each, index) => sum + (list[index]?.isInGroup === true ? Math.max(0, each) : 0),
          0,
        );
        const given = list.reduce((sum, each, index) => {
          return each.kind === "generator" ? sum - span(each, allowed[index] ?? 0)[1] : sum;
        }, 0);
        const discharged = allowed.reduce(
          (sum, each, index) => sum + (list[index]?.kind === "storage" ? Math.max(0, -each) : 0),
          0,
        );
        expect(drawn).toBeLessThanOrEqual(groupMax + Math.max(0, given - rest) + discharged);
      }),
      { numRuns: 3_000 },
    );
  });

  test("the order of the devices does not matter", () => {
    fc.assert(
      fc.property(power, devices, limits, (meter, list, bounds) => {
        const one = limitSite(measured(watts(meter)), list, bounds).allowed;
        const two = limitSite(measured(watts(meter)), list.toReversed(), bounds).allowed;
        expect(two.toReversed()).toEqual(one);
      }),
      { numRuns: 200 },
    );
  });

  test("shares are exact where nobody has a minimum", () => {
    const wants = fc.array(fc.nat(9_000), { maxLength: 6 });
    fc.assert(
      fc.property(fc.nat(20_000), wants, (capacity, list) => {
        const claims = list.map((wanted, index) => ({
          id: `d${index}`,
          wanted,
          minimum: 0,
          floor: 100,
          priority: index % 2,
        }));
        const total = shareOut(capacity, claims).reduce((sum, share) => sum + share, 0);
        expect(total).toBe(
          Math.min(
            capacity,
            list.reduce((sum, wanted) => sum + wanted, 0),
          ),
        );
      }),
    );
  });
});
