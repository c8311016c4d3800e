/**
 * A district in a tree against the flat market's clearing of the same orders in the same run: on columns against the
 * kernel of the call auction, and from objects to objects against `clearUniform` and against the obvious tree.
 *
 * A figure counts only where the answers are right: without limits and fees the tree trades what the flat market trades,
 * and up to 100,000 homes the whole answer is that of `clearTree`. `npm run bench -- grid`; sizes may follow.
 */
import { isDeepStrictEqual } from "node:util";
import {
  clearTree,
  clearTreeColumns,
  clearTreeFast,
  TreeRoom,
  type TreeBook,
  type TreeClearing,
} from "@micromarket/grid";
import { clearColumns, clearUniform, emptyFills, type EnergyColumn } from "@micromarket/market";
import { machineText, medianNs } from "../../../tools/bench/interleave.ts";
import { drawDistrict, networkOf, RULES, type DistrictMood } from "./district.ts";

const SEED = 1;
const SIZES = [10_000, 100_000, 1_000_000];
/** The obvious tree takes minutes beyond. */
const OBVIOUS_MOST = 100_000;

const SHAPES: readonly (Omit<DistrictMood, "homes"> & { readonly name: string })[] = [
  { name: "streets of 50 homes, no limits and fees", deep: false, limits: false, loss: 0 },
  { name: "streets of 50 homes, limits and fees", deep: false, limits: true, loss: 0 },
  { name: "streets of 50 homes, limits, fees and losses of 1 %", deep: false, limits: true, loss: 10_000 },
  { name: "every home a market behind its connection, limits and fees", deep: true, limits: true, loss: 0 },
];

/** Kept from run to run, as both keep the room for their fills. */
const treeRoom = new TreeRoom();

function cleared(book: TreeBook, fills?: EnergyColumn): TreeClearing {
  const clearing = clearTreeColumns(book, treeRoom, fills);
  if (clearing === null) throw new Error("the district does not fit columns");
  return clearing;
}

function bought({ columns: { side } }: TreeBook, fills: ArrayLike<number>): number {
  let sum = 0;
  for (let row = 0; row < fills.length; row++) if (side[row] === 0) sum += fills[row] ?? 0;
  return sum;
}

/** Throws where the tree's answer is wrong. */
function assertRight(mood: DistrictMood, book: TreeBook): void {
  const free = drawDistrict(SEED, { ...mood, limits: false, loss: 0 });
  const flat = clearColumns(free.columns, RULES, String);
  const tree = cleared(free);
  if (bought(free, tree.fills) !== flat.energy || tree.prices[0] !== flat.price) {
    throw new Error("without limits the tree is not the flat market");
  }
  if (mood.homes > OBVIOUS_MOST) return;
  const network = networkOf(book);
  if (!isDeepStrictEqual(clearTreeFast(network), clearTree(network))) throw new Error("the two trees do not agree");
}

function shareAtLimit({ nodes }: TreeBook, clearing: TreeClearing): string {
  const answers = clearing.answers();
  let [lines, full] = [0, 0];
  for (const [place, { above }] of nodes.entries()) {
    const sent = answers[place]?.line?.flow.sent;
    if (above === null || sent === undefined) continue;
    lines += 1;
    if (Math.abs(sent) === above.tie.importLimit) full += 1;
  }
  return `${((100 * full) / lines).toFixed(0)}%`;
}

function printRow(cells: readonly (string | number)[]): void {
  console.log(`  ${cells.map((cell) => String(cell).padStart(13)).join("")}`);
}

function growthOf(ns: number, size: number, previous: readonly [number, number] | null): string {
  return previous === null ? "" : (Math.log(ns / previous[0]) / Math.log(size / previous[1])).toFixed(2);
}

function benchColumns(sizes: readonly number[]): void {
  for (const { name, ...shape } of SHAPES) {
    console.log(`\ntree on columns, ${name}\n  ${machineText()}, seed ${SEED}; peer: clearColumns of the same rows`);
    printRow(["homes", "nodes", "at limit", "tree ms", "ns/home", "flat ms", "tree/flat", "growth"]);
    let previous: readonly [number, number] | null = null;
    for (const homes of sizes) {
      const book = drawDistrict(SEED, { ...shape, homes });
      assertRight({ ...shape, homes }, book);
      const [treeFills, flatFills] = [emptyFills(book.columns), emptyFills(book.columns)];
      const ns = medianNs({
        tree: () => (cleared(book, treeFills).fills.length > 0 ? "cleared" : ""),
        flat: () => (clearColumns(book.columns, RULES, String, flatFills).energy > 0 ? "cleared" : ""),
      });
      const [tree, flat] = [ns["tree"] ?? NaN, ns["flat"] ?? NaN];
      printRow([
        homes,
        book.nodes.length,
        shareAtLimit(book, cleared(book)),
        (tree / 1e6).toFixed(1),
        (tree / homes).toFixed(0),
        (flat / 1e6).toFixed(1),
        (tree / flat).toFixed(1),
        growthOf(tree, homes, previous),
      ]);
      previous = [tree, homes];
    }
  }
}

function benchObjects(sizes: readonly number[]): void {
  console.log(`\ntree from objects to objects, streets of 50 homes, limits and fees\n  ${machineText()}, seed ${SEED}`);
  printRow(["homes", "fast ms", "clearUniform", "clearTree", "fast/flat", "tree/fast", "growth"]);
  let previous: readonly [number, number] | null = null;
  for (const homes of sizes) {
    const network = networkOf(drawDistrict(SEED, { homes, deep: false, limits: true, loss: 0 }));
    const book = { ...network, tenders: network.tenders.map(({ tender }) => tender) };
    const obvious = homes <= OBVIOUS_MOST ? { obvious: () => String(clearTree(network).energy > 0) } : {};
    const ns = medianNs({
      fast: () => String(clearTreeFast(network, treeRoom).energy > 0),
      flat: () => String(clearUniform(book).energy > 0),
      ...obvious,
    });
    const [fast, flat, slow] = [ns["fast"] ?? NaN, ns["flat"] ?? NaN, ns["obvious"] ?? NaN];
    printRow([
      homes,
      ...[fast, flat, slow].map((each) => (Number.isNaN(each) ? "not run" : (each / 1e6).toFixed(0))),
      (fast / flat).toFixed(2),
      Number.isNaN(slow) ? "" : (slow / fast).toFixed(1),
      growthOf(fast, homes, previous),
    ]);
    previous = [fast, homes];
  }
}

const asked = process.argv.slice(2).map(Number);
const sizes = asked.length > 0 ? asked : SIZES;
benchColumns(sizes);
benchObjects(sizes);
