/**
 * A device profile, ready to read messages with: parameters filled in, units turned into powers of ten.
 *
 * Invariants: every topic template has `{id}` exactly once and is a topic name once it is filled; no two templates are
 * equal; no point is read from two topics; every counter says what it counts and how finely.
 */
import {
  durationMs,
  fail,
  ok,
  problemLog,
  type DurationMs,
  type InputProblem,
  type ProblemLog,
  type Result,
} from "@micromarket/kernel";
import type { PointName } from "@micromarket/assets";
import { readYaml, schemaCheck, type YamlPath, type YamlText } from "@micromarket/yaml-files";
import { UNITS } from "./exact-value.ts";
import { isTopicName } from "./mqtt-message.ts";
import { PROFILE_SCHEMA, type PointFile, type ProfileFile, type TopicFile } from "./profile-schema.ts";

/** What a counter counts, and how finely. */
export interface CounterProfile {
  readonly resolutionWh: number;
  /** Whether it may be set back by a user or a reset. */
  readonly resets: "never" | "possible" | "unknown";
  /** `vector`: phases are summed before they are counted, as utility meters of several countries do. */
  readonly balance: "vector" | "per-phase" | "unknown";
}

/** How one point is read. */
export interface PointProfile {
  readonly point: PointName;
  /** Empty where the payload is the number. */
  readonly path: readonly (string | number)[];
  /** The number × 10^pow10 is in the unit of the point's name. */
  readonly pow10: number;
  readonly sign: "as-is" | "invert";
  /** Plausible values, both ends included. */
  readonly range: readonly [number, number];
  readonly maxAge: DurationMs;
  readonly counter: CounterProfile | null;
}

/** How the messages of one topic are read. */
export interface TopicProfile {
  /** With `{id}` where the device's name stands. */
  readonly topic: string;
  readonly payload: "json" | "number";
  /** An absent point keeps its last reading instead of being not reported. */
  readonly partial: boolean;
  /** A message of several points that are all 0 is no reading: what firmware sends before it has heard the meter. */
  readonly allZeroIsMissing: boolean;
  readonly time: { readonly path: readonly (string | number)[]; readonly format: TimeFormat } | null;
  readonly points: readonly PointProfile[];
}

/** How a message tells its time. ISO 8601 without a zone is no time. */
export type TimeFormat = "unix-s" | "unix-ms" | "iso-8601";

/** Where a device says that it is there. */
export interface AvailabilityProfile {
  readonly topic: string;
  readonly online: string;
  readonly offline: string;
}

/** A profile with its parameters filled in. */
export interface DeviceProfile {
  readonly name: string;
  readonly version: string;
  readonly kind: ProfileFile["kind"];
  readonly vendor: string;
  readonly models: readonly string[];
  /** `facts`: two sources agree; `single`: one source; `lab`: an independent simulator; `field`: a real device. */
  readonly verified: ProfileFile["verified"];
  readonly sources: ProfileFile["sources"];
  readonly requirements: readonly string[];
  readonly caveats: readonly string[];
  readonly availability: AvailabilityProfile | null;
  readonly topics: readonly TopicProfile[];
}

/** Values of a profile's parameters, by name. */
export type ProfileParameters = Readonly<Record<string, string>>;

const DEVICE_ID = "{id}";
const PARAMETER_VALUE = /^[^\p{Cc}\p{Surrogate}{}+#]{1,64}$/u;

const holdAgainstSchema = schemaCheck(PROFILE_SCHEMA);

/** A profile whose parts are each as the schema wants them. */
interface ProfileReading {
  readonly yaml: YamlText;
  readonly file: ProfileFile;
  readonly problems: ProblemLog;
}

/** The profile in `text`. `file` is the name that its problems carry. */
export function readProfile(
  text: string,
  file: string,
  given: ProfileParameters = {},
): Result<DeviceProfile, readonly InputProblem[]> {
  const yaml = readYaml(text, file);
  if (!yaml.ok) return yaml;
  const problems = problemLog();
  holdAgainstSchema(yaml.value, problems);
  if (problems.count() > 0) return fail(problems.list());
  const reading: ProfileReading = { yaml: yaml.value, file: yaml.value.value as ProfileFile, problems };
  const values = parameterValues(reading, given);
  if (problems.count() > 0) return fail(problems.list());
  checkTopics(reading, values);
  checkPaths(reading, values);
  checkPoints(reading);
  return problems.count() > 0 ? fail(problems.list()) : ok(filled(reading.file, values));
}

function parameterValues({ yaml, file, problems }: ProfileReading, given: ProfileParameters): Map<string, string> {
  const known = file.params ?? {};
  for (const name of Object.keys(given).filter((key) => !Object.hasOwn(known, key))) {
    const what = `the profile has no parameter "${name}"`;
    const mend = `give only: ${Object.keys(known).join(", ") || "none"}`;
    problems.add(yaml.placeOf(["params"]), { code: "PARAMETER_UNKNOWN", what, mend });
  }
  const values = new Map<string, string>();
  for (const [name, { about, default: usual }] of Object.entries(known)) {
    const place = yaml.placeOfKey(["params", name]);
    const value = given[name] ?? usual;
    if (value === undefined) {
      const complaint = { what: `parameter "${name}" has no value`, mend: `give it: ${about}` };
      problems.add(place, { code: "PARAMETER_MISSING", ...complaint });
    } else if (!PARAMETER_VALUE.test(value)) {
      const what = `parameter "${name}" is ${JSON.stringify(value)}`;
      problems.add(place, { code: "PARAMETER_INVALID", what, mend: "use 1 to 64 characters, none of { } + #" });
    } else values.set(name, value);
  }
  return values;
}

/** Topics must be topics once they are filled in, and no two of them the same. */
function checkTopics({ yaml, file, problems }: ProfileReading, values: ReadonlyMap<string, string>): void {
  const templates: (readonly [YamlPath, string])[] = file.topics.map(({ topic }, index) => [
    ["topics", index, "topic"],
    topic,
  ]);
  if (file.availability !== undefined) templates.push([["availability", "topic"], file.availability.topic]);
  for (const [index, [path, template]] of templates.entries()) {
    const topic = fill(template, values);
    const isTopic = topic.split(DEVICE_ID).length === 2 && isTopicName(topic.replace(DEVICE_ID, "device"));
    if (!isTopic || /[{}]/.test(topic.replace(DEVICE_ID, ""))) {
      const mend = `write a topic without wildcards and with ${DEVICE_ID} once`;
      const what = `"${template}" is no topic of a profile`;
      problems.add(yaml.placeOf(path), { code: "TOPIC_INVALID", what, mend });
    } else if (templates.findIndex(([, other]) => other === template) < index) {
      const mend = "put all its points under one entry";
      problems.add(yaml.placeOf(path), { code: "TOPIC_TWICE", what: `"${template}" stands twice`, mend });
    }
  }
}

/** Every `{…}` in a path must name a parameter. */
function checkPaths({ yaml, file, problems }: ProfileReading, values: ReadonlyMap<string, string>): void {
  for (const [path, keys] of pathsIn(file)) {
    const unknown = keys.find((key) => typeof key === "string" && /[{}]/.test(fill(key, values)));
    if (unknown === undefined) continue;
    const complaint = { what: `"${unknown}" names no parameter`, mend: "declare it under params" };
    problems.add(yaml.placeOf(path), { code: "PLACEHOLDER_UNKNOWN", ...complaint });
  }
}

function* pathsIn({ topics }: ProfileFile): Generator<readonly [YamlPath, readonly (string | number)[]]> {
  for (const [index, topic] of topics.entries()) {
    if (topic.time !== undefined) yield [["topics", index, "time", "path"], topic.time.path];
    for (const [name, point] of Object.entries(topic.points)) {
      if (point.path !== undefined) yield [["topics", index, "points", name, "path"], point.path];
    }
  }
}

function checkPoints({ yaml, file, problems }: ProfileReading): void {
  const seen = new Set<string>();
  for (const [index, topic] of file.topics.entries()) {
    for (const [name, point] of Object.entries(topic.points)) {
      const path = ["topics", index, "points", name];
      const complain = (code: string, what: string, mend: string): void => {
        problems.add(yaml.placeOfKey(path), { code, what, mend });
      };
      if (seen.has(name)) complain("POINT_TWICE", `${name} is read from two topics`, "choose one of them");
      seen.add(name);
      if (topic.payload === "json" && point.path === undefined) {
        complain("PATH_MISSING", `${name} has no path`, "add path: the keys from the root of the JSON to it");
      }
      if (topic.payload === "number" && point.path !== undefined) {
        complain("PATH_UNEXPECTED", `${name} has a path, but the payload is a number`, "delete the path");
      }
      const [low, high] = point.range;
      if (low <= high) continue;
      const complaint = { what: "the range ends before it begins", mend: "swap its ends" };
      problems.add(yaml.placeOf([...path, "range"]), { code: "RANGE_REVERSED", ...complaint });
    }
    const isOneNumber = Object.keys(topic.points).length === 1 && topic.time === undefined;
    if (topic.payload === "json" || isOneNumber) continue;
    const complaint = { what: "a number is one point and has no time", mend: "use payload: json" };
    problems.add(yaml.placeOf(["topics", index, "payload"]), { code: "NUMBER_ALONE", ...complaint });
  }
}

function fill(template: string, values: ReadonlyMap<string, string>): string {
  return template.replace(/\{([a-z_]+)\}/g, (whole, name: string) => values.get(name) ?? whole);
}

function filled(file: ProfileFile, values: ReadonlyMap<string, string>): DeviceProfile {
  const { profile: name, version, kind, vendor, models, verified, sources, requirements, caveats, availability } = file;
  return {
    ...{ name, version, kind, vendor, models, verified, sources, requirements, caveats },
    availability: availability === undefined ? null : { ...availability, topic: fill(availability.topic, values) },
    topics: file.topics.map((topic) => filledTopic(topic, values)),
  };
}

function filledTopic(file: TopicFile, values: ReadonlyMap<string, string>): TopicProfile {
  const fillPath = (path: readonly (string | number)[]): (string | number)[] =>
    path.map((key) => (typeof key === "string" ? fill(key, values) : key));
  const points = Object.entries(file.points) as [PointName, PointFile][];
  return {
    topic: fill(file.topic, values),
    payload: file.payload,
    partial: file.partial ?? false,
    allZeroIsMissing: file.all_zero === "missing",
    time: file.time === undefined ? null : { path: fillPath(file.time.path), format: file.time.format },
    points: points.map(([point, { path = [], unit, pow10 = 0, sign, range, max_age_s: maxAgeS, counter }]) => ({
      ...{ point, sign, range },
      path: fillPath(path),
      pow10: pow10 + (UNITS[point][unit] ?? 0),
      maxAge: durationMs(maxAgeS * 1000),
      counter: counter === undefined ? null : counterProfile(counter),
    })),
  };
}

function counterProfile(counter: NonNullable<PointFile["counter"]>): CounterProfile {
  return { resolutionWh: counter.resolution_wh, resets: counter.resets, balance: counter.balance };
}
