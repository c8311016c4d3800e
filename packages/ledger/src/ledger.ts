/**
 * Double-entry accounts, one book for money and one for energy.
 *
 * A balance is credits less debits. Invariant: the balances of each book sum to 0, because nothing but a transfer
 * changes them. What was transferred at once and without an id is kept in the events that carry it, not here; of a
 * request with an id the ledger remembers what came of it until it is told to forget.
 */
import { fail, ok, type InstantMs, type Result } from "@micromarket/kernel";
import type { AccountName, LedgerName, TransferId, TransferRequest } from "./transfer.ts";

/** What an account holds, and how far it may go. Nano-currency for money and Wh for energy. */
export interface Account extends AccountLimits {
  /** Credits less debits. */
  balance: bigint;
  /** What open holds may still take out. */
  debitsHeld: bigint;
  /** What open holds may still bring in. */
  creditsHeld: bigint;
  /** A closed account takes part in no new transfer. */
  isClosed: boolean;
}

/** The range of an account. */
export interface AccountLimits {
  /** No debit leaves less than this, all debits held counted; 0 is prepaid, below 0 a line of credit; `null`: no limit. */
  floor: bigint | null;
  /** No credit leaves more than this, all credits held counted; `null`: no limit. */
  ceiling: bigint | null;
}

/** What came of a request with an id: it was done, or its hold is open or was ended in one of three ways. */
export type RequestFate = "done" | "open" | "posted" | "voided" | "expired";

/** A request that was accepted. */
export interface KnownRequest {
  readonly request: TransferRequest;
  readonly at: InstantMs;
  fate: RequestFate;
  /** What was released of a hold before it ended. @default 0n */
  released?: bigint;
}

/** What a hold sets aside as long as it is open. */
export function heldBy({ request, released = 0n }: Readonly<KnownRequest>): bigint {
  return request.kind === "hold" ? request.amount - released : 0n;
}

/** Both books, and the accepted requests in order of acceptance. */
export interface Ledger {
  readonly money: Map<AccountName, Account>;
  readonly energy: Map<AccountName, Account>;
  readonly known: Map<TransferId, KnownRequest>;
  /** Open holds by the instant at which they expire. */
  readonly expiring: Map<InstantMs, Set<TransferId>>;
  /** The latest instant that the ledger was told; `null` before the first. */
  now: InstantMs | null;
}

/** A ledger that may be read only. */
export interface LedgerView {
  readonly money: ReadonlyMap<AccountName, Readonly<Account>>;
  readonly energy: ReadonlyMap<AccountName, Readonly<Account>>;
  readonly known: ReadonlyMap<TransferId, Readonly<KnownRequest>>;
  readonly expiring: ReadonlyMap<InstantMs, ReadonlySet<TransferId>>;
  readonly now: InstantMs | null;
}

/** The books, in the order in which they are listed. */
export const LEDGER_NAMES: readonly LedgerName[] = ["energy", "money"];

/** Longest name of an account, in UTF-16 code units: a prefix and an identifier. */
export const ACCOUNT_NAME_LENGTH_MAX = 160;

/** Why an account cannot be opened, in the order in which it is checked. */
export type AccountRefusal =
  | { readonly code: "ACCOUNT_NAME_MALFORMED"; readonly account: AccountName }
  | { readonly code: "ACCOUNT_ALREADY_OPEN"; readonly ledger: LedgerName; readonly account: AccountName }
  | ({ readonly code: "LIMITS_CROSSED" } & Readonly<AccountLimits>);

/** Why limits are not set or an account is not closed, in the order in which it is checked. */
export type AccountChangeRefusal =
  | { readonly code: "ACCOUNT_UNKNOWN"; readonly ledger: LedgerName; readonly account: AccountName }
  | { readonly code: "ACCOUNT_CLOSED"; readonly ledger: LedgerName; readonly account: AccountName }
  | ({ readonly code: "LIMITS_CROSSED" } & Readonly<AccountLimits>)
  | { readonly code: "ACCOUNT_HAS_HOLDS"; readonly account: AccountName }
  | { readonly code: "ACCOUNT_NOT_EMPTY"; readonly account: AccountName; readonly balance: bigint };

/** An account without limits. */
export const UNLIMITED: Readonly<AccountLimits> = { floor: null, ceiling: null };

/** Two books without accounts. */
export function newLedger(): Ledger {
  return { money: new Map(), energy: new Map(), known: new Map(), expiring: new Map(), now: null };
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
  limits: Readonly<AccountLimits> = UNLIMITED,
): Result<AccountName, AccountRefusal> {
  if (!isAccountName(account)) return fail({ code: "ACCOUNT_NAME_MALFORMED", account });
  if (ledger[name].has(account)) return fail({ code: "ACCOUNT_ALREADY_OPEN", ledger: name, account });
  if (areCrossed(limits)) return fail({ code: "LIMITS_CROSSED", ...limits });
  ledger[name].set(account, accountOf(0n, limits));
  return ok(account);
}

/**
 * Sets an account's range. What stands beyond it stays as it is: only later transfers are held to it, so that a line of
 * credit can be withdrawn from somebody who uses it. A refusal changes nothing.
 */
export function setLimits(
  ledger: Ledger,
  name: LedgerName,
  account: AccountName,
  limits: Readonly<AccountLimits>,
): Result<AccountName, AccountChangeRefusal> {
  const open = openAccountOf(ledger, name, account);
  if (!open.ok) return open;
  if (areCrossed(limits)) return fail({ code: "LIMITS_CROSSED", ...limits });
  open.value.floor = limits.floor;
  open.value.ceiling = limits.ceiling;
  return ok(account);
}

/** Closes an empty account for good. A refusal changes nothing. */
export function closeAccount(
  ledger: Ledger,
  name: LedgerName,
  account: AccountName,
): Result<AccountName, AccountChangeRefusal> {
  const open = openAccountOf(ledger, name, account);
  if (!open.ok) return open;
  const { balance, debitsHeld, creditsHeld } = open.value;
  if (debitsHeld > 0n || creditsHeld > 0n) return fail({ code: "ACCOUNT_HAS_HOLDS", account });
  if (balance !== 0n) return fail({ code: "ACCOUNT_NOT_EMPTY", account, balance });
  open.value.isClosed = true;
  return ok(account);
}

/** Credits less debits of an account, or `null` if there is no such account. */
export function balanceOf(ledger: LedgerView, name: LedgerName, account: AccountName): bigint | null {
  return ledger[name].get(account)?.balance ?? null;
}

/** What a debit may take at most: `null` where nothing limits it or there is no such account; below 0 after a floor was raised. */
export function availableOf(ledger: LedgerView, name: LedgerName, account: AccountName): bigint | null {
  const found = ledger[name].get(account);
  return found === undefined || found.floor === null ? null : found.balance - found.debitsHeld - found.floor;
}

/** An open account that holds `balance`. */
export function accountOf(balance: bigint, { floor, ceiling }: Readonly<AccountLimits> = UNLIMITED): Account {
  return { balance, debitsHeld: 0n, creditsHeld: 0n, floor, ceiling, isClosed: false };
}

function openAccountOf(
  ledger: Ledger,
  name: LedgerName,
  account: AccountName,
): Result<Account, Extract<AccountChangeRefusal, { code: "ACCOUNT_UNKNOWN" | "ACCOUNT_CLOSED" }>> {
  const found = ledger[name].get(account);
  if (found === undefined) return fail({ code: "ACCOUNT_UNKNOWN", ledger: name, account });
  return found.isClosed ? fail({ code: "ACCOUNT_CLOSED", ledger: name, account }) : ok(found);
}

function areCrossed({ floor, ceiling }: Readonly<AccountLimits>): boolean {
  return floor !== null && ceiling !== null && floor > ceiling;
}
