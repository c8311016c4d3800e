/**
 * One message into readings: a pure function of the profile, the message and the time of its arrival.
 *
 * The rule of age: a reading is as old as the older of its arrival and the time that the message itself tells. A message
 * that the broker had stored before the subscription was made may be of any age; unless it tells its time, and that time
 * lies not in the future, its readings are `missing("stale")`, whatever they say. Where a profile declares a time, the
 * device's clock is trusted to be late, never to be early. What a device publishes only when it changes holds however old
 * it is: whether it counts, the device's sign of life decides (`MqttDevice`).
 */
import {
  instantMs,
  least,
  measured,
  minus,
  missing,
  parseInstant,
  plus,
  SECOND,
  times,
  type InstantMs,
  type Measurement,
} from "@micromarket/kernel";
import type { DeviceReadings } from "@micromarket/assets";
import { integerOf } from "./exact-value.ts";
import type { MqttMessage } from "./mqtt-message.ts";
import { NumberText, readJson, readText, valueAt, type JsonValue } from "./payload-json.ts";
import type { AvailabilityProfile, DeviceProfile, TopicProfile, ValueProfile } from "./profile.ts";

/** How far two clocks that are both right may differ. */
export const CLOCK_SKEW = times(SECOND, 5);

/** What a payload holds; `empty` says that there is no value; `unreadable` is no JSON, too large, too deep or no UTF-8. */
type Payload =
  | { readonly kind: "json"; readonly value: JsonValue }
  | { readonly kind: "number"; readonly text: string }
  | { readonly kind: "empty" | "unreadable" };

/** A value of a message. */
export interface ValueReading<Value extends ValueProfile> {
  readonly profile: Value;
  readonly value: Measurement<number>;
  /** When it was told, as the message has it, or when it came. */
  readonly at: InstantMs;
}

/** A topic of a profile, for one device. */
export function topicOf(template: string, id: string): string {
  return template.replace("{id}", () => id);
}

/**
 * The readings in `message` of the device that stands for `{id}`, `null` where it is none of its topics. One reading for
 * each point of the topic; of a partial topic only for those that the message carries. Never throws on any message.
 */
export function readMessage(
  profile: DeviceProfile,
  id: string,
  message: MqttMessage,
  now: InstantMs,
): DeviceReadings | null {
  const topic = profile.topics.find((one) => topicOf(one.topic, id) === message.topic);
  if (topic === undefined) return null;
  const readings = readTopic(topic, message, now);
  return { device: id, readings: readings.map(({ profile: { point }, value, at }) => ({ point, value, at })) };
}

/** Whether `message`, from the topic of the availability, says that the device is there; `null`: it does not say. */
export function readAvailability({ path, online, offline }: AvailabilityProfile, message: MqttMessage): boolean | null {
  const word = availabilityWord(path, message.payload);
  return word === online ? true : word === offline ? false : null;
}

function availabilityWord(path: AvailabilityProfile["path"], payload: Uint8Array): string | null {
  if (path === null) {
    const text = readText(payload);
    return text.ok ? text.value : null;
  }
  const json = readJson(payload);
  return json.ok ? wordOf(valueAt(json.value, path)) : null;
}

/** The values in a message of `topic`. */
export function readTopic<Value extends ValueProfile>(
  topic: TopicProfile<Value>,
  message: MqttMessage,
  now: InstantMs,
): readonly ValueReading<Value>[] {
  const payload = readPayload(topic.payload, message.payload);
  const toldAt = toldInstant(topic.time, payload);
  const isUndated = message.retained && (toldAt === null || toldAt > plus(now, instantMs(CLOCK_SKEW)));
  const at = toldAt === null ? now : least(now, toldAt);
  const zeros = new Set<ValueProfile>();
  const readings = topic.points.flatMap((profile): ValueReading<Value>[] => {
    const value = readValue(profile, payload, () => zeros.add(profile));
    if (value === "absent" && topic.partial) return [];
    const isTooOld = !topic.onChange && (isUndated || minus(now, at) > profile.maxAge);
    if (isTooOld) return [{ profile, value: missing("stale"), at }];
    return [{ profile, value: value === "absent" ? missing("not-reported") : value, at }];
  });
  const isAllZero = readings.length > 1 && zeros.size === readings.length;
  if (!topic.allZeroIsMissing || !isAllZero) return readings;
  const none = missing("out-of-range");
  return readings.map((reading) => (isStale(reading.value) ? reading : { ...reading, value: none }));
}

function readPayload(form: "json" | "number", bytes: Uint8Array): Payload {
  if (bytes.length === 0) return { kind: "empty" };
  if (form === "json") {
    const json = readJson(bytes);
    return json.ok ? { kind: "json", value: json.value } : { kind: "unreadable" };
  }
  const text = readText(bytes);
  return text.ok ? { kind: "number", text: text.value.trim() } : { kind: "unreadable" };
}

/** @param noteZero called where the device says 0, plausible or not */
function readValue(profile: ValueProfile, payload: Payload, noteZero: () => void): Measurement<number> | "absent" {
  switch (payload.kind) {
    case "unreadable":
      return missing("not-a-number");
    case "empty":
      return missing("not-reported");
    case "number":
      return payload.text === "" || payload.text === "null"
        ? missing("not-reported")
        : readWord(profile, payload.text, noteZero);
    case "json": {
      const found = valueAt(payload.value, profile.path);
      const isList = Array.isArray(found) && profile.element !== null;
      const value = isList ? valueAt(found as JsonValue, [profile.element]) : found;
      if (value === undefined) return "absent";
      if (value === null) return missing("not-reported");
      const word = profile.map === null && !(value instanceof NumberText) ? null : wordOf(value);
      return word === null ? missing("not-a-number") : readWord(profile, word, noteZero);
    }
  }
}

/** A scalar as text. */
function wordOf(value: JsonValue | undefined): string | null {
  if (value instanceof NumberText) return value.text;
  return typeof value === "string" || typeof value === "boolean" ? String(value) : null;
}

function readWord({ map, pow10, sign, range }: ValueProfile, word: string, noteZero: () => void): Measurement<number> {
  const text = map === null ? word : map.get(word);
  if (text === undefined) return missing("out-of-range");
  const integer = integerOf(text, pow10, sign === "invert" ? -1n : 1n);
  if (typeof integer === "string") return missing(integer);
  if (integer === 0n) noteZero();
  const [low, high] = range;
  return integer >= low && integer <= high ? measured(Number(integer)) : missing("out-of-range");
}

/** The instant that the message tells, `null` where it tells none that can be one. */
function toldInstant(time: TopicProfile["time"], payload: Payload): InstantMs | null {
  if (time === null || payload.kind !== "json") return null;
  const value = valueAt(payload.value, time.path);
  if (time.format === "iso-8601") {
    const instant = typeof value === "string" ? parseInstant(value) : null;
    return instant?.ok === true ? instant.value : null;
  }
  if (!(value instanceof NumberText)) return null;
  const sinceEpochMs = integerOf(value.text, time.format === "unix-s" ? 3 : 0);
  const isInstant = typeof sinceEpochMs === "bigint" && sinceEpochMs > 0n && sinceEpochMs <= Number.MAX_SAFE_INTEGER;
  return isInstant ? instantMs(Number(sinceEpochMs)) : null;
}

function isStale(value: Measurement<number>): boolean {
  return value.kind === "missing" && value.reason === "stale";
}
