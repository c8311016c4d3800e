/** All shipped profiles at once: what a slip of the pen in one of them would look like. */
import { describe, expect, test } from "@jest/globals";
import { loadProfile, registersOf, shippedProfiles, type DeviceProfile, type PointSpec } from "../src/index.ts";
import { planDueBlocks } from "../src/poll-schedule.ts";

const PROFILES = shippedProfiles().map((name) => [name, loadProfile(name) as DeviceProfile] as const);
/** Points that stand in the registers of another one as well, on purpose: the total as the sum of its phases. */
const SUMS = new Set(["victron-gx-grid power_w"]);

/** Each number of a point, by its registers. */
function parts(spec: PointSpec): { point: string; function: number; from: number; to: number }[] {
  const count = registersOf(spec.type);
  const addresses = [spec.address, ...spec.addends.map(({ address }) => address)];
  return addresses.map((from) => ({ point: spec.point, function: spec.function, from, to: from + count - 1 }));
}

describe.each(PROFILES)("%s", (name, profile) => {
  test("no register belongs to two points", () => {
    const all = profile.points.filter(({ point }) => !SUMS.has(`${name} ${point}`)).flatMap(parts);
    const overlaps = all.flatMap((one, index) =>
      all
        .slice(index + 1)
        .filter((other) => one.function === other.function && one.from <= other.to && other.from <= one.to)
        .map((other) => `${one.point} ${one.from}–${one.to} and ${other.point} ${other.from}–${other.to}`),
    );
    expect(overlaps).toEqual([]);
  });

  test("numbers of one kind stand side by side as far apart as they are long, or farther", () => {
    for (const spec of profile.points) {
      for (const { from, to } of parts(spec))
        expect([from >= 0, to <= 0xffff, to - from < 4]).toEqual([true, true, true]);
    }
  });

  test("is asked in blocks that the device can answer, each point in one of them", () => {
    const blocks = planDueBlocks(profile);
    expect(blocks.flatMap(({ block }) => block.points.map(({ point }) => point)).sort()).toEqual(
      profile.points.map(({ point }) => point).sort(),
    );
    expect(Math.max(...blocks.map(({ block }) => block.count))).toBeLessThanOrEqual(profile.maxRegisters);
  });

  test("counters have the width of their registers, and wrap where these end", () => {
    for (const { counter, type, multiply, pow10 } of profile.points) {
      if (counter === null) continue;
      expect(counter.widthBits).toBe(16 * registersOf(type));
      if (counter.wrapsAtWh === null) continue;
      expect(type).toMatch(/^uint/);
      expect(counter.wrapsAtWh).toBe(2 ** (16 * registersOf(type)) * multiply * 10 ** pow10);
    }
  });

  test("what shows may not be finer than what counts: the steps of an integer are the counter's", () => {
    for (const { counter, type, multiply, pow10 } of profile.points) {
      if (counter === null || type.startsWith("float")) continue;
      expect(counter.resolutionWh).toBe(Math.max(1, multiply * 10 ** pow10));
    }
  });

  test("says where its facts come from, and what must be done", () => {
    const { head } = profile;
    expect(head.name).toBe(name);
    expect(head.sources.length).toBeGreaterThan(head.verified === "facts" ? 1 : 0);
    expect([head.requirements.length, head.caveats.length].every((count) => count > 0)).toBe(true);
  });

  test("a control reads what it writes, and its release can be written", () => {
    for (const { rules, steps, readback } of profile.controls) {
      expect(steps.every((step) => profile.writeFunctions.includes(step.function))).toBe(true);
      const isSeen = steps.some(
        ({ address, count }) => readback.address >= address && readback.address < address + count,
      );
      expect(isSeen || steps.every(({ isWriteOnly }) => isWriteOnly)).toBe(true);
      if (rules.release.mode === "restore") expect(steps.every(({ isWriteOnly }) => !isWriteOnly)).toBe(true);
      const { min, max, step } = rules.range;
      expect((max - min) % step).toBe(0);
    }
  });
});

test("points of sums are listed above, and no others", () => {
  const sums = PROFILES.flatMap(([name, { points }]) =>
    points.filter((point) => point.addends.length > 0).map(({ point }) => `${name} ${point}`),
  );
  const own = ["sma-modbus-battery power_w", "sma-modbus-grid power_w", "victron-gx-vebus-3p power_w"];
  expect(sums.sort()).toEqual([...own, ...SUMS].sort());
});
