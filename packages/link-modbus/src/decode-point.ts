/**
 * From registers to a reading, exactly: integers stay integers, a float is taken for the fraction that it is, and the
 * only rounding is the last step, to the nearest integer of the point's unit, half up.
 *
 * In order: "not available" (on the raw registers), not a number, sum, scale or map, plausible.
 */
import { assert, measured, missing, roundQuotient, unreachable, type Measurement } from "@micromarket/kernel";
import { registersOf, type Encoding, type RegisterType } from "./encoding.ts";
import type { PointSpec } from "./profile.ts";

interface Fraction {
  readonly numerator: bigint;
  /** Positive. */
  readonly denominator: bigint;
}

const FLOAT64_MANTISSA_BITS = 52n;
const FLOAT64_EXPONENT_BIAS = 1_075n;

/**
 * What the registers of `spec` say; `words` are those registers as on the wire, `addends` those of its further registers, in
 * their order. A part that is missing makes the sum missing.
 */
export function decodePoint(
  spec: PointSpec,
  words: readonly number[],
  addends: readonly (readonly number[])[] = [],
): Measurement<number> {
  assert(addends.length === spec.addends.length, `${spec.point} has ${spec.addends.length} addends`);
  let sum = rawOf(spec, words);
  for (const [index, addend] of spec.addends.entries()) {
    const part = rawOf(spec, addends[index] ?? []);
    if (sum.kind === "missing") break;
    if (part.kind === "missing") return part;
    sum = measured(plus(sum.value, part.value, BigInt(addend.sign)));
  }
  const value = sum.kind === "missing" ? sum : measuredOf(sum.value, spec);
  if (value.kind === "missing" || spec.valid === null) return value;
  return value.value < spec.valid.min || value.value > spec.valid.max ? missing("out-of-range") : value;
}

/** One number in its canonical unit; `words` are its registers as on the wire. */
export function decodeNumber(encoding: Encoding, words: readonly number[]): Measurement<number> {
  const raw = rawOf(encoding, words);
  return raw.kind === "missing" ? raw : measuredOf(raw.value, encoding);
}

function rawOf(encoding: Encoding, words: readonly number[]): Measurement<Fraction> {
  const count = registersOf(encoding.type);
  assert(words.length === count, `${encoding.type} takes ${count} registers`);
  const hex = words.map((word) => word.toString(16).padStart(4, "0").toUpperCase()).join("");
  if (encoding.notAvailable.includes(hex)) return missing("not-reported");
  const raw = rawValue(encoding.type, bytesInOrder(encoding, words));
  return raw === null ? missing("not-a-number") : measured(raw);
}

function measuredOf(raw: Fraction, encoding: Encoding): Measurement<number> {
  if (encoding.map !== null) {
    const mapped = encoding.map.get(Number(raw.numerator)); // a map stands for whole numbers of 32 bits or fewer
    return mapped === undefined ? missing("out-of-range") : measured(mapped);
  }
  const value = scaled(raw, encoding);
  const isSafe = value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER);
  return isSafe ? measured(Number(value)) : missing("out-of-range");
}

function plus(a: Fraction, b: Fraction, sign: bigint): Fraction {
  const numerator = a.numerator * b.denominator + sign * b.numerator * a.denominator;
  return { numerator, denominator: a.denominator * b.denominator };
}

/** The number's bytes, highest first. */
function bytesInOrder(encoding: Encoding, words: readonly number[]): DataView {
  const view = new DataView(new ArrayBuffer(2 * words.length));
  const ordered = encoding.wordOrder === "big" ? words : words.toReversed();
  for (const [index, word] of ordered.entries()) view.setUint16(2 * index, word, encoding.byteOrder === "little");
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

function scaled({ numerator, denominator }: Fraction, { multiply, sign, pow10 }: Encoding): bigint {
  const product = numerator * BigInt(multiply) * BigInt(sign);
  const power = 10n ** BigInt(Math.abs(pow10));
  return pow10 >= 0 ? roundQuotient(product * power, denominator) : roundQuotient(product, denominator * power);
}
