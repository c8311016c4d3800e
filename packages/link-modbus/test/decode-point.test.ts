/** Decoding, held against encoders and roundings that share nothing with it. */
import { describe, expect, test } from "@jest/globals";
import { measured, missing } from "@micromarket/kernel";
import fc from "fast-check";
import { decodePoint } from "../src/decode-point.ts";
import { registersOf, type EndFirst, type PointSpec, type RegisterType } from "../src/index.ts";

const PLAIN: PointSpec = {
  point: "power_w",
  function: 4,
  address: 0,
  type: "int16",
  wordOrder: "big",
  byteOrder: "big",
  multiply: 1,
  pow10: 0,
  sign: 1,
  map: null,
  notAvailable: [],
  addends: [],
  poll: "fast",
  valid: null,
  maxAgeMs: 60_000,
  counter: null,
};

const INTEGERS: readonly (readonly [RegisterType, bigint, bigint])[] = [16n, 32n, 64n].flatMap((bits) => [
  [`int${bits}` as RegisterType, -(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n] as const,
  [`uint${bits}` as RegisterType, 0n, (1n << bits) - 1n] as const,
]);
const ends = fc.constantFrom<EndFirst>("big", "little");
const scaling = fc.record({
  wordOrder: ends,
  byteOrder: ends,
  multiply: fc.integer({ min: 1, max: 1_000 }),
  pow10: fc.integer({ min: -6, max: 6 }),
  sign: fc.constantFrom<1 | -1>(1, -1),
});

/** Bytes, highest first, as registers in the given orders. */
function wordsOf(bytes: Buffer, { wordOrder, byteOrder }: Pick<PointSpec, "wordOrder" | "byteOrder">): number[] {
  const words: number[] = [];
  for (let at = 0; at < bytes.length; at += 2) {
    words.push(byteOrder === "big" ? bytes.readUInt16BE(at) : bytes.readUInt16LE(at));
  }
  return wordOrder === "big" ? words : words.reverse();
}

function integerBytes(value: bigint, registers: number): Buffer {
  const hex = BigInt.asUintN(16 * registers, value).toString(16);
  return Buffer.from(hex.padStart(4 * registers, "0"), "hex");
}

/** A plain decimal text × multiply × 10^pow10 × sign, rounded half up, by moving the point in the text. */
function scaledText(text: string, spec: PointSpec): bigint {
  const [whole = "0", decimals = ""] = text.replace("-", "").split(".");
  const magnitude = BigInt(whole + decimals) * BigInt(spec.multiply);
  const isNegative = text.startsWith("-") !== (spec.sign === -1);
  const cut = decimals.length - spec.pow10;
  if (cut <= 0) return (isNegative ? -1n : 1n) * magnitude * 10n ** BigInt(-cut);
  const digits = magnitude.toString().padStart(cut + 1, "0");
  const kept = BigInt(digits.slice(0, -cut));
  const rest = digits.slice(-cut);
  const half = `5${"0".repeat(cut - 1)}`;
  const roundsAway = isNegative ? rest > half : rest >= half;
  return (isNegative ? -1n : 1n) * (kept + (roundsAway ? 1n : 0n));
}

function expected(value: bigint): object {
  const number = Number(value);
  return Number.isSafeInteger(number) ? measured(number === 0 ? 0 : number) : missing("out-of-range");
}

describe("every value of every type, in every order", () => {
  test.each(INTEGERS)("%s", (type, min, max) => {
    fc.assert(
      fc.property(fc.bigInt({ min, max }), scaling, (value, how) => {
        const spec: PointSpec = { ...PLAIN, type, ...how };
        const words = wordsOf(integerBytes(value, registersOf(type)), how);
        expect(decodePoint(spec, words)).toEqual(expected(scaledText(value.toString(), spec)));
      }),
    );
  });

  test.each(["float32", "float64"] as const)("%s", (type) => {
    const write = type === "float32" ? "writeFloatBE" : "writeDoubleBE";
    const values = fc.double({ min: -1e9, max: 1e9, noNaN: true }).map((value) => (Math.abs(value) < 1e-6 ? 0 : value));
    fc.assert(
      fc.property(values, scaling, (value, how) => {
        const spec: PointSpec = { ...PLAIN, type, ...how };
        const bytes = Buffer.alloc(2 * registersOf(type));
        bytes[write](value, 0);
        const kept = type === "float32" ? Math.fround(value) : value;
        const text = kept.toFixed(100); // exact: at most 20 + 52 binary places
        expect(decodePoint(spec, wordsOf(bytes, how))).toEqual(expected(scaledText(text, spec)));
      }),
    );
  });

  test.each([
    [-0, 0],
    [5e-324, 0],
    [-5e-324, 0],
    [2 ** -1022, 0],
    [0.49999999999999994, 0],
    [0.5, 1],
    [-0.5, 0],
    [-0.5000000000000001, -1],
    [2 ** 51 + 0.5, 2 ** 51 + 1],
    [-(2 ** 51) - 0.5, -(2 ** 51)],
    [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
    [Number.MIN_SAFE_INTEGER, Number.MIN_SAFE_INTEGER],
  ])("the float64 %d is %d, to the bit", (value, rounded) => {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleBE(value);
    expect(decodePoint({ ...PLAIN, type: "float64" }, wordsOf(bytes, PLAIN))).toEqual(measured(rounded));
  });
});

describe("what is no value", () => {
  const float = (value: number): number[] => {
    const bytes = Buffer.alloc(4);
    bytes.writeFloatBE(value);
    return wordsOf(bytes, PLAIN);
  };

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])("the float %d", (value) => {
    expect(decodePoint({ ...PLAIN, type: "float32" }, float(value))).toEqual(missing("not-a-number"));
  });

  test("a sentinel is known by its raw registers, before order, sign and scale", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...INTEGERS),
        scaling,
        fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
        (of, how, bits) => {
          const [type] = of;
          const words = wordsOf(integerBytes(bits, registersOf(type)), { wordOrder: "big", byteOrder: "big" });
          const sentinel = words.map((word) => word.toString(16).toUpperCase().padStart(4, "0")).join("");
          const spec: PointSpec = {
            ...PLAIN,
            type,
            ...how,
            valid: { min: 0, max: 0 },
            notAvailable: ["0000", sentinel],
          };
          expect(decodePoint(spec, words)).toEqual(missing("not-reported"));
        },
      ),
    );
  });

  test("0x80000000 of an int32 that is turned and scaled; its neighbour is a value", () => {
    const spec: PointSpec = { ...PLAIN, type: "int32", sign: -1, pow10: -1, notAvailable: ["80000000"] };
    expect(decodePoint(spec, [0x8000, 0])).toEqual(missing("not-reported"));
    expect(decodePoint(spec, [0x8000, 1])).toEqual(measured(214_748_365));
  });

  test("what is not plausible, on either side; the bounds themselves are", () => {
    const spec: PointSpec = { ...PLAIN, valid: { min: -10, max: 20 } };
    const decoded = [-11, -10, 0, 20, 21].map((value) => decodePoint(spec, [value & 0xffff]));
    const out = missing("out-of-range");
    expect(decoded).toEqual([out, measured(-10), measured(0), measured(20), out]);
  });

  test("what leaves the safe integers", () => {
    const spec: PointSpec = { ...PLAIN, type: "uint64" };
    expect(decodePoint(spec, [0x1f, 0xffff, 0xffff, 0xffff])).toEqual(measured(Number.MAX_SAFE_INTEGER));
    expect(decodePoint(spec, [0x20, 0, 0, 0])).toEqual(missing("out-of-range"));
  });
});
