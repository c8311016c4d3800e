/** Times one workload at growing sizes beside a named peer, in interleaved rounds of one process, and prints medians. */
import { cpus } from "node:os";

const ROUNDS = 5;
const WARM_UP_NS = 500_000_000;
/** Least time that a measured round runs. */
const ROUND_NS = 50_000_000;
/** Digits of a ratio that count. */
const RATIO_DIGITS = 3;

/** Of one unit: on the clock, and on all processors. */
interface Time {
  readonly ns: number;
  readonly cpuNs: number;
}

/** What is measured against what. */
export interface Comparison<Input> {
  readonly title: string;
  readonly seed: number;
  /** What is counted, e.g. "order". */
  readonly unit: string;
  /** What the ratio is against. */
  readonly peer: string;
  /** Units a run. */
  readonly sizes: readonly number[];
  readonly prepare: (size: number) => Input;
  readonly run: (input: Input) => unknown;
  readonly runPeer: (input: Input) => unknown;
}

/**
 * Prints a row per size: time per unit, rate, the peer's time, the ratio, the ratio of CPU times, which says more on a busy
 * machine, and the exponent of growth (1 is linear).
 */
export function compareGrowth<Input>(comparison: Comparison<Input>): void {
  const { title, seed, unit, peer, sizes } = comparison;
  const machine = `${cpus()[0]?.model ?? "unknown CPU"}, node ${process.version}`;
  console.log(`\n${title}\n  ${machine}, seed ${seed}, medians of ${ROUNDS} interleaved rounds\n  peer: ${peer}`);
  printRow(["size", `ns/${unit}`, `${unit}s/s`, "peer ns", "× peer", "× peer, CPU", "growth"]);
  let previous: { readonly ns: number; readonly size: number } | null = null;
  for (const size of sizes) {
    const { own, peer: other } = measure(comparison, size);
    const { ns } = own;
    const growth =
      previous === null ? "" : (1 + Math.log(ns / previous.ns) / Math.log(size / previous.size)).toFixed(2);
    const ratios = [ns / other.ns, own.cpuNs / other.cpuNs].map((ratio) => ratio.toPrecision(RATIO_DIGITS));
    printRow([size, ns.toFixed(1), Math.round(1e9 / ns), other.ns.toFixed(1), ...ratios, growth]);
    previous = { ns, size };
  }
}

function measure<Input>({ prepare, run, runPeer }: Comparison<Input>, size: number): { own: Time; peer: Time } {
  const input = prepare(size);
  warmUp(run, input);
  warmUp(runPeer, input);
  const own: Time[] = [];
  const peer: Time[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    own.push(timed(run, input, size));
    peer.push(timed(runPeer, input, size));
  }
  return { own: medianOf(own), peer: medianOf(peer) };
}

/** Runs until the compiler has had its say. */
function warmUp<Input>(run: (input: Input) => unknown, input: Input): void {
  for (let ns = 0; ns < WARM_UP_NS;) ns += once(run, input);
}

/** Time of one unit of a run of `size`, mean over as many runs as fill a round. */
function timed<Input>(run: (input: Input) => unknown, input: Input, size: number): Time {
  let [runs, ns] = [0, 0];
  const before = process.cpuUsage();
  while (ns < ROUND_NS) {
    ns += once(run, input);
    runs += 1;
  }
  const { user, system } = process.cpuUsage(before);
  return { ns: ns / runs / size, cpuNs: ((user + system) * 1_000) / runs / size };
}

function once<Input>(run: (input: Input) => unknown, input: Input): number {
  const start = process.hrtime.bigint();
  const result = run(input);
  const ns = Number(process.hrtime.bigint() - start);
  if (result === undefined) throw new Error("a workload must return what it computed, or it may be optimised away");
  return ns;
}

function medianOf(times: readonly Time[]): Time {
  return { ns: median(times.map(({ ns }) => ns)), cpuNs: median(times.map(({ cpuNs }) => cpuNs)) };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
}

function printRow(cells: readonly (string | number)[]): void {
  console.log(`  ${cells.map((cell) => String(cell).padStart(14)).join("")}`);
}
