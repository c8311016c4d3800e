/**
 * One device behind a link, read by its profile.
 *
 * Invariants
 * - Every poll gives every point of the profile exactly once, a value or a reason. A point whose turn it was not keeps the
 *   reading that it had, with the instant of that reading.
 * - A question that failed makes its points missing, never 0 and never an older value, and they are asked for again in the
 *   next poll; where the device did not answer at all, that holds for all its points.
 * - Before anything else a device is asked who it is, where its profile says how, and again after each connect and each
 *   failure. Of another device no point is read.
 */
import type { DeviceReadings, PointName, Reading } from "@micromarket/assets";
import { missing, type InstantMs, type Measurement } from "@micromarket/kernel";
import { decodePoint } from "./decode-point.ts";
import { ILLEGAL_ADDRESS, type DeviceFailure, type LinkFailure } from "./link-failure.ts";
import type { ReadOutcome } from "./modbus-connection.ts";
import { dueBlock, isDue, planDueBlocks, type DueBlock } from "./poll-schedule.ts";
import { registersOf } from "./encoding.ts";
import type { AllZero, DeviceProfile, PointSpec } from "./profile.ts";
import type { ReadRequest } from "./read-request.ts";
import { splitBlock, type RegisterBlock } from "./register-block.ts";
import { askCheck, type ReadRegisters } from "./register-check.ts";

/** The part of `ModbusLink` that a device needs. */
export interface RegisterSource {
  read(request: ReadRequest): Promise<ReadOutcome>;
  /** How often it has connected; a source that does not tell counts as one connection. */
  readonly connects?: number;
}

/** Which device, where. */
export interface DeviceSite {
  /** The name that its readings carry. */
  readonly device: string;
  readonly link: RegisterSource;
  readonly profile: DeviceProfile;
  /** @default the profile's */
  readonly unit?: number;
}

/** A block's readings, and the blocks that gave them; `null` where the device refused all of it. */
interface BlockReadings {
  readonly readings: readonly BlockReading[];
  readonly blocks: readonly RegisterBlock[] | null;
  /** Set where it will be asked for again in the next poll. */
  readonly failure: LinkFailure | null;
}

/** A reading, and how many points the answer held that it stood in, where all of that answer's registers were 0. */
interface BlockReading extends Reading {
  readonly pointsOfZeros: number;
}

export class ModbusDevice {
  readonly #site: DeviceSite;
  readonly #kept = new Map<PointName, Reading>();
  #blocks: readonly DueBlock[];
  #failure: DeviceFailure | null = null;
  /** Set where the device gives nothing in this poll any more. */
  #lost: "device-silent" | "not-reported" | null = null;
  #polls = 0;
  #isIdentified = false;
  #connects = 0;

  constructor(site: DeviceSite) {
    this.#site = site;
    this.#blocks = planDueBlocks(site.profile);
  }

  /** The requests that a poll of everything consists of, as learnt so far. */
  get blocks(): readonly RegisterBlock[] {
    return this.#blocks.map(({ block }) => block);
  }

  /** Why the last poll left points missing, as far as a question failed: the first cause; `null` where none did. */
  get failure(): DeviceFailure | null {
    return this.#failure;
  }

  /**
   * Asks for every point that is due. `now` is read when an answer, or its absence, is noted. After a question that nobody
   * answered the rest of the poll is not asked: the device is silent. Never rejects.
   */
  async poll(now: () => InstantMs): Promise<DeviceReadings> {
    const { device, link, profile } = this.#site;
    this.#polls += 1;
    this.#failure = null;
    this.#lost = null;
    if ((link.connects ?? 0) !== this.#connects) this.#meetAnew();
    await this.#identify();
    if (this.#lost === null) await this.#askDue(now);
    if (this.#lost !== null) this.#loseAll(this.#lost, now());
    return { device, readings: profile.points.flatMap(({ point }) => this.#kept.get(point) ?? []) };
  }

  #meetAnew(): void {
    this.#isIdentified = false;
    for (const due of this.#blocks) if (due.poll === "static") due.answeredInPoll = null;
  }

  async #identify(): Promise<void> {
    const { profile, link } = this.#site;
    if (this.#isIdentified) return;
    for (const check of profile.identify) {
      const asked = await askCheck(this.#read, check);
      if (!asked.ok) return this.#lose("device-silent", asked.error);
      if (asked.value !== null) return this.#lose("not-reported", { code: "ANOTHER_DEVICE", detail: asked.value });
    }
    this.#isIdentified = true;
    if (profile.identify.length > 0) this.#connects = link.connects ?? 0; // a link connects for its first question
  }

  #lose(reason: "device-silent" | "not-reported", failure: DeviceFailure): void {
    this.#failure ??= failure;
    this.#lost = reason;
    this.#isIdentified = false;
  }

  async #askDue(now: () => InstantMs): Promise<void> {
    const found: BlockReading[] = [];
    const learnt: DueBlock[] = [];
    for (const due of this.#blocks) {
      if (this.#lost !== null || !isDue(due, this.#polls, now)) {
        learnt.push(due);
        continue;
      }
      const { readings, blocks, failure } = await this.#readBlock(due.block, now);
      found.push(...readings);
      for (const block of blocks ?? [due.block]) {
        const answered = failure === null ? { answeredInPoll: this.#polls, answeredAt: readings[0]?.at ?? null } : {};
        learnt.push({ ...dueBlock(block, due.poll), ...answered });
      }
    }
    this.#blocks = learnt;
    if (this.#site.profile.identify.length === 0) this.#connects = this.#site.link.connects ?? 0;
    const readings = withoutZeroFrames(found, this.#site.profile.allZero);
    for (const { point, value, at } of readings) this.#kept.set(point, { point, value, at });
  }

  #loseAll(reason: "device-silent" | "not-reported", at: InstantMs): void {
    for (const due of this.#blocks) {
      const isNews = due.answeredInPoll === this.#polls;
      due.answeredInPoll = null;
      if (isNews) continue;
      for (const { point } of due.block.points) this.#kept.set(point, { point, value: missing(reason), at });
    }
  }

  async #readBlock(block: RegisterBlock, now: () => InstantMs): Promise<BlockReadings> {
    const outcome = await this.#read(block);
    const at = now();
    if (outcome.ok) {
      const words = outcome.value;
      const pointsOfZeros = words.every((word) => word === 0) ? block.points.length : 0;
      const readings = block.points.map((spec) => ({
        ...readingOf(spec, decodeIn(block, words, spec), at),
        pointsOfZeros,
      }));
      return { readings, blocks: [block], failure: null };
    }
    const failure = outcome.error;
    const isRefusal = failure.code === "EXCEPTION" && failure.exception === ILLEGAL_ADDRESS;
    if (!isRefusal) {
      this.#failure ??= failure;
      this.#isIdentified = false;
      if (failure.code !== "EXCEPTION") this.#lose("device-silent", failure);
      return { ...missingBlock(block, "device-silent", at), failure };
    }
    const halves = splitBlock(block);
    if (halves !== null) return this.#readHalves(halves, now);
    this.#failure ??= failure;
    return missingBlock(block, "not-reported", at);
  }

  /** A gap in the device's map refuses a whole block. The halves are kept where one of them answers. */
  async #readHalves(
    [low, high]: readonly [RegisterBlock, RegisterBlock],
    now: () => InstantMs,
  ): Promise<BlockReadings> {
    const first = await this.#readBlock(low, now);
    const second = this.#lost === null ? await this.#readBlock(high, now) : missingBlock(high, "device-silent", now());
    const isRefused = first.blocks === null && second.blocks === null;
    return {
      readings: [...first.readings, ...second.readings],
      blocks: isRefused ? null : [...(first.blocks ?? [low]), ...(second.blocks ?? [high])],
      failure: first.failure ?? second.failure,
    };
  }

  readonly #read: ReadRegisters = ({ unit: other, function: code, address, count }) => {
    const { link, profile, unit: own = profile.unit } = this.#site;
    const { timeoutMs, gapMs, connectDelayMs } = profile;
    const unit = other ?? own;
    return link.read({ unit, function: code, address, count, timeoutMs, gapMs, connectDelayMs });
  };
}

function decodeIn(block: RegisterBlock, words: readonly number[], spec: PointSpec): Measurement<number> {
  const wordsAt = (address: number): readonly number[] =>
    words.slice(address - block.address, address - block.address + registersOf(spec.type));
  const addends = spec.addends.map(({ address }) => wordsAt(address));
  return decodePoint(spec, wordsAt(spec.address), addends);
}

function readingOf(spec: PointSpec, value: Measurement<number>, at: InstantMs): BlockReading {
  return { point: spec.point, value, at, pointsOfZeros: 0 };
}

/**
 * What firmware and gateways send while they cannot reach the meter itself: answers of nothing but zeros. One point alone
 * may be 0. Several in one answer, or all of a poll, are no readings where the profile says so, or where one of them is not
 * plausible at 0; then neither is any other zero of that poll.
 */
function withoutZeroFrames(readings: readonly BlockReading[], allZero: AllZero): readonly BlockReading[] {
  const isZeroFrame = readings.some(({ pointsOfZeros }) => pointsOfZeros > 1);
  const isZeroPoll = readings.length > 1 && readings.every(({ pointsOfZeros }) => pointsOfZeros > 0);
  const isProven = readings.some(({ pointsOfZeros, value }) => pointsOfZeros > 0 && isImplausible(value));
  const isNone = allZero === "missing" ? isZeroFrame || isZeroPoll : allZero === "suspect" && isProven;
  if (!isNone) return readings;
  return readings.map((reading) =>
    reading.pointsOfZeros > 0 ? { ...reading, value: missing("out-of-range") } : reading,
  );
}

function isImplausible(value: Measurement<number>): boolean {
  return value.kind === "missing" && value.reason === "out-of-range";
}

/** The device gave no answer, or "not now" (`device-silent`); or it is there, and its register is not (`not-reported`). */
function missingBlock(block: RegisterBlock, reason: "device-silent" | "not-reported", at: InstantMs): BlockReadings {
  const readings = block.points.map((spec) => readingOf(spec, missing(reason), at));
  return { readings, blocks: null, failure: null };
}
