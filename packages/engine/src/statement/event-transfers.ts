/** The transfers that an event stands for. */
import type { Transfer } from "@micromarket/ledger";
import { OUTSIDE, partyAccount } from "../accounts.ts";
import type { MarketEvent } from "../event.ts";

/** In the order in which they were posted; none for an event that moves nothing. */
export function transfersOf(event: MarketEvent): readonly Transfer[] {
  if ("transfers" in event) return event.transfers;
  if (event.type !== "AccountCredited") return [];
  const { party, amount } = event;
  return [{ ledger: "money", debit: OUTSIDE, credit: partyAccount(party), amount, reason: "credit" }];
}
