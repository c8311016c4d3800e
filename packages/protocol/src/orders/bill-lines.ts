/**
 * What an event posts on each party's account, as lines of a bill.
 *
 * Postings of one reason, against one account, at one price and for one tender are one line: a supplier's bill of a slot is
 * as short as a home's. Whose account the other side is, is shown only where it is no other party's.
 */
import { amountNano, compareText, plus, plusAmount, priceMicro, wattHours, type PartyId } from "@micromarket/kernel";
import type { AccountName } from "@micromarket/ledger";
import {
  arrearsAccount,
  collateralAccount,
  DELIVERED,
  FEES,
  IMBALANCE,
  levyAccount,
  LOSSES,
  OUTSIDE,
  partyOfAccount,
  PENALTIES,
  RENT,
  statementsByAccount,
  UNACCOUNTED,
  type MarketEvent,
  type StatementLine,
} from "@micromarket/engine";
import type { BillLine } from "./private-event.ts";

const MARKET_ACCOUNTS: ReadonlySet<AccountName> = new Set([
  OUTSIDE,
  DELIVERED,
  UNACCOUNTED,
  FEES,
  RENT,
  LOSSES,
  IMBALANCE,
  PENALTIES,
]);
const PARTY_PREFIX = "party:";
const LEVY_PREFIX = levyAccount("");

/** The lines of each party whose account the event moves, in order of party. */
export function billLines(event: MarketEvent): readonly (readonly [PartyId, readonly BillLine[]])[] {
  const statements = statementsByAccount(event);
  const bills: (readonly [PartyId, readonly BillLine[]])[] = [];
  for (const [account, lines] of statements) {
    if (!account.startsWith(PARTY_PREFIX)) continue;
    const party = partyOfAccount(account);
    bills.push([party, summed(party, lines)]);
  }
  return bills.length > 1 ? bills.sort(([a], [b]) => compareText(a, b)) : bills;
}

function summed(party: PartyId, lines: readonly StatementLine[]): readonly BillLine[] {
  const sums = new Map<string, BillLine>();
  for (const { reason, counter: account, money, energy, price, tenders } of lines) {
    const counter = counterShown(party, account);
    const tender = tenders?.own ?? null;
    const key = `${reason}\0${counter}\0${price ?? ""}\0${tender ?? ""}`;
    const line: BillLine = {
      reason,
      counter,
      money: amountNano(money),
      energy: wattHours(Number(energy)),
      price: price === null ? null : priceMicro(Number(price)),
      tender,
    };
    const sum = sums.get(key);
    const added = sum === undefined ? line : { ...line, ...sumOf(sum, line) };
    sums.set(key, added);
  }
  return [...sums.values()];
}

function sumOf(a: BillLine, b: BillLine): Pick<BillLine, "money" | "energy"> {
  return { money: plusAmount(a.money, b.money), energy: plus(a.energy, b.energy) };
}

/** Nothing but what is known to be the market's, or the party's own, is shown by its name. */
function counterShown(party: PartyId, account: AccountName): string {
  if (MARKET_ACCOUNTS.has(account) || account.startsWith(LEVY_PREFIX)) return account;
  if (account === arrearsAccount(party)) return "arrears";
  return account === collateralAccount(party) ? "collateral" : "market";
}
