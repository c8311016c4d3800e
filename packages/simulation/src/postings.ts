/** What each account paid on balance, summed up from the transfers that events carry. */
import { amountNano, type AmountNano } from "@micromarket/kernel";
import type { AccountName, Transfer } from "@micromarket/ledger";

/** Sums up postings of money; payments from outside are no part of a bill. */
export interface Postings {
  readonly add: (transfers: readonly Transfer[]) => void;
  /** Paid less received; negative is income. */
  readonly paidBy: (account: AccountName) => AmountNano;
}

/** No postings yet. */
export function newPostings(): Postings {
  const paid = new Map<AccountName, bigint>();
  return {
    add(transfers) {
      for (const { ledger, reason, debit, credit, amount } of transfers) {
        if (ledger !== "money" || reason === "credit") continue;
        paid.set(debit, (paid.get(debit) ?? 0n) + amount);
        paid.set(credit, (paid.get(credit) ?? 0n) - amount);
      }
    },
    paidBy: (account) => amountNano(paid.get(account) ?? 0n),
  };
}
