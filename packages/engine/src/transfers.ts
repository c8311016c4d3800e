/** From what happened to the transfers that post it. */
import { assert, tradeValue, type PriceMicro, type WattHours } from "@micromarket/kernel";
import {
  post,
  type AccountName,
  type Ledger,
  type LedgerName,
  type Transfer,
  type TransferReason,
} from "@micromarket/ledger";

/** Moves `amount` from one account to another; the other way round where it is negative, and nothing where it is 0 or both are one. */
export function flow(
  ledger: LedgerName,
  from: AccountName,
  to: AccountName,
  amount: bigint,
  reason: TransferReason,
): readonly Transfer[] {
  if (amount === 0n || from === to) return [];
  if (amount < 0n) return [{ ledger, debit: to, credit: from, amount: -amount, reason }];
  return [{ ledger, debit: from, credit: to, amount, reason }];
}

/** A sale: money from buyer to seller (the other way round at a negative price), energy from seller to buyer. */
export function saleBetween(
  buying: AccountName,
  selling: AccountName,
  price: PriceMicro,
  energy: WattHours,
  reason: TransferReason,
): readonly Transfer[] {
  return [
    ...flow("money", buying, selling, tradeValue(price, energy), reason),
    ...flow("energy", selling, buying, BigInt(energy), reason),
  ];
}

/** Posts transfers that the engine itself made: a refusal would be a bug. */
export function postAll(ledger: Ledger, transfers: readonly Transfer[]): void {
  for (const transfer of transfers) {
    const posted = post(ledger, transfer);
    assert(posted.ok, `a transfer from ${transfer.debit} to ${transfer.credit} was refused`);
  }
}
