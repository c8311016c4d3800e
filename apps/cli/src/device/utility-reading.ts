/** What a utility meter's display shows, as somebody reads it off. */
import type { Reading } from "@micromarket/assets";
import { fail, measured, ok, type InputProblem, type InstantMs, type Result } from "@micromarket/kernel";
import { readHumanValue } from "./human-value.ts";
import { wrongWords } from "./find-device.ts";

/** Reads `imported=12345.6kWh,exported=99kWh`; a part may be left out. */
export function readUtilityReading(text: string, at: InstantMs): Result<readonly Reading[], InputProblem> {
  const readings: Reading[] = [];
  for (const part of text.split(",")) {
    const [, name, value = ""] = /^\s*(imported|exported)=(.+)$/.exec(part) ?? [];
    if (name === undefined || !/[A-Za-z]\s*$/.test(value)) {
      const mend = "write imported=12345.6kWh,exported=99kWh, with the unit";
      return fail(wrongWords("READING_MALFORMED", `"${part}" is no reading`, mend));
    }
    const point = name === "imported" ? "imported_wh" : "exported_wh";
    const read = readHumanValue(point, value);
    if (!read.ok) return read;
    readings.push({ point, value: measured(read.value), at });
  }
  return ok(readings);
}

/** The step of what was written: a tenth of a kilowatt-hour where there is one digit after the point. Wh, the greatest. */
export function resolutionOf(text: string): number {
  const steps = [...text.matchAll(/=\s*[+-]?\d+(?:\.(\d+))?\s*([a-zA-Z]+)/g)].map(([, digits = "", unit]) => {
    const whole = unit === "MWh" ? 1_000_000 : unit === "Wh" ? 1 : 1_000;
    return Math.max(1, whole / 10 ** digits.length);
  });
  return Math.max(1, ...steps);
}
