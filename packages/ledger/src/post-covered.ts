/**
 * Posting what has happened and cannot be refused: energy that was drawn has to be paid for, whoever can pay.
 *
 * Limits do not stop these transfers. Whoever ends below its floor because of them is lifted back to it by its covering
 * account, which has no floor and so says what is owed.
 */
import { assert, fail, ok, type Result } from "@micromarket/kernel";
import { availableOf, type Ledger } from "./ledger.ts";
import { move, openAccounts, type TransferRefusal } from "./post.ts";
import type { AccountName, Transfer } from "./transfer.ts";

/** Why nothing is posted: the first transfer that names something that there is not. */
type CoveredRefusal = Exclude<TransferRefusal, { readonly code: "FUNDS_INSUFFICIENT" | "CEILING_EXCEEDED" }>;

/**
 * Posts all of `transfers` or nothing, then what `coverOf` the accounts that they brought below their floors has to bear.
 *
 * @param coverOf the account that covers another one; asked for accounts with a floor only
 * @returns what was posted: `transfers`, then one covering transfer for each account that needed it
 */
export function postCovered(
  ledger: Ledger,
  transfers: readonly Transfer[],
  coverOf: (account: AccountName) => AccountName,
): Result<readonly Transfer[], CoveredRefusal> {
  const accounts = [];
  for (const transfer of transfers) {
    const open = openAccounts(ledger, transfer);
    if (!open.ok) return fail(openRefusal(open.error));
    accounts.push(open.value);
  }
  const before = new Map<string, Standing>();
  for (const [index, transfer] of transfers.entries()) {
    const key = `${transfer.ledger} ${transfer.debit}`;
    if (!before.has(key)) before.set(key, { transfer, short: shortOf(ledger, transfer) });
    const pair = accounts[index];
    assert(pair !== undefined, "each transfer has its accounts");
    move(pair, transfer.amount);
  }
  const covers = [...before.values()].flatMap(({ transfer, short }) => cover(ledger, transfer, short, coverOf));
  return ok([...transfers, ...covers]);
}

interface Standing {
  readonly transfer: Transfer;
  /** How far below its floor the debit account was. */
  readonly short: bigint;
}

function openRefusal(refusal: TransferRefusal): CoveredRefusal {
  assert(refusal.code !== "FUNDS_INSUFFICIENT" && refusal.code !== "CEILING_EXCEEDED", "limits were not looked at");
  return refusal;
}

function shortOf(ledger: Ledger, { ledger: name, debit }: Transfer): bigint {
  const available = availableOf(ledger, name, debit) ?? 0n;
  return available < 0n ? -available : 0n;
}

function cover(
  ledger: Ledger,
  transfer: Transfer,
  shortBefore: bigint,
  coverOf: (account: AccountName) => AccountName,
): readonly Transfer[] {
  const amount = shortOf(ledger, transfer) - shortBefore;
  if (amount <= 0n) return [];
  const covering: Transfer = {
    ledger: transfer.ledger,
    debit: coverOf(transfer.debit),
    credit: transfer.debit,
    amount,
    reason: "arrears",
  };
  const open = openAccounts(ledger, covering);
  assert(open.ok, `${covering.debit} cannot cover ${covering.credit}`);
  move(open.value, amount);
  return [covering];
}
