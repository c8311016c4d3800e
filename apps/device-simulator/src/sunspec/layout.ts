/**
 * How a SunSpec model's points lie in registers: high word first, what is not there by the value that its type has for it.
 *
 * Source: SunSpec Device Information Model Specification 1.1, section 4 (data types, unimplemented values).
 */
import { assert } from "@micromarket/kernel";

/** One point. */
export interface Point {
  readonly name: string;
  readonly type: string;
  /** Registers from the model's start, at which its id stands. */
  readonly offset: number;
  readonly size: number;
}

/** One model's points, without id and length. */
export interface Layout {
  readonly id: number;
  readonly points: readonly Point[];
  /** Registers behind id and length. */
  readonly length: number;
}

/** Raw values by point, unscaled; what is left out or NaN is not there. */
export type PointValues = Readonly<Record<string, number | string | undefined>>;

interface PointType {
  readonly size: number;
  readonly absent: bigint;
  readonly isSigned?: true;
}

const TYPES: Readonly<Record<string, PointType>> = {
  u16: { size: 1, absent: 0xffffn },
  s16: { size: 1, absent: 0x8000n, isSigned: true },
  sf: { size: 1, absent: 0x8000n, isSigned: true },
  pad: { size: 1, absent: 0x8000n },
  u32: { size: 2, absent: 0xffff_ffffn },
  s32: { size: 2, absent: 0x8000_0000n, isSigned: true },
  acc32: { size: 2, absent: 0n },
  u64: { size: 4, absent: 0xffff_ffff_ffff_ffffn },
};
const TEXT = /^str(\d+)$/;
const HEADER = 2;
const WORD_BITS = 16;
const WORD_MASK = 0xffffn;

/** Reads a table of `name:type`. */
export function layout(id: number, table: string): Layout {
  let offset = HEADER;
  const points = table
    .trim()
    .split(/\s+/)
    .map((entry) => {
      const [name = "", type = ""] = entry.split(":");
      const size = sizeOf(type);
      offset += size;
      return { name, type, offset: offset - size, size };
    });
  return { id, points, length: offset - HEADER };
}

function sizeOf(type: string): number {
  return Number(TEXT.exec(type)?.[1] ?? typeOf(type).size);
}

function typeOf(type: string): PointType {
  const found = TYPES[type];
  assert(found !== undefined, `no point type ${type}`);
  return found;
}

/** The registers of a model: id, length, points. */
export function modelWords({ id, points, length }: Layout, values: PointValues): readonly number[] {
  return [id, length, ...points.flatMap((point) => pointWords(point, values[point.name]))];
}

/** The registers of one point. */
export function pointWords({ type, size }: Point, value: number | string | undefined): readonly number[] {
  if (TEXT.test(type)) return textWords(String(value ?? ""), size);
  const isThere = typeof value === "number" && !Number.isNaN(value);
  const bits = isThere ? BigInt(Math.trunc(value)) : typeOf(type).absent;
  return Array.from({ length: size }, (_, index) =>
    Number((bits >> BigInt((size - 1 - index) * WORD_BITS)) & WORD_MASK),
  );
}

/** The number that registers of one point hold. */
export function pointValue({ type, size }: Point, words: readonly number[]): number {
  const bits = words.reduce((sum, word) => (sum << BigInt(WORD_BITS)) | BigInt(word), 0n);
  return Number(typeOf(type).isSigned ? BigInt.asIntN(size * WORD_BITS, bits) : bits);
}

function textWords(text: string, size: number): readonly number[] {
  const bytes = Buffer.alloc(2 * size);
  bytes.write(text, "ascii");
  return Array.from({ length: size }, (_, index) => bytes.readUInt16BE(2 * index));
}
