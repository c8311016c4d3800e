/** What is wrong with a profile that its schema cannot tell. */
import type { ProblemLog } from "@micromarket/kernel";
import type { YamlPath, YamlText } from "@micromarket/yaml-files";
import { isAbsent, type ParameterValues } from "./fill-parameters.ts";
import { isTopicName } from "./mqtt-message.ts";
import type { PointFile, ProfileFile, TopicFile } from "./profile-schema.ts";
import type { PathFile } from "./schema-parts.ts";
import { pathText } from "./value-source.ts";

/** A profile whose parts are each as the schema wants them, with its parameters filled in. */
export interface ProfileReading {
  readonly yaml: YamlText;
  readonly file: ProfileFile;
  readonly problems: ProblemLog;
  readonly values: ParameterValues;
}

const DEVICE_ID = "{id}";

/** Logs every fault. */
export function checkProfile(reading: ProfileReading): void {
  checkTopics(reading);
  checkPaths(reading);
  checkPoints(reading);
}

/** Topics must be topics once they are filled in, and of those that are read no two may be the same. */
function checkTopics(reading: ProfileReading): void {
  const { file, yaml, problems, values } = reading;
  const read: string[] = [];
  for (const [path, topic] of topicsIn(file)) {
    if (isAbsent(topic, values)) continue;
    if (!isTopicOfProfile(topic)) {
      const mend = `write a topic without wildcards and with ${DEVICE_ID} at most once`;
      const what = `"${topic}" is no topic of a profile`;
      problems.add(yaml.placeOf(path), { code: "TOPIC_INVALID", what, mend });
      continue;
    }
    if (path[0] !== "topics" && path[0] !== "availability") continue;
    if (read.includes(topic)) {
      const mend = "put all its points under one entry";
      problems.add(yaml.placeOf(path), { code: "TOPIC_TWICE", what: `"${topic}" stands twice`, mend });
    }
    read.push(topic);
  }
  if (file.topics.some((topic) => isThere(topic, values))) return;
  const complaint = { what: "no topic and no point is left", mend: "give one of the optional parameters" };
  problems.add(yaml.placeOf(["topics"]), { code: "PROFILE_EMPTY", ...complaint });
}

function isThere({ topic, points }: TopicFile, values: ParameterValues): boolean {
  const paths = Object.values(points).map(({ path = [] }) => path);
  return !isAbsent(topic, values) && paths.some((path) => !isAbsent(pathText(path), values));
}

function isTopicOfProfile(topic: string): boolean {
  const isTopic = topic.split(DEVICE_ID).length <= 2 && isTopicName(topic.replace(DEVICE_ID, "device"));
  return isTopic && !/[{}]/.test(topic.replace(DEVICE_ID, ""));
}

function* topicsIn({
  topics,
  availability,
  heartbeat,
  wake,
  controls = {},
}: ProfileFile): Generator<readonly [YamlPath, string]> {
  for (const [index, { topic }] of topics.entries()) yield [["topics", index, "topic"], topic];
  for (const [name, section] of Object.entries({ availability, heartbeat, wake })) {
    if (section !== undefined) yield [[name, "topic"], section.topic];
  }
  for (const [capability, { write, state, keep, requires = [] }] of Object.entries(controls)) {
    const path = ["controls", capability];
    for (const [index, { topic }] of write.entries()) yield [[...path, "write", index, "topic"], topic];
    for (const [index, { topic }] of requires.entries()) yield [[...path, "requires", index, "topic"], topic];
    if (typeof state !== "string") yield [[...path, "state", "topic"], state.topic];
    if (keep !== undefined) yield [[...path, "keep", "topic"], keep.topic];
  }
}

/** Every `{…}` in a path must name a parameter. */
function checkPaths({ yaml, file, problems, values }: ProfileReading): void {
  for (const [path, keys] of pathsIn(file)) {
    const parts = typeof keys === "string" ? [keys] : keys;
    const unknown = parts.find((key) => typeof key === "string" && /[{}]/.test(key) && !isAbsent(key, values));
    if (unknown === undefined) continue;
    const complaint = { what: `"${unknown}" names no parameter`, mend: "declare it under params" };
    problems.add(yaml.placeOf(path), { code: "PLACEHOLDER_UNKNOWN", ...complaint });
  }
}

function* pathsIn({ topics, availability, controls = {} }: ProfileFile): Generator<readonly [YamlPath, PathFile]> {
  for (const [index, topic] of topics.entries()) {
    if (topic.time !== undefined) yield [["topics", index, "time", "path"], topic.time.path];
    for (const [name, { path }] of Object.entries(topic.points)) {
      if (path !== undefined) yield [["topics", index, "points", name, "path"], path];
    }
  }
  if (availability?.path !== undefined) yield [["availability", "path"], availability.path];
  for (const [capability, { state, requires = [] }] of Object.entries(controls)) {
    for (const [index, { path }] of requires.entries()) {
      if (path !== undefined) yield [["controls", capability, "requires", index, "path"], path];
    }
    const isOwn = typeof state !== "string" && state.path !== undefined;
    if (isOwn) yield [["controls", capability, "state", "path"], state.path];
  }
}

function checkPoints({ yaml, file, problems, values }: ProfileReading): void {
  const seen = new Set<string>();
  for (const [index, topic] of file.topics.entries()) {
    for (const [name, point] of Object.entries(topic.points)) {
      const path = ["topics", index, "points", name];
      const complain = (code: string, what: string, mend: string): void => {
        problems.add(yaml.placeOfKey(path), { code, what, mend });
      };
      if (isAbsent(topic.topic, values)) continue;
      if (seen.has(name)) complain("POINT_TWICE", `${name} is read from two topics`, "choose one of them");
      seen.add(name);
      checkPath(topic.payload, name, point, complain);
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

/** A value of a JSON payload has a path, one that is the payload has none. */
export function checkPath(
  payload: "json" | "number",
  name: string,
  { path, element }: Pick<PointFile, "path" | "element">,
  complain: (code: string, what: string, mend: string) => void,
): void {
  if (payload === "json" && path === undefined) {
    complain("PATH_MISSING", `${name} has no path`, "add path: the keys from the root of the JSON to it");
  }
  if (payload === "number" && (path !== undefined || element !== undefined)) {
    complain("PATH_UNEXPECTED", `${name} has a path, but the payload is a number`, "delete the path");
  }
}
