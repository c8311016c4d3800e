/** Why a network has no answer: what would have to give way, and by how much. */
import { wattHours, type WattHours } from "@micromarket/kernel";
import type { LinearSolver } from "../solver/linear-solver.ts";
import type { Bid } from "./dc-bids.ts";
import type { DcNetwork } from "./dc-network.ts";
import type { DcOutcome, DcShortage } from "./dc-outcome.ts";
import { dcProgram } from "./dc-program.ts";

/** Less than this share of the programme's unit is a solver's rounding. */
const NOISE = 1e-5;

/** The least that would have to give way for the must-run orders: lines' limits, and only then orders. */
export function dcShortages(network: DcNetwork, bids: readonly Bid[], solver: LinearSolver): DcOutcome {
  const { program, unit, excessColumns, shortColumns } = dcProgram(network, bids, true);
  const answer = solver.solve(program);
  if (answer.status !== "optimal") {
    return { ok: false, code: "SOLVER_FAILED", reason: answer.status === "failed" ? answer.reason : answer.status };
  }
  const valueOf = (column: number | null | undefined): number =>
    column === null || column === undefined ? 0 : (answer.columns[column] ?? 0);
  const isReal = (value: number): boolean => value > NOISE;
  const wholeOf = (value: number): WattHours => wattHours(Math.ceil((value - NOISE) * unit));
  const lines = excessColumns.flatMap((columns, line): DcShortage[] => {
    const excess = columns.reduce((sum, column) => sum + valueOf(column), 0);
    return isReal(excess) ? [{ kind: "line", line, excess: wholeOf(excess) }] : [];
  });
  const short = bids.flatMap(({ bus, side }, at): DcShortage[] => {
    const lacking = valueOf(shortColumns[at]);
    return isReal(lacking) ? [{ kind: "bus", bus, side, lacking: wholeOf(lacking) }] : [];
  });
  const shortages = [...lines, ...short];
  if (shortages.length === 0)
    return { ok: false, code: "SOLVER_FAILED", reason: "infeasible by less than it can tell" };
  return { ok: false, code: "NETWORK_INFEASIBLE", shortages };
}
