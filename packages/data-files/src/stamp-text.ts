/**
 * Time stamps of files as instants.
 *
 * A stamp with an offset says its instant. A stamp without one is read on the file's local clock: in the hour that
 * occurs twice in autumn the first row is the earlier instant and each further one the earliest that lies after the row
 * before, so a file of true local time has neither a gap nor a duplicate. A stamp in the hour that spring leaves out is
 * refused: such a file's clock does not change, and its zone is a fixed offset.
 */
import { fail, ok, parseDecimal, type Result } from "@micromarket/kernel";
import { DateTime } from "luxon";
import { instantsOfWall, offsetOf, type ZoneClock } from "./zone-clock.ts";

/** Why a stamp has no instant. */
export type StampFailure = "STAMP_MALFORMED" | "STAMP_NOT_IN_ZONE";

/** Reads one stamp; `previous` is the instant of the row before, or `null`. */
export type StampReader = (text: string, previous: number | null) => Result<number, StampFailure>;

/** A stamp as it is written: an instant, or what a wall clock showed. */
interface Reading {
  readonly wall: number;
  readonly offset: number | null;
}

/** The reader of a format: `iso`, `unix` (seconds), `unix-ms`, or Luxon's tokens. */
export function stampReader(format: string, clock: ZoneClock): StampReader {
  const read =
    format === "iso" ? readIso : format === "unix" ? unix(3) : format === "unix-ms" ? unix(0) : tokens(format);
  return (text, previous) => {
    const reading = read(text.trim());
    if (reading === null) return fail("STAMP_MALFORMED");
    if (reading.offset !== null) return ok(reading.wall - reading.offset);
    const instants = instantsOfWall(clock, reading.wall);
    const instant = instants.find((candidate) => previous === null || candidate > previous) ?? instants.at(-1);
    return instant === undefined ? fail("STAMP_NOT_IN_ZONE") : ok(instant);
  };
}

const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,3})0*)?)?)?\s*(Z|[+-]\d{2}(?::?\d{2})?)?$/;

/** ISO 8601 and its common variant with a blank for the T; 24:00 is the next day's start. */
function readIso(text: string): Reading | null {
  const match = ISO.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour = "00", minute = "00", second = "00", fraction = "", zone] = match;
  const midnight = Date.UTC(Number(year), Number(month) - 1, Number(day));
  if (new Date(midnight).toISOString().slice(0, 10) !== `${year}-${month}-${day}`) return null;
  const milliseconds = Number(fraction.padEnd(3, "0"));
  const time = ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1_000 + milliseconds;
  if (Number(minute) > 59 || Number(second) > 59 || time > 86_400_000) return null;
  return { wall: midnight + time, offset: zone === undefined ? null : offsetOf(zone) };
}

/** Seconds (`digits` 3) or milliseconds (`digits` 0) since 1970. */
function unix(digits: number): (text: string) => Reading | null {
  return (text) => {
    const parsed = parseDecimal(text, digits);
    return parsed.ok ? { wall: Number(parsed.value), offset: 0 } : null;
  };
}

function tokens(format: string): (text: string) => Reading | null {
  const parser = DateTime.buildFormatParser(format, { locale: "en-US" });
  const statesZone = /[Zz]/.test(format.replace(/'[^']*'/g, ""));
  return (text) => {
    const time = DateTime.fromFormatParser(text, parser, { zone: "utc", locale: "en-US" });
    return time.isValid ? { wall: time.toMillis(), offset: statesZone ? 0 : null } : null;
  };
}

/** Reads the stamp of a scenario's own text; the earlier instant where there are two. */
export function readStamp(text: string, clock: ZoneClock): Result<number, StampFailure> {
  return stampReader("iso", clock)(text, null);
}
