/** Controls of devices and limits of homes on the wire. Values are in the unit that ends the capability's name. */
import { Type, type Static } from "@sinclair/typebox";
import { closedObject, Count, Instant, Integer, Name, nullable, oneOf } from "./units.ts";

/** Where a control stands. */
export const CONTROL_PHASES = [
  "idle",
  "reading",
  "writing",
  "verifying",
  "holding",
  "releasing",
  "released",
  "refused",
  "device-lost",
  "stopped",
] as const;

/** Where a control stands. */
export type ControlPhase = (typeof CONTROL_PHASES)[number];

/** What forbids writing: a start of the program, a site, or a device that is not opened for it. */
export const CONTROL_LOCKS = ["program", "site", "device"] as const;
/** What forbids writing. */
export type ControlLock = (typeof CONTROL_LOCKS)[number];

const Stop = nullable(closedObject({ at: Instant, at_ms: Integer, by: Name }));

/** One capability of one device. */
export const ControlItem = closedObject({
  device: Name,
  capability: Name,
  /** `mend` says how it is opened; `null`: it may be written. */
  locked: nullable(closedObject({ lock: oneOf(...CONTROL_LOCKS), mend: Type.String() })),
  phase: oneOf(...CONTROL_PHASES),
  /** Asked for by the market; then after all limits; then what the device holds. */
  wanted: nullable(Integer),
  allowed: nullable(Integer),
  actual: nullable(Integer),
  /** What bounded it, in words. */
  reasons: Type.Array(Type.String()),
  /** A limit that somebody else has set in the device, and that is respected. */
  foreign: nullable(Integer),
  /** Of the wall clock; `null`: the device does not let go by itself. */
  reverts_in_ms: nullable(Count),
  writes_today: Count,
  writes_per_day_max: nullable(Count),
  since: Instant,
  since_ms: Integer,
  last_event: nullable(closedObject({ code: Name, text: Type.String(), at: Instant, at_ms: Integer })),
});
export type ControlItem = Static<typeof ControlItem>;

/** What binds the devices of one home together. */
export const SiteLimit = closedObject({
  home: Name,
  import_limit_w: nullable(Count),
  export_limit_w: nullable(Count),
  /** The grid operator's signal while it holds. */
  dimmed: nullable(closedObject({ import_limit_w: Count, until: Instant, until_ms: Integer })),
  /** At the home's meter; positive is drawn. */
  measured_w: nullable(Integer),
  is_fail_safe: Type.Boolean(),
  reasons: Type.Array(Type.String()),
});
export type SiteLimit = Static<typeof SiteLimit>;

/** Everything about controls. */
export const ControlList = closedObject({
  /** `null`: nobody has stopped them. */
  stopped: Stop,
  controls: Type.Array(ControlItem),
  limits: Type.Array(SiteLimit),
});
export type ControlList = Static<typeof ControlList>;

/** What has changed of the controls; limits and the stop are told whole. */
export const ControlNews = closedObject({
  ...ControlList.properties,
  /** All controls are there, what is not there is gone; otherwise those that changed. */
  full: Type.Boolean(),
  gone: Type.Array(closedObject({ device: Name, capability: Name })),
});
export type ControlNews = Static<typeof ControlNews>;

/** Answer to a stop and to its reset. */
export const StopAnswer = closedObject({ stopped: Stop });
export type StopAnswer = Static<typeof StopAnswer>;

/** Who does it, for the record. */
export const ByBody = closedObject({ by: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })) });
export type ByBody = Static<typeof ByBody>;

/** The signal of a grid operator. */
export const DimBody = closedObject({
  import_limit_w: Type.Integer({ minimum: 0, maximum: 1_000_000_000 }),
  /** Market time. */
  valid_until_ms: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
});
export type DimBody = Static<typeof DimBody>;

/** For routes that want nothing said. */
export const EmptyBody = closedObject({});
