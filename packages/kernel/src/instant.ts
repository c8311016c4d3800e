/**
 * Instants as text. The only file on the pure floors that may name `Date`: it converts, it never reads the clock.
 */
import { fail, ok, type Result } from "./result.ts";
import { instantMs, type InstantMs } from "./quantities.ts";

const PATTERN = /^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?(Z|[+-]\d{2}:\d{2})$/;

/** ISO 8601 in UTC, as short as exact: `2026-07-01T12:00Z`, seconds and milliseconds only where they are not zero. */
export function formatInstant(instant: InstantMs): string {
  const text = new Date(instant).toISOString();
  return text.replace(/(?::00)?\.000Z$/, "Z");
}

/** Reads ISO 8601 with `Z` or a numeric offset; refuses dates that do not exist and texts without a zone. */
export function parseInstant(
  text: string,
): Result<InstantMs, { readonly code: "INSTANT_MALFORMED"; readonly text: string }> {
  const match = PATTERN.exec(text);
  if (match === null) return fail({ code: "INSTANT_MALFORMED", text });
  const [, day = "", hour = "", minute = "", second = "00", fraction = "", zone = "Z"] = match;
  const wallClock = `${day}T${hour}:${minute}:${second}.${fraction.padEnd(3, "0")}`;
  const wallClockMs = Date.parse(`${wallClock}Z`);
  if (Number.isNaN(wallClockMs) || new Date(wallClockMs).toISOString() !== `${wallClock}Z`) {
    return fail({ code: "INSTANT_MALFORMED", text });
  }
  const offsetMinutes = zoneMinutes(zone);
  if (offsetMinutes === null) return fail({ code: "INSTANT_MALFORMED", text });
  return ok(instantMs(wallClockMs - offsetMinutes * 60_000));
}

function zoneMinutes(zone: string): number | null {
  if (zone === "Z") return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(4, 6));
  if (hours > 18 || minutes > 59) return null;
  const magnitude = hours * 60 + minutes;
  return zone.startsWith("-") ? -magnitude : magnitude;
}
