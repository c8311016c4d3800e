/** Which registers are read with one request. */
import { spanOf, type PointSpec } from "./profile.ts";

/** Registers that are read together, and the points inside. */
export interface RegisterBlock {
  readonly function: 3 | 4;
  readonly address: number;
  readonly count: number;
  /** By address; at least one. */
  readonly points: readonly PointSpec[];
}

/** What a device allows. */
export interface BlockLimits {
  readonly maxRegisters: number;
  /** Registers without a point between two points of one block. */
  readonly maxGapRegisters: number;
}

/** The fewest blocks that hold every point, by function and address. */
export function planBlocks(points: readonly PointSpec[], limits: BlockLimits): readonly RegisterBlock[] {
  const groups: PointSpec[][] = [];
  let group: PointSpec[] = [];
  for (const point of [...points].sort((a, b) => a.function - b.function || spanOf(a).address - spanOf(b).address)) {
    if (group.length > 0 && !fits(group, point, limits)) group = [];
    if (group.length === 0) groups.push(group);
    group.push(point);
  }
  return groups.map(blockOf);
}

/** Two halves of a block; `null` where it holds one point only. */
export function splitBlock(block: RegisterBlock): readonly [RegisterBlock, RegisterBlock] | null {
  const { points } = block;
  if (points.length < 2) return null;
  const middle = Math.ceil(points.length / 2);
  return [blockOf(points.slice(0, middle)), blockOf(points.slice(middle))];
}

function fits(group: readonly PointSpec[], point: PointSpec, limits: BlockLimits): boolean {
  const block = blockOf(group);
  const span = spanOf(point);
  const end = Math.max(block.address + block.count, span.address + span.count);
  return (
    point.function === block.function &&
    span.address - (block.address + block.count) <= limits.maxGapRegisters &&
    end - block.address <= limits.maxRegisters
  );
}

function blockOf(points: readonly PointSpec[]): RegisterBlock {
  const spans = points.map((point) => spanOf(point));
  const ends = spans.map(({ address, count }) => address + count);
  const address = Math.min(...spans.map((span) => span.address));
  return { function: points[0]?.function ?? 4, address, count: Math.max(...ends) - address, points };
}
