/**
 * The kernel of the call auction against sorting objects and against its twin in C, compiled in the run; and the price
 * at the gate. All ways give every fill, and the same: tick, energy and Σ fill × (row mod 997).
 *
 * Workload: half bids, half offers on 4,096 ticks, normally distributed around centres 128 ticks apart (σ 256), 1 to
 * 1,000 Wh; k = 0; the marginal limit in order of arrival. `npm run bench -- market`.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { partyId, priceMicro, randomStream, tenderId, wattHours } from "@micromarket/kernel";
import { BUY, clearColumns, GateBook, SELL, type AuctionRules, type Columns, type Tender } from "@micromarket/market";
import { machineText, medianNs, type MeasuredWay } from "../../../tools/bench/interleave.ts";

const SEED = 1;
const TICKS = 4_096;
const SIZES = [1_000, 100_000, 1_000_000, 10_000_000];
const RULES: AuctionRules = {
  k: { numerator: 0n, denominator: 1n },
  tick: priceMicro(1),
  priceFloor: priceMicro(0),
  priceCap: priceMicro(TICKS - 1),
  rationing: "time-priority",
};

interface Rows extends Columns {
  readonly tick: Int32Array;
  readonly energy: Int32Array;
}

function randomRows(count: number): Rows {
  const stream = randomStream(SEED, "bench", "rows", String(count));
  const rows = {
    side: new Uint8Array(count),
    tick: new Int32Array(count),
    energy: new Int32Array(count),
    lowest: 0,
    highest: TICKS - 1,
  };
  const share = (): number => (stream.nextUint32() + 0.5) / 2 ** 32;
  for (let row = 0; row < count; row++) {
    const side = row % 2 === 0 ? BUY : SELL;
    const normal = Math.sqrt(-2 * Math.log(share())) * Math.cos(2 * Math.PI * share());
    rows.side[row] = side;
    rows.tick[row] = Math.max(0, Math.min(TICKS - 1, Math.round(TICKS / 2 + (side === BUY ? 64 : -64) + 256 * normal)));
    rows.energy[row] = 1 + stream.below(1_000);
  }
  return rows;
}

function digestOf(price: number | null, energy: number, fills: ArrayLike<number>): string {
  let digest = 0;
  for (let row = 0; row < fills.length; row++) digest += (fills[row] ?? 0) * (row % 997);
  return `${price}/${energy}/${digest}`;
}

/** Runs the kernel; the digest is taken once, outside what is measured. */
function kernel(rows: Rows, rules: AuctionRules): () => string {
  const room = new Int32Array(rows.tick.length);
  const run = (): ReturnType<typeof clearColumns> =>
    clearColumns(rows, rules, (row) => String(row).padStart(9, "0"), room);
  const { price, energy, fills } = run();
  const digest = digestOf(price, energy, fills);
  return () => (run().energy === energy ? digest : "another energy");
}

interface Order {
  readonly row: number;
  readonly tick: number;
  readonly energy: number;
}

/** What anybody would write: bids dearest first, offers cheapest first, walked towards each other. */
function sorting(rows: Rows): () => string {
  const orders: { bids: Order[]; offers: Order[] } = { bids: [], offers: [] };
  for (let row = 0; row < rows.tick.length; row++) {
    const order = { row, tick: rows.tick[row] ?? 0, energy: rows.energy[row] ?? 0 };
    (rows.side[row] === BUY ? orders.bids : orders.offers).push(order);
  }
  const run = (): { price: number | null; energy: number; fills: Int32Array } => {
    const bids = orders.bids.slice().sort((a, b) => b.tick - a.tick);
    const offers = orders.offers.slice().sort((a, b) => a.tick - b.tick);
    return walked(bids, offers, rows.tick.length);
  };
  const { price, energy, fills } = run();
  const digest = digestOf(price, energy, fills);
  return () => (run().energy === energy ? digest : "another energy");
}

function walked(
  bids: readonly Order[],
  offers: readonly Order[],
  count: number,
): { price: number | null; energy: number; fills: Int32Array } {
  const fills = new Int32Array(count);
  let [i, j, energy, bidLeft, offerLeft, low] = [0, 0, 0, bids[0]?.energy ?? 0, offers[0]?.energy ?? 0, -Infinity];
  for (;;) {
    const [bid, offer] = [bids[i], offers[j]];
    if (bid === undefined || offer === undefined || bid.tick < offer.tick) break;
    const step = Math.min(bidLeft, offerLeft);
    fills[bid.row] = (fills[bid.row] ?? 0) + step;
    fills[offer.row] = (fills[offer.row] ?? 0) + step;
    energy += step;
    low = offer.tick;
    bidLeft -= step;
    offerLeft -= step;
    if (bidLeft === 0) bidLeft = bids[++i]?.energy ?? 0;
    if (offerLeft === 0) offerLeft = offers[++j]?.energy ?? 0;
  }
  return { price: energy === 0 ? null : Math.max(low, bids[i]?.tick ?? -Infinity), energy, fills };
}

/** The twin in C on the same columns; `null` without a compiler. */
function twin(rows: Rows, folder: string): MeasuredWay | null {
  const binary = join(folder, "call-auction");
  const compiled = spawnSync("gcc", ["-O3", "-march=native", "-o", binary, "packages/market/bench/call-auction.c"]);
  if (compiled.status !== 0) return null;
  const file = join(folder, "columns");
  writeFileSync(file, Buffer.concat([rows.side, bytesOf(rows.tick), bytesOf(rows.energy)]));
  return () => {
    const { status, stdout } = spawnSync(binary, [file, String(rows.tick.length), String(TICKS), "40"], {
      encoding: "utf8",
    });
    const [digest, ns] = stdout.trim().split(" ");
    if (status !== 0 || digest === undefined) throw new Error("the twin in C failed");
    return { digest, ns: Number(ns) };
  };
}

function bytesOf({ buffer, byteOffset, byteLength }: Int32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function printRow(cells: readonly (string | number)[]): void {
  console.log(`  ${cells.map((cell) => String(cell).padStart(13)).join("")}`);
}

function benchKernel(sizes: readonly number[]): void {
  console.log(`\ncall auction, ns a row, price and every fill\n  ${machineText()}, seed ${SEED}`);
  printRow(["rows", "kernel", "pro-rata", "Array.sort", "C", "sort/kernel", "kernel/C"]);
  for (const size of sizes) {
    const folder = mkdtempSync(join(tmpdir(), "call-auction-"));
    const rows = randomRows(size);
    const inC = twin(rows, folder);
    const ns = medianNs({ kernel: kernel(rows, RULES), sort: sorting(rows) }, inC === null ? {} : { c: inC });
    const proRata = medianNs({ proRata: kernel(rows, { ...RULES, rationing: "pro-rata" }) });
    rmSync(folder, { recursive: true });
    const [own, sort, c] = [ns["kernel"] ?? NaN, ns["sort"] ?? NaN, ns["c"] ?? NaN];
    const perRow = [own, proRata["proRata"] ?? NaN, sort, c].map((each) => (each / size).toFixed(2));
    printRow([size, ...perRow, (sort / own).toFixed(1), inC === null ? "no gcc" : (own / c).toFixed(2)]);
  }
}

function benchGate(sizes: readonly number[]): void {
  console.log(
    `\nprice at the gate, ${TICKS} ticks: price, energy and interval of an open book\n  ${machineText()}, seed ${SEED}`,
  );
  printRow(["tenders", "µs", "ns to add"]);
  for (const size of sizes) {
    const rows = randomRows(size);
    const gate = new GateBook(RULES);
    const start = process.cpuUsage();
    for (let row = 0; row < size; row++) gate.add(tenderOf(rows, row));
    const added = process.cpuUsage(start).user;
    const { price, energy } = clearColumns(rows, RULES, String);
    const expected = `${price}/${energy}`;
    const ask = (): string => {
      const now = gate.indication();
      return `${now.price}/${now.energy}`;
    };
    const hundred = (): string => {
      for (let times = 1; times < 100; times++) gate.indication();
      return ask();
    };
    const ns = medianNs({ gate: hundred, scratch: () => expected });
    printRow([size, ((ns["gate"] ?? NaN) / 100_000).toFixed(2), ((added * 1_000) / size).toFixed(0)]);
  }
}

function tenderOf({ side, tick, energy }: Rows, row: number): Tender {
  return {
    id: tenderId("t"),
    party: partyId("p"),
    side: side[row] === BUY ? "buy" : "sell",
    steps: [{ price: priceMicro(tick[row] ?? 0), energy: wattHours(energy[row] ?? 0) }],
  };
}

const asked = process.argv.slice(2).map(Number);
benchKernel(asked.length > 0 ? asked : SIZES);
benchGate(asked.length > 0 ? asked : SIZES);
