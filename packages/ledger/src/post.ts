/** Posting a transfer: the only way in which a balance changes. */
import { fail, ok, type Result } from "@micromarket/kernel";
import type { Ledger } from "./ledger.ts";
import type { AccountName, LedgerName, Transfer } from "./transfer.ts";

/** Why a transfer is refused, in the order in which it is checked; the first reason is given. */
export type TransferRefusal =
  | { readonly code: "ACCOUNTS_SAME"; readonly account: AccountName }
  | { readonly code: "AMOUNT_NOT_POSITIVE"; readonly amount: bigint }
  | { readonly code: "DEBIT_ACCOUNT_UNKNOWN"; readonly ledger: LedgerName; readonly account: AccountName }
  | { readonly code: "CREDIT_ACCOUNT_UNKNOWN"; readonly ledger: LedgerName; readonly account: AccountName };

/** Moves the transfer's amount out of the debit account into the credit account. A refusal changes nothing. */
export function post(ledger: Ledger, transfer: Transfer): Result<Transfer, TransferRefusal> {
  const { ledger: name, debit, credit, amount } = transfer;
  const balances = ledger[name];
  if (debit === credit) return fail({ code: "ACCOUNTS_SAME", account: debit });
  if (amount <= 0n) return fail({ code: "AMOUNT_NOT_POSITIVE", amount });
  const debitBalance = balances.get(debit);
  if (debitBalance === undefined) return fail({ code: "DEBIT_ACCOUNT_UNKNOWN", ledger: name, account: debit });
  const creditBalance = balances.get(credit);
  if (creditBalance === undefined) return fail({ code: "CREDIT_ACCOUNT_UNKNOWN", ledger: name, account: credit });

  balances.set(debit, debitBalance - amount);
  balances.set(credit, creditBalance + amount);
  return ok(transfer);
}
