/**
 * The fast order book against nodejs-order-book and against itself in C, on the seeded workload of `order-book/workload.ts`:
 * throughput (CPU time, medians of interleaved rounds), single-operation latency, memory at rest. A figure counts only
 * where all engines made the same trades.
 */
import { cpus } from "node:os";
import { NEVER } from "@micromarket/market";
import { OrderBook as PeerBook } from "nodejs-order-book";
import { applyRecords, applyToPeer, compileTwin, openBook, runOwn, runPeer, type Run } from "./order-book/engines.ts";
import { CANCEL, drawWorkload, RECORD_WORDS, REGIMES, SIDE_SHIFT, type Workload } from "./order-book/workload.ts";

const SEED = 1;
const OPERATIONS = 1_000_000;
const ROUNDS = 5;
/** nodejs-order-book takes 5 to 10 s a million operations on M and longer than anyone waits for L's prefill. */
const PEER_OPERATIONS: Readonly<Record<string, number>> = { S: 1_000_000, M: 200_000, L: 0 };

const twin = compileTwin("packages/market/bench/order-book/twin.c");
try {
  console.log(`\norder book, ${cpus()[0]?.model ?? "unknown CPU"}, node ${process.version}, seed ${SEED}`);
  console.log(`  CPU ns an operation, medians of ${ROUNDS} interleaved rounds; reports and self-trade prevention on`);
  printRow(["regime", "trades/op", "own", "C twin", "own/C", "peer", "peer/own"]);
  for (const regime of REGIMES) {
    const workload = drawWorkload(regime, OPERATIONS, SEED);
    throughput(workload);
    if (regime.name === "S") latency(workload);
    if (regime.name === "L") memory(workload);
  }
} finally {
  twin.close();
}

function throughput(workload: Workload): void {
  const { name } = workload.regime;
  const peerOperations = PEER_OPERATIONS[name] ?? 0;
  const reference = runOwn(workload).digest;
  const shortened = peerOperations === 0 ? null : runOwn({ ...workload, operations: peerOperations }).digest;
  const [own, c, peer]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < ROUNDS; round++) {
    own.push(timeOf(runOwn(workload), reference, "own"));
    c.push(timeOf(twin.run(workload), reference, "C twin"));
    if (shortened !== null) peer.push(timeOf(runPeer(workload, peerOperations), shortened, "nodejs-order-book"));
  }
  const [ownNs, cNs, peerNs] = [median(own), median(c), median(peer)];
  const trades = (reference.trades / OPERATIONS).toFixed(3);
  const peerCells = peer.length === 0 ? ["not run", ""] : [peerNs.toFixed(0), `${(peerNs / ownNs).toFixed(0)}x`];
  printRow([name, trades, ownNs.toFixed(1), cNs.toFixed(1), (ownNs / cNs).toFixed(2), ...peerCells]);
  if (peerOperations > 0 && peerOperations < OPERATIONS) console.log(`    (peer: first ${peerOperations} operations)`);
}

function timeOf({ nsPerOperation, digest }: Run, reference: Run["digest"], name: string): number {
  const [found, wanted] = [JSON.stringify(digest), JSON.stringify(reference)];
  if (found !== wanted) throw new Error(`${name} traded otherwise: ${found} instead of ${wanted}`);
  return nsPerOperation;
}

/** Every operation timed on its own, the clock included. */
function latency(workload: Workload): void {
  const { records, prefill, operations, ids } = workload;
  const times = new Float64Array(operations);
  const book = openBook(workload);
  applyRecords(book, records, 0, prefill);
  for (let index = 0; index < operations; index++) {
    const word = (prefill + index) * RECORD_WORDS;
    const what = records[word] as number;
    const id = records[word + 1] as number;
    const tick = records[word + 2] as number;
    const quantity = records[word + 3] as number;
    const start = performance.now();
    if (what === CANCEL) book.cancel(id);
    else book.submit(what >> SIDE_SHIFT, what & 0xff, id, tick, quantity, NEVER);
    times[index] = performance.now() - start;
    book.reports.clear();
  }
  const own = percentiles(times);
  const names = Array.from({ length: ids }, (_, id) => `o${id}`);
  const peerBook = new PeerBook();
  for (let index = 0; index < prefill; index++) applyToPeer(peerBook, records, index, names);
  for (let index = 0; index < operations; index++) {
    const start = performance.now();
    applyToPeer(peerBook, records, prefill + index, names);
    times[index] = performance.now() - start;
  }
  const peer = percentiles(times);
  console.log("  one operation at a time on S, µs, clock included");
  printRow(["", "p50", "p99", "p99.9", "p99.99", "max"]);
  printRow(["own", ...own]);
  printRow(["peer", ...peer]);
}

function percentiles(times: Float64Array): string[] {
  const sorted = times.slice().sort();
  const at = (share: number): string => ((sorted[Math.floor(share * (sorted.length - 1))] ?? 0) * 1_000).toFixed(2);
  return [at(0.5), at(0.99), at(0.999), at(0.9999), at(1)];
}

/** Tables of the book with everybody resting. */
function memory(workload: Workload): void {
  const before = process.memoryUsage().arrayBuffers;
  const book = openBook(workload);
  applyRecords(book, workload.records, 0, workload.prefill + workload.operations);
  const { live } = book.statistics();
  const held = process.memoryUsage().arrayBuffers - before;
  const each = (bytes: number): string => (bytes / live).toFixed(1);
  console.log(
    `  memory on L: ${live} resting orders, ${each(book.bytes)} bytes each in tables, ${each(held)} with the report log`,
  );
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
}

function printRow(cells: readonly (string | number)[]): void {
  console.log(`  ${cells.map((cell) => String(cell).padStart(12)).join("")}`);
}
