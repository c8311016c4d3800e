/** Times in a session: instants as ISO 8601 text, or numbers of any one unit; a session only compares them. */
import { parseDecimal, parseInstant } from "@micromarket/kernel";
import { complain, complainOfType, nameOf, type JsonFields } from "./json-fields.ts";
import { NumberText } from "./json-text.ts";

/** Digits kept of a time that is a number. */
const DIGITS = 3;

/** Reads the times of one session and sees to it that they are of one kind. */
export interface SessionClock {
  /** The time as an integer; `null` where there is none, and after a complaint. */
  read(row: JsonFields, key: string): number | null;
}

/** A clock that has seen no time so far. */
export function sessionClock(): SessionClock {
  let kind: "text" | "number" | null = null;
  return {
    read(row, key) {
      const value = row.object[key] ?? null;
      if (value === null) return null;
      if (typeof value !== "string" && !(value instanceof NumberText)) {
        return complainOfType(row, key, value, 'an instant such as "2026-07-01T12:00Z", or a number');
      }
      const found = typeof value === "string" ? "text" : "number";
      kind ??= found;
      if (kind !== found) {
        const what = `${nameOf(row, key)} is a ${found}, but an earlier time is a ${kind}`;
        return complain(row, key, { code: "TIMES_MIXED", what, mend: "write all times of the file in one way" });
      }
      return typeof value === "string" ? readInstant(row, key, value) : readNumber(row, key, value);
    },
  };
}

function readInstant(row: JsonFields, key: string, text: string): number | null {
  const instant = parseInstant(text);
  if (instant.ok) return instant.value;
  const what = `${nameOf(row, key)} is ${JSON.stringify(text)}, which is no instant`;
  const mend = "write a date that exists, with its zone: 2026-07-01T12:00Z, or 2026-07-01T14:00+02:00";
  return complain(row, key, { code: "INSTANT_MALFORMED", what, mend });
}

function readNumber(row: JsonFields, key: string, { text }: NumberText): number | null {
  const parsed = parseDecimal(text, DIGITS);
  const scaled = parsed.ok ? Number(parsed.value) : Number.NaN;
  if (Number.isSafeInteger(scaled)) return scaled;
  const what = `${nameOf(row, key)} is ${text}, which has more than ${DIGITS} digits after the point, or is too large`;
  return complain(row, key, { code: "TIME_NOT_KEPT", what, mend: "choose a unit in which times are whole numbers" });
}
