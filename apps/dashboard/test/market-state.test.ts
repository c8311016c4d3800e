import { describe, expect, test } from "@jest/globals";
import type { LiveEvent, PointReading } from "@micromarket/api-http";
import { afterEvent, afterRefresh, withSlots, type MarketState } from "../src/market-state.ts";
import { devicesAt, instant, LATEST_MS, marketAt, NOW_MS, SLOT_MS, slotAt, startOf, STARTS } from "./market-fixture.ts";
import { snapshotAt } from "./stub-gateway.ts";

const head = (seq: number) => ({ seq, at: instant(NOW_MS), at_ms: NOW_MS });
const observed = (seq: number, device: string, points: PointReading[]): LiveEvent => ({
  type: "device-observed",
  ...head(seq),
  data: { device, points },
});
const power = (value: number | null, atMs = NOW_MS): PointReading => ({
  point: "power_w",
  value,
  missing: value === null ? "device-silent" : null,
  at: instant(atMs),
  at_ms: atMs,
});
function begun(): MarketState {
  const state = afterEvent(null, { type: "snapshot", ...head(100), data: snapshotAt(NOW_MS, 100) });
  if (state === null) throw new Error("a snapshot makes a state");
  return state;
}
const device = (state: MarketState | null, name: string) => state?.devices.find((one) => one.device === name);

describe("events", () => {
  test("before a snapshot say nothing", () => {
    expect(afterEvent(null, observed(5, "home-2 meter", [power(1)]))).toBeNull();
  });

  test("a snapshot has its slots oldest first, and replaces all that was known, even by something older", () => {
    const state = begun();
    expect(state.slots.map(({ start_ms }) => start_ms)).toEqual(STARTS);
    const again = afterEvent(
      { ...state, sequence: 999, devices: [] },
      { type: "snapshot", ...head(7), data: snapshotAt(NOW_MS, 7) },
    );
    expect(again).toEqual({ ...state, market: marketAt(NOW_MS, 12, 7), sequence: 7 });
  });

  test("that were heard before change nothing", () => {
    const state = begun();
    expect(afterEvent(state, observed(100, "home-2 meter", [power(1)]))).toBe(state);
  });

  test("what an open slot would clear at is kept apart from results, has no number, and goes with the next snapshot", () => {
    const state = begun();
    const start_ms = LATEST_MS + SLOT_MS;
    const interval = { low_micro_per_kwh: null, high_micro_per_kwh: null };
    const indicative = { price_micro_per_kwh: 210_000, energy_wh: 5, interval };
    const data = { start: instant(start_ms), start_ms, end_ms: start_ms + SLOT_MS, phase: "open" as const, indicative };
    const told = afterEvent(state, { type: "indicative", ...head(state.sequence), data });
    expect(told).toEqual({ ...state, indicative: data });
    expect(afterEvent(told, { type: "snapshot", ...head(7), data: snapshotAt(NOW_MS, 7) })?.indicative).toBeUndefined();
  });

  test("a closed gate adds its slot and lets the oldest go", () => {
    const added = slotAt(LATEST_MS + SLOT_MS).summary;
    const state = afterEvent(begun(), { type: "gate-closed", ...head(101), data: added });
    expect(state?.slots.at(-1)).toEqual(added);
    expect(state?.slots[0]?.start_ms).toBe(startOf(1));
  });

  test("a settled slot says so", () => {
    const slot_ms = LATEST_MS - SLOT_MS;
    const data = { slot: instant(slot_ms), slot_ms, unaccounted_wh: -3 };
    const state = afterEvent(begun(), { type: "slot-settled", ...head(101), data });
    expect(state?.slots.find(({ start_ms }) => start_ms === slot_ms)).toMatchObject({
      phase: "settled",
      unaccounted_wh: -3,
    });
  });

  test("an observation replaces the points that it carries, in their places", () => {
    const state = afterEvent(begun(), observed(101, "home-2 meter", [power(777)]));
    const points = device(state, "home-2 meter")?.points ?? [];
    expect(points.map(({ point }) => point)).toEqual(["power_w", "imported_wh", "exported_wh"]);
    expect(points[0]).toMatchObject({ value: 777, age_ms: 0, stale: false });
  });

  test("a missing reading is stale with its reason; a device is up while one point is there", () => {
    const state = afterEvent(begun(), observed(101, "home-2 meter", [power(null)]));
    expect(device(state, "home-2 meter")).toMatchObject({ up: true });
    expect(device(state, "home-2 meter")?.points[0]).toMatchObject({
      value: null,
      missing: "device-silent",
      stale: true,
    });
    const alone = afterEvent(state, observed(102, "new", [power(null)]));
    expect(device(alone, "new")).toMatchObject({ up: false });
  });
});

test("a refresh brings the server's view, but no reading that is older than the stream's", () => {
  const newer = afterEvent(begun(), observed(101, "home-2 meter", [power(777, NOW_MS + 1)]));
  if (newer === null) throw new Error("no state");
  const state = afterRefresh(newer, marketAt(NOW_MS, 12, 100), devicesAt(NOW_MS + 900_000).devices);
  expect(device(state, "home-2 meter")?.points.map(({ value, stale }) => [value, stale])).toEqual([
    [777, false],
    [4_431_067, true],
    [0, true],
  ]);
});

test("slots are kept once, in order, for a day", () => {
  const starts = [startOf(3), startOf(1), startOf(2)];
  const slots = starts.map((start) => slotAt(start).summary);
  expect(withSlots(slots, slots).map(({ start_ms }) => start_ms)).toEqual([startOf(1), startOf(2), startOf(3)]);
  const tomorrow = slotAt(startOf(1) + 86_400_000).summary;
  expect(withSlots(slots, [tomorrow]).map(({ start_ms }) => start_ms)).toEqual([
    startOf(2),
    startOf(3),
    tomorrow.start_ms,
  ]);
});
