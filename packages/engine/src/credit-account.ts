/**
 * Crediting a payment from outside.
 *
 * Precedence: PARTY_UNKNOWN, AMOUNT_NOT_POSITIVE, AMOUNT_TOO_LARGE, REFERENCE_MALFORMED, REFERENCE_ALREADY_USED.
 */
import { isIdentifier } from "@micromarket/kernel";
import { OUTSIDE, partyAccount } from "./accounts.ts";
import type { CreditAccount } from "./command.ts";
import { repayArrears } from "./funds.ts";
import { AMOUNT_MAX } from "./limits.ts";
import { accept, refuse, type Outcome } from "./outcome.ts";
import type { PartyRefusal, PaymentRefusal } from "./refusal.ts";
import type { State } from "./state.ts";
import { flow, postAll } from "./transfers.ts";

/** Moves the amount from outside to the party, once per reference. The residual counterparty may be paid, too. */
export function creditAccount(state: State, command: CreditAccount): Outcome {
  const refusal = refusePayment(state, command);
  if (refusal !== null) return refuse(refusal);
  const { party, amount, reference } = command;
  state.references.add(reference);
  postAll(state.ledger, flow("money", OUTSIDE, partyAccount(party), amount, "credit"));
  const repaid = repayArrears(state, [party]);
  const credited = { type: "AccountCredited", party, amount, reference } as const;
  return accept(repaid.length === 0 ? credited : { ...credited, transfers: repaid });
}

/** What is wrong with a payment, of either direction. */
export function refusePayment(
  state: State,
  { party, amount, reference }: Pick<CreditAccount, "party" | "amount" | "reference">,
): PartyRefusal | PaymentRefusal | null {
  if (!state.parties.has(party)) return { code: "PARTY_UNKNOWN", party };
  if (amount <= 0n) return { code: "AMOUNT_NOT_POSITIVE", amount };
  if (amount > AMOUNT_MAX) return { code: "AMOUNT_TOO_LARGE", amount, most: AMOUNT_MAX };
  if (!isIdentifier(reference)) return { code: "REFERENCE_MALFORMED", reference };
  return state.references.has(reference) ? { code: "REFERENCE_ALREADY_USED", reference } : null;
}
