/**
 * Crediting a payment from outside.
 *
 * Precedence: PARTY_UNKNOWN, AMOUNT_NOT_POSITIVE, AMOUNT_TOO_LARGE, REFERENCE_MALFORMED, REFERENCE_ALREADY_USED.
 */
import { isIdentifier } from "@micromarket/kernel";
import { OUTSIDE, partyAccount } from "./accounts.ts";
import type { CreditAccount } from "./command.ts";
import { AMOUNT_MAX } from "./limits.ts";
import { accept, refuse, type Outcome } from "./outcome.ts";
import type { State } from "./state.ts";
import { flow, postAll } from "./transfers.ts";

/** Moves the amount from outside to the party, once per reference. The residual counterparty may be paid, too. */
export function creditAccount(state: State, { party, amount, reference }: CreditAccount): Outcome {
  if (!state.parties.has(party)) return refuse({ code: "PARTY_UNKNOWN", party });
  if (amount <= 0n) return refuse({ code: "AMOUNT_NOT_POSITIVE", amount });
  if (amount > AMOUNT_MAX) return refuse({ code: "AMOUNT_TOO_LARGE", amount, most: AMOUNT_MAX });
  if (!isIdentifier(reference)) return refuse({ code: "REFERENCE_MALFORMED", reference });
  if (state.references.has(reference)) return refuse({ code: "REFERENCE_ALREADY_USED", reference });

  state.references.add(reference);
  postAll(state.ledger, flow("money", OUTSIDE, partyAccount(party), amount, "credit"));
  return accept({ type: "AccountCredited", party, amount, reference });
}
