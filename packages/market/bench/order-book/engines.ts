/** The engines that the order book's benchmark compares, behind one shape. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FastOrderBook, SELF_TRADE } from "@micromarket/market";
import { OrderBook as PeerBook, Side } from "nodejs-order-book";
import { CANCEL, RECORD_WORDS, SIDE_SHIFT, type Workload } from "./workload.ts";

/** What a run must agree on before its time counts. */
export interface Digest {
  readonly trades: number;
  readonly volume: number;
  readonly notional: number;
  readonly live: number;
}

/** CPU time of the operations after the prefill, all threads. */
export interface Run {
  readonly nsPerOperation: number;
  readonly digest: Digest;
}

/** CPU time of this process, ns. */
export function cpuNs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1_000;
}

/** Our book with self-trade prevention on; every order is a party of its own, so that peers without it agree. */
export function openBook({ regime, ids, liveMax }: Workload): FastOrderBook {
  const rules = { ticks: regime.ticks, selfTrade: SELF_TRADE.cancelNewest };
  return new FastOrderBook(rules, { orders: liveMax, ids });
}

/**
 * Applies records [from, to); the reports are dropped every 256 operations. The layout of a record stands here in
 * numbers, as in the twin, where constants cost nothing.
 */
export function applyRecords(book: FastOrderBook, records: Int32Array, from: number, to: number): void {
  for (let index = from; index < to; index++) {
    const word = index << 2;
    const what = records[word] as number;
    const id = records[word | 1] as number;
    const tick = records[word | 2] as number;
    const quantity = records[word | 3] as number;
    if (what === (16 satisfies typeof CANCEL)) book.cancel(id);
    else book.submit(what >> 8, what & 0xff, id, tick, quantity, Infinity);
    if ((index & 255) === 0) book.reports.clear();
  }
}

/** One round of our own book. */
export function runOwn(workload: Workload): Run {
  const { records, prefill, operations } = workload;
  const book = openBook(workload);
  applyRecords(book, records, 0, prefill);
  const start = cpuNs();
  applyRecords(book, records, prefill, prefill + operations);
  const ns = cpuNs() - start;
  const { trades, volume, notional, live } = book.statistics();
  return { nsPerOperation: ns / operations, digest: { trades, volume, notional: Number(notional), live } };
}

/** The same book in C, compiled for this machine. */
export interface Twin {
  run(workload: Workload): Run;
  close(): void;
}

/** Compiles the twin; the workload goes there through a file, and what was run comes back as JSON. */
export function compileTwin(source: string): Twin {
  const folder = mkdtempSync(join(tmpdir(), "micromarket-order-book-"));
  const program = join(folder, "twin");
  const compiled = spawnSync("gcc", ["-O3", "-march=native", "-std=gnu11", "-o", program, source], {
    encoding: "utf8",
  });
  if (compiled.status !== 0) throw new Error(`gcc is needed for the C twin: ${compiled.stderr}`);
  let written: Workload | null = null;
  return {
    run(workload) {
      const { regime, records, prefill, operations, ids, liveMax } = workload;
      const file = join(folder, "records");
      if (written !== workload) writeFileSync(file, new Uint8Array(records.buffer));
      written = workload;
      const numbers = [prefill, operations, regime.ticks, ids, liveMax].map(String);
      const { stdout, status } = spawnSync(program, [file, ...numbers], { encoding: "utf8" });
      if (status !== 0) throw new Error(`the C twin failed with ${status}`);
      const { ns, ...digest } = JSON.parse(stdout) as Digest & { ns: number };
      return { nsPerOperation: ns / operations, digest };
    },
    close: () => rmSync(folder, { recursive: true }),
  };
}

type PeerOrder = Parameters<PeerBook["limit"]>[0];
/** The package declares an enumeration for these and exports only its type. */
const PEER_KINDS = ["GTC", "GTC", "IOC", "FOK"] as readonly NonNullable<PeerOrder["timeInForce"]>[];

/** Applies one record to nodejs-order-book. Its prices must be positive, so ticks start at 1. */
export function applyToPeer(book: PeerBook, records: Int32Array, index: number, names: readonly string[]) {
  const word = index * RECORD_WORDS;
  const what = records[word] as number;
  const id = names[records[word + 1] as number] as string;
  if (what === CANCEL) {
    book.cancel(id);
    return null;
  }
  const side = what >> SIDE_SHIFT === 0 ? Side.BUY : Side.SELL;
  const [tick, size] = [records[word + 2] as number, records[word + 3] as number];
  const timeInForce = PEER_KINDS[what & 0xff];
  if (timeInForce === undefined) return book.market({ side, size });
  return book.limit({ side, id, size, price: tick + 1, timeInForce });
}

/** One round of nodejs-order-book over the first `operations` after the prefill. */
export function runPeer({ records, prefill, ids }: Workload, operations: number): Run {
  const names = Array.from({ length: ids }, (_, id) => `o${id}`);
  const book = new PeerBook();
  for (let index = 0; index < prefill; index++) applyToPeer(book, records, index, names);
  const start = cpuNs();
  for (let index = prefill; index < prefill + operations; index++) applyToPeer(book, records, index, names);
  const ns = cpuNs() - start;
  return { nsPerOperation: ns / operations, digest: peerDigest(records, prefill, operations, names) };
}

/** What nodejs-order-book traded, added up from its answers in a run of its own that nobody times. */
function peerDigest(records: Int32Array, prefill: number, operations: number, names: readonly string[]): Digest {
  const book = new PeerBook();
  let [trades, volume, notional] = [0, 0, 0];
  for (let index = 0; index < prefill + operations; index++) {
    const answer = applyToPeer(book, records, index, names);
    if (answer === null || answer.err !== null) continue;
    const taker = names[records[index * RECORD_WORDS + 1] as number];
    const filled = answer.done.filter((order) => order.id !== taker);
    const parts = filled.map((order) => ({ price: "price" in order ? order.price : 0, size: order.size }));
    if (answer.partial !== null && answer.partial.id !== taker) {
      parts.push({ price: answer.partial.price, size: answer.partialQuantityProcessed });
    }
    for (const { price, size } of parts) {
      trades += 1;
      volume += size;
      notional += (price - 1) * size;
    }
  }
  const { bids, asks } = book.snapshot();
  const live = [...bids, ...asks].reduce((sum, level) => sum + level.orders.length, 0);
  return { trades, volume, notional, live };
}
