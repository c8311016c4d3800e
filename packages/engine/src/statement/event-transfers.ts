/** The transfers that an event stands for. */
import type { Transfer } from "@micromarket/ledger";
import { OUTSIDE, partyAccount } from "../accounts.ts";
import type { MarketEvent } from "../event.ts";

/** In the order in which they were posted; none for an event that moves nothing. */
export function transfersOf(event: MarketEvent): readonly Transfer[] {
  const others = "transfers" in event ? (event.transfers ?? []) : [];
  if (event.type !== "AccountCredited" && event.type !== "PaidOut") return others;
  const { party, amount } = event;
  const [from, to] = event.type === "PaidOut" ? [partyAccount(party), OUTSIDE] : [OUTSIDE, partyAccount(party)];
  const reason = event.type === "PaidOut" ? "payout" : "credit";
  return [{ ledger: "money", debit: from, credit: to, amount, reason }, ...others];
}
