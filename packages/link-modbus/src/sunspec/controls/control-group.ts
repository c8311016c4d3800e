/**
 * What one capability is on one model: the registers that hold it, what they say, and the frames that set it.
 *
 * Values go to raw numbers in integers and towards 0: a limit is never looser, a set-point never greater than it was told.
 */
import type { ControlFailure, WriteTerms } from "@micromarket/device-profiles";
import { fail, measured, ok, type Result } from "@micromarket/kernel";
import { spanOf, type Span } from "../plan-reads.ts";
import type { ModelReading } from "../read-model.ts";
import { placeOfPoint } from "../sunspec-models.ts";
import { numberOf } from "../sunspec-value.ts";

/** Words for registers of a model, counted from its ID. */
export interface Frame {
  readonly offset: number;
  readonly words: readonly number[];
}

/** The state of a capability, without what is the same for all. */
export interface GroupState {
  readonly value: number | null;
  readonly isActive: boolean | null;
  readonly revertsInMs: number | null;
  readonly objections: readonly string[];
}

/** Watts that 100 % stand for: `raw` × 10^`scale`. */
export interface FullPower {
  readonly raw: number;
  readonly scale: number;
}

/** What a reading of the group is judged by. */
export interface GroupReading {
  readonly reading: ModelReading;
  /** `null`: the capability counts in shares, or the device does not say. */
  readonly full: FullPower | null;
}

/** One way to carry a capability out. */
export interface ControlGroup {
  readonly model: number;
  /** The points that are read. */
  readonly points: readonly string[];
  /** The most registers that are asked for at once; `null`: as many as the profile says. */
  readonly maxRegisters: number | null;
  /** `model:point` that may say how much 100 % are, the first that does wins; `null`: not needed. */
  readonly full: readonly string[] | null;
  /** What a snapshot holds, in the order in which it is put back. */
  readonly kept: readonly Span[];
  state(group: GroupReading): GroupState;
  frames(value: number, terms: WriteTerms, group: GroupReading): Result<readonly Frame[], ControlFailure>;
}

/** A point's raw number; `null`: not implemented, or not there. */
export function rawOf(reading: ModelReading, name: string): number | null {
  const place = placeOfPoint(reading.model.id, name);
  const words = place === null ? null : reading.words(spanOf(place));
  const value = place === null || words === null ? null : numberOf(place.type, words, measured(0), 0);
  return value?.kind === "value" ? value.value : null;
}

/** The exponent of a point; `null`: there is none to be had. */
export function exponentOf(reading: ModelReading, name: string): number | null {
  const place = placeOfPoint(reading.model.id, name);
  const scale = place === null ? null : reading.scale(place);
  return scale?.kind === "value" ? scale.value : null;
}

/** numerator ÷ (denominator × 10^`exponent`), towards 0. */
export function towardsZero(numerator: bigint, denominator: bigint, exponent: number): number {
  const power = 10n ** BigInt(Math.abs(exponent));
  return Number(exponent >= 0 ? numerator / (denominator * power) : (numerator * power) / denominator);
}

/** numerator × 10^`exponent` ÷ denominator, to the nearest. */
export function nearestOf(numerator: bigint, denominator: bigint, exponent: number): number {
  const power = 10n ** BigInt(Math.abs(exponent));
  const [top, bottom] = exponent >= 0 ? [numerator * power, denominator] : [numerator, denominator * power];
  const doubled = 2n * (top < 0n ? -top : top) + bottom;
  const size = Number(doubled / (2n * bottom));
  return top < 0n ? -size : size;
}

/** Whether `watts`, of either sign, are more than 100 %. */
export function exceeds(watts: number, { raw, scale }: FullPower): boolean {
  const power = 10n ** BigInt(Math.abs(scale));
  const size = BigInt(Math.abs(watts));
  return scale >= 0 ? size > BigInt(raw) * power : size * power > BigInt(raw);
}

/** The reversion timer's seconds, 0 for none; refused where the device has no such timer, or not so long a one. */
export function reversionSeconds(
  { revertAfterMs }: WriteTerms,
  found: number | null,
  max: number,
  name: string,
): Result<number, ControlFailure> {
  if (revertAfterMs === null) return ok(0);
  if (found === null) return refused("UNSUPPORTED", `${name} is not implemented: the device would not revert`);
  const seconds = Math.max(1, Math.floor(revertAfterMs / 1_000));
  return seconds <= max ? ok(seconds) : refused("VALUE_REFUSED", `${name} takes ${max} s at most, not ${seconds}`);
}

/** A failure. */
export function refused(code: ControlFailure["code"], detail: string): Result<never, ControlFailure> {
  return fail({ code, detail });
}

/** A signed number as one or two words, high word first. */
export function wordsFor(value: number, size: 1 | 2): readonly number[] {
  const word = (number: number): number => ((number % 0x1_0000) + 0x1_0000) % 0x1_0000;
  return size === 1 ? [word(value)] : [word(Math.floor(value / 0x1_0000)), word(value)];
}
