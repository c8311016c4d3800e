/**
 * What a party without a meter trades on.
 *
 * A trader makes and takes nothing: all that it holds when the gate closes is a deviation. It is never settled better than
 * at the slot's own price, whatever the rules of imbalance: who sells energy that nobody makes at a scarce slot's price, and
 * buys it back at the tariff, would earn what the others pay. So that it can pay, it sets aside what its whole position may
 * cost: a seller the price cap, a buyer what a price at the floor would take from it.
 *
 * A levy is on what a meter imported: it pays none.
 */
import {
  greatest,
  least,
  minus,
  partsPerMillion,
  priceMicro,
  type PartyId,
  type PriceMicro,
} from "@micromarket/kernel";
import type { SettlementRules } from "./settlement-rules.ts";
import type { PricePair, State, StateView } from "./state.ts";

const WHOLE = partsPerMillion(1_000_000);

/** At which of the slot's `prices` the party's deviations are settled; `own` is the slot's own price. */
export function pricesFor(
  { unmetered }: StateView,
  party: PartyId,
  prices: PricePair,
  own: PriceMicro | null,
): PricePair {
  if (own === null || unmetered.get(party) !== "financial") return prices;
  return { taking: greatest(prices.taking, own), giving: least(prices.giving, own) };
}

/** The rules of settlement as they bind the party before its trades are settled. */
export function termsOf({ rules, unmetered }: State, party: PartyId, settlement: SettlementRules): SettlementRules {
  const basis = unmetered.get(party);
  if (basis === undefined) return settlement;
  if (basis === "scheduled") return { ...settlement, levies: [] };
  const none = priceMicro(0);
  const depth = greatest(none, minus(none, rules.auction.priceFloor ?? none));
  return { ...settlement, bond: WHOLE, levies: depth === 0 ? [] : [{ name: "floor", price: depth }] };
}
