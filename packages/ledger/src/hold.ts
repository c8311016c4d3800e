/**
 * Holds: an amount set aside, which is later posted in whole or in part, voided, or expires. The model is TigerBeetle's
 * two-phase transfer (https://docs.tigerbeetle.com/coding/two-phase-transfers/).
 *
 * Invariants: what is held on all debit accounts is what is held on all credit accounts is the sum of the open holds; a
 * hold ends once.
 */
import { assert, compareText, fail, ok, type InstantMs, type Result } from "@micromarket/kernel";
import { heldBy, type KnownRequest, type Ledger } from "./ledger.ts";
import { move, transferAccounts, type TransferAccounts, type TransferRefusal } from "./post.ts";
import type {
  HoldRequest,
  PostHoldRequest,
  ReduceHoldRequest,
  Transfer,
  TransferId,
  VoidHoldRequest,
} from "./transfer.ts";

/** Why nothing is held, in the order in which it is checked. */
export type HoldRefusal =
  | TransferRefusal
  /** Comes before the accounts are looked at. */
  | { readonly code: "EXPIRY_PAST"; readonly expires: InstantMs; readonly now: InstantMs };

/** Why a hold is not ended, in the order in which it is checked. */
export type HoldEndRefusal =
  | { readonly code: "HOLD_UNKNOWN"; readonly hold: TransferId }
  | { readonly code: "HOLD_IS_NONE"; readonly hold: TransferId }
  | { readonly code: "AMOUNT_NEGATIVE" | "AMOUNT_NOT_POSITIVE"; readonly amount: bigint }
  /** A reduction leaves something; what it may not take is the whole. */
  | { readonly code: "AMOUNT_EXCEEDS_HOLD"; readonly amount: bigint; readonly held: bigint }
  | { readonly code: "HOLD_POSTED" | "HOLD_VOIDED" | "HOLD_EXPIRED"; readonly hold: TransferId };

/** How to make undone what was done. */
export type Undo = () => void;

type OpenHold = KnownRequest & { readonly request: HoldRequest };

const ENDED = { posted: "HOLD_POSTED", voided: "HOLD_VOIDED", expired: "HOLD_EXPIRED" } as const;

/** Sets the amount aside. */
export function placeHold(ledger: Ledger, request: HoldRequest, now: InstantMs): Result<Undo, HoldRefusal> {
  const { id, amount, expires } = request;
  if (expires !== null && expires <= now) return fail({ code: "EXPIRY_PAST", expires, now });
  const accounts = transferAccounts(ledger, request);
  if (!accounts.ok) return accounts;
  setAside(accounts.value, amount);
  watch(ledger, id, expires);
  return ok(() => {
    setAside(accounts.value, -amount);
    unwatch(ledger, id, expires);
  });
}

/** Moves what is asked of the held amount and releases the rest. */
export function postHold(ledger: Ledger, { hold, amount }: PostHoldRequest): Result<Undo, HoldEndRefusal> {
  const found = findHold(ledger, hold);
  if (!found.ok) return found;
  const held = heldBy(found.value);
  const posted = amount ?? held;
  if (posted < 0n) return fail({ code: "AMOUNT_NEGATIVE", amount: posted });
  if (posted > held) return fail({ code: "AMOUNT_EXCEEDS_HOLD", amount: posted, held });
  const open = mustBeOpen(found.value);
  if (!open.ok) return open;
  const undoEnd = endHold(ledger, found.value, "posted");
  const accounts = accountsOf(ledger, found.value.request);
  move(accounts, posted);
  return ok(() => {
    move(accounts, -posted);
    undoEnd();
  });
}

/** Releases a part of the held amount. No limit of an account is asked: what stays held was held before. */
export function reduceHold(ledger: Ledger, { hold, amount }: ReduceHoldRequest): Result<Undo, HoldEndRefusal> {
  const found = findHold(ledger, hold);
  if (!found.ok) return found;
  const held = heldBy(found.value);
  if (amount <= 0n) return fail({ code: "AMOUNT_NOT_POSITIVE", amount });
  if (amount >= held) return fail({ code: "AMOUNT_EXCEEDS_HOLD", amount, held });
  const open = mustBeOpen(found.value);
  if (!open.ok) return open;
  release(ledger, found.value, amount);
  return ok(() => release(ledger, found.value, -amount));
}

/** Releases the held amount. */
export function voidHold(ledger: Ledger, { hold }: VoidHoldRequest): Result<Undo, HoldEndRefusal> {
  const found = findHold(ledger, hold);
  if (!found.ok) return found;
  const open = mustBeOpen(found.value);
  return open.ok ? ok(endHold(ledger, found.value, "voided")) : open;
}

/** Releases every hold that expires at `now` or before: in order of expiry, then of id. Their ids in that order. */
export function expireHolds(ledger: Ledger, now: InstantMs): readonly TransferId[] {
  const due = [...ledger.expiring].filter(([expires]) => expires <= now).sort(([a], [b]) => a - b);
  const expired = due.flatMap(([, ids]) => [...ids].sort(compareText));
  for (const id of expired) {
    const found = findHold(ledger, id);
    assert(found.ok, "what expires is a hold");
    endHold(ledger, found.value, "expired");
  }
  return expired;
}

function findHold(ledger: Ledger, hold: TransferId): Result<OpenHold, HoldEndRefusal> {
  const known = ledger.known.get(hold);
  if (known === undefined) return fail({ code: "HOLD_UNKNOWN", hold });
  return isHold(known) ? ok(known) : fail({ code: "HOLD_IS_NONE", hold });
}

function isHold(known: KnownRequest): known is OpenHold {
  return known.request.kind === "hold";
}

function mustBeOpen({ request, fate }: OpenHold): Result<null, HoldEndRefusal> {
  assert(fate !== "done", "a hold is open or has ended");
  return fate === "open" ? ok(null) : fail({ code: ENDED[fate], hold: request.id });
}

function release(ledger: Ledger, known: OpenHold, amount: bigint): void {
  setAside(accountsOf(ledger, known.request), -amount);
  known.released = (known.released ?? 0n) + amount;
}

function endHold(ledger: Ledger, known: OpenHold, fate: "posted" | "voided" | "expired"): Undo {
  const { id, expires } = known.request;
  const amount = heldBy(known);
  const accounts = accountsOf(ledger, known.request);
  setAside(accounts, -amount);
  unwatch(ledger, id, expires);
  known.fate = fate;
  return () => {
    setAside(accounts, amount);
    watch(ledger, id, expires);
    known.fate = "open";
  };
}

function accountsOf(ledger: Ledger, { ledger: name, debit: from, credit: to }: Transfer): TransferAccounts {
  const [debit, credit] = [ledger[name].get(from), ledger[name].get(to)];
  assert(debit !== undefined && credit !== undefined, "the accounts of a hold stay open");
  return { debit, credit };
}

/** Holds `amount` more, or less where it is negative. */
export function setAside({ debit, credit }: TransferAccounts, amount: bigint): void {
  debit.debitsHeld += amount;
  credit.creditsHeld += amount;
}

/** Remembers when the hold expires. */
export function watch(ledger: Ledger, id: TransferId, expires: InstantMs | null): void {
  if (expires === null) return;
  const ids = ledger.expiring.get(expires);
  if (ids === undefined) ledger.expiring.set(expires, new Set([id]));
  else ids.add(id);
}

function unwatch(ledger: Ledger, id: TransferId, expires: InstantMs | null): void {
  if (expires === null) return;
  const ids = ledger.expiring.get(expires);
  ids?.delete(id);
  if (ids?.size === 0) ledger.expiring.delete(expires);
}
