/** The unit of bookkeeping: one immutable transfer from one account to another. */

/** Money in billionths of the currency, or energy in Wh; each ledger balances for itself. */
export type LedgerName = "money" | "energy";

/** Who or what holds a balance, e.g. `party:home-3`, `outside`, `delivered`, `unaccounted`. */
export type AccountName = string;

/** Moves `amount` units of `ledger` out of `debit` into `credit`. */
export interface Transfer {
  readonly ledger: LedgerName;
  readonly debit: AccountName;
  readonly credit: AccountName;
  /** Positive. Nano-currency in the money ledger, Wh in the energy ledger. */
  readonly amount: bigint;
  /** What the transfer is for. */
  readonly reason: TransferReason;
}

/** Why units moved. */
export type TransferReason =
  "credit" | "trade" | "deviation" | "delivery" | "unaccounted" | "fee" | "rent" | "loss" | "imbalance";
