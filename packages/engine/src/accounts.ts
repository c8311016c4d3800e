/** The names of the market's accounts. */
import type { PartyId } from "@micromarket/kernel";
import type { AccountName } from "@micromarket/ledger";

/** Money: where payments from outside come from. */
export const OUTSIDE: AccountName = "outside";

/** Energy: what the parties' meters counted, against what the tie's meter counted. */
export const DELIVERED: AccountName = "delivered";

/** Energy: what the tie metered beyond what the parties' meters add up to. */
export const UNACCOUNTED: AccountName = "unaccounted";

/** Money: the fees of the tie to the market above. */
export const FEES: AccountName = "fees";

/** Money: congestion rent of the tie; never negative. */
export const RENT: AccountName = "rent";

/** Energy: what the tie takes of what is awarded. Money: what whole prices and whole watt-hours leave over. */
export const LOSSES: AccountName = "losses";

/** Below a market: against it members settle their deviations, so that the tie party's account stays the mirror of the award. */
export const IMBALANCE: AccountName = "imbalance";

/** The account of a party, the same name in both books. */
export function partyAccount(party: PartyId): AccountName {
  return `party:${party}`;
}
