/** Types, "not implemented" by type, scale factors: one row each; then maps of random registers. */
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { instantMs, measured, missing, ok } from "@micromarket/kernel";
import { loadSunspecProfile, SunspecDevice, type SunspecProfile } from "../../src/index.ts";
import type { SunspecType } from "../../src/sunspec/model-table.ts";
import { planReads } from "../../src/sunspec/plan-reads.ts";
import { findBase, walkMap, type Ask } from "../../src/sunspec/sunspec-map.ts";
import { scalePlace } from "../../src/sunspec/read-model.ts";
import { placeOfPoint, tableOf } from "../../src/sunspec/sunspec-models.ts";
import { numberOf, scaleOf, textOf } from "../../src/sunspec/sunspec-value.ts";

const NOT_IMPLEMENTED: readonly (readonly [SunspecType, string])[] = [
  ["int16", "8000"],
  ["sunssf", "8000"],
  ["uint16", "FFFF"],
  ["enum16", "FFFF"],
  ["bitfield16", "FFFF"],
  ["count", "FFFF"],
  ["int32", "80000000"],
  ["uint32", "FFFFFFFF"],
  ["enum32", "FFFFFFFF"],
  ["bitfield32", "FFFFFFFF"],
  ["int64", "8000000000000000"],
  ["uint64", "FFFFFFFFFFFFFFFF"],
  ["acc16", "0000"],
  ["acc32", "00000000"],
  ["acc64", "0000000000000000"],
  ["float32", "7FC00000"],
  ["float32", "FFC00001"],
  ["float32", "7F800000"],
  ["float64", "7FF8000000000000"],
];
const NO_SCALE = measured(0);

function wordsOf(hex: string): readonly number[] {
  return (hex.match(/.{4}/g) ?? []).map((word) => Number.parseInt(word, 16));
}

test.each(NOT_IMPLEMENTED)("%s %s is not implemented; the number beside it is one", (type, hex) => {
  const words = wordsOf(hex);
  expect(numberOf(type, words, NO_SCALE, 0)).toEqual(missing("not-reported"));
  if (type.startsWith("float")) return;
  const beside = [...words.slice(0, -1), (words.at(-1) ?? 0) === 0xffff ? 0xfffe : (words.at(-1) ?? 0) + 1];
  const isTooLong = type === "uint64" || type === "int64";
  expect(numberOf(type, beside, NO_SCALE, 0)).toMatchObject(isTooLong ? missing("out-of-range") : { kind: "value" });
});

test.each([
  ["int16", "FFFF", 1, 0, -10],
  ["uint16", "FFFE", 2, 0, 6_553_400],
  ["acc32", "FFFFFFFF", 10, 0, 42_949_672_950_000_000_000],
  ["acc32", "00000001", 3, 0, 1_000],
  ["uint64", "001FFFFFFFFFFFFF", 0, 0, Number.MAX_SAFE_INTEGER],
  ["int16", "8001", -1, 3, -3_276_700],
  ["uint16", "0005", -1, 0, 1],
  ["uint16", "0004", -1, 0, 0],
  ["float32", "BF000000", 0, 3, -500],
] as const)("%s %s × 10^%d in 10^−%d is %d", (type, hex, scale, pow10, value) => {
  const expected = Math.abs(value) > Number.MAX_SAFE_INTEGER ? missing("out-of-range") : measured(value);
  expect(numberOf(type, wordsOf(hex), measured(scale), pow10)).toEqual(expected);
});

test("a scale factor is from −10 to 10, or there is none; without it there is no value", () => {
  expect([0x8000, 11, 0xfff5, 10, 0xfff6, 0].map(scaleOf)).toEqual([
    missing("not-reported"),
    missing("out-of-range"),
    missing("out-of-range"),
    measured(10),
    measured(-10),
    measured(0),
  ]);
  expect(numberOf("int16", [5], missing("not-reported"), 0)).toEqual(missing("not-reported"));
});

test("a text ends at its first NUL; nothing but NULs is none", () => {
  const text = (hex: string): unknown => textOf({ type: "string" }, wordsOf(hex));
  expect([text("4142 4300 5A5A".replaceAll(" ", "")), text("00000000"), text("20410000")]).toEqual([
    measured("ABC"),
    missing("not-reported"),
    measured("A"),
  ]);
});

test("values and scale factors that one answer cannot hold: scale factors on both sides of the value", () => {
  const places = ["W", "Hz", "TotWhInj"].flatMap((name) => placeOfPoint(701, name) ?? []);
  const plan = planReads(places, (place) => scalePlace(701, place), 100);
  expect(plan.blocks.length).toBe(2);
  expect(plan.blocks[0]).toMatchObject({ offset: 0 });
  expect([plan.before?.offset, plan.after]).toEqual([115, null]);
  const meter = ["W", "TotWhImp"].flatMap((name) => placeOfPoint(203, name) ?? []);
  expect(planReads(meter, (place) => scalePlace(203, place), 100)).toEqual({
    blocks: [{ offset: 0, count: 55 }],
    before: null,
    after: null,
  });
});

/** A source of words; what lies outside is refused. */
function askOf(words: ReadonlyMap<number, number>): Ask {
  return async (address, count) => {
    const asked = Array.from({ length: count }, (_, index) => words.get(address + index));
    const isThere = asked.every((word) => word !== undefined);
    return Promise.resolve(isThere ? ok(asked) : { ok: false, error: { code: "EXCEPTION", exception: 2 } });
  };
}

const WALK = { bases: [40_000, 50_000, 0], endsByException: false, secondIdentityIsDevice: true };

describe("walks", () => {
  const walk = async (...models: readonly (readonly [number, number])[]): Promise<unknown> => {
    const words = [
      0x5375,
      0x6e53,
      ...models.flatMap(([id, length]) => [id, length, ...Array.from({ length: Math.min(length, 70) }, () => 0)]),
    ];
    return walkMap(askOf(new Map(words.map((word, index) => [40_000 + index, word]))), 40_000, WALK);
  };

  test("more than 200 models, no model 1 first, no end, an end behind 65535", async () => {
    const many = Array.from({ length: 201 }, (): [number, number] => [64_000, 1]);
    const rows = [
      await walk([1, 66], ...many, [0xffff, 0]),
      await walk([103, 50], [0xffff, 0]),
      await walk([1, 66]),
      await walk([1, 65_000]),
      await walk([0xffff, 0]),
    ];
    expect(rows.map((row) => JSON.stringify(row))).toEqual(
      Array.from({ length: 5 }, () => expect.stringContaining("MAP_INVALID")),
    );
    expect(await walk([1, 66], [64_000, 0], [0xffff, 0])).toMatchObject({ ok: true, value: { endedBy: "marker" } });
  });

  test("an end mark without a length", async () => {
    const words = [0x5375, 0x6e53, 1, 66, ...Array.from({ length: 66 }, () => 0), 0xffff];
    const ask = askOf(new Map(words.map((word, index) => [index, word])));
    expect(await findBase(ask, WALK.bases)).toEqual(ok(0));
    expect(await walkMap(ask, 0, WALK)).toMatchObject({ ok: true, value: { endedBy: "marker" } });
  });
});

/** A model of which nothing is implemented. */
function absentBody(id: number, length: number): readonly number[] {
  const words = Array.from({ length: length + 2 }, () => 0);
  for (const { offset, type } of tableOf(id)?.points.values() ?? []) {
    const [, hex = ""] = NOT_IMPLEMENTED.find(([name]) => name === type) ?? [];
    for (const [index, word] of wordsOf(hex).entries()) words[offset + index] = word;
  }
  return words.slice(2, length + 2);
}

test("random registers behind a right header: every reading is there once, sane, and never 0 for what is absent", async () => {
  const profile = loadSunspecProfile("sunspec-inverter") as SunspecProfile;
  const word = fc.oneof(fc.constantFrom(0, 0x8000, 0xffff, 0x7fc0, 1, 10, 0xfff6), fc.integer({ min: 0, max: 0xffff }));
  const shape = fc.array(
    fc.tuple(fc.constantFrom(1, 101, 103, 113, 120, 122, 123, 160, 701, 702, 999), fc.integer({ min: 0, max: 160 })),
    { maxLength: 6 },
  );
  await fc.assert(
    fc.asyncProperty(
      shape,
      fc.array(word, { minLength: 50, maxLength: 400 }),
      fc.boolean(),
      async (models, noise, isAbsent) => {
        let next = 0;
        const chain: readonly (readonly [number, number])[] = [[1, 66], ...models];
        const body = ([id, length]: readonly [number, number]): readonly number[] =>
          isAbsent ? absentBody(id, length) : Array.from({ length }, () => noise[next++ % noise.length] ?? 0);
        const words = [0x5375, 0x6e53, ...chain.flatMap((model) => [...model, ...body(model)]), 0xffff, 0];
        const ask = askOf(new Map(words.map((one, index) => [40_000 + index, one])));
        const link = { read: async ({ address, count }: { address: number; count: number }) => ask(address, count) };
        const device = new SunspecDevice({ device: "x", link, profile, unit: 1 });
        for (let poll = 0; poll < 2; poll++) {
          const { readings } = await device.poll(() => instantMs(1));
          expect(readings.map(({ point }) => point)).toEqual(profile.points.map(({ point }) => point));
          for (const { value } of readings) {
            if (value.kind === "value") expect(Number.isSafeInteger(value.value)).toBe(true);
            if (isAbsent && value.kind === "value") throw new Error(`absent, and yet ${value.value}`);
          }
        }
      },
    ),
  );
});
