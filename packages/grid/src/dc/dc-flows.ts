/** Flows of a network from what each bus puts in: the power flow equations, solved with mathjs's sparse algebra. */
import * as mathjs from "mathjs";
import type { Matrix } from "mathjs";
import { referencesOf, type DcNetwork } from "./dc-network.ts";
import { susceptancesOf } from "./dc-program.ts";

/** Exported by mathjs, but missing in its types. */
const { SparseMatrix } = mathjs as unknown as { readonly SparseMatrix: new (data: SparseColumns) => Matrix };

/** A matrix column by column: the entries of column c lie from ptr[c] up to ptr[c + 1]. */
interface SparseColumns {
  readonly values: number[];
  readonly index: number[];
  readonly ptr: number[];
  readonly size: readonly [number, number];
}

/**
 * Flow of each line, in the unit of `injections`, which must sum to 0 over each connected part. The angle of each part's
 * reference is 0; the others solve B × angle = injection, where B is the network's susceptance matrix.
 */
export function flowsOf(network: Pick<DcNetwork, "buses" | "lines">, injections: Float64Array): Float64Array {
  const susceptances = susceptancesOf(network);
  const references = referencesOf(network);
  const free = [...references.keys()].filter((bus) => references[bus] !== bus);
  const angles = new Float64Array(network.buses);
  if (free.length > 0) {
    const factors = mathjs.slu(susceptanceMatrix(network, susceptances, free), 1, 0.001);
    const solution = mathjs.lusolve(
      factors,
      free.map((bus) => [injections[bus] ?? 0]),
    );
    const values = solution.valueOf().flat() as number[];
    for (const [at, bus] of free.entries()) angles[bus] = values[at] ?? 0;
  }
  return Float64Array.from(
    network.lines,
    ({ from, to }, line) => (susceptances[line] ?? 0) * ((angles[from] ?? 0) - (angles[to] ?? 0)),
  );
}

/** The rows and columns of the buses that are no reference, column by column. */
function susceptanceMatrix(
  { lines }: Pick<DcNetwork, "lines">,
  susceptances: Float64Array,
  free: readonly number[],
): Matrix {
  const place = new Map(free.map((bus, at) => [bus, at]));
  const columns = free.map(() => new Map<number, number>());
  const add = (row: number | undefined, column: number | undefined, value: number): void => {
    if (row === undefined || column === undefined) return;
    columns[column]?.set(row, (columns[column]?.get(row) ?? 0) + value);
  };
  for (const [line, { from, to }] of lines.entries()) {
    const [a, b, value] = [place.get(from), place.get(to), susceptances[line] ?? 0];
    add(a, a, value);
    add(b, b, value);
    add(a, b, -value);
    add(b, a, -value);
  }
  const [values, index, ptr]: [number[], number[], number[]] = [[], [], [0]];
  for (const column of columns) {
    for (const [row, value] of [...column].sort(([one], [other]) => one - other)) {
      index.push(row);
      values.push(value);
    }
    ptr.push(index.length);
  }
  return new SparseMatrix({ values, index, ptr, size: [free.length, free.length] });
}
