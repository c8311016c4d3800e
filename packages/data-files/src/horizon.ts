/** The slots of a run. */
import { DAY, formatInstant, instantMs, isSlotStart, type DurationMs, type InstantMs } from "@micromarket/kernel";
import { readDuration } from "./quantity-text.ts";
import { clockAt, complain, type ScenarioReading } from "./scenario-reading.ts";
import { readStamp } from "./stamp-text.ts";
import { instantsOfWall, wallAt, zoneClock, type ZoneClock } from "./zone-clock.ts";

/** When a run takes place. */
export interface Horizon {
  readonly start: InstantMs;
  readonly end: InstantMs;
  readonly slotLength: DurationMs;
  readonly slotCount: number;
  /** The scenario's local clock. */
  readonly clock: ZoneClock;
}

/** More slots than ten years of minutes are a slip of the pen. */
const SLOTS_MAX = 5_300_000;

/** Reads `start`, `zone`, `slot` and `horizon`. */
export function readHorizon(reading: ScenarioReading): Horizon | null {
  const slotLength = readSlotLength(reading);
  const clock = readClock(reading);
  const start = clock === null ? null : readStart(reading, clock);
  if (slotLength === null || clock === null || start === null) return null;
  if (!isSlotStart(start, slotLength)) {
    const what = `${formatInstant(start)} is no start of a slot`;
    const mend = `slots of ${reading.file.slot} begin at multiples of it, counted in UTC`;
    return complain(reading, ["start"], { code: "START_OFF_SLOT", what, mend });
  }
  const end = endOf(reading.file.horizon, start, slotLength, clock);
  const slots = end - start;
  if (slots % slotLength !== 0) {
    const what = "these days are no whole number of slots, because the clock changes in them";
    return complain(reading, ["horizon"], { code: "HORIZON_OFF_SLOT", what, mend: "give slots instead of days" });
  }
  const slotCount = Math.round(slots / slotLength);
  if (slotCount > SLOTS_MAX) {
    const what = `the run has ${slotCount} slots`;
    return complain(reading, ["horizon"], {
      code: "HORIZON_TOO_LONG",
      what,
      mend: `at most ${SLOTS_MAX} are possible`,
    });
  }
  return { start, end: instantMs(end), slotLength, slotCount, clock };
}

function readSlotLength(reading: ScenarioReading): DurationMs | null {
  const length = readDuration(reading.file.slot);
  if (length > 0 && DAY % length === 0) return length;
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

function readStart(reading: ScenarioReading, clock: ZoneClock): InstantMs | null {
  const { start } = reading.file;
  const stamp = readStamp(start, clock);
  if (stamp.ok) return instantMs(stamp.value);
  const what =
    stamp.error === "STAMP_NOT_IN_ZONE" ? `the clock of the zone never shows ${start}` : `"${start}" is no time`;
  return complain(reading, ["start"], { code: stamp.error, what, mend: "write it like 2026-07-01T00:00+02:00" });
}

/** Days are calendar days of the local clock: 23 or 25 hours long where it changes. */
function endOf(
  horizon: ScenarioReading["file"]["horizon"],
  start: InstantMs,
  slotLength: DurationMs,
  clock: ZoneClock,
): number {
  const { days, slots } = horizon;
  if (days === undefined) return start + slotLength * (slots ?? 0);
  const wall = wallAt(clock, start) + days * DAY;
  return instantsOfWall(clock, wall)[0] ?? wall - clock.offsetAt(wall - DAY);
}
