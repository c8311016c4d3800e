/** The time that questions take on one link, by hand. */
import { describe, expect, test } from "@jest/globals";
import { loadProfile, timeBudget, type BudgetDevice, type DeviceProfile } from "../src/index.ts";

const sdm630 = loadProfile("eastron-sdm630") as DeviceProfile;
const meters = (count: number, pollMs: number, more: Partial<BudgetDevice> = {}): BudgetDevice[] =>
  Array.from({ length: count }, (_, index) => ({ device: `m-${index}`, profile: sdm630, pollMs, ...more }));

describe("a serial line", () => {
  test("one meter: characters of 11 bit, silence, turnaround and rest", () => {
    const [device] = timeBudget({ baud: 9_600, devices: meters(1, 1_000) }).devices;
    // (8 + 5 + 2 × 24 + 7) × 11 / 9600 = 77.9 ms, and the same with 18 registers; 50 ms of turnaround, 20 ms of rest
    const [fast, normal] = [(68 * 11_000) / 9_600 + 70, (56 * 11_000) / 9_600 + 70];
    expect(device?.classes).toEqual([
      { poll: "fast", requests: 1, registers: 24, timeMs: fast },
      { poll: "normal", requests: 1, registers: 18, timeMs: normal },
    ]);
    expect(device?.pollTimeMs).toBeCloseTo(fast + normal / 3, 9);
    expect(device?.load).toBeCloseTo((fast + normal / 3) / 1_000, 9);
  });

  test("ten meters do not fit into a second at 9600 bit/s, and do into five", () => {
    const tight = timeBudget({ baud: 9_600, devices: meters(10, 1_000) });
    expect([tight.fits, tight.load > 1]).toEqual([false, true]);
    expect(tight.complaint?.what).toBe(
      "10 devices take 1927 ms of each poll at 9600 bit/s, 193 % of the time between polls; 80 % may be planned" +
        " (m-0: 24 registers in one request 148 ms each poll, 18 registers in one request 135 ms each 3 polls)",
    );
    expect(tight.complaint?.mend).toContain("poll every 3s or slower, raise the line's baud rate, read fewer points");
    expect(timeBudget({ baud: 9_600, devices: meters(10, 5_000) })).toMatchObject({ fits: true, complaint: null });
  });

  test("the poll that is advised fits", () => {
    for (const count of [3, 10, 32]) {
      const seconds = /every (\d+)s/.exec(
        timeBudget({ baud: 9_600, devices: meters(count, 100) }).complaint?.mend ?? "",
      );
      const advised = 1_000 * Number(seconds?.[1]);
      expect(timeBudget({ baud: 9_600, devices: meters(count, advised) }).fits).toBe(true);
      expect(timeBudget({ baud: 9_600, devices: meters(count, advised - 1_000) }).fits).toBe(false);
    }
  });

  test("each device counts by its own poll, and by its own turnaround", () => {
    const [slow] = meters(1, 10_000);
    const [eager] = meters(1, 1_000, { turnaroundMs: 5 });
    if (slow === undefined || eager === undefined) throw new Error("no devices");
    const together = timeBudget({ baud: 19_200, devices: [slow, eager] });
    const apart = [slow, eager].map((device) => timeBudget({ baud: 19_200, devices: [device] }).load);
    expect(together.load).toBeCloseTo(
      apart.reduce((sum, load) => sum + load),
      12,
    );
    expect(together.devices[1]?.classes[0]?.timeMs).toBeCloseTo((68 * 11_000) / 19_200 + 25, 9);
  });
});

test("in the network frames take no time; turnaround and rest do", () => {
  const { devices, complaint } = timeBudget({ baud: null, devices: meters(40, 1_000) });
  expect(devices[0]?.pollTimeMs).toBeCloseTo(25 + 25 / 3, 9);
  expect(complaint?.what).toMatch(/^40 devices take 1334 ms of each poll, 134 % of the time/);
  expect(complaint?.mend).not.toContain("baud");
});

test("what is asked once a connection takes no time, and no device no load", () => {
  const profile = { ...sdm630, points: sdm630.points.map((point) => ({ ...point, poll: "static" as const })) };
  expect(timeBudget({ baud: 9_600, devices: meters(1, 1_000, { profile }) })).toMatchObject({ load: 0, fits: true });
  expect(timeBudget({ baud: 9_600, devices: [] })).toEqual({ devices: [], load: 0, fits: true, complaint: null });
});
