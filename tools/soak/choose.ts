/** Seeded choices among the calls of a run. */
import type { RandomStream } from "@micromarket/kernel";
import type { DiskCall } from "./trace.ts";

/** What a call is to a table: name, file and what the process was at. */
export function kindOf({ name, target, phase }: DiskCall): string {
  return `${name} ${target} ${phase}`;
}

/** Up to `count` of the indices of `calls`, each once, ascending: one of each kind first, then any. */
export function chooseCalls(
  calls: readonly DiskCall[],
  count: number,
  stream: RandomStream,
  isWanted: (call: DiskCall) => boolean = () => true,
): readonly number[] {
  const left = [...calls.keys()].filter((index) => isWanted(calls[index] as DiskCall));
  const chosen: number[] = [];
  const take = (from: readonly number[]): void => {
    const index = from[stream.below(from.length)] ?? 0;
    chosen.push(index);
    left.splice(left.indexOf(index), 1);
  };
  const kinds = new Map<string, number[]>();
  for (const index of left) {
    const kind = kindOf(calls[index] as DiskCall);
    kinds.set(kind, [...(kinds.get(kind) ?? []), index]);
  }
  const queue = [...kinds.values()];
  while (queue.length > 0 && chosen.length < count) take(queue.splice(stream.below(queue.length), 1)[0] ?? []);
  while (left.length > 0 && chosen.length < count) take(left);
  return chosen.sort((a, b) => a - b);
}
