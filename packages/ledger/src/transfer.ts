/** The units of bookkeeping: a transfer from one account to another, at once or held first. */
import type { InstantMs } from "@micromarket/kernel";

/** Money in billionths of the currency, or energy in Wh; each ledger balances for itself. */
export type LedgerName = "money" | "energy";

/** Who or what holds a balance, e.g. `party:home-3`, `outside`, `delivered`, `unaccounted`. */
export type AccountName = string;

/** What tells a transfer from every other one: chosen by whoever asks for it, so that asking twice does it once. */
export type TransferId = string;

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

interface Identified {
  readonly id: TransferId;
  /** Whether the next request of the batch is done with this one or not at all. @default false */
  readonly linked?: boolean;
}

/** Moves the amount at once. */
export interface PostRequest extends Transfer, Identified {
  readonly kind: "post";
}

/** Sets the amount aside: nobody else gets it, until it is posted, voided or expires. */
export interface HoldRequest extends Transfer, Identified {
  readonly kind: "hold";
  /** From this instant on the hold is void; `null`: never. */
  readonly expires: InstantMs | null;
}

/** Moves the held amount, or a part of it; the rest is released. */
export interface PostHoldRequest extends Identified {
  readonly kind: "post-hold";
  readonly hold: TransferId;
  /** 0 to what is held; `null`: all of it. */
  readonly amount: bigint | null;
}

/** Releases the held amount. */
export interface VoidHoldRequest extends Identified {
  readonly kind: "void-hold";
  readonly hold: TransferId;
}

/** What a ledger is asked for. */
export type TransferRequest = PostRequest | HoldRequest | PostHoldRequest | VoidHoldRequest;
