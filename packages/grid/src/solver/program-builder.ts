/** Collects rows and columns into a linear programme. */
import { assert } from "@micromarket/kernel";
import type { LinearProgram } from "./linear-solver.ts";

/** A coefficient of a column in a row. */
export interface Entry {
  readonly row: number;
  readonly coefficient: number;
}

/** Builds a programme to be minimised. Rows first, then columns with their entries. */
export class ProgramBuilder {
  readonly #rowLower: number[] = [];
  readonly #rowUpper: number[] = [];
  readonly #costs: number[] = [];
  readonly #lower: number[] = [];
  readonly #upper: number[] = [];
  readonly #starts: number[] = [0];
  readonly #rows: number[] = [];
  readonly #coefficients: number[] = [];
  readonly #whole: number[] = [];

  /** Adds a row; returns its number. */
  row(lower: number, upper: number): number {
    this.#rowLower.push(lower);
    this.#rowUpper.push(upper);
    return this.#rowLower.length - 1;
  }

  /** Adds a column with its entries, each in another row; returns its number. */
  column(cost: number, lower: number, upper: number, entries: readonly Entry[], isWhole = false): number {
    for (const { row, coefficient } of entries) {
      assert(row >= 0 && row < this.#rowLower.length, "a column stands in rows that exist");
      this.#rows.push(row);
      this.#coefficients.push(coefficient);
    }
    this.#costs.push(cost);
    this.#lower.push(lower);
    this.#upper.push(upper);
    this.#starts.push(this.#rows.length);
    this.#whole.push(isWhole ? 1 : 0);
    return this.#costs.length - 1;
  }

  /** The programme. */
  build(): LinearProgram {
    return {
      costs: Float64Array.from(this.#costs),
      columnLower: Float64Array.from(this.#lower),
      columnUpper: Float64Array.from(this.#upper),
      rowLower: Float64Array.from(this.#rowLower),
      rowUpper: Float64Array.from(this.#rowUpper),
      starts: Int32Array.from(this.#starts),
      rows: Int32Array.from(this.#rows),
      coefficients: Float64Array.from(this.#coefficients),
      whole: this.#whole.includes(1) ? Uint8Array.from(this.#whole) : null,
    };
  }
}
