/**
 * What a profile's `controls.<capability>` says whatever the device speaks. How the value gets into a frame is each link's
 * own: it adds its fields to these.
 */
import { POINT_NAMES } from "@micromarket/assets";
import type { Capability, ControlRules, Reversion } from "@micromarket/control";
import type { ProblemLog } from "@micromarket/kernel";
import { Type, type Static, type TObject } from "@sinclair/typebox";
import type { YamlPath, YamlText } from "@micromarket/yaml-files";
import { choice, closed, integer } from "./schema-parts.ts";

const LARGEST = 1_000_000_000;
const seconds = (example: number, description: string): ReturnType<typeof integer> =>
  integer(1, 86_400, example, description);
const value = (example: number, description: string): ReturnType<typeof integer> =>
  integer(-LARGEST, LARGEST, example, description);

/** The fields, to be spread into a control's schema. Values are in the capability's unit. */
export const controlFields = {
  range: Type.Object(
    { min: value(0, "Least"), max: value(1_000_000, "Greatest"), step: integer(1, LARGEST, 10_000, "Smallest step") },
    { ...closed, description: "What may be written", examples: ["{ min: 0, max: 1000000, step: 10000 }"] },
  ),
  forbid: Type.Optional(Type.Array(value(0, "A value"), { maxItems: 20, description: "Values never to be written" })),
  deadband: Type.Optional(integer(0, LARGEST, 10_000, "A smaller change is not written; 0 by default")),
  min_interval_s: integer(0, 86_400, 5, "Least seconds between two writes of different values"),
  persistence: choice(["volatile", "flash", "unknown"], "Whether a write wears the device's memory"),
  writes_per_day_max: Type.Optional(
    integer(1, 1_000_000, 24, "Most writes in a day; 24 by default where they wear the device or it is not known"),
  ),
  verify: Type.Object(
    { tolerance: integer(0, LARGEST, 10_000, "How near"), within_s: seconds(5, "How soon") },
    { ...closed, description: "What the device must say after a write" },
  ),
  effect: Type.Optional(
    Type.Object(
      {
        point: Type.Unsafe<(typeof POINT_NAMES)[number]>({ type: "string", enum: [...POINT_NAMES] }),
        tolerance: integer(0, LARGEST, 200, "How near, in the point's unit"),
        within_s: seconds(60, "How soon"),
      },
      { ...closed, description: "What must be seen of it" },
    ),
  ),
  reversion: Type.Object(
    {
      kind: choice(["timer", "heartbeat", "none"], "What ends a set-point when the writer is gone"),
      after_s: Type.Optional(seconds(90, "How soon")),
      refresh_s: Type.Optional(
        seconds(30, "How often it is written again; a third of after_s by default, and at most"),
      ),
      falls_back_to: Type.Optional(value(1_000_000, "What it falls back to; without it, to what its settings say")),
    },
    { ...closed, description: "What ends a set-point when the writer is gone", examples: ["{ kind: none }"] },
  ),
  release: Type.Object(
    {
      mode: choice(["restore", "value"], "Put back what was found, or write a value"),
      value: Type.Optional(value(1_000_000, "The value")),
    },
    { ...closed, description: "How the device is given back", examples: ["{ mode: restore }"] },
  ),
  on_gateway_loss: choice(["hold", "revert", "safe-value"], "What the device does once nobody writes to it any more"),
};

/** The common fields as a file has them. */
export type ControlSection = Static<TObject<typeof controlFields>>;

const WRITES_PER_DAY_MAX = 24;

/** The rules of a section that passed the schema; what a schema cannot say is told in `problems`. */
export function readControlRules(
  capability: Capability,
  section: ControlSection,
  { yaml, problems, path }: { readonly yaml: YamlText; readonly problems: ProblemLog; readonly path: YamlPath },
): ControlRules {
  const complain = (key: string, code: string, what: string, mend: string): void =>
    problems.add(yaml.placeOf([...path, key]), { code, what, mend });
  const { range, forbid = [], deadband = 0, persistence, verify, effect, release, reversion } = section;
  if (range.min > range.max) complain("range", "RANGE_REVERSED", "min is greater than max", "swap the two");
  if (release.mode === "value" && release.value === undefined) {
    complain("release", "RELEASE_VALUE_MISSING", "release writes a value and names none", "add value");
  }
  const { kind, after_s: afterS, refresh_s: refreshS } = reversion;
  if (kind !== "none" && afterS === undefined) {
    complain("reversion", "REVERSION_TIME_MISSING", `a ${kind} has a time`, "add after_s: the seconds until it ends");
  }
  if (afterS !== undefined && refreshS !== undefined && refreshS * 3 > afterS) {
    const what = `${refreshS} s is more than a third of ${afterS} s: one lost write would let the set-point end`;
    complain("reversion", "REFRESH_TOO_SLOW", what, `write ${Math.max(1, Math.floor(afterS / 3))} or less`);
  }
  const byDefault = persistence === "volatile" ? null : WRITES_PER_DAY_MAX;
  return {
    ...{ capability, range, forbid, deadband, persistence },
    minIntervalMs: section.min_interval_s * 1_000,
    writesPerDayMax: section.writes_per_day_max ?? byDefault,
    verify: { tolerance: verify.tolerance, withinMs: verify.within_s * 1_000 },
    effect:
      effect === undefined
        ? null
        : { point: effect.point, tolerance: effect.tolerance, withinMs: effect.within_s * 1_000 },
    reversion: reversionOf(reversion),
    release: release.mode === "restore" ? { mode: "restore" } : { mode: "value", value: release.value ?? 0 },
    onGatewayLoss: section.on_gateway_loss,
  };
}

function reversionOf(section: ControlSection["reversion"]): Reversion {
  const { kind, after_s: afterS = 3, refresh_s: refreshS, falls_back_to: fallsBackTo = null } = section;
  if (kind === "none") return { kind };
  const refreshMs = refreshS === undefined ? Math.floor((afterS * 1_000) / 3) : refreshS * 1_000;
  return { kind, afterMs: afterS * 1_000, refreshMs, fallsBackTo };
}
