/**
 * The port to a solver of linear programmes: what meshed networks are cleared with, and the referee of tree clearing.
 * Floating point lives behind it; whoever uses an answer rounds it by a rule of its own and checks what must hold.
 */

/** Minimise costs × columns, with every row and every column between its bounds. */
export interface LinearProgram {
  /** One entry per column. */
  readonly costs: Float64Array;
  /** −Infinity is no bound. */
  readonly columnLower: Float64Array;
  /** Infinity is no bound. */
  readonly columnUpper: Float64Array;
  readonly rowLower: Float64Array;
  readonly rowUpper: Float64Array;
  /** Column by column: the entries of column c lie from starts[c] up to starts[c + 1]. No row twice in a column. */
  readonly starts: Int32Array;
  readonly rows: Int32Array;
  readonly coefficients: Float64Array;
  /** 1 for columns that must be whole; `null` for none. */
  readonly whole: Uint8Array | null;
}

/** An optimum. */
export interface LinearOptimum {
  readonly status: "optimal";
  readonly objective: number;
  readonly columns: Float64Array;
  /** By how much the objective rises where both bounds of a row rise by one. Without meaning where columns are whole. */
  readonly rowDuals: Float64Array;
  /** Cost of a column less what the rows pay for it. Without meaning where columns are whole. */
  readonly columnDuals: Float64Array;
}

/** What a solver says. `failed` is neither a proof of infeasibility nor an optimum; `reason` says why. */
export type LinearAnswer =
  | LinearOptimum
  | { readonly status: "infeasible" | "unbounded" }
  | { readonly status: "failed"; readonly reason: string };

/** Solves linear programmes. It may keep memory between calls, but no answer depends on an earlier one. */
export interface LinearSolver {
  solve(program: LinearProgram): LinearAnswer;
  /** The same programme, to be solved again with other costs: each solve starts from the last basis. Close it. */
  open(program: LinearProgram): OpenProgram;
}

/** A programme that a solver holds. */
export interface OpenProgram {
  /** Replaces all costs. */
  setCosts(costs: Float64Array): void;
  /** Replaces the bounds of all columns. */
  setColumnBounds(lower: Float64Array, upper: Float64Array): void;
  /** Replaces the bounds of one row. */
  setRowBounds(row: number, lower: number, upper: number): void;
  solve(): LinearAnswer;
  /** Frees what the solver holds; the programme cannot be used any more. */
  close(): void;
}
