/**
 * A SunSpec device as clients see it: its models from register 40000 on, and which of the points may be written.
 *
 * A write is done whole or not at all: exception 2 where it touches a register that is not there or not to be written, 3
 * where a value is out of its range.
 */
import { ILLEGAL_DATA_ADDRESS, ILLEGAL_DATA_VALUE } from "../modbus-frames.ts";
import type { Settings } from "../settings.ts";
import { modelWords, pointValue, pointWords, type Layout, type Point, type PointValues } from "./layout.ts";

/** The points of a model that may be written: what stands there and which raw values may. */
export interface WritablePoints extends Settings {
  readonly ranges: Readonly<Record<string, readonly [least: number, most: number]>>;
}

/** One model of a device. */
export interface SunspecModel {
  readonly layout: Layout;
  readonly values: () => PointValues;
  readonly writable?: WritablePoints;
}

/** A device's registers. */
export interface RegisterMap {
  readonly models: readonly number[];
  /** `null` where a register does not exist. */
  read(address: number, count: number): readonly number[] | null;
  /** The exception that refuses it, `null` where it was done. */
  write(address: number, words: readonly number[]): number | null;
}

const BASE = 40_000;
const MARK = [0x5375, 0x6e53] as const; // "SunS"
const END = [0xffff, 0] as const;
const HEADER = 2;

interface Placed {
  readonly model: SunspecModel;
  readonly start: number;
}

interface Change {
  readonly writable: WritablePoints;
  readonly point: Point;
  readonly value: number;
}

/** The map of a device with these models. */
export function registerMap(models: readonly SunspecModel[]): RegisterMap {
  let next = BASE + MARK.length;
  const placed = models.map((model): Placed => {
    const start = next;
    next += HEADER + model.layout.length;
    return { model, start };
  });
  const end = next + END.length;

  function read(address: number, count: number): readonly number[] | null {
    if (address < BASE || address + count > end) return null;
    const words = new Array<number>(count).fill(0);
    const put = (start: number, from: readonly number[]): void => {
      const first = Math.max(start, address);
      const last = Math.min(start + from.length, address + count);
      for (let register = first; register < last; register++) words[register - address] = from[register - start] ?? 0;
    };
    put(BASE, MARK);
    put(next, END);
    for (const { model, start } of overlapping(placed, address, count)) {
      put(start, modelWords(model.layout, { ...model.values(), ...model.writable?.values }));
    }
    return words;
  }

  return {
    models: models.map(({ layout: { id } }) => id),
    read,
    write: (address, words) => {
      const changes = changesOf(placed, address, words);
      if (typeof changes === "number") return changes;
      const touched = new Map<WritablePoints, Set<string>>();
      for (const { writable, point, value } of changes) {
        writable.values[point.name] = value;
        touched.set(writable, (touched.get(writable) ?? new Set()).add(point.name));
      }
      for (const [writable, names] of touched) writable.written(names);
      return null;
    },
  };
}

function overlapping(placed: readonly Placed[], address: number, count: number): readonly Placed[] {
  return placed.filter(({ model, start }) => start < address + count && start + HEADER + model.layout.length > address);
}

/** What a write would change, or the exception that refuses it. */
function changesOf(placed: readonly Placed[], address: number, words: readonly number[]): readonly Change[] | number {
  const changes: Change[] = [];
  let covered = 0;
  for (const { model, start } of overlapping(placed, address, words.length)) {
    for (const point of model.layout.points) {
      const first = start + point.offset - address;
      const share = Array.from({ length: point.size }, (_, index) => words[first + index]);
      const given = share.filter((word) => word !== undefined).length;
      if (given === 0) continue;
      covered += given;
      const { writable } = model;
      const range = writable?.ranges[point.name];
      if (writable === undefined || range === undefined) return ILLEGAL_DATA_ADDRESS;
      const before = pointWords(point, writable.values[point.name]);
      const value = pointValue(
        point,
        before.map((word, index) => share[index] ?? word),
      );
      if (value < range[0] || value > range[1]) return ILLEGAL_DATA_VALUE;
      changes.push({ writable, point, value });
    }
  }
  return covered === words.length ? changes : ILLEGAL_DATA_ADDRESS;
}
