/** What changed between two readings of a device, and how fast its counters count. */
import { COUNTER_NAMES, type PointName, type Reading } from "@micromarket/assets";
import { humanValue } from "./human-value.ts";

/** One reading beside the one before. */
export interface Change {
  readonly reading: Reading;
  readonly isNew: boolean;
  /** In the point's unit; `null` where one of the two is missing. */
  readonly by: number | null;
  /** Of a counter: the power that its growth comes from; `null` where it did not grow, and is none that turns back. */
  readonly meanW: number | null;
}

const COUNTERS: ReadonlySet<PointName> = new Set(COUNTER_NAMES);
const HOUR_MS = 3_600_000;

/** Each of `readings` beside that of `before`. */
export function changesSince(before: ReadonlyMap<PointName, Reading>, readings: readonly Reading[]): readonly Change[] {
  return readings.map((reading) => {
    const last = before.get(reading.point);
    if (last === undefined) return { reading, isNew: true, by: null, meanW: null };
    const isValue = last.value.kind === "value" && reading.value.kind === "value";
    const by =
      last.value.kind === "value" && reading.value.kind === "value" ? reading.value.value - last.value.value : null;
    const isNew = isValue ? by !== 0 : last.value.kind !== reading.value.kind;
    const ms = reading.at - last.at;
    const isRate = COUNTERS.has(reading.point) && by !== null && (by > 0 || reading.point === "net_wh") && ms > 0;
    return { reading, isNew, by, meanW: isRate ? Math.round((by * HOUR_MS) / ms) : null };
  });
}

/** `+120 W`, or `+0.01 kWh, 360 W on average`; "" where nothing changed. */
export function changeText({ reading, by, meanW }: Change): string {
  if (by === null || by === 0) return "";
  const step = `${by > 0 ? "+" : ""}${humanValue(reading.point, by)}`;
  return meanW === null ? step : `${step}, ${meanW} W on average`;
}
