/**
 * One device behind a broker: the last reading of each point, for as long as it counts.
 *
 * Invariants: a reading never gives way to an older one, nor to one whose age is not known; a point whose reading is older
 * than its `max_age_s` is `missing("stale")`; a point that never came, and every point of a device that is said to be
 * gone, is `missing("device-silent")`.
 */
import { assert, minus, missing, type InstantMs } from "@micromarket/kernel";
import type { DeviceReadings, PointName, Reading } from "@micromarket/assets";
import { isTopicName, type MqttMessage } from "./mqtt-message.ts";
import type { DeviceProfile, PointProfile } from "./profile.ts";
import { CLOCK_SKEW, readAvailability, readMessage } from "./read-message.ts";

/** Reads one device's messages with its profile. */
export class MqttDevice {
  readonly id: string;
  readonly profile: DeviceProfile;
  readonly #now: () => InstantMs;
  readonly #points: readonly PointProfile[];
  readonly #last = new Map<PointName, Reading>();
  #silentSince: InstantMs;

  /** @param id what stands for `{id}` in the profile's topics; throws where that gives no topic */
  constructor(profile: DeviceProfile, id: string, now: () => InstantMs) {
    this.id = id;
    this.profile = profile;
    this.#now = now;
    this.#points = profile.topics.flatMap(({ points }) => points);
    this.#silentSince = now();
    assert(id !== "" && this.topics().every(isTopicName), `${JSON.stringify(id)} is no part of a topic`);
  }

  /** The topics to subscribe to. */
  topics(): string[] {
    const templates = this.profile.topics.map(({ topic }) => topic);
    if (this.profile.availability !== null) templates.push(this.profile.availability.topic);
    return templates.map((template) => template.replace("{id}", () => this.id));
  }

  /** Takes in a message; says whether it was one of this device. */
  accept(message: MqttMessage): boolean {
    const availability = readAvailability(this.profile, message);
    if (availability?.device === this.id) {
      if (!availability.isOnline) this.#fallSilent();
      return true;
    }
    const readings = readMessage(this.profile, message, this.#now());
    if (readings?.device !== this.id) return false;
    for (const reading of readings.readings) this.#keep(reading);
    return true;
  }

  /** Every point of the profile; `at` is when its reading was taken, or since when there is none. */
  readings(): DeviceReadings {
    const now = this.#now();
    return { device: this.id, readings: this.#points.map((profile) => this.#readingOf(profile, now)) };
  }

  #fallSilent(): void {
    this.#last.clear();
    this.#silentSince = this.#now();
  }

  #keep(reading: Reading): void {
    const held = this.#last.get(reading.point);
    const isCurrent = held !== undefined && !isStale(held) && !this.#isFromTheFuture(held);
    if (isCurrent && (isStale(reading) || reading.at < held.at)) return;
    this.#last.set(reading.point, reading);
  }

  #readingOf({ point, maxAge }: PointProfile, now: InstantMs): Reading {
    const held = this.#last.get(point);
    if (held === undefined) return { point, value: missing("device-silent"), at: this.#silentSince };
    const isTooOld = minus(now, held.at) > maxAge || this.#isFromTheFuture(held);
    return isTooOld ? { ...held, value: missing("stale") } : held;
  }

  /** The clock was set back: how old the reading is, nobody knows. */
  #isFromTheFuture({ at }: Reading): boolean {
    return minus(at, this.#now()) > CLOCK_SKEW;
  }
}

function isStale({ value }: Reading): boolean {
  return value.kind === "missing" && value.reason === "stale";
}
