/**
 * From registers to a reading, exactly: integers stay integers, a float is taken for the fraction that it is, and the
 * only rounding is the last step, to the nearest integer of the point's unit, half up.
 *
 * In order: "not available" (on the raw registers), not a number, scale, plausible.
 */
import { assert, measured, missing, roundQuotient, unreachable, type Measurement } from "@micromarket/kernel";
import { registersOf, type PointSpec, type RegisterType } from "./profile.ts";

interface Fraction {
  readonly numerator: bigint;
  /** Positive. */
  readonly denominator: bigint;
}

const FLOAT64_MANTISSA_BITS = 52n;
const FLOAT64_EXPONENT_BIAS = 1_075n;

/** What the registers of `spec` say; `words` are those registers as on the wire. */
export function decodePoint(spec: PointSpec, words: readonly number[]): Measurement<number> {
  assert(words.length === registersOf(spec.type), `${spec.point} takes ${registersOf(spec.type)} registers`);
  const hex = words.map((word) => word.toString(16).padStart(4, "0").toUpperCase()).join("");
  if (spec.notAvailable.includes(hex)) return missing("not-reported");
  const raw = rawValue(spec.type, bytesInOrder(spec, words));
  if (raw === null) return missing("not-a-number");
  const value = scaled(raw, spec);
  if (value < BigInt(Number.MIN_SAFE_INTEGER) || value > BigInt(Number.MAX_SAFE_INTEGER)) {
    return missing("out-of-range");
  }
  const number = Number(value);
  const { valid } = spec;
  return valid !== null && (number < valid.min || number > valid.max) ? missing("out-of-range") : measured(number);
}

/** The number's bytes, highest first. */
function bytesInOrder(spec: PointSpec, words: readonly number[]): DataView {
  const view = new DataView(new ArrayBuffer(2 * words.length));
  const ordered = spec.wordOrder === "big" ? words : words.toReversed();
  for (const [index, word] of ordered.entries()) view.setUint16(2 * index, word, spec.byteOrder === "little");
  return view;
}

/** `null` for what is no finite number. */
function rawValue(type: RegisterType, view: DataView): Fraction | null {
  switch (type) {
    case "int16":
      return whole(BigInt(view.getInt16(0)));
    case "uint16":
      return whole(BigInt(view.getUint16(0)));
    case "int32":
      return whole(BigInt(view.getInt32(0)));
    case "uint32":
      return whole(BigInt(view.getUint32(0)));
    case "int64":
      return whole(view.getBigInt64(0));
    case "uint64":
      return whole(view.getBigUint64(0));
    case "float32":
      return fractionOf(view.getFloat32(0));
    case "float64":
      return fractionOf(view.getFloat64(0));
    default:
      return unreachable(type);
  }
}

function whole(numerator: bigint): Fraction {
  return { numerator, denominator: 1n };
}

/** IEEE 754 binary64: (−1)^sign × mantissa × 2^(exponent − 1075). */
function fractionOf(value: number): Fraction | null {
  if (!Number.isFinite(value)) return null;
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const field = (bits >> FLOAT64_MANTISSA_BITS) & 0x7ffn;
  const tail = bits & ((1n << FLOAT64_MANTISSA_BITS) - 1n);
  const mantissa = field === 0n ? tail : tail | (1n << FLOAT64_MANTISSA_BITS);
  const numerator = value < 0 ? -mantissa : mantissa;
  const exponent = (field === 0n ? 1n : field) - FLOAT64_EXPONENT_BIAS;
  return exponent >= 0n ? whole(numerator << exponent) : { numerator, denominator: 1n << -exponent };
}

function scaled({ numerator, denominator }: Fraction, { multiply, sign, pow10 }: PointSpec): bigint {
  const product = numerator * BigInt(multiply) * BigInt(sign);
  const power = 10n ** BigInt(Math.abs(pow10));
  return pow10 >= 0 ? roundQuotient(product * power, denominator) : roundQuotient(product, denominator * power);
}
