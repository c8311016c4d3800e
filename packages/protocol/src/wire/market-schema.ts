/** The market itself on the wire: rules, clock, where the current slot stands; and what devices say. */
import { Type, type Static } from "@sinclair/typebox";
import { Phase, SlotSummary } from "./slot-schema.ts";
import { TieView } from "./tie-schema.ts";
import { closedObject, Count, Instant, Integer, Name, nullable, oneOf } from "./units.ts";

/** The market's rules and its present moment. */
export const MarketView = closedObject({
  market: Name,
  currency: Name,
  rules: closedObject({
    version: Count,
    slot_length_ms: Count,
    gate_lead_ms: Count,
    horizon_ms: Count,
    tick_micro_per_kwh: Count,
    price_floor_micro_per_kwh: nullable(Integer),
    price_cap_micro_per_kwh: nullable(Integer),
    /** Where in the competitive interval the price lies, an exact fraction. */
    k: closedObject({ numerator: Type.String(), denominator: Type.String() }),
    rationing: oneOf("pro-rata", "time-priority"),
    residual: closedObject({ party: Name, import_limit_wh: Count, export_limit_wh: Count }),
  }),
  clock: closedObject({
    server_time: Instant,
    server_ms: Integer,
    /** How many times faster than the wall clock market time runs; `null`: it is the wall clock. */
    factor: nullable(Type.Integer({ minimum: 1 })),
  }),
  current_slot: closedObject({
    start: Instant,
    start_ms: Integer,
    end_ms: Integer,
    phase: Phase,
    price_micro_per_kwh: nullable(Integer),
    tariff_micro_per_kwh: nullable(Integer),
    feed_in_micro_per_kwh: nullable(Integer),
  }),
  /** The next gate to close, in market time: count down from `gate_ms` − `server_ms`, `clock.factor` times as fast. */
  next_gate: closedObject({ slot: Instant, slot_ms: Integer, gate: Instant, gate_ms: Integer, remaining_ms: Count }),
  closed_through: nullable(Instant),
  /** Absent where no market is above: a supplier's limits are in `rules.residual`. */
  tie: Type.Optional(TieView),
  stale: closedObject({
    /** A gate was due more than a slot ago and is not closed. */
    market: Type.Boolean(),
    /** Some device is silent or its last answer is too old. */
    devices: Type.Boolean(),
  }),
  last_sequence: Integer,
});
export type MarketView = Static<typeof MarketView>;

const MISSING_REASONS = [
  "gap",
  "not-a-number",
  "out-of-range",
  "stale",
  "device-silent",
  "not-reported",
  /** The device has no place for it: nothing is wrong. */
  "not-provided",
] as const;

const pointFields = {
  /** Its unit is in its name. */
  point: Name,
  /** `null` where there is no reading; `missing` says why. */
  value: nullable(Integer),
  missing: nullable(oneOf(...MISSING_REASONS)),
  at: Instant,
  at_ms: Integer,
};

/** A point as it was read. */
export const PointReading = closedObject(pointFields);
export type PointReading = Static<typeof PointReading>;

/** What the profile of a device says of it. */
const DeviceProfile = closedObject({
  name: Name,
  version: Name,
  /** meter, inverter, battery, … */
  kind: Name,
  vendor: Name,
  /** Two sources agree; one source; an independent simulator; a real device. */
  verified: oneOf("facts", "single", "lab", "field"),
  /** What an installer must do, and what an operator should know. */
  requirements: Type.Array(Type.String()),
  caveats: Type.Array(Type.String()),
});

/** What the link to a device has counted since the start. */
const LinkFigures = closedObject({
  requests: Count,
  timeouts: Count,
  exceptions: Count,
  reconnects: Count,
  /** `null`: never yet. */
  last_good: nullable(Instant),
  last_good_ms: nullable(Integer),
});

/** All devices with the last reading of each point. */
export const DeviceList = closedObject({
  devices: Type.Array(
    closedObject({
      device: Name,
      /** Some point has a reading that is there and young enough. */
      up: Type.Boolean(),
      points: Type.Array(closedObject({ ...pointFields, age_ms: Count, stale: Type.Boolean() })),
      /** `null`: not told. */
      profile: nullable(DeviceProfile),
      link: nullable(LinkFigures),
      /** What is wrong with it now; `null`: nothing, or not told. */
      trouble: nullable(Type.String()),
      /** What to keep in mind of its numbers: `direction`, `too coarse`, `estimated`, … */
      flags: Type.Array(Name),
    }),
  ),
});
export type DeviceList = Static<typeof DeviceList>;

/** What a stream begins with: everything that a page shows at first. */
export const Snapshot = closedObject({
  market: MarketView,
  /** The latest, newest first. */
  slots: Type.Array(SlotSummary),
  devices: DeviceList.properties.devices,
});
export type Snapshot = Static<typeof Snapshot>;
