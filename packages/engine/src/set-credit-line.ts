/**
 * Lending to a party: its account may fall below 0, as far as the line goes. The share of the line that the rules ask for
 * is kept aside from the party's own money. Withdrawing a line touches nothing that is held or used; what backs the part
 * in use stays aside until it is paid back and the line is set again.
 *
 * Precedence: CREDIT_NOT_RULED, PARTY_UNKNOWN, PARTY_RESERVED, AMOUNT_NEGATIVE, AMOUNT_TOO_LARGE, FUNDS_INSUFFICIENT.
 */
import { amountNano, assert, minusAmount } from "@micromarket/kernel";
import { balanceOf, setLimits } from "@micromarket/ledger";
import { collateralAccount, partyAccount } from "./accounts.ts";
import type { SetCreditLine } from "./command.ts";
import { ownFundsOf } from "./funds.ts";
import { AMOUNT_MAX } from "./limits.ts";
import { accept, refuse, type Outcome } from "./outcome.ts";
import type { State } from "./state.ts";
import { flow, postAll } from "./transfers.ts";
import { shareUp } from "./worst-cost.ts";

/** Sets how far the party's account may fall below 0. */
export function setCreditLine(state: State, { party, limit }: SetCreditLine): Outcome {
  const { settlement, residual } = state.rules;
  if (settlement?.funding.kind !== "credit-line") return refuse({ code: "CREDIT_NOT_RULED" });
  if (!state.parties.has(party)) return refuse({ code: "PARTY_UNKNOWN", party });
  if (party === residual.party) return refuse({ code: "PARTY_RESERVED", party });
  if (limit < 0n) return refuse({ code: "AMOUNT_NEGATIVE", amount: limit });
  if (limit > AMOUNT_MAX) return refuse({ code: "AMOUNT_TOO_LARGE", amount: limit, most: AMOUNT_MAX });
  const account = partyAccount(party);
  const own = ownFundsOf(state, party);
  const used = own < 0n ? amountNano(-own) : amountNano(0n);
  const aside = amountNano(balanceOf(state.ledger, "money", collateralAccount(party)) ?? 0n);
  const needed = minusAmount(shareUp(limit > used ? limit : used, settlement.funding.collateral), aside);
  if (needed > 0n && needed > own) {
    return refuse({ code: "FUNDS_INSUFFICIENT", party, needed, available: own });
  }

  const transfers = flow("money", account, collateralAccount(party), needed, "collateral");
  const lent = setLimits(state.ledger, "money", account, { floor: -limit, ceiling: null });
  assert(lent.ok, `the account of ${party} is open`);
  postAll(state.ledger, transfers);
  return accept({ type: "CreditLineSet", party, limit, transfers });
}
