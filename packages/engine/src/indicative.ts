/**
 * The indicative price: what the auction of an open slot would say if its gate closed now.
 *
 * It is public, the tenders behind it are not. It changes with every tender and binds nobody; it is a function of the
 * state, and no part of it.
 */
import { formatInstant, wattHours, type InstantMs, type PartyId } from "@micromarket/kernel";
import { clearNode, GateBook, kPoint, type Indication } from "@micromarket/market";
import { isMarketSlot } from "./gate.ts";
import { positionId, residualTenders, TIE_FLOW } from "./residual-tenders.ts";
import type { Prices, StateView } from "./state.ts";
import { tariffInForce } from "./tariff.ts";

/** How many parties besides the residual counterparty tender for `slot`; counted no further than `most`. */
export function partiesTendering({ books }: StateView, slot: InstantMs, most: number): number {
  const parties = new Set<PartyId>();
  for (const { party } of books.get(slot)?.tenders.values() ?? []) {
    if (parties.size >= most) break;
    parties.add(party);
  }
  return parties.size;
}

/**
 * Price, energy and interval of the tenders that stand now and of the residual counterparty's at the tariff in force:
 * what `CloseGate` would clear. `null` where no gate of the market is open at `slot`, or no tariff is in force there.
 *
 * Below a market it is the price of an island: what the market above will say is not known yet.
 *
 * The cost does not depend on the number of tenders, unless tariff and feed-in price are equal or markets stand below.
 */
export function indicative(state: StateView, slot: InstantMs): Indication | null {
  const { rules, closedThrough, tariffs } = state;
  if (!isMarketSlot(rules, slot) || (closedThrough !== null && slot <= closedThrough)) return null;
  const prices = tariffInForce(tariffs, slot);
  if (prices === null) return null;
  const book = state.books.get(slot);
  if (rules.node?.above === "market" || (book?.positions.size ?? 0) > 0) return ofNode(state, slot, prices);
  const sums = book?.sums ?? new GateBook(rules.auction);
  return sums.indication(residualTenders(rules, prices, book?.tenders.values() ?? []));
}

function ofNode({ rules, books }: StateView, slot: InstantMs, prices: Prices): Indication {
  const book = books.get(slot);
  const tenders = [...(book?.tenders.values() ?? [])];
  const positions = [...(book?.positions ?? [])].map(([party, { curve }]) => ({ id: positionId(party), curve }));
  const isBelowMarket = rules.node?.above === "market";
  const standing = isBelowMarket ? [] : residualTenders(rules, prices, tenders, book?.positions.values() ?? []);
  const all = { slot: formatInstant(slot), rules: rules.auction, tenders: [...tenders, ...standing], positions };
  const inflow = { id: TIE_FLOW, energy: wattHours(0) };
  const { price, energy, interval } = clearNode({ ...all, inflow }, (own) => kPoint(own, rules.auction));
  return { price, energy, interval };
}
