/**
 * One message into readings: a pure function of the profile, the message and the time of its arrival.
 *
 * The rule of age: a reading is as old as the older of its arrival and the time that the message itself tells. A message
 * that the broker had stored before the subscription was made may be of any age; unless it tells its time, and that time
 * lies not in the future, its readings are `missing("stale")`, whatever they say. Where a profile declares a time, the
 * device's clock is trusted to be late, never to be early.
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
import type { DeviceReadings, Reading } from "@micromarket/assets";
import { integerOf } from "./exact-value.ts";
import type { MqttMessage } from "./mqtt-message.ts";
import { NumberText, readJson, readText, valueAt, type JsonValue } from "./payload-json.ts";
import type { DeviceProfile, PointProfile, TopicProfile } from "./profile.ts";

/** How far two clocks that are both right may differ. */
export const CLOCK_SKEW = times(SECOND, 5);

/** What a payload holds; `unreadable` is what is no JSON, too large, too deep or no UTF-8. */
type Payload =
  | { readonly kind: "json"; readonly value: JsonValue }
  | { readonly kind: "number" | "unreadable"; readonly text: string };

/**
 * The readings in `message`, `null` where it is none of the profile's topics. One reading for each point of the topic;
 * of a partial topic only for those that the message carries. Never throws on any message.
 */
export function readMessage(profile: DeviceProfile, message: MqttMessage, now: InstantMs): DeviceReadings | null {
  for (const topic of profile.topics) {
    const device = deviceIn(topic.topic, message.topic);
    if (device !== null) return { device, readings: readTopic(topic, message, now) };
  }
  return null;
}

/** The device that says in `message` whether it is there, `null` where it says nothing of it. */
export function readAvailability(
  profile: DeviceProfile,
  message: MqttMessage,
): { readonly device: string; readonly isOnline: boolean } | null {
  if (profile.availability === null) return null;
  const { topic, online, offline } = profile.availability;
  const device = deviceIn(topic, message.topic);
  const text = readText(message.payload);
  if (device === null || !text.ok || ![online, offline].includes(text.value)) return null;
  return { device, isOnline: text.value === online };
}

/** What stands for `{id}` of `template` in `topic`: one level or more. */
function deviceIn(template: string, topic: string): string | null {
  const [before = "", after = ""] = template.split("{id}");
  const isLonger = topic.length > before.length + after.length;
  if (!isLonger || !topic.startsWith(before) || !topic.endsWith(after)) return null;
  return topic.slice(before.length, topic.length - after.length);
}

function readTopic(topic: TopicProfile, message: MqttMessage, now: InstantMs): readonly Reading[] {
  const payload = readPayload(topic, message.payload);
  const toldAt = toldInstant(topic, payload);
  const isUndated = message.retained && (toldAt === null || toldAt > plus(now, instantMs(CLOCK_SKEW)));
  const at = toldAt === null ? now : least(now, toldAt);
  const readings = topic.points.flatMap((profile): Reading[] => {
    const value = readPoint(profile, payload);
    if (value === "absent" && topic.partial) return [];
    const isTooOld = isUndated || minus(now, at) > profile.maxAge;
    if (isTooOld) return [{ point: profile.point, value: missing("stale"), at }];
    return [{ point: profile.point, value: value === "absent" ? missing("not-reported") : value, at }];
  });
  const isAllZero = readings.length > 1 && readings.every(({ value }) => isZero(value));
  if (!topic.allZeroIsMissing || !isAllZero) return readings;
  return readings.map((reading) => ({ ...reading, value: missing("out-of-range") }));
}

function readPayload(topic: TopicProfile, bytes: Uint8Array): Payload {
  if (topic.payload === "json") {
    const json = readJson(bytes);
    return json.ok ? { kind: "json", value: json.value } : { kind: "unreadable", text: json.error };
  }
  const text = readText(bytes);
  return text.ok ? { kind: "number", text: text.value.trim() } : { kind: "unreadable", text: text.error };
}

function readPoint(profile: PointProfile, payload: Payload): Measurement<number> | "absent" {
  switch (payload.kind) {
    case "unreadable":
      return missing("not-a-number");
    case "number":
      return payload.text === "" || payload.text === "null"
        ? missing("not-reported")
        : readNumber(profile, payload.text);
    case "json": {
      const value = valueAt(payload.value, profile.path);
      if (value === undefined) return "absent";
      if (value === null) return missing("not-reported");
      return value instanceof NumberText ? readNumber(profile, value.text) : missing("not-a-number");
    }
  }
}

function readNumber({ pow10, sign, range }: PointProfile, text: string): Measurement<number> {
  const integer = integerOf(text, pow10, sign === "invert" ? -1n : 1n);
  if (typeof integer === "string") return missing(integer);
  const [low, high] = range;
  return integer >= low && integer <= high ? measured(Number(integer)) : missing("out-of-range");
}

/** The instant that the message tells, `null` where it tells none that can be one. */
function toldInstant({ time }: TopicProfile, payload: Payload): InstantMs | null {
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

function isZero(value: Measurement<number>): boolean {
  return value.kind === "value" && value.value === 0;
}
