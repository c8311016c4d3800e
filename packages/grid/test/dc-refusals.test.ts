/** What a mesh answers when its solver does not: a refusal with the solver's reason, never a guess. */
import { describe, expect, test } from "@jest/globals";
import { partyId, priceMicro, tenderId, wattHours } from "@micromarket/kernel";
import { clearDc, type DcNetwork, type LinearAnswer, type LinearSolver } from "@micromarket/grid";
import { auctionRules } from "@micromarket/testkit";

const steps = [{ price: null, energy: wattHours(5) }];
const network: DcNetwork = {
  slot: "2026-07-01T12:00Z",
  rules: { ...auctionRules(), tick: priceMicro(1), priceFloor: null, priceCap: null },
  buses: 2,
  lines: [{ from: 0, to: 1, reactance: 1, limit: null }],
  tenders: [{ bus: 1, tender: { id: tenderId("d"), party: partyId("d"), side: "buy", steps } }],
};

/** A solver that gives these answers, one after the other. */
function answering(...answers: readonly LinearAnswer[]): LinearSolver {
  const left = [...answers];
  return {
    solve: () => left.shift() ?? { status: "failed", reason: "asked too often" },
    open: () => {
      throw new Error("nobody holds a programme here");
    },
  };
}

/** An answer in which nothing has to give way. */
const nothingGives: LinearAnswer = {
  status: "optimal",
  objective: 0,
  columns: new Float64Array(9),
  rowDuals: new Float64Array(9),
  columnDuals: new Float64Array(9),
};

describe("a solver that finds no answer", () => {
  test.each<readonly [string, readonly LinearAnswer[], string]>([
    ["fails", [{ status: "failed", reason: "out of time" }], "out of time"],
    ["calls the network unbounded", [{ status: "unbounded" }], "unbounded"],
    ["fails at the question what must give way", [{ status: "infeasible" }, { status: "infeasible" }], "infeasible"],
    [
      "fails there with a reason",
      [{ status: "infeasible" }, { status: "failed", reason: "out of time" }],
      "out of time",
    ],
    ["contradicts itself", [{ status: "infeasible" }, nothingGives], "infeasible by less than it can tell"],
  ])("%s", (_, answers, reason) => {
    expect(clearDc(network, answering(...answers))).toEqual({ ok: false, code: "SOLVER_FAILED", reason });
  });
});
