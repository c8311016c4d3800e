/**
 * One device behind a link, read by its profile.
 *
 * Invariants: every poll gives every point of the profile exactly once, a value or a reason; nothing is kept from one
 * poll to the next but how the device wants its registers asked for. A question that failed makes its points missing,
 * never 0 and never an older value.
 */
import type { DeviceReadings, Reading } from "@micromarket/assets";
import { missing, type InstantMs, type Measurement } from "@micromarket/kernel";
import { decodePoint } from "./decode-point.ts";
import { ILLEGAL_ADDRESS, type LinkFailure } from "./link-failure.ts";
import type { ReadOutcome } from "./modbus-connection.ts";
import { registersOf, type DeviceProfile, type PointSpec } from "./profile.ts";
import type { ReadRequest } from "./read-request.ts";
import { planBlocks, splitBlock, type RegisterBlock } from "./register-block.ts";

/** The part of `ModbusLink` that a device needs. */
export interface RegisterSource {
  read(request: ReadRequest): Promise<ReadOutcome>;
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
  /** Set where the device did not answer at all. */
  readonly silence: LinkFailure | null;
}

/** A reading, and how many points the answer held that it stood in, where all of that answer's registers were 0. */
interface BlockReading extends Reading {
  readonly pointsOfZeros: number;
}

export class ModbusDevice {
  readonly #site: DeviceSite;
  #blocks: readonly RegisterBlock[];
  #failure: LinkFailure | null = null;

  constructor(site: DeviceSite) {
    this.#site = site;
    this.#blocks = planBlocks(site.profile.points, site.profile);
  }

  /** The requests that a poll consists of, as learnt so far. */
  get blocks(): readonly RegisterBlock[] {
    return this.#blocks;
  }

  /** Why the last poll left points missing, as far as a question failed: the first cause; `null` where none did. */
  get failure(): LinkFailure | null {
    return this.#failure;
  }

  /**
   * Asks for every point. `now` is read when an answer, or its absence, is noted. After a question that nobody answered
   * the rest of the poll is not asked: the device is silent. Never rejects.
   */
  async poll(now: () => InstantMs): Promise<DeviceReadings> {
    const found: BlockReading[] = [];
    const learnt: RegisterBlock[] = [];
    let isSilent = false;
    this.#failure = null;
    for (const block of this.#blocks) {
      const result: BlockReadings = isSilent ? silentBlock(block, now()) : await this.#readBlock(block, now);
      isSilent ||= result.silence !== null;
      learnt.push(...(result.blocks ?? [block]));
      found.push(...result.readings);
    }
    this.#blocks = learnt;
    const { device, profile } = this.#site;
    const readings = profile.allZeroIsMissing ? withoutZeroFrames(found) : found;
    const byPoint = new Map(readings.map(({ point, value, at }) => [point, { point, value, at }]));
    return { device, readings: profile.points.flatMap(({ point }) => byPoint.get(point) ?? []) };
  }

  async #readBlock(block: RegisterBlock, now: () => InstantMs): Promise<BlockReadings> {
    const outcome = await this.#ask(block);
    const at = now();
    if (outcome.ok) {
      const words = outcome.value;
      const pointsOfZeros = words.every((word) => word === 0) ? block.points.length : 0;
      const readings = block.points.map((spec) => ({
        ...readingOf(spec, decodePoint(spec, wordsOf(spec, block, words)), at),
        pointsOfZeros,
      }));
      return { readings, blocks: [block], silence: null };
    }
    const failure = outcome.error;
    const isRefusal = failure.code === "EXCEPTION" && failure.exception === ILLEGAL_ADDRESS;
    if (!isRefusal) this.#failure ??= failure;
    if (failure.code !== "EXCEPTION") return { ...silentBlock(block, at), silence: failure };
    if (!isRefusal) return silentBlock(block, at);
    const halves = splitBlock(block);
    if (halves !== null) return this.#readHalves(halves, now);
    this.#failure ??= failure;
    return absentBlock(block, at);
  }

  /** A gap in the device's map refuses a whole block. The halves are kept where one of them answers. */
  async #readHalves(
    [low, high]: readonly [RegisterBlock, RegisterBlock],
    now: () => InstantMs,
  ): Promise<BlockReadings> {
    const first = await this.#readBlock(low, now);
    const second = first.silence === null ? await this.#readBlock(high, now) : silentBlock(high, now());
    const isRefused = first.blocks === null && second.blocks === null;
    return {
      readings: [...first.readings, ...second.readings],
      blocks: isRefused ? null : [...(first.blocks ?? [low]), ...(second.blocks ?? [high])],
      silence: first.silence ?? second.silence,
    };
  }

  #ask(block: RegisterBlock): Promise<ReadOutcome> {
    const { link, profile, unit = profile.unit } = this.#site;
    const { timeoutMs, gapMs, connectDelayMs } = profile;
    const { address, count } = block;
    return link.read({ unit, function: block.function, address, count, timeoutMs, gapMs, connectDelayMs });
  }
}

function wordsOf(spec: PointSpec, block: RegisterBlock, words: readonly number[]): readonly number[] {
  const start = spec.address - block.address;
  return words.slice(start, start + registersOf(spec.type));
}

function readingOf(spec: PointSpec, value: Measurement<number>, at: InstantMs): BlockReading {
  return { point: spec.point, value, at, pointsOfZeros: 0 };
}

/**
 * What firmware and gateways send while they cannot reach the meter itself: answers of nothing but zeros. One point alone
 * may be 0; several in one answer, or all of a poll, are no readings, and neither is any other zero of that poll.
 */
function withoutZeroFrames(readings: readonly BlockReading[]): readonly BlockReading[] {
  const isZeroFrame = readings.some(({ pointsOfZeros }) => pointsOfZeros > 1);
  const isZeroPoll = readings.length > 1 && readings.every(({ pointsOfZeros }) => pointsOfZeros > 0);
  if (!isZeroFrame && !isZeroPoll) return readings;
  return readings.map((reading) =>
    reading.pointsOfZeros > 0 ? { ...reading, value: missing("out-of-range") } : reading,
  );
}

/** The device gave no answer, or "not now". */
function silentBlock(block: RegisterBlock, at: InstantMs): BlockReadings {
  const readings = block.points.map((spec) => readingOf(spec, missing("device-silent"), at));
  return { readings, blocks: null, silence: null };
}

/** The device is there, its register is not. */
function absentBlock(block: RegisterBlock, at: InstantMs): BlockReadings {
  return {
    readings: block.points.map((spec) => readingOf(spec, missing("not-reported"), at)),
    blocks: null,
    silence: null,
  };
}
