/** What a node has to be told before it trades: who takes part, and what the supplier asks. */
import {
  partyAccount,
  tariffInForce,
  type Command,
  type MarketRules,
  type Prices,
  type StateView,
  type UnmeteredBasis,
} from "@micromarket/engine";
import type { Did } from "@micromarket/identity";
import { amountNano, greatest, slotAfter, slotAt, type InstantMs, type PartyId } from "@micromarket/kernel";
import type { Deposit, HomeConfig, UnmeteredConfig } from "./gateway-config.ts";

/** What the configuration says of a market. */
export interface OpeningConfig {
  readonly homes: readonly Pick<HomeConfig, "party" | "creditLine">[];
  readonly parties: readonly UnmeteredConfig[];
  readonly prices: Prices;
  readonly deposits: readonly Deposit[];
}

/** Commands that bring `state` in line with the configuration, `keys` of the gateway for its homes included; none where it is. */
export function openingCommands(
  state: StateView,
  { homes, parties, prices, deposits }: OpeningConfig,
  now: InstantMs,
  keys: ReadonlyMap<PartyId, Did> = new Map(),
): readonly Command[] {
  const registrations = [
    ...homes.map(({ party }) => ({ type: "RegisterParty" as const, party })),
    ...parties.map(({ party, delivery }) => ({ type: "RegisterParty" as const, party, delivery })),
  ].filter(({ party }) => !state.parties.has(party));
  const own = parties.flatMap(({ party, key }) => (key === null ? [] : [[party, key] as const]));
  const enrolments = [...keys, ...own]
    .filter(([, did]) => !state.registry.keys.has(did))
    .map(([party, did]): Command => ({ type: "EnrolKey", party, did, role: "gateway", from: now }));
  const payments = deposits
    .filter(({ reference }) => !state.references.has(reference))
    .map((deposit): Command => ({ type: "CreditAccount", ...deposit }));
  const lines = [...homes, ...parties].flatMap(({ party, creditLine }): readonly Command[] => {
    const limit = creditLine ?? amountNano(0n);
    const isSet = -(state.ledger.money.get(partyAccount(party))?.floor ?? 0n) === limit;
    return isSet || state.rules.settlement?.funding.kind !== "credit-line"
      ? []
      : [{ type: "SetCreditLine", party, limit }];
  });
  const from = firstOpenSlot(state.rules, state.closedThrough, now);
  const inForce = tariffInForce(state.tariffs, from);
  const isInForce = inForce?.tariff === prices.tariff && inForce.feedIn === prices.feedIn;
  const said = [...registrations, ...enrolments, ...payments, ...lines];
  return isInForce ? said : [...said, { type: "SetTariff", from, ...prices }];
}

/** Parties of the node with a meter that no home of the configuration stands for: their slots stay open. */
export function partiesWithoutHome(state: StateView, parties: readonly PartyId[]): readonly PartyId[] {
  const known = new Set([...parties, ...state.unmetered.keys(), state.rules.residual.party]);
  return [...state.parties].filter((party) => !known.has(party));
}

/** Those whose deliveries the journal knows in another way than the configuration says; what the journal says holds. */
export function partiesOtherwise(
  state: StateView,
  { homes, parties }: Pick<OpeningConfig, "homes" | "parties">,
): readonly PartyId[] {
  const isOther = (party: PartyId, delivery: UnmeteredBasis | undefined): boolean =>
    state.parties.has(party) && state.unmetered.get(party) !== delivery;
  return [
    ...homes.filter(({ party }) => isOther(party, undefined)),
    ...parties.filter(({ party, delivery }) => isOther(party, delivery)),
  ].map(({ party }) => party);
}

/** The first slot whose gate was not closed and need not have been. */
function firstOpenSlot({ slotLength }: MarketRules, closedThrough: InstantMs | null, now: InstantMs): InstantMs {
  const current = slotAt(now, slotLength).startMs;
  if (closedThrough === null) return current;
  return greatest(current, slotAfter({ startMs: closedThrough, lengthMs: slotLength }).startMs);
}
