/** The transfers that an event stands for. */
import { OUTSIDE, partyAccount, type MarketEvent } from "@micromarket/engine";
import type { Transfer } from "@micromarket/ledger";

/** In the order in which they were posted; none for an event that moves nothing. */
export function transfersOf(event: MarketEvent): readonly Transfer[] {
  if (event.type === "AccountCredited") {
    const { party, amount, transfers = [] } = event;
    return [
      { ledger: "money", debit: OUTSIDE, credit: partyAccount(party), amount, reason: "credit" },
      ...transfers, // what of it went to arrears
    ];
  }
  if (event.type === "PaidOut") {
    const { party, amount } = event;
    return [{ ledger: "money", debit: partyAccount(party), credit: OUTSIDE, amount, reason: "payout" }];
  }
  return "transfers" in event ? event.transfers : [];
}
