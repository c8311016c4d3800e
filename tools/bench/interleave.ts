/** CPU time of several ways to do one thing, in interleaved rounds of one process, so that a busy moment hits them all. */
import { cpus } from "node:os";

const ROUNDS = 5;
/** Least CPU time of a measured round, in microseconds. */
const ROUND_US = 40_000;

/** Runs one way once and returns what it computed: the same for all ways, or the figures do not count. */
export type Way = () => string;

/** A way that measures itself, in another process: what it computed, and CPU nanoseconds of one run. */
export type MeasuredWay = () => { readonly digest: string; readonly ns: number };

/** Median CPU nanoseconds of one run of each way, by name. Throws where two ways do not agree. */
export function medianNs(
  ways: Readonly<Record<string, Way>>,
  measured: Readonly<Record<string, MeasuredWay>> = {},
): Record<string, number> {
  const samples = new Map<string, number[]>();
  const note = (name: string, ns: number): void => void samples.set(name, [...(samples.get(name) ?? []), ns]);
  const digests = new Map(Object.entries(ways).map(([name, way]) => [name, way()]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, way] of Object.entries(ways)) note(name, cpuNs(way));
    for (const [name, way] of Object.entries(measured)) {
      const { digest, ns } = way();
      digests.set(name, digest);
      note(name, ns);
    }
  }
  const different = [...new Set(digests.values())];
  if (different.length !== 1) throw new Error(`the ways do not agree: ${JSON.stringify([...digests])}`);
  return Object.fromEntries([...samples].map(([name, all]) => [name, median(all)]));
}

/** Where the figures were taken, for the head of a table. */
export function machineText(): string {
  return `${cpus()[0]?.model ?? "unknown CPU"}, node ${process.version}, CPU time, medians of ${ROUNDS} interleaved rounds`;
}

function cpuNs(way: Way): number {
  for (let runs = 1; ; runs *= 2) {
    const before = process.cpuUsage();
    for (let run = 0; run < runs; run++) way();
    const { user, system } = process.cpuUsage(before);
    if (user + system >= ROUND_US) return ((user + system) * 1_000) / runs;
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
}
