/**
 * A device profile, ready to read messages with: parameters filled in, units turned into powers of ten.
 *
 * Invariants: every topic template has `{id}` exactly once and is a topic name once it is filled; no two templates are
 * equal; no point is read from two topics; every counter says what it counts and how finely.
 */
import { durationMs, fail, ok, type DurationMs, type Result } from "@micromarket/kernel";
import type { PointName } from "@micromarket/assets";
import { UNITS } from "./exact-value.ts";
import { isTopicName } from "./mqtt-message.ts";
import type { ProfileProblem } from "./profile-problem.ts";
import type { PointFile, ProfileFile, TopicFile } from "./profile-schema.ts";
import { readProfileText, type ProfilePath, type ProfileText } from "./profile-text.ts";

/** What a counter counts, and how finely. */
export interface CounterProfile {
  readonly resolutionWh: number;
  /** `vector`: phases are summed before they are counted, as utility meters of several countries do. */
  readonly balanced: "vector" | "per-phase" | "unknown";
  readonly resettable: boolean;
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

/** The profile in `text`. `file` is the name that its problems carry. */
export function readProfile(
  text: string,
  file: string,
  given: ProfileParameters = {},
): Result<DeviceProfile, readonly ProfileProblem[]> {
  const yaml = readProfileText(text, file);
  if (!yaml.ok) return yaml;
  const values = parameterValues(yaml.value, given);
  if (!values.ok) return values;
  const problems = [...templateProblems(yaml.value, values.value), ...pointProblems(yaml.value)];
  return problems.length > 0 ? fail(problems) : ok(filled(yaml.value.value, values.value));
}

function parameterValues(
  yaml: ProfileText,
  given: ProfileParameters,
): Result<ReadonlyMap<string, string>, readonly ProfileProblem[]> {
  const known = yaml.value.params ?? {};
  const problems: ProfileProblem[] = [];
  for (const name of Object.keys(given).filter((key) => !Object.hasOwn(known, key))) {
    const mend = `give only: ${Object.keys(known).join(", ") || "none"}`;
    problems.push(yaml.problem(["params"], `the profile has no parameter "${name}"`, mend));
  }
  const values = new Map<string, string>();
  for (const [name, { about, default: usual }] of Object.entries(known)) {
    const value = given[name] ?? usual;
    if (value === undefined) {
      problems.push(yaml.problem(["params", name], `parameter "${name}" has no value`, `give it: ${about}`));
    } else if (!PARAMETER_VALUE.test(value)) {
      const mend = "use 1 to 64 characters, none of { } + #";
      problems.push(yaml.problem(["params", name], `parameter "${name}" is ${JSON.stringify(value)}`, mend));
    } else values.set(name, value);
  }
  return problems.length > 0 ? fail(problems) : ok(values);
}

/** Topics and paths: every `{…}` must be known, and topics must be topics. */
function templateProblems(yaml: ProfileText, values: ReadonlyMap<string, string>): ProfileProblem[] {
  const { topics, availability } = yaml.value;
  const templates: (readonly [ProfilePath, string])[] = topics.map((topic, index) => [
    ["topics", index, "topic"],
    topic.topic,
  ]);
  if (availability !== undefined) templates.push([["availability", "topic"], availability.topic]);
  const problems = templates.flatMap(([path, template], index) => {
    const topic = fill(template, values);
    const isTopic = topic.split(DEVICE_ID).length === 2 && isTopicName(topic.replace(DEVICE_ID, "device"));
    const mend = `write a topic without wildcards and with ${DEVICE_ID} once`;
    if (!isTopic || /[{}]/.test(topic.replace(DEVICE_ID, ""))) {
      return [yaml.problem(path, `"${template}" is no topic of a profile`, mend)];
    }
    const isTwice = templates.findIndex(([, other]) => other === template) < index;
    return isTwice ? [yaml.problem(path, `"${template}" stands twice`, "put all its points under one entry")] : [];
  });
  for (const [path, keys] of pathsIn(yaml.value)) {
    const unknown = keys.find((key) => typeof key === "string" && /[{}]/.test(fill(key, values)));
    if (unknown === undefined) continue;
    problems.push(yaml.problem(path, `"${unknown}" names no parameter`, "declare it under params"));
  }
  return problems;
}

function* pathsIn({ topics }: ProfileFile): Generator<readonly [ProfilePath, readonly (string | number)[]]> {
  for (const [index, topic] of topics.entries()) {
    if (topic.time !== undefined) yield [["topics", index, "time", "path"], topic.time.path];
    for (const [name, point] of Object.entries(topic.points)) {
      if (point.path !== undefined) yield [["topics", index, "points", name, "path"], point.path];
    }
  }
}

function pointProblems(yaml: ProfileText): ProfileProblem[] {
  const seen = new Set<string>();
  return yaml.value.topics.flatMap((topic, index) => {
    const at = (...rest: (string | number)[]): ProfilePath => ["topics", index, ...rest];
    const problems = Object.entries(topic.points).flatMap(([name, point]) => {
      const found: ProfileProblem[] = [];
      const path = at("points", name);
      if (seen.has(name)) found.push(yaml.problem(path, `${name} is read from two topics`, "choose one of them"));
      seen.add(name);
      if (topic.payload === "json" && point.path === undefined) {
        found.push(yaml.problem(path, `${name} has no path`, "add path: the keys from the root of the JSON to it"));
      }
      if (topic.payload === "number" && point.path !== undefined) {
        found.push(yaml.problem(path, `${name} has a path, but the payload is a number`, "delete the path"));
      }
      const [low, high] = point.range;
      if (low > high) found.push(yaml.problem([...path, "range"], `the range ends before it begins`, "swap its ends"));
      return found;
    });
    const isOneNumber =
      topic.payload === "json" || (Object.keys(topic.points).length === 1 && topic.time === undefined);
    if (isOneNumber) return problems;
    return [...problems, yaml.problem(at("payload"), "a number is one point and has no time", "use payload: json")];
  });
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
  return { resolutionWh: counter.resolution_wh, balanced: counter.balanced, resettable: counter.resettable };
}
