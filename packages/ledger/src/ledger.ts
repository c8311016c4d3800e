/**
 * Double-entry accounts as balances, one book for money and one for energy.
 *
 * A balance is credits less debits. Invariant: the balances of each book sum to 0, because nothing but a transfer
 * changes them. The transfers themselves are kept in the events that carry them, not here: the ledger does not grow.
 */
import { fail, ok, type Result } from "@micromarket/kernel";
import type { AccountName, LedgerName } from "./transfer.ts";

/** Both books: the balance of each open account, nano-currency for money and Wh for energy. */
export type Ledger = { readonly [Name in LedgerName]: Map<AccountName, bigint> };

/** A ledger that may be read only. */
export type LedgerView = { readonly [Name in LedgerName]: ReadonlyMap<AccountName, bigint> };

/** The books, in the order in which they are listed. */
export const LEDGER_NAMES: readonly LedgerName[] = ["energy", "money"];

/** Longest name of an account, in UTF-16 code units: a prefix and an identifier. */
export const ACCOUNT_NAME_LENGTH_MAX = 160;

/** Why an account cannot be opened, in the order in which it is checked. */
export type AccountRefusal =
  | { readonly code: "ACCOUNT_NAME_MALFORMED"; readonly account: AccountName }
  | { readonly code: "ACCOUNT_ALREADY_OPEN"; readonly ledger: LedgerName; readonly account: AccountName };

/** Two books without accounts. */
export function newLedger(): Ledger {
  return { money: new Map(), energy: new Map() };
}

/** Whether `text` may name an account: 1 to 160 printable, well-formed characters, no blanks at the ends. */
export function isAccountName(text: string): boolean {
  const fits = text.length > 0 && text.length <= ACCOUNT_NAME_LENGTH_MAX;
  return fits && text.trim() === text && !/[\p{Cc}\p{Cs}]/u.test(text);
}

/** Opens an account with the balance 0. A refusal changes nothing. */
export function openAccount(
  ledger: Ledger,
  name: LedgerName,
  account: AccountName,
): Result<AccountName, AccountRefusal> {
  if (!isAccountName(account)) return fail({ code: "ACCOUNT_NAME_MALFORMED", account });
  if (ledger[name].has(account)) return fail({ code: "ACCOUNT_ALREADY_OPEN", ledger: name, account });
  ledger[name].set(account, 0n);
  return ok(account);
}

/** Credits less debits of an account, or `null` if there is no such account. */
export function balanceOf(ledger: LedgerView, name: LedgerName, account: AccountName): bigint | null {
  return ledger[name].get(account) ?? null;
}
