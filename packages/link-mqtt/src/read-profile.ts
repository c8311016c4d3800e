/** A profile file, read: held against the schema, parameters filled in, checked, and made ready to read messages with. */
import { durationMs, fail, ok, problemLog, type InputProblem, type Result } from "@micromarket/kernel";
import type { PointName } from "@micromarket/assets";
import { readCounter, readProfileHead } from "@micromarket/device-profiles";
import { readYaml, schemaCheck } from "@micromarket/yaml-files";
import { checkProfile, type ProfileReading } from "./check-profile.ts";
import { UNITS } from "./exact-value.ts";
import { filledText, isAbsent, parameterValues, type ParameterValues } from "./fill-parameters.ts";
import type { DeviceProfile, PointProfile, ProfileParameters, TopicProfile } from "./profile.ts";
import { PARAMS_SCHEMA, PROFILE_SCHEMA, type PointFile, type ProfileFile, type TopicFile } from "./profile-schema.ts";
import { readControls } from "./read-controls.ts";
import { builtSource, builtWake, jsonPath, pathText } from "./value-source.ts";

const checkParams = schemaCheck(PARAMS_SCHEMA);
const checkFile = schemaCheck(PROFILE_SCHEMA);

/** The profile in `text`. `file` is the name that its problems carry. */
export function readProfile(
  text: string,
  file: string,
  given: ProfileParameters = {},
): Result<DeviceProfile, readonly InputProblem[]> {
  const raw = readYaml(text, file);
  if (!raw.ok) return raw;
  const problems = problemLog();
  checkParams(raw.value, problems);
  if (problems.count() > 0) return fail(problems.list());
  const { params = {} } = raw.value.value as Pick<ProfileFile, "params">;
  const values = parameterValues(params, given, { yaml: raw.value, problems });
  if (problems.count() > 0) return fail(problems.list());
  const yaml = filledText(raw.value, values);
  checkFile(yaml, problems);
  if (problems.count() > 0) return fail(problems.list());
  const reading: ProfileReading = { yaml, file: yaml.value as ProfileFile, problems, values };
  checkProfile(reading);
  const controls = readControls(reading);
  return problems.count() > 0 ? fail(problems.list()) : ok({ ...builtProfile(reading), controls });
}

function builtProfile({ file, values }: ProfileReading): Omit<DeviceProfile, "controls"> {
  const { availability, heartbeat, wake } = file;
  const hasAvailability = availability !== undefined && !isAbsent(availability.topic, values);
  return {
    ...readProfileHead(file),
    availability: hasAvailability
      ? { ...availability, path: availability.path === undefined ? null : jsonPath(availability.path) }
      : null,
    heartbeat: heartbeat === undefined || isAbsent(heartbeat.topic, values) ? null : heartbeat.topic,
    wake: wake === undefined ? null : builtWake(wake),
    topics: file.topics
      .filter(({ topic }) => !isAbsent(topic, values))
      .map((topic) => builtTopic(topic, values))
      .filter(({ points }) => points.length > 0),
  };
}

function builtTopic(file: TopicFile, values: ParameterValues): TopicProfile {
  const points = Object.entries(file.points) as [PointName, PointFile][];
  return {
    topic: file.topic,
    payload: file.payload,
    partial: file.partial ?? false,
    onChange: file.on_change ?? false,
    allZeroIsMissing: file.all_zero === "missing",
    time: file.time === undefined ? null : { path: file.time.path, format: file.time.format },
    points: points.filter(([, { path = [] }]) => !isAbsent(pathText(path), values)).map(builtPoint),
  };
}

function builtPoint([point, file]: [PointName, PointFile]): PointProfile {
  const { unit, pow10 = 0, sign, range, max_age_s: maxAgeS, counter } = file;
  return {
    ...{ point, sign, range },
    ...builtSource(file),
    pow10: pow10 + (UNITS[point][unit] ?? 0),
    maxAge: durationMs(maxAgeS * 1_000),
    counter: counter === undefined ? null : readCounter(counter),
  };
}
