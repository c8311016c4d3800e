/**
 * Paying a party its money: the other way of a credit. Nothing that is lent, held for tenders and trades, or owed is paid.
 *
 * Precedence: PARTY_UNKNOWN, AMOUNT_NOT_POSITIVE, AMOUNT_TOO_LARGE, REFERENCE_MALFORMED, REFERENCE_ALREADY_USED,
 * FUNDS_INSUFFICIENT.
 */
import type { PayOut } from "./command.ts";
import { OUTSIDE, partyAccount } from "./accounts.ts";
import { refusePayment } from "./credit-account.ts";
import { ownFundsOf } from "./funds.ts";
import { accept, refuse, type Outcome } from "./outcome.ts";
import type { State } from "./state.ts";
import { flow, postAll } from "./transfers.ts";

/** Moves the amount from the party to outside, once per reference. */
export function payOut(state: State, command: PayOut): Outcome {
  const refusal = refusePayment(state, command);
  if (refusal !== null) return refuse(refusal);
  const { party, amount, reference } = command;
  const available = ownFundsOf(state, party);
  if (amount > available) return refuse({ code: "FUNDS_INSUFFICIENT", party, needed: amount, available });

  state.references.add(reference);
  postAll(state.ledger, flow("money", partyAccount(party), OUTSIDE, amount, "payout"));
  return accept({ type: "PaidOut", party, amount, reference });
}
