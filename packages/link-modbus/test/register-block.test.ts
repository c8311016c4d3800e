/** Which registers are asked for together. */
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { loadProfile, registersOf, type PointSpec, type RegisterType } from "../src/index.ts";
import { planBlocks, splitBlock, type RegisterBlock } from "../src/register-block.ts";

const [template] = loadProfile("eastron-sdm630")?.points ?? [];
if (template === undefined) throw new Error("the profile has no points");
const at = (address: number, type: RegisterType = "float32", code: 3 | 4 = 4): PointSpec => ({
  ...template,
  address,
  type,
  function: code,
});
const shape = (blocks: readonly RegisterBlock[]): number[][] =>
  blocks.map((block) => [block.function, block.address, block.count]);

describe("planBlocks", () => {
  test("joins neighbours, keeps functions apart, reads small gaps along", () => {
    const limits = { maxRegisters: 80, maxGapRegisters: 2 };
    const points = [at(10), at(0), at(2), at(6), at(14), at(2, "int16", 3)];
    expect(shape(planBlocks(points, limits))).toEqual([
      [3, 2, 1],
      [4, 0, 16],
    ]);
    expect(shape(planBlocks(points, { ...limits, maxGapRegisters: 1 }))).toEqual([
      [3, 2, 1],
      [4, 0, 4],
      [4, 6, 2],
      [4, 10, 2],
      [4, 14, 2],
    ]);
  });

  test("the SDM630 takes two requests", () => {
    const profile = loadProfile("eastron-sdm630");
    expect(profile === null ? [] : shape(planBlocks(profile.points, profile))).toEqual([
      [4, 0x00, 18],
      [4, 0x34, 24],
    ]);
  });

  const points = fc.array(
    fc.record({
      address: fc.integer({ min: 0, max: 400 }),
      type: fc.constantFrom<RegisterType>("int16", "float32", "uint64"),
      code: fc.constantFrom<3 | 4>(3, 4),
    }),
    { minLength: 1, maxLength: 30 },
  );

  test("holds every point once, inside the limits, however it is split", () => {
    fc.assert(
      fc.property(points, fc.integer({ min: 4, max: 125 }), fc.integer({ min: 0, max: 20 }), (list, max, gap) => {
        const specs = list.map(({ address, type, code }) => at(address, type, code));
        const blocks = planBlocks(specs, { maxRegisters: max, maxGapRegisters: gap });
        for (const plan of [blocks, blocks.flatMap((block) => splitBlock(block) ?? [block])]) {
          expect(new Set(plan.flatMap((block) => block.points))).toEqual(new Set(specs));
          expect(plan.flatMap((block) => block.points)).toHaveLength(specs.length);
          for (const block of plan) {
            expect(block.count).toBeLessThanOrEqual(max);
            for (const point of block.points) {
              expect(point.function).toBe(block.function);
              expect(point.address).toBeGreaterThanOrEqual(block.address);
              expect(point.address + registersOf(point.type)).toBeLessThanOrEqual(block.address + block.count);
            }
          }
        }
      }),
    );
  });
});
