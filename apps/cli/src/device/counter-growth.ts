/** Two meters of one flow, side by side: how much each counted, and whether the two agree. */
import { COUNTER_NAMES, type PointName, type Reading } from "@micromarket/assets";

/** What one side counted, or showed, in the time. Wh; `null`: it does not count that. */
export interface Growth {
  readonly imported: number | null;
  readonly exported: number | null;
  /** Of both counters: what does not show. */
  readonly resolutionWh: number;
}

/** Of one direction. */
export interface Agreement {
  readonly direction: "imported" | "exported";
  readonly a: number | null;
  readonly b: number | null;
  /** `undecided`: too little flowed for counters of these steps; `absent`: one does not count it. */
  readonly verdict: "agrees" | "differs" | "undecided" | "absent";
  /** Of the greater one, in parts per million; `null` where nothing flowed. */
  readonly differencePpm: number | null;
}

/** Compares each direction. `tolerancePpm` of the greater growth may be missing, and a step of either counter. */
export function agreementsOf(a: Growth, b: Growth, tolerancePpm: number): readonly Agreement[] {
  return (["imported", "exported"] as const).map((direction) => {
    const [one, other] = [a[direction], b[direction]];
    if (one === null || other === null) return { direction, a: one, b: other, verdict: "absent", differencePpm: null };
    const most = Math.max(Math.abs(one), Math.abs(other));
    const difference = Math.abs(one - other);
    const allowed = (most * tolerancePpm) / 1_000_000;
    const steps = a.resolutionWh + b.resolutionWh;
    const isClear = one >= 0 && other >= 0;
    const verdict =
      !isClear || difference > allowed + steps ? "differs" : most === 0 || steps > allowed ? "undecided" : "agrees";
    const differencePpm = most === 0 ? null : Math.round((difference * 1_000_000) / most);
    return { direction, a: one, b: other, verdict, differencePpm };
  });
}

/** How a device's counters grew between two readings; `null` where one of the two was missing. */
export function growthOf(before: readonly Reading[], after: readonly Reading[], resolutionWh: number): Growth {
  const [imported = null, exported = null] = COUNTER_NAMES.map((point) => {
    const [first, last] = [valueOf(before, point), valueOf(after, point)];
    return first === null || last === null ? null : last - first;
  });
  return { imported, exported, resolutionWh };
}

/** `null`: missing. */
export function valueOf(readings: readonly Reading[], point: PointName): number | null {
  const value = readings.find((reading) => reading.point === point)?.value;
  return value?.kind === "value" ? value.value : null;
}

/** What a device's power said meanwhile. */
export interface PowerSeen {
  /** Mean of what was read, W; `null`: nothing was. */
  readonly meanW: number | null;
  readonly looks: number;
  /** Looks at which phases flowed in opposite directions. */
  readonly mixedLooks: number;
}

/** Adds a look. */
export function seePower(seen: PowerSeen, readings: readonly Reading[]): PowerSeen {
  const power = valueOf(readings, "power_w");
  const phases = (["power_l1_w", "power_l2_w", "power_l3_w"] as const).map((point) => valueOf(readings, point) ?? 0);
  const isMixed = phases.some((watts) => watts > 0) && phases.some((watts) => watts < 0);
  if (power === null) return seen;
  const looks = seen.looks + 1;
  const meanW = ((seen.meanW ?? 0) * seen.looks + power) / looks;
  return { meanW, looks, mixedLooks: seen.mixedLooks + (isMixed ? 1 : 0) };
}

/** What an installer should look at, in words. */
export function hintsOf(
  names: readonly [a: string, b: string],
  [a, b]: readonly [Growth, Growth],
  powers: readonly (PowerSeen | null)[],
  agreements: readonly Agreement[],
): readonly string[] {
  const hints: string[] = [];
  for (const [index, growth] of [a, b].entries()) {
    const { meanW = null } = powers[index] ?? {};
    const net = (growth.imported ?? 0) - (growth.exported ?? 0);
    if (meanW === null || Math.abs(net) <= growth.resolutionWh || Math.sign(meanW) * net >= 0) continue;
    hints.push(
      `${names[index] ?? ""}: its power is ${meanW > 0 ? "positive" : "negative"} and its counters say the opposite`,
    );
  }
  const differs = agreements.some(({ verdict }) => verdict === "differs");
  const steps = a.resolutionWh + b.resolutionWh;
  const isNear = (one: number | null, other: number | null): boolean =>
    one !== null && other !== null && Math.abs(one - other) <= steps + 0.02 * Math.max(Math.abs(one), Math.abs(other));
  if (differs && isNear(a.imported, b.exported) && isNear(a.exported, b.imported)) {
    hints.push("one counts as import what the other counts as export: turn the clamps, or the sign in the profile");
  } else if (differs && isNear((a.imported ?? 0) - (a.exported ?? 0), (b.imported ?? 0) - (b.exported ?? 0))) {
    hints.push("both agree on import less export: one nets its phases, and the other sums them one by one");
  }
  for (const [index, power] of powers.entries()) {
    if (power === null || power.mixedLooks === 0) continue;
    const share = `${power.mixedLooks} of ${power.looks} looks`;
    hints.push(
      `${names[index] ?? ""}: phases flowed in opposite directions in ${share}: how they are summed matters here`,
    );
  }
  return hints;
}
