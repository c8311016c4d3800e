/** A small street to test with: its rules, its slots, its tenders, and how to command it. */
import { expect } from "@jest/globals";
import {
  DAY,
  HOUR,
  instantMs,
  marketId,
  MINUTE,
  partyId,
  priceMicro,
  tenderId,
  times,
  wattHours,
  type InstantMs,
  type PartyId,
} from "@micromarket/kernel";
import {
  apply,
  foundMarket,
  RULES_VERSION,
  stateHash,
  violatedInvariants,
  type Command,
  type MarketEvent,
  type MarketRules,
  type Refusal,
  type State,
} from "@micromarket/engine";
import type { Transfer } from "@micromarket/ledger";
import type { Side, Tender } from "@micromarket/market";

export const GRID = partyId("grid");
export const ANNE = partyId("anne");
export const BERT = partyId("bert");
export const CLEO = partyId("cleo");

/** 2026-07-01T00:00Z, the first slot. */
export const START = instantMs(1_782_864_000_000);

export const TARIFF = priceMicro(300_000);
export const FEED_IN = priceMicro(80_000);

export const RULES: MarketRules = {
  market: marketId("street"),
  rulesVersion: RULES_VERSION,
  currency: "EUR",
  slotLength: times(MINUTE, 15),
  gateLead: times(MINUTE, 5),
  horizon: times(HOUR, 2),
  auction: {
    k: { numerator: 1n, denominator: 2n },
    tick: priceMicro(10_000),
    priceFloor: priceMicro(-500_000),
    priceCap: priceMicro(1_000_000),
    rationing: "pro-rata",
  },
  residual: { party: GRID, importLimit: wattHours(10_000), exportLimit: wattHours(10_000) },
};

/** The same street on other rules. */
export function rulesWith(change: Partial<MarketRules>, auction: Partial<MarketRules["auction"]> = {}): MarketRules {
  return { ...RULES, ...change, auction: { ...RULES.auction, ...auction } };
}

/** The start of the slot `count` slots after the first. */
export function slot(count: number): InstantMs {
  return instantMs(START + count * 900_000);
}

/** An instant, minutes after the first slot began. */
export function minute(count: number): InstantMs {
  return instantMs(START + times(MINUTE, count));
}

/** An instant at which every gate and every slot of a test is over. */
export const LATER = instantMs(START + times(DAY, 30));

/** A street with Anne and Bert and a tariff, a day before the first slot. */
export function street(rules: MarketRules = RULES, tariff = TARIFF, feedIn = FEED_IN): State {
  const state = foundMarket(rules);
  const dayBefore = instantMs(START - DAY);
  obeyed(state, { type: "RegisterParty", party: ANNE }, dayBefore);
  obeyed(state, { type: "RegisterParty", party: BERT }, dayBefore);
  obeyed(state, { type: "SetTariff", from: instantMs(0), tariff, feedIn }, dayBefore);
  return state;
}

/** A tender of [price, energy] steps. */
export function tender(
  id: string,
  party: PartyId,
  side: Side,
  ...steps: readonly (readonly [number | null, number])[]
): Tender {
  return {
    id: tenderId(id),
    party,
    side,
    steps: steps.map(([price, energy]) => ({
      price: price === null ? null : priceMicro(price),
      energy: wattHours(energy),
    })),
  };
}

export function submit(at: InstantMs, placed: Tender): Command {
  return { type: "SubmitTender", slot: at, tender: placed };
}

export function report(at: InstantMs, party: PartyId, imported: number, exported: number): Command {
  return { type: "ReportDelivery", slot: at, party, imported: wattHours(imported), exported: wattHours(exported) };
}

/** The events of a command that must be accepted and must leave the state sound. */
export function obeyed(state: State, command: Command, at: InstantMs): readonly MarketEvent[] {
  const outcome = apply(state, command, at);
  expect(outcome).toMatchObject({ ok: true });
  expect(violatedInvariants(state)).toEqual([]);
  return outcome.ok ? outcome.events : [];
}

/** The refusal of a command that must be refused and must leave the state as it was. */
export function refused(state: State, command: Command, at: InstantMs): Refusal | null {
  const before = stateHash(state);
  const outcome = apply(state, command, at);
  expect(stateHash(state)).toBe(before);
  return outcome.ok ? null : outcome.refusal;
}

/** The one event of `type` among `events`. */
export function only<Type extends MarketEvent["type"]>(
  events: readonly MarketEvent[],
  type: Type,
): Extract<MarketEvent, { readonly type: Type }> {
  const found = events.filter((event): event is Extract<MarketEvent, { readonly type: Type }> => event.type === type);
  const [event] = found;
  if (found.length !== 1 || event === undefined) throw new Error(`${found.length} events are a ${type}`);
  return event;
}

/** Transfers as text: `money grid>anne 5 trade`. */
export function drawn(transfers: readonly Transfer[]): string[] {
  return transfers.map(({ ledger, debit, credit, amount, reason }) => {
    return `${ledger} ${debit.replace("party:", "")}>${credit.replace("party:", "")} ${amount} ${reason}`;
  });
}
