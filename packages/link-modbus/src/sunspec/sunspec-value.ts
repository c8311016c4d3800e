/**
 * From the registers of one SunSpec point to a number or a text. "Not implemented" is matched on the raw registers, by type,
 * and is `not-reported`; a scale factor that is not implemented, or not from −10 to 10, leaves no number.
 *
 * Source: SunSpec Device Information Model Specification 1.1, section 6.
 */
import { measured, missing, type Measurement } from "@micromarket/kernel";
import { decodeNumber } from "../decode-point.ts";
import type { Encoding, RegisterType } from "../encoding.ts";
import type { PointPlace, SunspecType } from "./model-table.ts";

/** How each type is kept, and the registers that stand for "not implemented"; floats have any NaN. */
const TYPES: Readonly<Record<SunspecType, { readonly kept: RegisterType | null; readonly absent: string | null }>> = {
  int16: { kept: "int16", absent: "8000" },
  sunssf: { kept: "int16", absent: "8000" },
  uint16: { kept: "uint16", absent: "FFFF" },
  count: { kept: "uint16", absent: "FFFF" },
  enum16: { kept: "uint16", absent: "FFFF" },
  bitfield16: { kept: "uint16", absent: "FFFF" },
  acc16: { kept: "uint16", absent: "0000" },
  int32: { kept: "int32", absent: "80000000" },
  uint32: { kept: "uint32", absent: "FFFFFFFF" },
  enum32: { kept: "uint32", absent: "FFFFFFFF" },
  bitfield32: { kept: "uint32", absent: "FFFFFFFF" },
  acc32: { kept: "uint32", absent: "00000000" },
  int64: { kept: "int64", absent: "8000000000000000" },
  uint64: { kept: "uint64", absent: "FFFFFFFFFFFFFFFF" },
  bitfield64: { kept: "uint64", absent: "FFFFFFFFFFFFFFFF" },
  acc64: { kept: "uint64", absent: "0000000000000000" },
  float32: { kept: "float32", absent: null },
  float64: { kept: "float64", absent: null },
  ipaddr: { kept: null, absent: "00000000" },
  ipv6addr: { kept: null, absent: "0".repeat(32) },
  eui48: { kept: null, absent: "0000FFFFFFFFFFFF" },
  string: { kept: null, absent: null },
};

const SCALE_MAX = 10;

/** A point's number in units of 10^−`pow10`, rounded half up; `scale` is what its scale factor said. */
export function numberOf(
  type: SunspecType,
  words: readonly number[],
  scale: Measurement<number>,
  pow10: number,
  sign: 1 | -1 = 1,
): Measurement<number> {
  const { kept, absent } = TYPES[type];
  if (kept === null) return missing("not-a-number");
  if (isAbsent(absent, words)) return missing("not-reported");
  if (scale.kind === "missing") return scale;
  const value = decodeNumber(encodingOf(kept, scale.value + pow10, sign), words);
  const isFloatNan = value.kind === "missing" && value.reason === "not-a-number";
  return isFloatNan ? missing("not-reported") : value;
}

/** The exponent that a scale factor's register says; missing where it says none, or none that there is. */
export function scaleOf(word: number): Measurement<number> {
  const scale = numberOf("sunssf", [word], measured(0), 0);
  if (scale.kind === "missing") return scale;
  return Math.abs(scale.value) <= SCALE_MAX ? scale : missing("out-of-range");
}

/** A text up to its first NUL, without blanks around it; missing where nothing is left. */
export function textOf({ type }: Pick<PointPlace, "type">, words: readonly number[]): Measurement<string> {
  if (type !== "string") return missing("not-reported");
  const bytes = Buffer.from(words.flatMap((word) => [word >> 8, word & 0xff]));
  const end = bytes.indexOf(0);
  const text = bytes
    .subarray(0, end === -1 ? bytes.length : end)
    .toString("utf8")
    .trim();
  return text === "" ? missing("not-reported") : measured(text);
}

/** Bits of a counter that is kept in registers as an integer; `null` for a float. */
export function counterBits(type: SunspecType): number | null {
  const { kept } = TYPES[type];
  return kept === null || kept.startsWith("float") ? null : Number(kept.replace(/^\D+/, ""));
}

function isAbsent(absent: string | null, words: readonly number[]): boolean {
  if (absent === null) return false;
  return words.map((word) => word.toString(16).padStart(4, "0").toUpperCase()).join("") === absent;
}

function encodingOf(type: RegisterType, pow10: number, sign: 1 | -1): Encoding {
  return { type, wordOrder: "big", byteOrder: "big", multiply: 1, pow10, sign, map: null, notAvailable: [] };
}
