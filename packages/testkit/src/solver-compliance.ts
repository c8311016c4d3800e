/** What every solver behind the port of linear programmes must do. */
import { describe, expect, test } from "@jest/globals";
import { ProgramBuilder, type LinearProgram, type LinearSolver } from "@micromarket/grid";

/** Three generators and a load of 100: cheapest first. Rows: the balance; columns: generators. */
function dispatch(costs: readonly number[]): LinearProgram {
  const builder = new ProgramBuilder();
  const balance = builder.row(100, 100);
  for (const cost of costs) builder.column(cost, 0, 60, [{ row: balance, coefficient: 1 }]);
  return builder.build();
}

/** Runs the suite against the solver that `open` gives. */
export function describeSolver(name: string, open: () => Promise<LinearSolver>): void {
  describe(`${name}: a solver of linear programmes`, () => {
    test("finds the optimum, its prices and reduced costs", async () => {
      const answer = (await open()).solve(dispatch([10, 20, 30]));
      expect(answer).toMatchObject({ status: "optimal", objective: 1_400 });
      if (answer.status !== "optimal") return;
      expect(Array.from(answer.columns)).toEqual([60, 40, 0]);
      expect(Array.from(answer.rowDuals)).toEqual([20]);
      expect(Array.from(answer.columnDuals)).toEqual([-10, 0, 10]);
    });

    test("says infeasible and unbounded", async () => {
      const solver = await open();
      const tooMuch = new ProgramBuilder();
      const row = tooMuch.row(100, 100);
      tooMuch.column(1, 0, 60, [{ row, coefficient: 1 }]);
      expect(solver.solve(tooMuch.build())).toEqual({ status: "infeasible" });
      const endless = new ProgramBuilder();
      const free = endless.row(-Infinity, Infinity);
      endless.column(-1, 0, Infinity, [{ row: free, coefficient: 1 }]);
      expect(solver.solve(endless.build())).toEqual({ status: "unbounded" });
    });
  });
  describeOddPrograms(name, open);
  describeHeldPrograms(name, open);
}

function describeOddPrograms(name: string, open: () => Promise<LinearSolver>): void {
  describe(`${name}: programmes of odd shapes`, () => {
    test("takes programmes without columns and without rows", async () => {
      const solver = await open();
      const rowsOnly = new ProgramBuilder();
      rowsOnly.row(0, 5);
      expect(solver.solve(rowsOnly.build())).toMatchObject({ status: "optimal", objective: 0 });
      rowsOnly.row(1, 5);
      expect(solver.solve(rowsOnly.build())).toEqual({ status: "infeasible" });
      const columnsOnly = new ProgramBuilder();
      columnsOnly.column(-2, 0, 7, []);
      expect(solver.solve(columnsOnly.build())).toMatchObject({ status: "optimal", objective: -14 });
    });

    test("takes free columns", async () => {
      const builder = new ProgramBuilder();
      const row = builder.row(-3, -3);
      builder.column(0, -Infinity, Infinity, [{ row, coefficient: 1 }]);
      const answer = (await open()).solve(builder.build());
      expect(answer.status === "optimal" ? Array.from(answer.columns) : answer).toEqual([-3]);
    });

    test("keeps columns whole that must be", async () => {
      const builder = new ProgramBuilder();
      const row = builder.row(-Infinity, 7);
      for (const cost of [-5, -4]) builder.column(cost, 0, 3, [{ row, coefficient: 2 }], true);
      const answer = (await open()).solve(builder.build());
      expect(answer.status === "optimal" ? Array.from(answer.columns) : answer).toEqual([3, 0]);
    });
  });
}

function describeHeldPrograms(name: string, open: () => Promise<LinearSolver>): void {
  describe(`${name}: programmes that it holds`, () => {
    test("solves a programme that it holds again, with other costs and bounds, as if it were new", async () => {
      const solver = await open();
      const held = solver.open(dispatch([10, 20, 30]));
      held.solve();
      for (const costs of [
        [30, 20, 10],
        [20, 10, 30],
      ]) {
        held.setCosts(Float64Array.from(costs));
        const [again, anew] = [held.solve(), solver.solve(dispatch(costs))];
        expect(again).toMatchObject({ status: "optimal" });
        if (again.status === "optimal" && anew.status === "optimal") expect(again.objective).toBe(anew.objective);
      }
      held.setColumnBounds(Float64Array.from([0, 0, 0]), Float64Array.from([10, 10, 10]));
      expect(held.solve()).toEqual({ status: "infeasible" });
      held.setRowBounds(0, 30, 30);
      expect(held.solve()).toMatchObject({ status: "optimal", objective: 600 });
      held.close();
    });

    test("gives back its memory: some thousand programmes leave it able to solve the next", async () => {
      const solver = await open();
      for (let round = 0; round < 3_000; round++) solver.solve(dispatch([round, 20, 30]));
      expect(solver.solve(dispatch([10, 20, 30]))).toMatchObject({ objective: 1_400 });
    });
  });
}
