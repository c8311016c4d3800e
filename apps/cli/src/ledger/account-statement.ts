/**
 * An account's statement out of a journal's replay: what it held, each posting, what it holds.
 *
 * Invariant: the lines sum exactly to the difference of the balances, which come from the ledger and not from the lines.
 */
import {
  statementLines,
  sumOfLines,
  transfersOf,
  type NodePosition,
  type StateView,
  type StatementLine,
} from "@micromarket/engine";
import { assert, type InstantMs } from "@micromarket/kernel";
import { balanceOf, type AccountName } from "@micromarket/ledger";
import type { JournalWatch } from "./replay-journal.ts";

/** What an account holds, or what moved: nano-currency and Wh. */
export interface BothBooks {
  readonly money: bigint;
  readonly energy: bigint;
}

/** A line, where it was booked, and what the account held after it. */
export interface BookedLine extends Omit<StatementLine, "transfers"> {
  /** Of the journal's entry. */
  readonly sequence: number;
  readonly at: InstantMs;
  /** Which of the entry's transfers it stands for, from 0. */
  readonly transfers: readonly number[];
  readonly balance: BothBooks;
}

/** Entries that were booked from `from` on and before `to`; `null` is an open end. */
export interface BookingRange {
  readonly from: InstantMs | null;
  readonly to: InstantMs | null;
}

/** What was booked on an account in a range. */
export interface AccountStatement {
  readonly opening: BothBooks;
  readonly closing: BothBooks;
  readonly lines: readonly BookedLine[];
}

/** Gathers the statement of `account` while a journal is replayed by `watch`; `statement` is asked for at the end. */
export function gatherStatement(
  account: AccountName,
  { from, to }: BookingRange,
): { readonly watch: JournalWatch; readonly statement: () => AccountStatement } {
  const lines: BookedLine[] = [];
  let opening: BothBooks = { money: 0n, energy: 0n };
  let closing = opening;
  const watch: JournalWatch = ({ state }: NodePosition) => {
    opening = closing = holdingsOf(state, account);
    return ({ sequence, at }, events) => {
      if (to !== null && at >= to) return;
      if (from !== null && at < from) {
        opening = closing = holdingsOf(state, account);
        return;
      }
      let counted = 0;
      for (const event of events) {
        for (const line of statementLines(event, account)) {
          const balance = sumOf(lines.at(-1)?.balance ?? opening, line);
          const transfers = line.transfers.map((index) => counted + index);
          lines.push({ ...line, sequence, at, transfers, balance });
        }
        counted += transfersOf(event).length;
      }
      closing = holdingsOf(state, account);
    };
  };
  const statement = (): AccountStatement => {
    const sum = sumOf(opening, sumOfLines(lines));
    const isWhole = sum.money === closing.money && sum.energy === closing.energy;
    assert(isWhole, `the lines of ${account} sum to ${sum.money} and ${sum.energy}, not to what it holds`);
    return { opening, closing, lines };
  };
  return { watch, statement };
}

/** 0 where the account is not open, or not yet. */
function holdingsOf({ ledger }: StateView, account: AccountName): BothBooks {
  return { money: balanceOf(ledger, "money", account) ?? 0n, energy: balanceOf(ledger, "energy", account) ?? 0n };
}

function sumOf(a: BothBooks, b: BothBooks): BothBooks {
  return { money: a.money + b.money, energy: a.energy + b.energy };
}
