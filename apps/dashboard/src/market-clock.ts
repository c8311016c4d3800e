/**
 * The market's clock as the page follows it: from one reading of the server's, `factor` times as fast as the wall clock.
 * All of it in milliseconds.
 */

/** A reading of the server's clock and when it came in. */
export interface ClockReading {
  readonly serverMs: number;
  /** The page's own clock at that moment. */
  readonly receivedMs: number;
  /** `null`: market time is the wall clock's. */
  readonly factor: number | null;
}

/** Market time when the page's clock shows `nowMs`; never before the reading. */
export function marketTime({ serverMs, receivedMs, factor }: ClockReading, nowMs: number): number {
  return serverMs + Math.max(0, nowMs - receivedMs) * (factor ?? 1);
}

/** How long it takes on the wall clock until market time is `marketMs`; negative where that has passed. */
export function wallTimeUntil(reading: ClockReading, marketMs: number, nowMs: number): number {
  return (marketMs - marketTime(reading, nowMs)) / (reading.factor ?? 1);
}

/** A time still to go, in words; whole seconds, rounded up, so that 0 is not shown before it is true. */
export function countdownText(remainingMs: number): string {
  if (remainingMs <= 0) return "0 s";
  const seconds = Math.ceil(remainingMs / 1_000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${twoDigits(seconds % 60)} s`;
  return `${Math.floor(seconds / 3_600)} h ${twoDigits(Math.floor((seconds % 3_600) / 60))} min`;
}

/** An age in words. */
export function ageText(ageMs: number): string {
  const seconds = Math.floor(Math.max(0, ageMs) / 1_000);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} days`;
}

/** Hours and minutes on the reader's own clock; seconds where asked for. */
export function clockText(instantMs: number, withSeconds = false): string {
  const date = new Date(instantMs);
  const minutes = `${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}`;
  return withSeconds ? `${minutes}:${twoDigits(date.getSeconds())}` : minutes;
}

/** Year, month, day on the reader's own calendar. */
export function dayText(instantMs: number): string {
  const date = new Date(instantMs);
  return `${date.getFullYear()}-${twoDigits(date.getMonth() + 1)}-${twoDigits(date.getDate())}`;
}

/** Since when, to the second; with its date where that is not today's. */
export function sinceText(instantMs: number, nowMs: number): string {
  const [day, time] = [dayText(instantMs), clockText(instantMs, true)];
  return day === dayText(nowMs) ? time : `${day} ${time}`;
}

/** The reader's zone and its distance from UTC at that instant: "Europe/Berlin, UTC+02:00". */
export function zoneText(instantMs: number): string {
  const minutes = -new Date(instantMs).getTimezoneOffset();
  const size = Math.abs(minutes);
  const distance = `UTC${minutes < 0 ? "\u2212" : "+"}${twoDigits(Math.floor(size / 60))}:${twoDigits(size % 60)}`;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return zone === "UTC" ? zone : `${zone}, ${distance}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
