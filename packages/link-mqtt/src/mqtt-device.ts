/**
 * One device behind a broker: the last reading of each point, for as long as it counts.
 *
 * Invariants: a reading never gives way to an older one, nor to one whose age is not known; a point whose reading is older
 * than its `max_age_s` is `missing("stale")`; a point that never came, and every point of a device that is said to be
 * gone, is `missing("device-silent")`. What the device publishes only when it changes counts for `max_age_s` from its last
 * sign of life: a message of any of its topics that the broker had not stored.
 */
import { assert, minus, missing, type InstantMs, type Measurement } from "@micromarket/kernel";
import type { DeviceReadings, Reading } from "@micromarket/assets";
import type { Capability } from "@micromarket/control";
import { isTopicName, type MqttMessage } from "./mqtt-message.ts";
import type { DeviceProfile, PointProfile, TopicProfile, ValueProfile, WakeProfile } from "./profile.ts";
import { CLOCK_SKEW, readAvailability, readTopic, topicOf } from "./read-message.ts";

interface Held {
  readonly value: Measurement<number>;
  readonly at: InstantMs;
}

/** Reads one device's messages with its profile. */
export class MqttDevice {
  readonly id: string;
  readonly profile: DeviceProfile;
  readonly #now: () => InstantMs;
  readonly #availabilityTopic: string | null;
  readonly #heartbeatTopic: string | null;
  readonly #topics: ReadonlyMap<string, readonly TopicProfile<ValueProfile>[]>;
  readonly #points: readonly (readonly [TopicProfile, PointProfile])[];
  readonly #last = new Map<ValueProfile, Held>();
  #aliveAt: InstantMs | null = null;
  #silentSince: InstantMs;

  /** @param id what stands for `{id}` in the profile's topics; throws where that gives no topic */
  constructor(profile: DeviceProfile, id: string, now: () => InstantMs) {
    this.id = id;
    this.profile = profile;
    this.#now = now;
    const { availability, heartbeat } = profile;
    this.#availabilityTopic = availability === null ? null : topicOf(availability.topic, id);
    this.#heartbeatTopic = heartbeat === null ? null : topicOf(heartbeat, id);
    this.#topics = topicsOf(profile, id);
    this.#points = profile.topics.flatMap((topic) => topic.points.map((point) => [topic, point] as const));
    this.#silentSince = now();
    assert(id !== "" && this.topics().every(isTopicName), `${JSON.stringify(id)} is no part of a topic`);
  }

  /** The topics to subscribe to, each once. */
  topics(): string[] {
    const own = [this.#availabilityTopic, this.#heartbeatTopic].filter((topic) => topic !== null);
    return [...new Set([...this.#topics.keys(), ...own])];
  }

  /** What must be published so that the device speaks, `null` where it speaks by itself. For `MqttLink.keepAwake`. */
  wake(): WakeProfile | null {
    const { wake } = this.profile;
    return wake === null ? null : { ...wake, topic: topicOf(wake.topic, this.id) };
  }

  /** Takes in a message; says whether it was one of this device. */
  accept(message: MqttMessage): boolean {
    const { availability } = this.profile;
    const isAvailability = availability !== null && message.topic === this.#availabilityTopic;
    const isOnline = isAvailability ? readAvailability(availability, message) : null;
    const topics = this.#topics.get(message.topic) ?? [];
    const isHeartbeat = message.topic === this.#heartbeatTopic;
    if (topics.length === 0 && isOnline === null && !isHeartbeat) return false;
    const now = this.#now();
    if (isOnline === false) this.#fallSilent(now);
    else if (!message.retained) this.#aliveAt = now;
    for (const topic of topics) {
      for (const { profile, value, at } of readTopic(topic, message, now)) this.#keep(topic, profile, { value, at });
    }
    return true;
  }

  /** Every point of the profile; `at` is when its reading was taken, or since when there is none. */
  readings(): DeviceReadings {
    const now = this.#now();
    const readings = this.#points.map(([topic, profile]): Reading => {
      return { point: profile.point, ...this.#heldOf(topic, profile, now) };
    });
    return { device: this.id, readings };
  }

  /** What the device says that it holds of a capability; `device-silent` where the profile has no such control. */
  stateOf(capability: Capability): Measurement<number> {
    const state = this.profile.controls.get(capability)?.state;
    if (typeof state === "object") return this.#only(state);
    const found = this.#points.find(([, { point }]) => point === state);
    return found === undefined ? missing("device-silent") : this.#heldOf(...found, this.#now()).value;
  }

  /** What must hold before the capability is written, and does not, or is not known to: in words for an operator. */
  objectionsTo(capability: Capability): readonly string[] {
    return (this.profile.controls.get(capability)?.requires ?? []).flatMap(({ about, equals, source }) => {
      const told = this.#only(source);
      if (told.kind === "missing") return [`${about}: not known, ${told.reason}`];
      return told.value === equals ? [] : [`${about}: the device says ${told.value}, not ${equals}`];
    });
  }

  /** Whether the device has told all that must hold before the capability is written, so or otherwise. */
  isJudgeable(capability: Capability): boolean {
    const requires = this.profile.controls.get(capability)?.requires ?? [];
    return requires.every(({ source }) => this.#only(source).kind === "value");
  }

  /** The value of a topic that tells one. */
  #only(topic: TopicProfile<ValueProfile>): Measurement<number> {
    const [value] = topic.points;
    return value === undefined ? missing("device-silent") : this.#heldOf(topic, value, this.#now()).value;
  }

  #fallSilent(now: InstantMs): void {
    this.#last.clear();
    this.#aliveAt = null;
    this.#silentSince = now;
  }

  #keep(topic: TopicProfile<ValueProfile>, profile: ValueProfile, reading: Held): void {
    const held = this.#last.get(profile);
    const isCurrent = held !== undefined && !isStale(held) && !this.#isFromTheFuture(held.at);
    if (!topic.onChange && isCurrent && (isStale(reading) || reading.at < held.at)) return;
    this.#last.set(profile, reading);
  }

  #heldOf({ onChange }: TopicProfile<ValueProfile>, profile: ValueProfile, now: InstantMs): Held {
    const held = this.#last.get(profile);
    if (held === undefined) return { value: missing("device-silent"), at: this.#silentSince };
    const at = onChange ? this.#aliveAt : held.at;
    const isTooOld = at === null || minus(now, at) > profile.maxAge || this.#isFromTheFuture(at);
    return { value: isTooOld ? missing("stale") : held.value, at: at ?? held.at };
  }

  /** The clock was set back: how old the reading is, nobody knows. */
  #isFromTheFuture(at: InstantMs): boolean {
    return minus(at, this.#now()) > CLOCK_SKEW;
  }
}

/** What is read, by topic: one topic may tell points, and what a control holds. */
function topicsOf(profile: DeviceProfile, id: string): ReadonlyMap<string, readonly TopicProfile<ValueProfile>[]> {
  const readbacks = [...profile.controls.values()].flatMap(({ state, requires }) => [
    ...(typeof state === "string" ? [] : [state]),
    ...requires.map(({ source }) => source),
  ]);
  const topics = new Map<string, TopicProfile<ValueProfile>[]>();
  for (const topic of [...profile.topics, ...readbacks]) {
    const name = topicOf(topic.topic, id);
    topics.set(name, [...(topics.get(name) ?? []), topic]);
  }
  return topics;
}

function isStale({ value }: Held): boolean {
  return value.kind === "missing" && value.reason === "stale";
}
