/** Sends words, and says in a control's terms what became of them. */
import type { ControlFailure } from "@micromarket/device-profiles";
import { ok, type Result } from "@micromarket/kernel";
import type { WriteFailure } from "../../link-failure.ts";
import type { SunspecProfile } from "../sunspec-profile.ts";
import type { RegisterSink } from "../sunspec-unit.ts";
import { refused } from "./control-group.ts";

/** Words for registers, as on the wire. */
export interface AddressedWords {
  readonly address: number;
  readonly words: readonly number[];
}

/** Sends one frame after the other, each once. What fails after a first frame was done leaves the device in between. */
export async function writeFrames(
  sink: RegisterSink,
  { manners }: SunspecProfile,
  unit: number,
  frames: readonly AddressedWords[],
): Promise<Result<null, ControlFailure>> {
  const { timeoutMs, gapMs, connectDelayMs } = manners;
  for (const [index, { address, words }] of frames.entries()) {
    const code = words.length === 1 ? manners.singleWrite : 16;
    const outcome = await sink.writeWords({ unit, function: code, address, words, timeoutMs, gapMs, connectDelayMs });
    if (!outcome.ok)
      return refused(index > 0 ? "UNKNOWN" : codeOf(outcome.error), textOf(outcome.error, index, frames.length));
  }
  return ok(null);
}

/** Why a value must not go out, or `null`. */
export function valueFault(
  value: number,
  { range, forbid }: { range: { min: number; max: number }; forbid: readonly number[] },
): string | null {
  if (!Number.isSafeInteger(value)) return `a value is an integer, got ${value}`;
  if (value < range.min || value > range.max) return `${value} is not from ${range.min} to ${range.max}`;
  return forbid.includes(value) ? `${value} is forbidden` : null;
}

function codeOf({ code }: WriteFailure): ControlFailure["code"] {
  if (code === "WRITE_LOCKED") return "LOCKED";
  return code === "WRITE_UNKNOWN" ? "UNKNOWN" : "NOT_DONE";
}

function textOf(failure: WriteFailure, index: number, count: number): string {
  const step = count > 1 ? `frame ${index + 1} of ${count}: ` : "";
  return step + failureText(failure);
}

/** A failure in words for an operator. */
export function failureText(failure: {
  readonly code: string;
  readonly detail?: string;
  readonly cause?: unknown;
  readonly exception?: number;
}): string {
  const { code, detail, exception } = failure;
  if (exception !== undefined) return `the device answers exception ${exception}`;
  return detail === undefined ? code : `${code}: ${detail}`;
}
