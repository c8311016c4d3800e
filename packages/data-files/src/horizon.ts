/** The slots of a run. */
import { formatInstant, instantMs } from "@micromarket/kernel";
import { readDuration } from "./quantity-text.ts";
import { clockAt, complain, type ScenarioReading } from "./scenario-reading.ts";
import type { ScenarioFile } from "./scenario-schema.ts";
import { readStamp } from "./stamp-text.ts";
import { instantsOfWall, wallAt, zoneClock, type ZoneClock } from "./zone-clock.ts";

/** When a run takes place. Times are plain milliseconds, to be reckoned with files' stamps and steps. */
export interface Horizon {
  readonly startMs: number;
  readonly endMs: number;
  readonly slotMs: number;
  readonly slotCount: number;
  /** The scenario's local clock. */
  readonly clock: ZoneClock;
}

const DAY_MS = 86_400_000;
/** More slots than ten years of minutes are a slip of the pen. */
const SLOTS_MAX = 5_300_000;

/** Reads `start`, `zone`, `slot` and `horizon`. */
export function readHorizon(reading: ScenarioReading): Horizon | null {
  const slotMs = readSlotLength(reading);
  const clock = readClock(reading);
  const startMs = clock === null ? null : readStart(reading, clock);
  if (slotMs === null || clock === null || startMs === null) return null;
  if (startMs % slotMs !== 0) {
    const what = `${formatInstant(instantMs(startMs))} is no start of a slot`;
    const mend = `slots of ${reading.file.slot} begin at multiples of it, counted in UTC`;
    return complain(reading, ["start"], { code: "START_OFF_SLOT", what, mend });
  }
  const endMs = endOf(reading.file.horizon, startMs, slotMs, clock);
  if ((endMs - startMs) % slotMs !== 0) {
    const what = "these days are no whole number of slots, because the clock changes in them";
    return complain(reading, ["horizon"], { code: "HORIZON_OFF_SLOT", what, mend: "give slots instead of days" });
  }
  const slotCount = (endMs - startMs) / slotMs;
  if (slotCount <= SLOTS_MAX) return { startMs, endMs, slotMs, slotCount, clock };
  const what = `the run has ${slotCount} slots`;
  const mend = `at most ${SLOTS_MAX} are possible`;
  return complain(reading, ["horizon"], { code: "HORIZON_TOO_LONG", what, mend });
}

function readSlotLength(reading: ScenarioReading): number | null {
  const slotMs: number = readDuration(reading.file.slot);
  if (slotMs > 0 && DAY_MS % slotMs === 0) return slotMs;
  const what = `a slot of ${reading.file.slot} does not divide a day`;
  return complain(reading, ["slot"], { code: "SLOT_UNFIT", what, mend: "write a length such as 5m, 15m, 30m or 1h" });
}

function readClock(reading: ScenarioReading): ZoneClock | null {
  const { zone, start } = reading.file;
  if (zone !== undefined) return clockAt(reading, ["zone"], zone);
  const offset = /(?:Z|[+-]\d{2}:?\d{2})$/.exec(start)?.[0];
  const clock = offset === undefined || !start.includes(":") ? null : zoneClock(offset);
  if (clock !== null) return clock;
  const mend = "add an offset (2026-07-01T00:00+02:00), or a zone: Europe/Berlin";
  return complain(reading, ["start"], { code: "ZONE_MISSING", what: `start "${start}" has no time zone`, mend });
}

function readStart(reading: ScenarioReading, clock: ZoneClock): number | null {
  const { start } = reading.file;
  const stamp = readStamp(start, clock);
  if (stamp.ok) return stamp.value;
  const isSkipped = stamp.error === "STAMP_NOT_IN_ZONE";
  const what = isSkipped ? `the clock of the zone never shows ${start}` : `"${start}" is no time`;
  return complain(reading, ["start"], { code: stamp.error, what, mend: "write it like 2026-07-01T00:00+02:00" });
}

/** Days are calendar days of the local clock: 23 or 25 hours long where it changes. */
function endOf(horizon: ScenarioFile["horizon"], startMs: number, slotMs: number, clock: ZoneClock): number {
  const { days, slots } = horizon;
  if (days === undefined) return startMs + slotMs * (slots ?? 0);
  const wall = wallAt(clock, startMs) + days * DAY_MS;
  return instantsOfWall(clock, wall)[0] ?? wall - clock.offsetAt(wall - DAY_MS);
}
