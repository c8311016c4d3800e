/** The controls of a profile: the common rules, and how this link writes a value and reads it back. */
import { durationMs } from "@micromarket/kernel";
import type { PointName } from "@micromarket/assets";
import type { Capability } from "@micromarket/control";
import { readControlRules, type ControlSection } from "@micromarket/device-profiles";
import { checkPath, type ProfileReading } from "./check-profile.ts";
import type { ControlFile, ReadbackFile, WriteFile } from "./control-schema.ts";
import { isAbsent } from "./fill-parameters.ts";
import type { ControlProfile, TopicProfile, ValueProfile, WriteStep } from "./profile.ts";
import { builtSource, builtWake } from "./value-source.ts";

/** Values that a range may hold where each must have a word of its own. */
const WORDS_MAX = 1_000;
/** What is read back may lie outside of what may be written. */
const READ_BACK_RANGE = [-1_000_000_000, 1_000_000_000] as const;
const VALUE = "$value";

type Complain = (key: string, code: string, what: string, mend: string) => void;

/** Reads the section; what a schema cannot say is told in the reading's problems. */
export function readControls(reading: ProfileReading): ReadonlyMap<Capability, ControlProfile> {
  const { yaml, file, problems, values } = reading;
  const controls = new Map<Capability, ControlProfile>();
  const sections = Object.entries(file.controls ?? {}) as [Capability, ControlSection & ControlFile][];
  for (const [capability, section] of sections) {
    const path = ["controls", capability];
    const complain: Complain = (key, code, what, mend) => {
      problems.add(yaml.placeOf([...path, key]), { code, what, mend });
    };
    const rules = readControlRules(capability, section, { yaml, problems, path });
    checkState(
      capability,
      section,
      file.topics.flatMap(({ points }) => Object.keys(points)),
      complain,
    );
    checkWrites(section, complain);
    if (section.write.some(({ topic }) => isAbsent(topic, values))) continue;
    const { state, write, keep, requires = [] } = section;
    controls.set(capability, {
      rules,
      write: write.map(builtStep),
      state: typeof state === "string" ? state : builtReadback(state),
      requires: requires.map((one) => ({ about: one.about, equals: one.equals, source: builtReadback(one) })),
      keep: keep === undefined ? null : builtWake(keep),
    });
  }
  return controls;
}

function checkState(
  capability: Capability,
  { state, effect, requires = [] }: ControlSection & ControlFile,
  points: readonly string[],
  complain: Complain,
): void {
  const isKnown = (point: PointName): boolean => points.includes(point);
  if (effect !== undefined && !isKnown(effect.point)) {
    complain("effect", "POINT_UNKNOWN", `${effect.point} is no point of this profile`, "read it under topics");
  }
  for (const { payload, ...one } of requires) {
    checkPath(payload, "what must hold", one, (code, what, mend) => {
      complain("requires", code, what, mend);
    });
  }
  if (typeof state !== "string") {
    checkPath(state.payload, "state", state, (code, what, mend) => {
      complain("state", code, what, mend);
    });
    return;
  }
  if (!isKnown(state)) {
    complain("state", "POINT_UNKNOWN", `${state} is no point of this profile`, "read it under topics");
  }
  const [wanted, found] = [capability, state].map((name) => /_(w|ppm|ma|mc)$/.exec(name)?.[1] ?? null);
  if (wanted === found) return;
  complain("state", "UNIT_DIFFERS", `${state} is in another unit than ${capability}`, "name a point of the same unit");
}

function checkWrites({ range, forbid = [], write }: ControlSection & ControlFile, complain: Complain): void {
  if (!write.some(({ payload }) => payload.includes(VALUE))) {
    complain("write", "VALUE_UNUSED", `no payload holds ${VALUE}`, `write ${VALUE} where the value stands`);
  }
  for (const { map } of write) {
    if (map === undefined) continue;
    for (let value = range.min, count = 0; value <= range.max && count < WORDS_MAX; value += range.step, count += 1) {
      if (Object.hasOwn(map, String(value)) || forbid.includes(value)) continue;
      complain("write", "WORD_MISSING", `the map has no word for ${value}`, `add ${value}: the device's word`);
      break;
    }
  }
}

function builtStep({ topic, payload, pow10 = 0, sign = "as-is", map }: WriteFile): WriteStep {
  const words =
    map === undefined ? null : new Map(Object.entries(map).map(([value, word]) => [Number(value), word] as const));
  return { topic, payload, pow10, sign, map: words };
}

function builtReadback(file: ReadbackFile): TopicProfile<ValueProfile> {
  const { topic, payload, pow10 = 0, sign = "as-is", max_age_s: maxAgeS, on_change: onChange = false } = file;
  const maxAge = durationMs(maxAgeS * 1_000);
  const value: ValueProfile = { ...builtSource(file), pow10, sign, range: READ_BACK_RANGE, maxAge };
  return { ...{ topic, payload, onChange, time: null }, partial: true, allZeroIsMissing: false, points: [value] };
}
