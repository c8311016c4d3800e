/**
 * Which registers of one model are asked for together.
 *
 * A value and its scale factor must belong together. Where one answer cannot hold both, the scale factors are asked for once
 * more on the value's other side, before or after it: what reads alike on both sides held in between.
 */
import type { PointPlace } from "./model-table.ts";

/** Registers from the model's ID. */
export interface Span {
  readonly offset: number;
  readonly count: number;
}

/** The questions to one model, in their order: `before`, `blocks`, `after`. */
export interface ReadPlan {
  /** By offset; the first starts with the model's header. */
  readonly blocks: readonly Span[];
  /** Scale factors whose block comes after a value that they scale. */
  readonly before: Span | null;
  /** Scale factors whose block comes before a value that they scale. */
  readonly after: Span | null;
}

const HEADER: Span = { offset: 0, count: 2 };

/** Asks for the header, every point, and its scale factor. */
export function planReads(
  points: readonly PointPlace[],
  scaleFor: (point: PointPlace) => PointPlace | null,
  maxRegisters: number,
): ReadPlan {
  const pairs = points.map((point) => ({ point: spanOf(point), scale: spanOrNull(scaleFor(point)) }));
  const wanted = [HEADER, ...pairs.flatMap(({ point, scale }) => (scale === null ? [point] : [point, scale]))];
  const blocks = blocksOf(wanted, maxRegisters);
  const before: Span[] = [];
  const after: Span[] = [];
  for (const { point, scale } of pairs) {
    if (scale === null) continue;
    const order = blockIndex(blocks, scale) - blockIndex(blocks, point);
    if (order > 0) before.push(scale);
    if (order < 0) after.push(scale);
  }
  return { blocks, before: around(before), after: around(after) };
}

/** Whether `span` holds all of `inside`. */
export function holds(span: Span | null, inside: Span): boolean {
  return span !== null && inside.offset >= span.offset && endOf(inside) <= endOf(span);
}

/** The registers of a point. */
export function spanOf({ offset, size }: PointPlace): Span {
  return { offset, count: size };
}

function spanOrNull(place: PointPlace | null): Span | null {
  return place === null ? null : spanOf(place);
}

function blocksOf(wanted: readonly Span[], maxRegisters: number): readonly Span[] {
  const blocks: Span[] = [];
  for (const span of [...wanted].sort((a, b) => a.offset - b.offset)) {
    const last = blocks.at(-1);
    const grown = last === undefined ? null : around([last, span]);
    if (grown === null || grown.count > maxRegisters) blocks.push(span);
    else blocks[blocks.length - 1] = grown;
  }
  return blocks;
}

function blockIndex(blocks: readonly Span[], span: Span): number {
  return blocks.findIndex((block) => holds(block, span));
}

function around(spans: readonly Span[]): Span | null {
  if (spans.length === 0) return null;
  const offset = Math.min(...spans.map((span) => span.offset));
  return { offset, count: Math.max(...spans.map(endOf)) - offset };
}

function endOf({ offset, count }: Span): number {
  return offset + count;
}
