/** A street where a trader and a utility take part without a meter. */
import { partyId, partsPerMillion, type PartyId } from "@micromarket/kernel";
import { balanceOf } from "@micromarket/ledger";
import {
  partyAccount,
  type Command,
  type ImbalanceRules,
  type MarketEvent,
  type MarketRules,
  type State,
  type UnmeteredBasis,
} from "@micromarket/engine";
import { balance, money } from "./funded-street.ts";
import { ANNE, BERT, minute, obeyed, report, RULES, slot, START, street, submit, tender } from "./street.ts";

export const BOT = partyId("bot");
export const UTILITY = partyId("utility");
export const CENT = 10_000;
export const FUNDS = 10_000_000_000n;

export const registers = (party: PartyId, delivery?: UnmeteredBasis | "metered"): Command => ({
  type: "RegisterParty",
  party,
  ...(delivery === undefined ? {} : { delivery }),
});

/** The street with a trader and a utility; with rules of settlement all but the supplier have paid in. */
export function withBoth(rules: MarketRules = RULES): State {
  const state = street(rules);
  obeyed(state, registers(BOT, "financial"), START);
  obeyed(state, registers(UTILITY, "scheduled"), START);
  if (rules.settlement === undefined) return state;
  for (const party of [ANNE, BERT, BOT, UTILITY]) obeyed(state, money("CreditAccount", party, FUNDS, party), START);
  return state;
}

export type Order = readonly [party: PartyId, side: "buy" | "sell", cents: number, energy: number];

/** Clears the second slot with the orders, and reports what the meters counted: the events of the whole. */
export function traded(
  state: State,
  orders: readonly Order[],
  metered: readonly [PartyId, number, number][],
): MarketEvent[] {
  const at = slot(1);
  const events: MarketEvent[] = [];
  for (const [index, [party, side, cents, energy]] of orders.entries())
    events.push(...obeyed(state, submit(at, tender(`${party}/${index}`, party, side, [cents * CENT, energy])), START));
  events.push(...obeyed(state, { type: "CloseGate", slot: at }, minute(10)));
  for (const [party, imported, exported] of metered)
    events.push(...obeyed(state, report(at, party, imported, exported), minute(30)));
  return events;
}

export const energyOf = (state: State, account: string): bigint | null => balanceOf(state.ledger, "energy", account);
export const moneyOf = (state: State, party: PartyId): bigint => balance(state, partyAccount(party)) ?? 0n;

export const imbalances: readonly ImbalanceRules[] = [
  { kind: "dual" },
  { kind: "parent" },
  { kind: "penalty", share: partsPerMillion(300_000) },
];
