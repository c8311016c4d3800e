/** Whether what a scenario says of deposits, credit and meters fits its market's rules. */
import { floorDivide, type AmountNano } from "@micromarket/kernel";
import { AMOUNT_MAX } from "@micromarket/engine";
import type { Home, Scenario } from "./scenario.ts";

/** What can be wrong with it, in the order in which it is looked for. */
export type SettlementProblemCode =
  /** A tree of markets is not settled by meter yet. */
  | "GRID_WITH_SETTLEMENT"
  /** Deposits, credit lines or meters in a market that posts its trades at once. */
  | "SETTLEMENT_MISSING"
  /** Negative, or more than the market takes. */
  | "AMOUNT_OUT_OF_RANGE"
  /** A credit line where the rules lend nothing. */
  | "CREDIT_NOT_RULED"
  /** What a line has to be backed with is more than was paid in. */
  | "COLLATERAL_ABOVE_DEPOSIT";

/** The first problem. */
export interface SettlementProblem {
  readonly code: SettlementProblemCode;
  /** `grid`, `meters`, or the home. */
  readonly where: string;
  /** What stands there. */
  readonly what: string;
}

const WHOLE = 1_000_000;

/** The first problem of the scenario's settlement, or `null`. */
export function checkSettlement({ rules, homes, meters, grid }: Scenario): SettlementProblem | null {
  const { settlement } = rules;
  if (grid !== undefined && settlement !== undefined) return problem("GRID_WITH_SETTLEMENT", "grid", "settlement");
  if (settlement === undefined) {
    const funded = homes.find(({ deposit, creditLine }) => deposit !== undefined || creditLine !== undefined);
    if (funded !== undefined) return problem("SETTLEMENT_MISSING", funded.id, "funds");
    return meters === undefined ? null : problem("SETTLEMENT_MISSING", "meters", "meters");
  }
  for (const home of homes) {
    const wrong = checkFunds(home, settlement.funding.kind === "credit-line" ? settlement.funding.collateral : null);
    if (wrong !== null) return wrong;
  }
  return null;
}

function checkFunds({ id, deposit, creditLine }: Home, collateral: number | null): SettlementProblem | null {
  const amounts = [deposit, creditLine].filter((amount): amount is AmountNano => amount !== undefined);
  const wrong = amounts.find((amount) => amount < 0n || amount > AMOUNT_MAX);
  if (wrong !== undefined) return problem("AMOUNT_OUT_OF_RANGE", id, wrong);
  if (creditLine === undefined) return null;
  if (collateral === null) return problem("CREDIT_NOT_RULED", id, creditLine);
  const needed = -floorDivide(-BigInt(creditLine) * BigInt(collateral), BigInt(WHOLE));
  return needed > (deposit ?? 0n) ? problem("COLLATERAL_ABOVE_DEPOSIT", id, needed) : null;
}

function problem(code: SettlementProblemCode, where: string, what: string | number | bigint): SettlementProblem {
  return { code, where, what: String(what) };
}
