/** Posting a transfer: the only way in which a balance changes. */
import { fail, ok, type Result } from "@micromarket/kernel";
import type { Account, Ledger } from "./ledger.ts";
import type { AccountName, LedgerName, Transfer } from "./transfer.ts";

/** Most that one transfer moves; sums of very many of them stay within the 40 digits of a record. */
export const TRANSFER_AMOUNT_MAX = 10n ** 30n;

/** Why a transfer is refused, in the order in which it is checked; the first reason is given. */
export type TransferRefusal =
  | { readonly code: "ACCOUNTS_SAME"; readonly account: AccountName }
  | { readonly code: "AMOUNT_NOT_POSITIVE"; readonly amount: bigint }
  | { readonly code: "AMOUNT_TOO_LARGE"; readonly amount: bigint; readonly most: bigint }
  | { readonly code: "DEBIT_ACCOUNT_UNKNOWN"; readonly ledger: LedgerName; readonly account: AccountName }
  | { readonly code: "CREDIT_ACCOUNT_UNKNOWN"; readonly ledger: LedgerName; readonly account: AccountName }
  | { readonly code: "DEBIT_ACCOUNT_CLOSED"; readonly ledger: LedgerName; readonly account: AccountName }
  | { readonly code: "CREDIT_ACCOUNT_CLOSED"; readonly ledger: LedgerName; readonly account: AccountName }
  | { readonly code: "FUNDS_INSUFFICIENT"; readonly account: AccountName; readonly available: bigint }
  | { readonly code: "CEILING_EXCEEDED"; readonly account: AccountName; readonly room: bigint };

/** The two accounts of a transfer. */
export interface TransferAccounts {
  readonly debit: Account;
  readonly credit: Account;
}

/** Moves the transfer's amount out of the debit account into the credit account. A refusal changes nothing. */
export function post(ledger: Ledger, transfer: Transfer): Result<Transfer, TransferRefusal> {
  const accounts = transferAccounts(ledger, transfer);
  if (!accounts.ok) return accounts;
  move(accounts.value, transfer.amount);
  return ok(transfer);
}

/** The accounts of a transfer that both of them bear. */
export function transferAccounts(ledger: Ledger, transfer: Transfer): Result<TransferAccounts, TransferRefusal> {
  const open = openAccounts(ledger, transfer);
  if (!open.ok) return open;
  const { debit: from, credit: to, amount } = transfer;
  const { debit, credit } = open.value;
  if (debit.floor !== null) {
    const available = debit.balance - debit.debitsHeld - debit.floor;
    if (amount > available) return fail({ code: "FUNDS_INSUFFICIENT", account: from, available });
  }
  if (credit.ceiling !== null) {
    const room = credit.ceiling - credit.balance - credit.creditsHeld;
    if (amount > room) return fail({ code: "CEILING_EXCEEDED", account: to, room });
  }
  return open;
}

/** The accounts of a transfer, whatever their limits. */
export function openAccounts(ledger: Ledger, transfer: Transfer): Result<TransferAccounts, TransferRefusal> {
  const { ledger: name, debit: from, credit: to, amount } = transfer;
  if (from === to) return fail({ code: "ACCOUNTS_SAME", account: from });
  if (amount <= 0n) return fail({ code: "AMOUNT_NOT_POSITIVE", amount });
  if (amount > TRANSFER_AMOUNT_MAX) return fail({ code: "AMOUNT_TOO_LARGE", amount, most: TRANSFER_AMOUNT_MAX });
  const debit = ledger[name].get(from);
  if (debit === undefined) return fail({ code: "DEBIT_ACCOUNT_UNKNOWN", ledger: name, account: from });
  const credit = ledger[name].get(to);
  if (credit === undefined) return fail({ code: "CREDIT_ACCOUNT_UNKNOWN", ledger: name, account: to });
  if (debit.isClosed) return fail({ code: "DEBIT_ACCOUNT_CLOSED", ledger: name, account: from });
  if (credit.isClosed) return fail({ code: "CREDIT_ACCOUNT_CLOSED", ledger: name, account: to });
  return ok({ debit, credit });
}

/** Moves `amount` from one to the other, or back where it is negative. */
export function move({ debit, credit }: TransferAccounts, amount: bigint): void {
  debit.balance -= amount;
  credit.balance += amount;
}
