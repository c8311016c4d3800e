/** What a node has to be told before it trades: who takes part, and what the supplier asks. */
import {
  partyAccount,
  tariffInForce,
  type Command,
  type MarketRules,
  type Prices,
  type StateView,
} from "@micromarket/engine";
import type { Did } from "@micromarket/identity";
import { amountNano, greatest, slotAfter, slotAt, type InstantMs, type PartyId } from "@micromarket/kernel";
import type { Deposit, HomeConfig } from "./gateway-config.ts";

/** What the configuration says of a market. */
export interface OpeningConfig {
  readonly homes: readonly Pick<HomeConfig, "party" | "creditLine">[];
  readonly prices: Prices;
  readonly deposits: readonly Deposit[];
}

/** Commands that bring `state` in line with the configuration, `keys` of the gateway for its homes included; none where it is. */
export function openingCommands(
  state: StateView,
  { homes, prices, deposits }: OpeningConfig,
  now: InstantMs,
  keys: ReadonlyMap<PartyId, Did> = new Map(),
): readonly Command[] {
  const registrations = homes
    .filter(({ party }) => !state.parties.has(party))
    .map(({ party }): Command => ({ type: "RegisterParty", party }));
  const enrolments = [...keys]
    .filter(([, did]) => !state.registry.keys.has(did))
    .map(([party, did]): Command => ({ type: "EnrolKey", party, did, role: "gateway", from: now }));
  const payments = deposits
    .filter(({ reference }) => !state.references.has(reference))
    .map((deposit): Command => ({ type: "CreditAccount", ...deposit }));
  const lines = homes.flatMap(({ party, creditLine }): readonly Command[] => {
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
