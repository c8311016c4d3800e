/**
 * What goes up: the numbered position of a market, as a canonical message. A function of the aggregate curve, its number
 * and its slot alone; a price without bound is `null`.
 */
import {
  canonicalText,
  decodeCanonical,
  decodeChecked,
  decodeInteger,
  decodeObject,
  decodeOneOf,
  instantMs,
  malformed,
  type DecodeFailure,
  type Decoder,
  type InstantMs,
  type PartyId,
  type Result,
} from "@micromarket/kernel";
import { curveRecord, decodeCurve, type PositionFormed, type SubmitPosition } from "@micromarket/engine";
import { isCurve, type StepCurve } from "@micromarket/market";

/** Longest message that is looked at, in UTF-16 code units; 64 steps need a tenth. */
export const POSITION_LENGTH_MAX = 65_536;

/** A position on its way up. Who sends it, the link knows. */
export interface PositionMessage {
  readonly type: "Position";
  readonly slot: InstantMs;
  readonly number: number;
  readonly curve: StepCurve;
}

const decodeMessage: Decoder<PositionMessage> = (value, path) => {
  const read = decodeFields(value, path);
  return read.ok ? { ok: true, value: { ...read.value, slot: instantMs(read.value.slot) } } : read;
};

const decodeFields = decodeObject({
  type: decodeOneOf("Position"),
  slot: decodeInteger,
  number: decodeChecked(decodeInteger, (number) => number > 0, "a positive number"),
  curve: decodeChecked(decodeCurve, isCurve, "a net demand curve"),
});

/** The message of what a market presents. */
export function positionMessage({ slot, number, curve }: PositionFormed): PositionMessage {
  return { type: "Position", slot, number, curve };
}

/** Its bytes, as text. */
export function encodePosition({ type, slot, number, curve }: PositionMessage): string {
  return canonicalText({ type, slot, number, curve: curveRecord(curve) });
}

/** Reads a message; one message has one text. */
export function decodePosition(text: string): Result<PositionMessage, DecodeFailure> {
  if (text.length > POSITION_LENGTH_MAX) return malformed("", `at most ${POSITION_LENGTH_MAX} characters`, text);
  return decodeCanonical(text, decodeMessage, encodePosition);
}

/** The command with which the market above takes it in; `party` is the name of the market below there. */
export function submitPosition({ slot, number, curve }: PositionMessage, party: PartyId): SubmitPosition {
  return { type: "SubmitPosition", slot, party, number, curve };
}
