/**
 * A radial feeder cleared as a tree against HiGHS on the linear programme of the same feeder, in one process: cold (build
 * and solve) and warm (5 % of the bids have other energies, the last basis is kept). Own figures: columns to columns, and
 * from objects to objects with everything named.
 *
 * A round counts only where all have the same optimum: with whole bids and limits and no losses it is a whole number of
 * nano-currency, and HiGHS's vertex, rounded, has it exactly. `npm run bench -- feeder`.
 */
import {
  clearTreeColumns,
  clearTreeFast,
  TreeRoom,
  type LinearAnswer,
  type LinearProgram,
  type TreeBook,
  type TreeNetwork,
} from "@micromarket/grid";
import { randomStream } from "@micromarket/kernel";
import { BUY, emptyFills, type EnergyColumn } from "@micromarket/market";
import { openHighs } from "@micromarket/solver-highs";
import { machineText } from "../../../tools/bench/interleave.ts";
import { treeProgram } from "../test/tree-referee.ts";
import { drawFeeder, networkOf } from "./radial-feeder.ts";

const SEED = 1;
const ROUNDS = 7;
const SIZES = [
  [33, 330],
  [300, 3_000],
  [3_000, 30_000],
] as const;
const NO_MARKET_ORDERS = { buy: 0, sell: 0 };

const solver = await openHighs();

/** CPU nanoseconds of one run, repeated until 20 ms are full. */
function cpuNs(run: () => void): number {
  for (let runs = 1; ; runs *= 2) {
    const before = process.cpuUsage();
    for (let at = 0; at < runs; at++) run();
    const { user, system } = process.cpuUsage(before);
    if (user + system >= 20_000 || runs >= 1_024) return ((user + system) * 1_000) / runs;
  }
}

/** What HiGHS's vertex is worth, exactly. */
function exactWorth(answer: LinearAnswer, costs: Float64Array): bigint {
  if (answer.status !== "optimal") throw new Error(`HiGHS says ${answer.status}`);
  let worth = 0n;
  for (const [column, value] of answer.columns.entries())
    worth -= BigInt(costs[column] ?? 0) * BigInt(Math.round(value));
  return worth;
}

/** Runs both own ways until the compiler has had its say. */
function warmUp(book: TreeBook, room: TreeRoom, fills: EnergyColumn): void {
  const network = networkOf(book);
  for (const start = process.cpuUsage(); process.cpuUsage(start).user < 500_000;) {
    clearTreeColumns(book, room, fills);
    clearTreeFast(network, room);
  }
}

function worthOf({ columns: { side, tick }, rules }: TreeBook, fills: EnergyColumn): bigint {
  let worth = 0n;
  for (const [row, fill] of fills.entries()) {
    worth += BigInt((side[row] === BUY ? 1 : -1) * (tick[row] ?? 0)) * BigInt(rules.tick) * BigInt(fill);
  }
  return worth;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
}

function printRow(cells: readonly (string | number)[]): void {
  console.log(`  ${cells.map((cell) => String(cell).padStart(12)).join("")}`);
}

function benchFeeder(buses: number, bids: number): void {
  const book = drawFeeder(SEED, buses, bids);
  const room = new TreeRoom(); // kept from round to round, as HiGHS keeps its memory
  const fills = emptyFills(book.columns);
  const stream = randomStream(SEED, "changes", String(buses));
  const programOf = (network: TreeNetwork): LinearProgram =>
    treeProgram(network, new Set(network.tenders.map(({ tender }) => tender)), NO_MARKET_ORDERS).program;
  const first = programOf(networkOf(book));
  const warm = solver.open(first);
  const upper = first.columnUpper.slice();
  const times: Record<"columns" | "objects" | "cold" | "warm", number[]> = {
    columns: [],
    objects: [],
    cold: [],
    warm: [],
  };
  warm.solve();
  warmUp(book, room, fills);
  for (let round = 0; round < ROUNDS; round++) {
    for (let change = 0; change < bids / 20; change++) {
      const row = 2 + stream.below(bids);
      book.columns.energy[row] = 200 + stream.below(4_000);
      upper[row] = book.columns.energy[row] ?? 0;
    }
    times.columns.push(cpuNs(() => void clearTreeColumns(book, room, fills))); // before other ways leave their rubbish
    const network = networkOf(book);
    const answers: bigint[] = [];
    times.objects.push(cpuNs(() => void clearTreeFast(network, room)));
    times.cold.push(cpuNs(() => void solver.solve(programOf(network))));
    const before = process.cpuUsage();
    warm.setColumnBounds(first.columnLower, upper);
    const warmAnswer = warm.solve();
    const { user, system } = process.cpuUsage(before);
    times.warm.push((user + system) * 1_000);
    clearTreeColumns(book, room, fills);
    answers.push(worthOf(book, fills), clearTreeFast(network, room).surplus);
    answers.push(exactWorth(solver.solve(programOf(network)), first.costs), exactWorth(warmAnswer, first.costs));
    if (new Set(answers).size !== 1) throw new Error(`the optima differ: ${answers.join(", ")}`);
  }
  warm.close();
  const [columns, objects, cold, again] = [times.columns, times.objects, times.cold, times.warm].map(median) as [
    number,
    number,
    number,
    number,
  ];
  printRow([
    `${buses}/${bids + 2}`,
    ...[columns, objects, cold, again].map((ns) => (ns / 1e6).toFixed(2)),
    ...[cold / columns, again / columns, cold / objects, again / objects].map((ratio) => ratio.toFixed(1)),
  ]);
}

console.log(
  `\nradial feeder, ms of CPU, medians of ${ROUNDS} rounds with other bids\n  ${machineText()}, seed ${SEED}`,
);
printRow(["buses/bids", "columns", "objects", "HiGHS cold", "warm", "cold/col", "warm/col", "cold/obj", "warm/obj"]);
for (const [buses, bids] of SIZES) benchFeeder(buses, bids);
