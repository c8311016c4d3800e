/**
 * Where a SunSpec model keeps its points. A table is text, one point a line: offset from the model's start, name, type, and
 * where they exist the point that holds its scale factor (or a fixed exponent, or "-") and its unit. The header, ID and L, is
 * left out; `string16` has 16 registers.
 */
import { assert } from "@micromarket/kernel";

const TYPES = {
  ...{ int16: 1, uint16: 1, count: 1, acc16: 1, enum16: 1, bitfield16: 1, sunssf: 1 },
  ...{ int32: 2, uint32: 2, acc32: 2, enum32: 2, bitfield32: 2, float32: 2, ipaddr: 2 },
  ...{ int64: 4, uint64: 4, acc64: 4, bitfield64: 4, float64: 4, eui48: 4, ipv6addr: 8 },
} as const;

/** What a point is, but a string. */
export type SunspecType = keyof typeof TYPES | "string";

/** One point of a model. */
export interface PointPlace {
  readonly name: string;
  /** Registers from the model's ID. */
  readonly offset: number;
  readonly type: SunspecType;
  /** Registers. */
  readonly size: number;
  /** The name of the model's point that holds the exponent, or the exponent; `null`: not scaled. */
  readonly scale: string | number | null;
  /** As the model says it, without spaces. */
  readonly unit: string | null;
}

/** A group of points that comes again and again at the end of a model. */
interface RepeatedGroup {
  readonly name: string;
  readonly start: number;
  readonly length: number;
  readonly points: ReadonlyMap<string, PointPlace>;
}

/** One model, or several with the same points. */
export interface ModelTable {
  readonly ids: readonly number[];
  readonly points: ReadonlyMap<string, PointPlace>;
  readonly repeated: RepeatedGroup | null;
}

/** Reads a table's text. */
export function modelTable(
  ids: readonly number[],
  text: string,
  repeated?: { readonly name: string; readonly start: number; readonly length: number; readonly points: string },
): ModelTable {
  const group = repeated === undefined ? null : { ...repeated, points: pointsOf(repeated.points) };
  return { ids, points: pointsOf(text), repeated: group };
}

/** The point of that name, where `module[3].DCW` is one of the third repeated group; `null`: the model has none. */
export function placeIn({ points, repeated }: ModelTable, name: string): PointPlace | null {
  const [, group, number, inside = ""] = /^(\w+)\[([1-9]\d?)\]\.(\w+)$/.exec(name) ?? [];
  if (group === undefined) return points.get(name) ?? null;
  const place = repeated?.name === group ? repeated.points.get(inside) : undefined;
  if (place === undefined || repeated === null) return null;
  return { ...place, name, offset: repeated.start + (Number(number) - 1) * repeated.length + place.offset };
}

function pointsOf(text: string): ReadonlyMap<string, PointPlace> {
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  return new Map(lines.map(placeOf).map((place) => [place.name, place]));
}

function placeOf(line: string): PointPlace {
  const [offset = "", name = "", typeText = "", scaleText = "-", unit = null] = line.split(" ");
  const [, digits] = /^string(\d+)$/.exec(typeText) ?? [];
  const type = digits === undefined ? typeText : "string";
  assert(isType(type) && /^\d+$/.test(offset), `no point: ${line}`);
  const size = type === "string" ? Number(digits) : TYPES[type];
  const scale = scaleText === "-" ? null : /^-?\d+$/.test(scaleText) ? Number(scaleText) : scaleText;
  return { name, offset: Number(offset), type, size, scale, unit };
}

function isType(text: string): text is SunspecType {
  return text === "string" || Object.hasOwn(TYPES, text);
}
