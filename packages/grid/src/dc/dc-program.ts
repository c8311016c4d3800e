/**
 * The linear programme of a network under the DC power flow: least cost of supply less value of demand, every bus in
 * balance, flows after the angles, angles of references 0.
 *
 * Numbers are scaled so that solvers' tolerances mean little: energies to about 10^4, susceptances to at most 1. Angles
 * have no unit of their own, so the network's base falls out.
 */
import { ProgramBuilder, type Entry } from "../solver/program-builder.ts";
import type { LinearProgram } from "../solver/linear-solver.ts";
import type { Bid } from "./dc-bids.ts";
import { referencesOf, type DcNetwork } from "./dc-network.ts";

/** A programme and which column and row is what. */
export interface DcProgram {
  readonly program: LinearProgram;
  /** Wh of one unit of the programme's energies. */
  readonly unit: number;
  /** The column of each bid. */
  readonly bidColumns: readonly number[];
  /** The column of each line's flow. */
  readonly flowColumns: readonly number[];
  /** Elastic programmes only: what each line carries beyond its limit, there and back; what each must-run bid lacks. */
  readonly excessColumns: readonly (readonly number[])[];
  readonly shortColumns: readonly (number | null)[];
}

/** What a must-run bid that lacks energy weighs against a line beyond its limit: lines are looked at first. */
const SHORT_COST = 1_000;

/**
 * The programme of `network`. The balance of bus b is row b, written as supply − outflow = load, so that its dual is the
 * bus's price. `elastic` asks what would have to give way instead: limits and must-run bids may be broken at a cost, and
 * nothing else costs.
 */
export function dcProgram(network: DcNetwork, bids: readonly Bid[], elastic: boolean): DcProgram {
  const unit = unitOf(network, bids);
  const builder = new ProgramBuilder();
  for (let bus = 0; bus < network.buses; bus++) builder.row(0, 0);
  const flowRows = network.lines.map(() => builder.row(0, 0));
  addAngles(builder, network, flowRows);
  const excessColumns: (readonly number[])[] = [];
  const flowColumns = network.lines.map(({ from, to, limit }, line) => {
    const entries = (sign: number): Entry[] => [
      { row: from, coefficient: -sign },
      { row: to, coefficient: sign },
      { row: flowRows[line] ?? 0, coefficient: -sign },
    ];
    const limitWh: number = limit ?? Infinity;
    const most = limitWh / unit;
    const isElastic = elastic && limit !== null;
    excessColumns.push(isElastic ? [1, -1].map((sign) => builder.column(1, 0, Infinity, entries(sign))) : []);
    return builder.column(0, -most, most, entries(1));
  });
  const shortColumns: (number | null)[] = [];
  const bidColumns = bids.map(({ bus, side, price, energy }) => {
    const coefficient = side === "buy" ? -1 : 1;
    const amount = energy / unit;
    const mustRun = price === null;
    shortColumns.push(
      elastic && mustRun ? builder.column(SHORT_COST, 0, amount, [{ row: bus, coefficient: -coefficient }]) : null,
    );
    const limit: number = price ?? 0;
    const cost = elastic ? 0 : coefficient * limit;
    return builder.column(cost, mustRun ? amount : 0, amount, [{ row: bus, coefficient }]);
  });
  return { program: builder.build(), unit, bidColumns, flowColumns, excessColumns, shortColumns };
}

/** Columns of the angles: flow = susceptance × (angle from − angle to). */
function addAngles(builder: ProgramBuilder, network: DcNetwork, flowRows: readonly number[]): void {
  const references = referencesOf(network);
  const susceptances = susceptancesOf(network);
  const entries: Entry[][] = Array.from({ length: network.buses }, () => []);
  for (const [line, { from, to }] of network.lines.entries()) {
    const [row, susceptance] = [flowRows[line] ?? 0, susceptances[line] ?? 0];
    entries[from]?.push({ row, coefficient: susceptance });
    entries[to]?.push({ row, coefficient: -susceptance });
  }
  for (let bus = 0; bus < network.buses; bus++) {
    const most = references[bus] === bus ? 0 : Infinity;
    builder.column(0, -most, most, entries[bus] ?? []);
  }
}

/** Susceptances of the lines, the largest as 1. */
export function susceptancesOf({ lines }: Pick<DcNetwork, "lines">): Float64Array {
  const least = lines.reduce((smallest, { reactance }) => Math.min(smallest, Math.abs(reactance)), Infinity);
  return Float64Array.from(lines, ({ reactance }) => least / reactance);
}

function unitOf({ lines }: DcNetwork, bids: readonly Bid[]): number {
  const largest = bids.reduce((most, { energy }) => Math.max(most, energy), 1);
  const widest = lines.reduce((most, { limit }) => Math.max(most, limit ?? 0), largest);
  return Math.max(1, Math.min(widest, 1_000 * largest) / 10_000);
}
