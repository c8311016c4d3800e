/** What the routes of the market answer. */
import type { DeviceList, MarketView } from "@micromarket/protocol";

/** A street at a quarter past noon. */
export const EXAMPLE_MARKET: MarketView = {
  market: "street",
  currency: "EUR",
  rules: {
    version: 1,
    slot_length_ms: 900_000,
    gate_lead_ms: 300_000,
    horizon_ms: 86_400_000,
    tick_micro_per_kwh: 1_000,
    price_floor_micro_per_kwh: -1_000_000,
    price_cap_micro_per_kwh: 5_000_000,
    k: { numerator: "1", denominator: "2" },
    rationing: "pro-rata",
    residual: { party: "supplier", import_limit_wh: 100_000, export_limit_wh: 50_000 },
  },
  clock: { server_time: "2026-07-01T12:15Z", server_ms: 1_782_908_100_000, factor: 60 },
  current_slot: {
    start: "2026-07-01T12:15Z",
    start_ms: 1_782_908_100_000,
    end_ms: 1_782_909_000_000,
    phase: "clearing",
    price_micro_per_kwh: null,
    tariff_micro_per_kwh: 300_000,
    feed_in_micro_per_kwh: 80_000,
  },
  next_gate: {
    slot: "2026-07-01T12:30Z",
    slot_ms: 1_782_909_000_000,
    gate: "2026-07-01T12:25Z",
    gate_ms: 1_782_908_700_000,
    remaining_ms: 600_000,
  },
  closed_through: "2026-07-01T12:00Z",
  stale: { market: false, devices: false },
  last_sequence: 1_782_903_600_013,
};

/** A meter at a connection point. */
export const EXAMPLE_DEVICES: DeviceList = {
  devices: [
    {
      device: "grid-1",
      up: true,
      points: [
        {
          point: "import_wh",
          value: 1_234_567,
          missing: null,
          at: "2026-07-01T12:14:58Z",
          at_ms: 1_782_908_098_000,
          age_ms: 2_000,
          stale: false,
        },
        {
          point: "power_w",
          value: -310,
          missing: null,
          at: "2026-07-01T12:14:58Z",
          at_ms: 1_782_908_098_000,
          age_ms: 2_000,
          stale: false,
        },
      ],
      profile: {
        name: "eastron-sdm630",
        version: "1",
        kind: "meter",
        vendor: "Eastron",
        verified: "facts",
        requirements: [],
        caveats: [],
      },
      link: {
        requests: 120,
        timeouts: 1,
        exceptions: 0,
        reconnects: 0,
        last_good: "2026-07-01T12:14:58Z",
        last_good_ms: 1_782_908_098_000,
      },
      trouble: null,
      flags: [],
    },
  ],
};
