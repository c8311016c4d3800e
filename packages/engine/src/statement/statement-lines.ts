/**
 * An account's statement: one line for each posting, traced to what it comes from.
 *
 * Lines derive from transfers alone, so that a new reason to move money has its lines without a word here; where the event
 * knows more of a transfer (tenders, a reading, a reference), the line carries it.
 *
 * Invariant: the lines of an event sum to what it moves on the account, in both books, to the last unit.
 */
import type { InstantMs, PartyId, TenderId, WattHours } from "@micromarket/kernel";
import type { AccountName, Transfer, TransferReason } from "@micromarket/ledger";
import type { Trade } from "@micromarket/market";
import { partyAccount } from "../accounts.ts";
import type { GateClosed, MarketEvent } from "../event.ts";
import { transfersOf } from "./event-transfers.ts";

/** One posting. */
export interface StatementLine {
  readonly reason: TransferReason;
  /** The delivery slot; `null` where the event has none. */
  readonly slot: InstantMs | null;
  /** The account on the other side. */
  readonly counter: AccountName;
  /** Nano-currency received; paid where negative. */
  readonly money: bigint;
  /** Wh received; given where negative. */
  readonly energy: bigint;
  /** Millionths of the currency per kWh, where money and energy changed hands; `null` where one of them did not. */
  readonly price: bigint | null;
  /** Of a trade: the account's own tender, and the one on the other side. */
  readonly tenders: { readonly own: TenderId; readonly counter: TenderId } | null;
  /** Of a delivery: what the meter counted, and whose it is. */
  readonly reading: { readonly party: PartyId; readonly imported: WattHours; readonly exported: WattHours } | null;
  /** Of a payment. */
  readonly reference: string | null;
  /** Which of the event's transfers the line stands for, from 0. */
  readonly transfers: readonly number[];
}

/** A transfer of money and one of energy that were posted for one another; or either alone. */
interface Posting {
  readonly debit: AccountName;
  readonly credit: AccountName;
  readonly reason: TransferReason;
  /** From debit to credit. */
  readonly money: bigint;
  /** From debit to credit. */
  readonly energy: bigint;
  readonly transfers: readonly number[];
}

/** The lines of `event` on `account`, in the order in which they were posted. */
export function statementLines(event: MarketEvent, account: AccountName): readonly StatementLine[] {
  const lineOf = lineMaker(event);
  const tendersOf = tendersIn(event);
  return postingsOf(transfersOf(event)).flatMap((posting) => {
    const trade = tendersOf(posting); // also of others' postings: trades are counted off
    return posting.debit === account || posting.credit === account ? [lineOf(posting, trade, account)] : [];
  });
}

/** The lines of `event` on every account that it moves, found in one pass; each as `statementLines` has them. */
export function statementsByAccount(event: MarketEvent): ReadonlyMap<AccountName, readonly StatementLine[]> {
  const statements = new Map<AccountName, StatementLine[]>();
  const transfers = transfersOf(event);
  if (transfers.length === 0) return statements;
  const lineOf = lineMaker(event);
  const tendersOf = tendersIn(event);
  for (const posting of postingsOf(transfers)) {
    const trade = tendersOf(posting);
    for (const account of [posting.debit, posting.credit]) {
      const line = lineOf(posting, trade, account);
      const lines = statements.get(account);
      if (lines === undefined) statements.set(account, [line]);
      else lines.push(line);
    }
  }
  return statements;
}

/** Of a settled trade its two parties are known as well. */
type TradedTenders = Pick<Trade, "buy" | "sell"> & { readonly buyer?: PartyId; readonly seller?: PartyId };

/** Makes of a posting, and the trade behind it, what it is on one of its two accounts. */
function lineMaker(
  event: MarketEvent,
): (posting: Posting, trade: TradedTenders | null, account: AccountName) => StatementLine {
  const readings = readingsIn(event);
  const slot = "slot" in event ? event.slot : null;
  const reference = "reference" in event ? event.reference : null;
  return (posting, trade, account) => {
    const { debit, credit, reason, transfers } = posting;
    const sign = credit === account ? 1n : -1n;
    const [money, energy] = [sign * posting.money, sign * posting.energy];
    return {
      reason,
      slot,
      counter: credit === account ? debit : credit,
      money,
      energy,
      price: priceOf(posting),
      tenders: trade === null ? null : tendersSeenFrom(trade, energy, account),
      reading: readings(account),
      reference,
      transfers,
    };
  };
}

/** The sum of what `lines` moved, in both books. */
export function sumOfLines(lines: Iterable<StatementLine>): { readonly money: bigint; readonly energy: bigint } {
  let [money, energy] = [0n, 0n];
  for (const line of lines) {
    money += line.money;
    energy += line.energy;
  }
  return { money, energy };
}

/** Money followed by energy between the same two accounts, for the same reason, is one posting. */
function postingsOf(transfers: readonly Transfer[]): readonly Posting[] {
  const postings: Posting[] = [];
  for (let at = 0; at < transfers.length; at += 1) {
    const [first, second] = [transfers[at], transfers[at + 1]];
    if (first === undefined) break;
    const { ledger, debit, credit, amount, reason } = first;
    const isPair = ledger === "money" && second?.ledger === "energy" && second.reason === reason;
    const turned = isPair && second.debit === credit && second.credit === debit;
    const straight = isPair && second.debit === debit && second.credit === credit;
    if (turned || straight) {
      const energy = turned ? -second.amount : second.amount;
      postings.push({ debit, credit, reason, money: amount, energy, transfers: [at, at + 1] });
      at += 1;
    } else {
      const [money, energy] = ledger === "money" ? [amount, 0n] : [0n, amount];
      postings.push({ debit, credit, reason, money, energy, transfers: [at] });
    }
  }
  return postings;
}

/** Price × energy is money exactly; where it is not, no price was paid. Energy that was sold for nothing has the price 0. */
function priceOf({ reason, money, energy }: Posting): bigint | null {
  if (energy === 0n || (money === 0n && reason !== "trade" && reason !== "deviation")) return null;
  return money % energy === 0n ? -money / energy : null;
}

/** Whose tenders each posting of the event comes from; asked in the order of the postings. */
function tendersIn(event: MarketEvent): (posting: Posting) => TradedTenders | null {
  if (event.type === "GateClosed") return tradesInOrder(event);
  if (event.type !== "SlotSettled" || event.byMeter === undefined) return () => null;
  const behind = event.byMeter.trades.flatMap((trade) => Array.from({ length: trade.transfers }, () => trade));
  return ({ transfers: [first = Infinity] }) => behind[first] ?? null;
}

/** Hands out the trade behind each trade's posting, in the order in which they were posted. */
function tradesInOrder({ result, owners }: GateClosed): (posting: Posting) => Trade | null {
  const trades = result.trades.filter(({ buy, sell, energy }) => energy > 0 && owners.get(buy) !== owners.get(sell));
  let next = 0;
  return ({ reason, debit, credit, energy }) => {
    const trade = trades[next];
    if (reason !== "trade" || trade === undefined) return null;
    const accounts = [trade.buy, trade.sell].map((tender) => accountBehind(tender, owners));
    const isIt = accounts.includes(debit) && accounts.includes(credit) && sizeOf(energy) === BigInt(trade.energy);
    if (!isIt) return null;
    next += 1;
    return trade;
  };
}

function accountBehind(tender: TenderId, owners: ReadonlyMap<TenderId, PartyId>): AccountName | null {
  const owner = owners.get(tender);
  return owner === undefined ? null : partyAccount(owner);
}

/** Who got energy, or paid a buyer's part, had the buying tender; who stepped in for one of the two had neither. */
function tendersSeenFrom(trade: TradedTenders, energy: bigint, account: AccountName): StatementLine["tenders"] {
  const { buy, sell, buyer, seller } = trade;
  if (
    buyer !== undefined &&
    account !== partyAccount(buyer) &&
    seller !== undefined &&
    account !== partyAccount(seller)
  )
    return null;
  const isBuyer = buyer === undefined ? energy > 0n : account === partyAccount(buyer);
  return isBuyer ? { own: buy, counter: sell } : { own: sell, counter: buy };
}

/** The reading that lies behind the event's lines on an account. */
function readingsIn(event: MarketEvent): (account: AccountName) => StatementLine["reading"] {
  if (event.type === "DeliveryPosted" || event.type === "DeliveryTruedUp") {
    const { party, imported, exported } = event;
    return () => ({ party, imported, exported });
  }
  if (event.type !== "SlotSettled") return () => null;
  const readings = [...(event.byMeter?.readings ?? [])].map(([party, { imported, exported }]) => {
    return [partyAccount(party), { party, imported, exported }] as const;
  });
  const byAccount = new Map(readings);
  return (account) => byAccount.get(account) ?? null;
}

function sizeOf(value: bigint): bigint {
  return value < 0n ? -value : value;
}
