/** The ledger as a canonical value, and back: a part of every snapshot. */
import {
  decodeBigint,
  decodeChecked,
  decodeList,
  decodeObject,
  decodePair,
  decodeText,
  malformed,
  ok,
  type CanonicalValue,
  type Decoder,
} from "@micromarket/kernel";
import { balanceSheet, isBalanced } from "./balance-sheet.ts";
import { isAccountName, type Ledger, type LedgerView } from "./ledger.ts";
import type { AccountName } from "./transfer.ts";

type Balances = readonly (readonly [AccountName, bigint])[];

const decodeBalances: Decoder<Balances> = decodeChecked(
  decodeList(decodePair(decodeChecked(decodeText, isAccountName, "the name of an account"), decodeBigint)),
  isInOrder,
  "accounts in order of name, each of them once",
);
const decodeBooks = decodeObject({ money: decodeBalances, energy: decodeBalances });

/** Both books with their accounts in order of name, whatever the order in which they were opened. */
export function ledgerRecord(ledger: LedgerView): CanonicalValue {
  return { energy: balanceSheet(ledger, "energy").balances, money: balanceSheet(ledger, "money").balances };
}

/** Restores the ledger from its record. Refuses accounts out of order and books that do not sum to 0. */
export const decodeLedger: Decoder<Ledger> = (value, path) => {
  const books = decodeBooks(value, path);
  if (!books.ok) return books;
  const ledger: Ledger = { money: new Map(books.value.money), energy: new Map(books.value.energy) };
  return isBalanced(ledger) ? ok(ledger) : malformed(path, "books whose balances sum to 0", value);
};

function isInOrder(balances: Balances): boolean {
  return balances.every(([account], index) => account > (balances[index - 1]?.[0] ?? ""));
}
