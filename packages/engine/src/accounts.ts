/** The names of the market's accounts. */
import { assert, partyId, type PartyId } from "@micromarket/kernel";
import type { AccountName, LedgerName } from "@micromarket/ledger";
import type { StateView } from "./state.ts";

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

/** Money: what deviations cost beyond their price, where the rules of settlement say so. */
export const PENALTIES: AccountName = "penalties";

const PARTY = "party:";

/** The account of a party, the same name in both books. */
export function partyAccount(party: PartyId): AccountName {
  return `${PARTY}${party}`;
}

/**
 * The account that a party trades with. Where the tie party's account is the mirror of the market above (`flow` is what
 * crosses the tie by an award), it holds nothing else: what it trades at the tariff for want of an award is the market's
 * own risk until the market above says what it booked.
 */
export function tradingAccount(party: PartyId, { residual }: StateView["rules"], flow: Crossing): AccountName {
  const isMirror = flow !== null && (flow.above !== 0 || flow.below !== 0);
  return party === residual.party && flow !== null && !isMirror ? IMBALANCE : partyAccount(party);
}

type Crossing = { readonly above: number; readonly below: number } | null;

/** Whose account it is. */
export function partyOfAccount(account: AccountName): PartyId {
  assert(account.startsWith(PARTY), `${account} is no party's account`);
  return partyId(account.slice(PARTY.length));
}

/** Money: 0, or below it what the party owes and could not pay. */
export function arrearsAccount(party: PartyId): AccountName {
  return `arrears:${party}`;
}

/** Money: what a party's line of credit is backed with. */
export function collateralAccount(party: PartyId): AccountName {
  return `collateral:${party}`;
}

/** Money: what a levy brought. */
export function levyAccount(name: string): AccountName {
  return `levy:${name}`;
}

/** The accounts of the market itself, the residual counterparty's included. */
export function marketAccounts({ residual, node, settlement }: StateView["rules"]): Record<LedgerName, AccountName[]> {
  const isBelowMarket = node?.above === "market";
  return {
    money: [
      OUTSIDE,
      partyAccount(residual.party),
      ...(isBelowMarket ? [FEES, RENT, LOSSES, IMBALANCE] : []),
      ...(settlement?.imbalance.kind === "penalty" ? [PENALTIES] : []),
      ...(settlement?.levies ?? []).map(({ name }) => levyAccount(name)),
    ],
    energy: [DELIVERED, UNACCOUNTED, partyAccount(residual.party), ...(isBelowMarket ? [LOSSES, IMBALANCE] : [])],
  };
}

/** The accounts that a party has by the rules. */
export function accountsOfParty(
  party: PartyId,
  { settlement }: StateView["rules"],
): Record<LedgerName, readonly AccountName[]> {
  const own = partyAccount(party);
  if (settlement === undefined) return { money: [own], energy: [own] };
  const isLent = settlement.funding.kind === "credit-line";
  return { money: [own, arrearsAccount(party), ...(isLent ? [collateralAccount(party)] : [])], energy: [own] };
}
