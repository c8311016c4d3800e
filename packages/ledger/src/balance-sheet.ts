/** What every account holds, and whether the books balance. */
import { compareText } from "@micromarket/kernel";
import { LEDGER_NAMES, type LedgerView } from "./ledger.ts";
import type { AccountName, LedgerName } from "./transfer.ts";

/** One book at one moment. */
export interface BalanceSheet {
  readonly ledger: LedgerName;
  /** Account and balance, in order of account. */
  readonly balances: readonly (readonly [AccountName, bigint])[];
  /** Sum of all balances: 0, or units were made out of nothing. */
  readonly total: bigint;
}

/** The balance sheet of the book `name`. */
export function balanceSheet(ledger: LedgerView, name: LedgerName): BalanceSheet {
  const balances = [...ledger[name]].sort(([a], [b]) => compareText(a, b));
  return { ledger: name, balances, total: totalOf(ledger, name) };
}

/** Whether the balances of each book sum to 0. */
export function isBalanced(ledger: LedgerView): boolean {
  return LEDGER_NAMES.every((name) => totalOf(ledger, name) === 0n);
}

function totalOf(ledger: LedgerView, name: LedgerName): bigint {
  let total = 0n;
  for (const balance of ledger[name].values()) total += balance;
  return total;
}
