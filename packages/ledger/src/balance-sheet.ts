/** What every account holds, and whether the books balance. */
import { compareText, type InstantMs } from "@micromarket/kernel";
import { heldBy, LEDGER_NAMES, type LedgerView } from "./ledger.ts";
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
  const balances = [...ledger[name]]
    .map(([account, { balance }]) => [account, balance] as const)
    .sort(([a], [b]) => compareText(a, b));
  return { ledger: name, balances, total: totalOf(ledger, name) };
}

/** Whether the balances of each book sum to 0. */
export function isBalanced(ledger: LedgerView): boolean {
  return LEDGER_NAMES.every((name) => totalOf(ledger, name) === 0n);
}

/** The invariants that the ledger breaks, in words; none in a sound ledger. Limits are the transfers' business. */
export function violatedLedgerInvariants(ledger: LedgerView): readonly string[] {
  return LEDGER_NAMES.flatMap((name) => bookViolations(ledger, name)).concat(holdViolations(ledger));
}

function bookViolations(ledger: LedgerView, name: LedgerName): readonly string[] {
  const held = new Map<AccountName, { debits: bigint; credits: bigint }>();
  const heldOf = (account: AccountName) => {
    const sums = held.get(account) ?? { debits: 0n, credits: 0n };
    held.set(account, sums);
    return sums;
  };
  for (const known of ledger.known.values()) {
    const { request, fate } = known;
    if (request.kind !== "hold" || fate !== "open" || request.ledger !== name) continue;
    heldOf(request.debit).debits += heldBy(known);
    heldOf(request.credit).credits += heldBy(known);
  }
  const violations = totalOf(ledger, name) === 0n ? [] : [`the ${name} balances do not sum to 0`];
  for (const [account, { debitsHeld, creditsHeld, balance, isClosed }] of ledger[name]) {
    const { debits, credits } = heldOf(account);
    if (debitsHeld !== debits || creditsHeld !== credits)
      violations.push(`what is held on ${name} account ${account} is not what its open holds say`);
    if (isClosed && (balance !== 0n || debits > 0n || credits > 0n))
      violations.push(`the closed ${name} account ${account} is not empty`);
  }
  const strangers = [...held.keys()].filter((account) => !ledger[name].has(account));
  return [...violations, ...strangers.map((account) => `a hold on ${account}, which the ${name} book does not have`)];
}

function holdViolations({ known, expiring, now }: LedgerView): readonly string[] {
  const violations: string[] = [];
  const watched = new Map<string, InstantMs>();
  for (const [expires, ids] of expiring) for (const id of ids) watched.set(id, expires);
  for (const [id, { request, fate, released = 0n }] of known) {
    if (id !== request.id) violations.push(`request ${request.id} is known as ${id}`);
    const isHold = request.kind === "hold";
    if (released < 0n || (released > 0n && !(isHold && released < request.amount)))
      violations.push(`request ${id} cannot have released ${released}`);
    if (isHold === (fate === "done")) violations.push(`request ${id} cannot be ${fate}`);
    const expires = isHold && fate === "open" ? request.expires : null;
    if ((watched.get(id) ?? null) !== expires) violations.push(`the expiry of ${id} is not watched as it should be`);
    if (expires !== null && now !== null && expires <= now) violations.push(`hold ${id} outlived its expiry`);
  }
  for (const id of watched.keys()) if (!known.has(id)) violations.push(`${id} expires and is not known`);
  return violations;
}

function totalOf(ledger: LedgerView, name: LedgerName): bigint {
  let total = 0n;
  for (const { balance } of ledger[name].values()) total += balance;
  return total;
}
