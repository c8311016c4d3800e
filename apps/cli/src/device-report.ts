/** What a trial of devices found, in words and as JSON. */
import type { DeviceTrial } from "@micromarket/gateway";

/** One line: what answered, or why not and what to do. */
export function trialLine({ device, place, readings, complaint }: DeviceTrial): string {
  if (complaint !== null) return `${device}: ${complaint.what} — ${complaint.mend} (${complaint.code})`;
  const namesOf = (isGiven: boolean): string =>
    readings.flatMap(({ point, value }) => ((value.kind === "value") === isGiven ? [point] : [])).join(", ");
  const absent = namesOf(false);
  return `${device}: answers at ${place} with ${namesOf(true)}${absent === "" ? "" : `; not provided: ${absent}`}`;
}

/** For programs; the readings themselves are nobody's business here. */
export function trialRecord({ device, place, readings, complaint }: DeviceTrial): object {
  const points = readings.map(({ point, value }) => ({
    point,
    missing: value.kind === "missing" ? value.reason : null,
  }));
  return { device, place, ok: complaint === null, points, complaint };
}
