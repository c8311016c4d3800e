import { describe, expect, test } from "@jest/globals";
import { showsEffect, type Sighting } from "@micromarket/control";

const base = { point: "power_w", tolerance: 50, ratingW: null } as const;

describe("effect", () => {
  test.each<Sighting & { shown: boolean | null }>([
    { ...base, capability: "setpoint_power_w", told: 1_000, seen: 1_040, shown: true },
    { ...base, capability: "setpoint_power_w", told: 1_000, seen: 900, shown: false },
    { ...base, capability: "limit_generation_w", told: 1_000, seen: -800, shown: true },
    { ...base, capability: "limit_generation_w", told: 1_000, seen: -1_200, shown: false },
    { ...base, capability: "limit_import_w", told: 1_000, seen: 1_200, shown: false },
    { ...base, capability: "limit_generation_ppm", told: 500_000, seen: -1_200, ratingW: 2_000, shown: false },
    { ...base, capability: "limit_generation_ppm", told: 500_000, seen: -1_000, ratingW: 2_000, shown: true },
    { ...base, capability: "limit_generation_ppm", told: 500_000, seen: -1_200, shown: null },
    { ...base, capability: "evse_current_ma", point: "current_l1_ma", told: 6_000, seen: 0, shown: true },
    { ...base, capability: "evse_current_ma", point: "current_l1_ma", told: 6_000, seen: 9_000, shown: false },
    { ...base, capability: "evse_current_ma", point: "offered_current_ma", told: 6_000, seen: 0, shown: false },
    { ...base, capability: "sg_ready", told: 2, seen: 700, shown: null },
  ])("$capability told $told, $point says $seen: $shown", ({ shown, ...sighting }) => {
    expect(showsEffect(sighting)).toBe(shown);
  });
});
