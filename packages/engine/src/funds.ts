/**
 * What a party of a market with settlement can promise, and what it owes.
 *
 * A party's account never falls below its floor. What it must pay beyond that it owes: its account of arrears goes below
 * 0 instead, and is filled up again from whatever comes in. As long as it owes, it can promise that much less.
 */
import {
  amountNano,
  assert,
  compareText,
  minusAmount,
  type AmountNano,
  type InstantMs,
  type PartyId,
} from "@micromarket/kernel";
import {
  availableOf,
  balanceOf,
  execute,
  heldBy,
  postCovered,
  type AccountName,
  type Transfer,
  type TransferId,
} from "@micromarket/ledger";
import { arrearsAccount, partyAccount, partyOfAccount } from "./accounts.ts";
import type { State, StateView } from "./state.ts";
import { flow, postAll } from "./transfers.ts";

/** A party cannot promise, or be paid, as much as was asked for. */
export interface FundsRefusal {
  readonly code: "FUNDS_INSUFFICIENT";
  readonly party: PartyId;
  readonly needed: AmountNano;
  readonly available: AmountNano;
}

/** What the party can still promise: below 0 while it owes more; `null`: as much as it likes. */
export function fundsOf({ ledger }: StateView, party: PartyId): AmountNano | null {
  const available = availableOf(ledger, "money", partyAccount(party));
  return available === null ? null : minusAmount(amountNano(available), amountNano(owedBy(ledger, party)));
}

/** What of the party's balance is its own and free, to be paid out or kept aside: nothing lent, nothing held or owed. */
export function ownFundsOf({ ledger }: StateView, party: PartyId): AmountNano {
  const account = ledger.money.get(partyAccount(party));
  assert(account !== undefined, "a party has an account");
  return amountNano(account.balance - account.debitsHeld - owedBy(ledger, party));
}

/** Why the party cannot promise the amount, when `freed` of what it has promised is released first. */
export function refuseFunds(state: StateView, party: PartyId, amount: AmountNano, freed = 0n): FundsRefusal | null {
  const available = fundsOf(state, party);
  if (available === null || amount <= 0n || amount <= available + freed) return null;
  return { code: "FUNDS_INSUFFICIENT", party, needed: amount, available: amountNano(available + freed) };
}

/** Sets the amount aside until the hold is ended; why not, where the party does not have it. */
export function holdFunds(
  state: State,
  hold: TransferId,
  party: PartyId,
  amount: AmountNano,
  now: InstantMs,
): FundsRefusal | null {
  return replaceHold(state, null, hold, party, amount, now);
}

/** The same in the place of an earlier hold, whose money counts for the new one. */
export function replaceHold(
  state: State,
  before: TransferId | null,
  hold: TransferId,
  party: PartyId,
  amount: AmountNano,
  now: InstantMs,
): FundsRefusal | null {
  const known = before === null ? undefined : state.ledger.known.get(before);
  const freed = known?.request.kind === "hold" && known.fate === "open" ? known.request.amount : 0n;
  const unfunded = refuseFunds(state, party, amount, freed);
  if (unfunded !== null) return unfunded;
  if (before !== null) voidHolds(state, [before], now);
  if (amount > 0n) placeHold(state, hold, partyAccount(party), partyAccount(state.rules.residual.party), amount, now);
  return null;
}

/** Places a hold that the debit account bears, or as much of it as it bears: what is held, which may be nothing. */
export function holdMost(
  state: State,
  hold: TransferId,
  debit: AccountName,
  credit: AccountName,
  amount: AmountNano,
  now: InstantMs,
): AmountNano {
  const available = availableOf(state.ledger, "money", debit);
  const most = available !== null && available < amount ? available : amount;
  if (most <= 0n || debit === credit) return amountNano(0n);
  placeHold(state, hold, debit, credit, amountNano(most), now);
  return amountNano(most);
}

/** Releases those of the holds that there are. */
export function voidHolds(state: State, holds: readonly TransferId[], now: InstantMs): void {
  const open = holds.filter((hold) => state.ledger.known.get(hold)?.fate === "open");
  if (open.length === 0) return;
  const { results } = execute(
    state.ledger,
    open.map((hold) => ({ kind: "void-hold", id: `void/${hold}`, hold })),
    now,
  );
  assert(
    results.every(({ ok }) => ok),
    "an open hold can be voided",
  );
}

/** Releases a part of a hold, if there is such a hold; all of it where nothing would be left. `id` names the reduction. */
export function reduceHold(state: State, hold: TransferId, id: TransferId, amount: AmountNano, now: InstantMs): void {
  const known = state.ledger.known.get(hold);
  if (known?.fate !== "open" || amount <= 0n) return;
  if (amount >= heldBy(known)) {
    voidHolds(state, [hold], now);
    return;
  }
  const [result] = execute(state.ledger, [{ kind: "reduce-hold", id, hold, amount }], now).results;
  assert(result?.ok === true, `the hold ${hold} cannot be reduced`);
}

/** Posts what has to be paid whoever can pay; what a party cannot, it owes. Everything that was posted. */
export function postOwed({ ledger }: State, transfers: readonly Transfer[]): readonly Transfer[] {
  const posted = postCovered(ledger, transfers, (account) => arrearsAccount(partyOfAccount(account)));
  assert(posted.ok, "what a market settles is between its accounts");
  return posted.value;
}

/** Pays what the parties owe from what they have: in order of their names. */
export function repayArrears(state: State, parties: Iterable<PartyId>): readonly Transfer[] {
  const repaid = [...parties].sort(compareText).flatMap((party) => {
    const owed = owedBy(state.ledger, party);
    const available = availableOf(state.ledger, "money", partyAccount(party)) ?? 0n;
    const amount = owed < available ? owed : available;
    return amount <= 0n ? [] : flow("money", partyAccount(party), arrearsAccount(party), amount, "arrears");
  });
  postAll(state.ledger, repaid);
  return repaid;
}

function owedBy(ledger: StateView["ledger"], party: PartyId): bigint {
  return -(balanceOf(ledger, "money", arrearsAccount(party)) ?? 0n);
}

function placeHold(
  { ledger }: State,
  id: TransferId,
  debit: AccountName,
  credit: AccountName,
  amount: AmountNano,
  now: InstantMs,
): void {
  const request = { kind: "hold", id, ledger: "money", debit, credit, amount, reason: "trade", expires: null } as const;
  const [result] = execute(ledger, [request], now).results;
  assert(result?.ok === true, `the hold ${id} cannot be placed`);
}
