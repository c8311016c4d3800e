/**
 * HiGHS in WebAssembly behind the port of linear programmes (`highs`, MIT).
 *
 * WebAssembly memory is not collected: every model is disposed of, also where solving throws. A model of no columns is
 * answered here, because HiGHS calls it empty rather than solved.
 */
import loadHighs, { type Highs, type Model, type ModelData } from "highs";
import type { LinearAnswer, LinearProgram, LinearSolver, OpenProgram } from "@micromarket/grid";

// The package's types are written for CommonJS: what they call the default of the default is what the module exports.
const load = loadHighs as unknown as typeof loadHighs.default;

/** Loads HiGHS once; the solver that it gives is synchronous. */
export async function openHighs(): Promise<LinearSolver> {
  const highs = await load();
  return {
    solve(program) {
      const model = openProgram(highs, program);
      try {
        return model.solve();
      } finally {
        model.close();
      }
    },
    open: (program) => openProgram(highs, program),
  };
}

function openProgram(highs: Highs, program: LinearProgram): OpenProgram {
  const model = highs.createModel();
  const count = program.costs.length;
  const every = { kind: "range", from: 0, to: count - 1 } as const;
  try {
    model.options.set({ output_flag: false, random_seed: 0 });
    model.passModel(modelOf(highs, program));
  } catch (cause) {
    model.dispose();
    throw cause;
  }
  return {
    setCosts: (costs) => void (count > 0 && model.changeColsCost(every, costs)),
    setColumnBounds: (lower, upper) => void (count > 0 && model.changeColsBounds(every, lower, upper)),
    setRowBounds: (row, lower, upper) => void model.changeRowBounds(row, lower, upper),
    solve: () => (count === 0 ? solveNothing(program) : solveModel(highs, model)),
    close: () => void model.dispose(),
  };
}

function modelOf({ constants }: Highs, program: LinearProgram): ModelData {
  const { costs, columnLower, columnUpper, rowLower, rowUpper, starts, rows, coefficients, whole } = program;
  return {
    numCols: costs.length,
    numRows: rowLower.length,
    sense: constants.objectiveSense.minimize,
    colCost: costs,
    colLower: columnLower,
    colUpper: columnUpper,
    rowLower,
    rowUpper,
    matrix: {
      format: "csc",
      numRows: rowLower.length,
      numCols: costs.length,
      starts,
      indices: rows,
      values: coefficients,
    },
    ...(whole === null ? {} : { integrality: Int32Array.from(whole) }),
  };
}

/** With nothing to choose, every row is 0. */
function solveNothing({ rowLower, rowUpper }: LinearProgram): LinearAnswer {
  const holds = rowLower.every((lower, row) => lower <= 0 && (rowUpper[row] ?? 0) >= 0);
  if (!holds) return { status: "infeasible" };
  const none = new Float64Array(0);
  return {
    status: "optimal",
    objective: 0,
    columns: none,
    rowDuals: new Float64Array(rowLower.length),
    columnDuals: none,
  };
}

function solveModel({ constants }: Highs, model: Model): LinearAnswer {
  const known = constants.modelStatus;
  model.run();
  let status = model.getModelStatus();
  if (status === known.unboundedOrInfeasible) {
    model.options.set({ presolve: "off" });
    model.run();
    status = model.getModelStatus();
    model.options.set({ presolve: "choose" });
  }
  if (status === known.infeasible) return { status: "infeasible" };
  if (status === known.unbounded) return { status: "unbounded" };
  if (status !== known.optimal) return { status: "failed", reason: `HiGHS ended with model status ${status}` };
  const { colValue, rowDual, colDual } = model.getSolution();
  return {
    status: "optimal",
    objective: model.getObjectiveValue(),
    columns: colValue,
    rowDuals: rowDual,
    columnDuals: colDual,
  };
}
