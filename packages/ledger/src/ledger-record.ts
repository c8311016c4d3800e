/**
 * The ledger as a canonical value, and back: a part of every snapshot.
 *
 * Limits, closed accounts and requests are listed only where there are any, so that a ledger without them has the record
 * that it always had. What is held follows from the open holds.
 */
import {
  decodeAs,
  decodeBigint,
  decodeChecked,
  decodeInteger,
  decodeList,
  decodeNullable,
  decodeObject,
  decodeOneOf,
  decodePair,
  decodeText,
  instantMs,
  malformed,
  ok,
  type CanonicalValue,
  type Decoder,
  type InstantMs,
} from "@micromarket/kernel";
import { balanceSheet, isBalanced, violatedLedgerInvariants } from "./balance-sheet.ts";
import { setAside, watch } from "./hold.ts";
import {
  accountOf,
  heldBy,
  isAccountName,
  LEDGER_NAMES,
  newLedger,
  UNLIMITED,
  type AccountLimits,
  type KnownRequest,
  type Ledger,
  type LedgerView,
} from "./ledger.ts";
import { TRANSFER_REASONS, type AccountName, type LedgerName, type TransferRequest } from "./transfer.ts";

type Balances = readonly (readonly [AccountName, bigint])[];

const decodeName = decodeChecked(decodeText, isAccountName, "the name of an account");
const decodeInstant: Decoder<InstantMs> = decodeAs(decodeInteger, instantMs);
const decodeBalances: Decoder<Balances> = decodeChecked(
  decodeList(decodePair(decodeName, decodeBigint)),
  isInOrder,
  "accounts in order of name, each of them once",
);
const decodeLimits = decodeList(
  decodePair(decodeName, decodeObject({ floor: decodeNullable(decodeBigint), ceiling: decodeNullable(decodeBigint) })),
);
const decodeByBook = <Value>(decoder: Decoder<Value>) => decodeObject({ energy: decoder, money: decoder });

const decodeLinked = decodeAs(decodeOneOf("linked"), () => true);
const TRANSFER = {
  id: decodeText,
  ledger: decodeOneOf<LedgerName>(...LEDGER_NAMES),
  debit: decodeName,
  credit: decodeName,
  amount: decodeBigint,
  reason: decodeOneOf(...TRANSFER_REASONS),
};
const decodeRequest: Decoder<TransferRequest> = (value, path) => {
  const kind = decodeObject({ kind: decodeOneOf("post", "hold", "post-hold", "reduce-hold", "void-hold") }, ANYTHING)(
    value,
    path,
  );
  return kind.ok ? REQUESTS[kind.value.kind](value, path) : kind;
};
const anything: Decoder<unknown> = (value) => ok(value);
const ANYTHING = Object.fromEntries(
  ["id", "linked", "ledger", "debit", "credit", "amount", "reason", "expires", "hold"].map((key) => [key, anything]),
);
const LINKED = { linked: decodeLinked };
const REQUESTS: { readonly [Kind in TransferRequest["kind"]]: Decoder<TransferRequest> } = {
  post: decodeObject({ kind: decodeOneOf("post"), ...TRANSFER }, LINKED),
  hold: decodeObject({ kind: decodeOneOf("hold"), ...TRANSFER, expires: decodeNullable(decodeInstant) }, LINKED),
  "post-hold": decodeObject(
    { kind: decodeOneOf("post-hold"), id: decodeText, hold: decodeText, amount: decodeNullable(decodeBigint) },
    LINKED,
  ),
  "reduce-hold": decodeObject(
    { kind: decodeOneOf("reduce-hold"), id: decodeText, hold: decodeText, amount: decodeBigint },
    LINKED,
  ),
  "void-hold": decodeObject({ kind: decodeOneOf("void-hold"), id: decodeText, hold: decodeText }, LINKED),
};
const decodeKnown = decodeList(
  decodeObject(
    {
      request: decodeRequest,
      at: decodeInstant,
      fate: decodeOneOf("done", "open", "posted", "voided", "expired"),
    },
    { released: decodeBigint },
  ),
);

const decodeBooks = decodeObject(
  { money: decodeBalances, energy: decodeBalances },
  {
    limits: decodeByBook(decodeLimits),
    closed: decodeByBook(decodeList(decodeName)),
    requests: decodeKnown,
    now: decodeInstant,
  },
);

/** Both books with their accounts in order of name, whatever the order in which they were opened; requests as accepted. */
export function ledgerRecord(ledger: LedgerView): CanonicalValue {
  const sheets = { energy: balanceSheet(ledger, "energy"), money: balanceSheet(ledger, "money") };
  const of = (name: LedgerName) => sheets[name].balances.map(([account]) => account);
  const limited = (name: LedgerName) =>
    of(name).flatMap((account) => {
      const { floor, ceiling } = ledger[name].get(account) ?? UNLIMITED;
      return floor === null && ceiling === null ? [] : [[account, { floor, ceiling }] as const];
    });
  const closed = (name: LedgerName) => of(name).filter((account) => ledger[name].get(account)?.isClosed === true);
  return {
    energy: sheets.energy.balances,
    money: sheets.money.balances,
    ...byBook("limits", limited),
    ...byBook("closed", closed),
    ...(ledger.known.size === 0 ? {} : { requests: [...ledger.known.values()].map(knownRecord) }),
    ...(ledger.now === null ? {} : { now: ledger.now }),
  };
}

function byBook(key: string, list: (name: LedgerName) => readonly CanonicalValue[]): Record<string, CanonicalValue> {
  const [energy, money] = [list("energy"), list("money")];
  return energy.length + money.length === 0 ? {} : { [key]: { energy, money } };
}

function knownRecord({ request, at, fate, released = 0n }: Readonly<KnownRequest>): CanonicalValue {
  const { linked, ...fields } = request;
  const known = { request: linked === true ? { ...fields, linked: "linked" } : fields, at, fate };
  return released === 0n ? known : { ...known, released };
}

/** Restores the ledger from its record. Refuses accounts out of order, books that do not sum to 0 and holds that cannot be. */
export const decodeLedger: Decoder<Ledger> = (value, path) => {
  const books = decodeBooks(value, path);
  if (!books.ok) return books;
  const { money, energy, limits, closed, requests, now } = books.value;
  const ledger: Ledger = { ...newLedger(), now: now ?? null };
  for (const [name, balances] of [["money", money] as const, ["energy", energy] as const]) {
    for (const [account, balance] of balances) ledger[name].set(account, accountOf(balance));
    const isKnown = [
      ...(limits?.[name] ?? []).map(([account, range]) => limit(ledger, name, account, range)),
      ...(closed?.[name] ?? []).map((account) => close(ledger, name, account)),
    ];
    if (isKnown.includes(false)) return malformed(path, "limits and closings of accounts that there are", value);
  }
  for (const known of requests ?? []) recall(ledger, known);
  if (!isBalanced(ledger)) return malformed(path, "books whose balances sum to 0", value);
  const isSound = violatedLedgerInvariants(ledger).length === 0 && ledger.known.size === (requests?.length ?? 0);
  return isSound ? ok(ledger) : malformed(path, "holds that can be open, and no request twice", value);
};

function limit(ledger: Ledger, name: LedgerName, account: AccountName, range: Readonly<AccountLimits>): boolean {
  const found = ledger[name].get(account);
  if (found !== undefined) Object.assign(found, range);
  return found !== undefined;
}

function close(ledger: Ledger, name: LedgerName, account: AccountName): boolean {
  const found = ledger[name].get(account);
  if (found !== undefined) found.isClosed = true;
  return found !== undefined;
}

/** Puts a remembered request back, and what is held by it. */
function recall(ledger: Ledger, known: KnownRequest): void {
  const { request, fate } = known;
  ledger.known.set(request.id, { ...known });
  if (request.kind !== "hold" || fate !== "open") return;
  watch(ledger, request.id, request.expires);
  const [debit, credit] = [ledger[request.ledger].get(request.debit), ledger[request.ledger].get(request.credit)];
  if (debit !== undefined && credit !== undefined) setAside({ debit, credit }, heldBy(known));
}

function isInOrder(balances: Balances): boolean {
  return balances.every(([account], index) => account > (balances[index - 1]?.[0] ?? ""));
}
