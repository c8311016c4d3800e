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
export type TransferReason = (typeof TRANSFER_REASONS)[number];

/** Every reason. */
export const TRANSFER_REASONS = [
  "credit",
  "trade",
  "deviation",
  "delivery",
  "unaccounted",
  "fee",
  "rent",
  "loss",
  "imbalance",
  /** What a party that did not keep a trade owes for what the others are not to notice. */
  "shortfall",
  /** What a deviation costs beyond its price. */
  "penalty",
  "levy",
  /** A settled slot set right: a reading came after its estimate. */
  "adjustment",
  /** What an account could not bear, and its repayment. */
  "arrears",
  "collateral",
  "payout",
] as const;

/** Longest id of a transfer, in UTF-16 code units: what it is for, a slot, and an identifier or two. */
export const TRANSFER_ID_LENGTH_MAX = 320;

/** Whether `text` may be the id of a transfer: 1 to 320 printable, well-formed characters, no blanks at the ends. */
export function isTransferId(text: string): boolean {
  return (
    text.length > 0 && text.length <= TRANSFER_ID_LENGTH_MAX && text.trim() === text && !/[\p{Cc}\p{Cs}]/u.test(text)
  );
}

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

/** Releases a part of the held amount; the rest stays held. */
export interface ReduceHoldRequest extends Identified {
  readonly kind: "reduce-hold";
  readonly hold: TransferId;
  /** Positive, and less than what is held: who wants it all released voids the hold. */
  readonly amount: bigint;
}

/** Releases the held amount. */
export interface VoidHoldRequest extends Identified {
  readonly kind: "void-hold";
  readonly hold: TransferId;
}

/** What a ledger is asked for. */
export type TransferRequest = PostRequest | HoldRequest | PostHoldRequest | ReduceHoldRequest | VoidHoldRequest;
