/** The names of the market's accounts. */
import type { PartyId } from "@micromarket/kernel";
import type { AccountName } from "@micromarket/ledger";

/** Money: where payments from outside come from. */
export const OUTSIDE: AccountName = "outside";

/** Energy: what the parties' meters counted, against what the tie's meter counted. */
export const DELIVERED: AccountName = "delivered";

/** Energy: what the tie metered beyond what the parties' meters add up to. */
export const UNACCOUNTED: AccountName = "unaccounted";

/** The account of a party, the same name in both books. */
export function partyAccount(party: PartyId): AccountName {
  return `party:${party}`;
}
