/**
 * From a value to the frames of a control: everything is checked before the first frame exists. What may not be written, what
 * the registers cannot hold to the last digit, and what the profile needs and nobody gave, is refused in words.
 */
import type { WriteTerms } from "@micromarket/device-profiles";
import { fail, ok, type Result } from "@micromarket/kernel";
import type { ControlSpec, StepNumber, StepValue, WriteStep } from "./control-spec.ts";
import { encodeNumber, encodeRaw, type EncodeOutcome } from "./encode-number.ts";
import { isInteger } from "./question.ts";

/** Words for registers, as they go onto the wire. */
export interface Frame {
  readonly function: 6 | 16;
  readonly address: number;
  readonly words: readonly number[];
  /** The bits of the one register that are changed; `null`: all of all. */
  readonly mask: number | null;
}

/** The frames that write `value`, or in words why there are none. In order: the value, then each number of each frame. */
export function framesOf(spec: ControlSpec, value: number, terms: WriteTerms): Result<readonly Frame[], string> {
  const fault = valueFault(spec, value);
  if (fault !== null) return fail(fault);
  const frames: Frame[] = [];
  for (const step of spec.steps) {
    const words: number[] = [];
    for (const stepValue of step.values) {
      const encoded = encodeValue(spec, stepValue, value, terms);
      if (!encoded.ok) return encoded;
      words.push(...encoded.value);
    }
    const frame = frameOf(step, words);
    if (frame === null) return fail(`a bit is 0 or 1, got ${words.join(" ")}`);
    frames.push(frame);
  }
  return ok(frames);
}

/** The frames that put back what a snapshot holds; `null` where it is none of this control. */
export function snapshotFrames({ steps }: ControlSpec, snapshot: string): readonly Frame[] | null {
  const held = parsed(snapshot);
  const readable = steps.filter(({ isWriteOnly }) => !isWriteOnly);
  if (!Array.isArray(held) || held.length !== readable.length) return null;
  const frames: Frame[] = [];
  for (const [index, { function: code, address, count, bit }] of readable.entries()) {
    const { address: from, words } = (held[index] ?? {}) as { address?: unknown; words?: unknown };
    const isRight = from === address && Array.isArray(words) && words.length === count;
    if (!isRight || !words.every((word) => isInteger(word as number, 0, 0xffff))) return null;
    frames.push({ function: code, address, words: words as number[], mask: bit === null ? null : 1 << bit });
  }
  return frames;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** What is wrong with `value` itself, or `null`. */
function valueFault({ rules: { range, forbid } }: ControlSpec, value: number): string | null {
  const { min, max, step } = range;
  if (!isInteger(value, min, max)) return `the value must be a whole number from ${min} to ${max}, got ${value}`;
  if ((value - min) % step !== 0) return `the value must be ${min} plus a multiple of ${step}, got ${value}`;
  return forbid.includes(value) ? `${value} must not be written to this device` : null;
}

function frameOf({ function: code, address, bit }: WriteStep, words: readonly number[]): Frame | null {
  if (bit === null) return { function: code, address, words, mask: null };
  const [word] = words;
  return word === 0 || word === 1 ? { function: code, address, words: [word << bit], mask: 1 << bit } : null;
}

function encodeValue(spec: ControlSpec, step: StepValue, value: number, terms: WriteTerms): EncodeOutcome {
  const number = numberOf(spec, step.number, value, terms);
  if (!number.ok) return number;
  const { encoding } = spec.readback;
  return step.kind === "scaled"
    ? encodeNumber(encoding, number.value)
    : encodeRaw({ ...encoding, type: step.type }, number.value);
}

function numberOf(
  { rules }: ControlSpec,
  number: StepNumber,
  value: number,
  { fallback, revertAfterMs }: WriteTerms,
): Result<number, string> {
  if (typeof number === "number") return ok(number);
  if (number === "$value") return ok(value);
  if (number === "$reversion_s") {
    if (revertAfterMs === null) return fail("this device lets go by itself: say after how long");
    return isInteger(revertAfterMs, 1, Number.MAX_SAFE_INTEGER)
      ? ok(Math.ceil(revertAfterMs / 1_000))
      : fail(`the time must be a whole number of milliseconds, got ${revertAfterMs}`);
  }
  const fallsBackTo = fallback ?? (rules.reversion.kind === "none" ? null : rules.reversion.fallsBackTo);
  if (fallsBackTo === null) return fail("this device falls back to a value that must be named");
  const { min, max } = rules.range;
  return isInteger(fallsBackTo, min, max)
    ? ok(fallsBackTo)
    : fail(`what it falls back to must be a whole number from ${min} to ${max}, got ${fallsBackTo}`);
}
