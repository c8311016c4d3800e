/** What a node has to be told before it trades: who takes part, and what the supplier asks. */
import type { Did } from "@micromarket/identity";
import { tariffInForce, type Command, type MarketRules, type Prices, type StateView } from "@micromarket/engine";
import { greatest, slotAfter, slotAt, type InstantMs, type PartyId } from "@micromarket/kernel";

/** Commands that bring `state` in line with the configuration, `keys` of the gateway for its homes included; none where it is. */
export function openingCommands(
  state: StateView,
  parties: readonly PartyId[],
  prices: Prices,
  now: InstantMs,
  keys: ReadonlyMap<PartyId, Did> = new Map(),
): readonly Command[] {
  const registrations = parties
    .filter((party) => !state.parties.has(party))
    .map((party): Command => ({ type: "RegisterParty", party }));
  const enrolments = [...keys]
    .filter(([, did]) => !state.registry.keys.has(did))
    .map(([party, did]): Command => ({ type: "EnrolKey", party, did, role: "gateway", from: now }));
  const from = firstOpenSlot(state.rules, state.closedThrough, now);
  const inForce = tariffInForce(state.tariffs, from);
  const isInForce = inForce?.tariff === prices.tariff && inForce.feedIn === prices.feedIn;
  const members = [...registrations, ...enrolments];
  return isInForce ? members : [...members, { type: "SetTariff", from, ...prices }];
}

/** Parties of the node that no home of the configuration stands for: their slots stay open. */
export function partiesWithoutHome(state: StateView, parties: readonly PartyId[]): readonly PartyId[] {
  const known = new Set([...parties, state.rules.residual.party]);
  return [...state.parties].filter((party) => !known.has(party));
}

/** The first slot whose gate was not closed and need not have been. */
function firstOpenSlot({ slotLength }: MarketRules, closedThrough: InstantMs | null, now: InstantMs): InstantMs {
  const current = slotAt(now, slotLength).startMs;
  if (closedThrough === null) return current;
  return greatest(current, slotAfter({ startMs: closedThrough, lengthMs: slotLength }).startMs);
}
