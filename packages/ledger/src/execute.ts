/**
 * Executing a batch of requests: each for itself, linked ones all or none, each id once.
 *
 * A request whose id is known is not done again: it answers EXISTS where it asks for the same, and names the first field
 * that differs otherwise. Refused requests are not remembered, so that the same id may be tried again. In a chain of
 * linked requests the first that is not done (one that exists counts as such) undoes the others of the chain.
 *
 * Precedence, one answer to a request: LINKED_FAILED, CHAIN_OPEN, ID_MALFORMED, EXISTS_DIFFERENT, EXISTS, then that of
 * its kind (`HoldRefusal`, `TransferRefusal`, `HoldEndRefusal`).
 */
import { assert, fail, ok, type InstantMs, type Result } from "@micromarket/kernel";
import {
  expireHolds,
  placeHold,
  postHold,
  reduceHold,
  voidHold,
  type HoldEndRefusal,
  type HoldRefusal,
  type Undo,
} from "./hold.ts";
import type { KnownRequest, Ledger } from "./ledger.ts";
import { move, transferAccounts } from "./post.ts";
import { isTransferId, type PostRequest, type TransferId, type TransferRequest } from "./transfer.ts";

/** Why a request of a batch was not done. */
export type RequestRefusal =
  | { readonly code: "LINKED_FAILED" }
  | { readonly code: "CHAIN_OPEN" }
  | { readonly code: "ID_MALFORMED"; readonly id: TransferId }
  | { readonly code: "EXISTS_DIFFERENT"; readonly id: TransferId; readonly field: string }
  /** It was done before; what has come of it. */
  | { readonly code: "EXISTS"; readonly id: TransferId; readonly at: InstantMs; readonly fate: KnownRequest["fate"] }
  | HoldRefusal
  | HoldEndRefusal;

/** What came of a batch. */
export interface BatchOutcome {
  /** Holds that expired before the batch was looked at. */
  readonly expired: readonly TransferId[];
  /** One for each request, in their order. */
  readonly results: readonly Result<TransferId, RequestRefusal>[];
}

/** Fields of requests in the order in which a difference is looked for. */
const FIELDS = ["kind", "linked", "hold", "ledger", "debit", "credit", "amount", "reason", "expires"] as const;

/** Expires what is due at `at`, then executes the requests in order. Throws where `at` is before an earlier batch's. */
export function execute(ledger: Ledger, requests: readonly TransferRequest[], at: InstantMs): BatchOutcome {
  assert(ledger.now === null || at >= ledger.now, "the ledger's time does not go back");
  ledger.now = at;
  const expired = expireHolds(ledger, at);
  const results = chainsOf(requests).flatMap((chain) => executeChain(ledger, chain, at));
  return { expired, results };
}

/**
 * Forgets what was accepted before `before` and is no open hold: from then on a request with such an id would be done
 * again. Whoever calls this refuses older requests by their age.
 */
export function forgetRequests(ledger: Ledger, before: InstantMs): void {
  for (const [id, { at, fate }] of ledger.known) {
    if (at >= before) return;
    if (fate !== "open") ledger.known.delete(id);
  }
}

function chainsOf(requests: readonly TransferRequest[]): readonly (readonly TransferRequest[])[] {
  const chains: TransferRequest[][] = [];
  let isLinked = false;
  for (const request of requests) {
    if (isLinked) chains.at(-1)?.push(request);
    else chains.push([request]);
    isLinked = request.linked === true;
  }
  return chains;
}

function executeChain(
  ledger: Ledger,
  chain: readonly TransferRequest[],
  at: InstantMs,
): readonly Result<TransferId, RequestRefusal>[] {
  const failed = tryChain(ledger, chain, at);
  if (failed === null) return chain.map(({ id }) => ok(id));
  return chain.map((_, index) => fail(index === failed.index ? failed.refusal : { code: "LINKED_FAILED" }));
}

/** Does the whole chain, or nothing: the first that cannot be done, and why. */
function tryChain(
  ledger: Ledger,
  chain: readonly TransferRequest[],
  at: InstantMs,
): { readonly index: number; readonly refusal: RequestRefusal } | null {
  const undos: Undo[] = [];
  for (const [index, request] of chain.entries()) {
    const isOpenEnd = request.linked === true && index === chain.length - 1;
    const done: Result<Undo, RequestRefusal> = isOpenEnd ? fail({ code: "CHAIN_OPEN" }) : remember(ledger, request, at);
    if (!done.ok) {
      for (const undo of undos.reverse()) undo();
      return { index, refusal: done.error };
    }
    undos.push(done.value);
  }
  return null;
}

function remember(ledger: Ledger, request: TransferRequest, at: InstantMs): Result<Undo, RequestRefusal> {
  const { id } = request;
  if (!isTransferId(id)) return fail({ code: "ID_MALFORMED", id });
  const known = ledger.known.get(id);
  if (known !== undefined) return fail(existing(known, request));
  const done = perform(ledger, request, at);
  if (!done.ok) return done;
  ledger.known.set(id, { request, at, fate: request.kind === "hold" ? "open" : "done" });
  return ok(() => {
    ledger.known.delete(id);
    done.value();
  });
}

function existing({ request, at, fate }: KnownRequest, asked: TransferRequest): RequestRefusal {
  const { id } = asked;
  const field = FIELDS.find((name) => fieldOf(request, name) !== fieldOf(asked, name));
  return field === undefined ? { code: "EXISTS", id, at, fate } : { code: "EXISTS_DIFFERENT", id, field };
}

function fieldOf(request: TransferRequest, name: (typeof FIELDS)[number]): unknown {
  const fields: Partial<Record<string, unknown>> = { linked: false, ...request };
  return fields[name];
}

function perform(ledger: Ledger, request: TransferRequest, at: InstantMs): Result<Undo, HoldRefusal | HoldEndRefusal> {
  switch (request.kind) {
    case "post":
      return postAtOnce(ledger, request);
    case "hold":
      return placeHold(ledger, request, at);
    case "post-hold":
      return postHold(ledger, request);
    case "reduce-hold":
      return reduceHold(ledger, request);
    case "void-hold":
      return voidHold(ledger, request);
  }
}

function postAtOnce(ledger: Ledger, request: PostRequest): Result<Undo, HoldRefusal> {
  const accounts = transferAccounts(ledger, request);
  if (!accounts.ok) return accounts;
  move(accounts.value, request.amount);
  return ok(() => {
    move(accounts.value, -request.amount);
  });
}
