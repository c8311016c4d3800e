/**
 * Local clocks: from an instant to the wall clock and back.
 *
 * Where clocks are put back, a wall-clock time belongs to two instants; where they are put forward, to none.
 */
import { IANAZone } from "luxon";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** A clock on a wall. */
export interface ZoneClock {
  /** How far the wall clock is ahead of UTC at `instant`, milliseconds. */
  offsetAt(instant: number): number;
}

/** The clock of a zone: `Z`, `+02:00` or an IANA name; `null` where there is no such zone. */
export function zoneClock(zone: string): ZoneClock | null {
  const fixed = offsetOf(zone);
  if (fixed !== null) return { offsetAt: () => fixed };
  if (!zone.includes("/") && zone !== "UTC") return null; // "EST", "local": names that mean different things to people
  return IANAZone.isValidZone(zone) ? changingClock(IANAZone.create(zone)) : null;
}

/** The offset that a text such as `Z`, `+02:00`, `-0800` or `+02` states, milliseconds; `null` where it states none. */
export function offsetOf(text: string): number | null {
  if (text === "Z" || text === "z") return 0;
  const match = /^([+-])(\d{2})(?::?(\d{2}))?$/.exec(text);
  if (match === null) return null;
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0);
  if (Number(match[2]) > 18 || Number(match[3] ?? 0) > 59) return null;
  return (match[1] === "-" ? -minutes : minutes) * MINUTE_MS;
}

/** Asks the zone data for the ends of each day only, but on the days of a change: one question costs microseconds. */
function changingClock(zone: IANAZone): ZoneClock {
  const offsetOfDay = new Map<number, number | null>();
  const offsetAt = (instant: number): number => Math.round(zone.offset(instant) * MINUTE_MS);
  return {
    offsetAt(instant) {
      const day = Math.floor(instant / DAY_MS);
      let offset = offsetOfDay.get(day);
      if (offset === undefined) {
        const [atStart, atEnd] = [offsetAt(day * DAY_MS), offsetAt((day + 1) * DAY_MS)];
        offset = atStart === atEnd ? atStart : null;
        offsetOfDay.set(day, offset);
      }
      return offset ?? offsetAt(instant);
    },
  };
}

/** The instants at which the clock shows `wall` (milliseconds of the wall clock as if it were UTC), earliest first. */
export function instantsOfWall(clock: ZoneClock, wall: number): readonly number[] {
  const offsets = new Set([clock.offsetAt(wall - DAY_MS), clock.offsetAt(wall + DAY_MS)]);
  return [...offsets]
    .map((offset) => wall - offset)
    .filter((instant) => instant + clock.offsetAt(instant) === wall)
    .sort((a, b) => a - b);
}

/** What the clock shows at `instant`, as milliseconds of the wall clock as if it were UTC. */
export function wallAt(clock: ZoneClock, instant: number): number {
  return instant + clock.offsetAt(instant);
}
