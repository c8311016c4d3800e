/** ISO 8601 durations of days and less: nothing of a calendar, so that each is a number of milliseconds. */
import { durationMs, fail, ok, type DurationMs, type Result } from "@micromarket/kernel";

const PATTERN = /^P(?!$)(?:(\d{1,5})D)?(?:T(?!$)(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,9})(?:\.(\d{1,3}))?S)?)?$/;
const UNITS_MS = { day: 86_400_000, hour: 3_600_000, minute: 60_000, second: 1_000 };

/** Reads `PT15M`; refuses years, months and weeks, which have no fixed length. */
export function parseDuration(
  text: string,
): Result<DurationMs, { readonly code: "DURATION_MALFORMED"; readonly text: string }> {
  const match = PATTERN.exec(text);
  if (match === null) return fail({ code: "DURATION_MALFORMED", text });
  const [days, hours, minutes, seconds] = match.slice(1, 5).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
  ];
  const thousandths = Number((match[5] ?? "").padEnd(3, "0"));
  const { day, hour, minute, second } = UNITS_MS;
  return ok(durationMs(days * day + hours * hour + minutes * minute + seconds * second + thousandths));
}

/** `PT15M`; of no length `PT0S`. */
export function formatDuration(duration: DurationMs): string {
  let rest: number = duration;
  const take = (unit: number): number => {
    const count = Math.floor(rest / unit);
    rest -= count * unit;
    return count;
  };
  const days = take(UNITS_MS.day);
  const parts = [
    [take(UNITS_MS.hour), "H"],
    [take(UNITS_MS.minute), "M"],
  ] as const;
  const seconds = take(UNITS_MS.second);
  const fraction = rest === 0 ? "" : `.${String(rest).padStart(3, "0").replace(/0+$/, "")}`;
  const time =
    parts.map(([count, unit]) => (count === 0 ? "" : `${count}${unit}`)).join("") +
    (seconds === 0 && fraction === "" ? "" : `${seconds}${fraction}S`);
  if (days === 0 && time === "") return "PT0S";
  return `P${days === 0 ? "" : `${days}D`}${time === "" ? "" : `T${time}`}`;
}
