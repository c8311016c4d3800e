/** Trees of market nodes to test with: each level its own market, the root below a supplier that offers nothing. */
import fc from "fast-check";
import {
  instantMs,
  marketId,
  MINUTE,
  partsPerMillion,
  partyId,
  priceMicro,
  tenderId,
  times,
  wattHours,
  type InstantMs,
  type PartyId,
} from "@micromarket/kernel";
import type { Tie } from "@micromarket/grid";
import {
  apply,
  foundMarket,
  RULES_VERSION,
  violatedInvariants,
  type Command,
  type MarketRules,
  type NodeRules,
  type Outcome,
  type State,
} from "@micromarket/engine";
import type { Tender } from "@micromarket/market";
import type { TreeNode, TreeTimes } from "@micromarket/aggregator";

export const ABOVE = partyId("above");
export const SLOT = instantMs(1_782_864_000_000);
const START = instantMs(SLOT - times(MINUTE, 60));
export const TIMES: TreeTimes = {
  slot: SLOT,
  gateAt: (depth) => instantMs(SLOT - times(MINUTE, 5 + depth)),
  awardAt: instantMs(SLOT - times(MINUTE, 4)),
};
export const COPPER: Tie = {
  importLimit: null,
  exportLimit: null,
  feeIn: priceMicro(0),
  feeOut: priceMicro(0),
  loss: partsPerMillion(0),
};

/** A market with its members' tenders, before it is founded. */
export interface Plan {
  readonly tie: Tie | null;
  readonly tenders: readonly Tender[];
  readonly below: readonly Plan[];
}

export interface Market extends TreeNode {
  readonly state: State;
  readonly below: readonly Market[];
}

export function rulesAt(depth: number, node: Partial<NodeRules> = {}): MarketRules {
  return {
    market: marketId("node"),
    rulesVersion: RULES_VERSION,
    currency: "EUR",
    slotLength: times(MINUTE, 15),
    gateLead: times(MINUTE, 5 + depth),
    horizon: times(MINUTE, 120),
    auction: {
      k: { numerator: 1n, denominator: 2n },
      tick: priceMicro(1),
      priceFloor: null,
      priceCap: null,
      rationing: "pro-rata",
    },
    residual: { party: ABOVE, importLimit: wattHours(0), exportLimit: wattHours(0) },
    node: { above: depth === 0 ? "tariff" : "market", positionSteps: null, membersMin: 0, ...node },
  };
}

export function found(plan: Plan, node: Partial<NodeRules> = {}, depth = 0, party = partyId("root")): Market {
  const state = foundMarket(rulesAt(depth, node));
  const below = plan.below.map((child, at) => found(child, node, depth + 1, partyId(`market-${at}`)));
  const obey = (command: Command, at: InstantMs): Outcome => {
    const outcome = apply(state, command, at);
    const violated = violatedInvariants(state);
    if (violated.length > 0) throw new Error(violated.join("\n"));
    return outcome;
  };
  const must = (command: Command): void => {
    const outcome = obey(command, START);
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.refusal));
  };
  must({ type: "SetTariff", from: instantMs(0), tariff: priceMicro(300), feedIn: priceMicro(80) });
  if (depth > 0) must({ type: "SetTie", from: instantMs(0), tie: plan.tie });
  const parties = new Set<PartyId>([...below.map((child) => child.party), ...plan.tenders.map((one) => one.party)]);
  for (const member of parties) must({ type: "RegisterParty", party: member });
  for (const tender of plan.tenders) must({ type: "SubmitTender", slot: SLOT, tender });
  return { party, below, fallback: "island", obey, state };
}

/** All tenders of a plan. */
export function tendersOf({ tenders, below }: Plan): readonly Tender[] {
  return [...tenders, ...below.flatMap(tendersOf)];
}

export const tender = (id: string, party: string, side: "buy" | "sell", price: number, energy: number): Tender => ({
  id: tenderId(id),
  party: partyId(party),
  side,
  steps: [{ price: priceMicro(price), energy: wattHours(energy) }],
});

const anyStep = fc.record({
  side: fc.constantFrom("buy" as const, "sell" as const),
  price: fc.integer({ min: 0, max: 40 }),
  energy: fc.integer({ min: 1, max: 60 }),
});
const limit = fc.option(fc.integer({ min: 0, max: 120 }).map(wattHours), { nil: null });
export const anyTie: fc.Arbitrary<Tie> = fc.record({
  importLimit: limit,
  exportLimit: limit,
  feeIn: fc.integer({ min: 0, max: 6 }).map(priceMicro),
  feeOut: fc.integer({ min: 0, max: 6 }).map(priceMicro),
  loss: fc.constantFrom(0, 0, 10_000, 300_000).map(partsPerMillion),
});

/** A random tree of `levels` levels below its root, every tender with a name of its own. */
export function anyPlan(levels: number, tie: fc.Arbitrary<Tie | null>, path = "n"): fc.Arbitrary<Plan> {
  const children = levels <= 1 ? 0 : 2;
  return fc.record({
    tie,
    tenders: fc
      .array(anyStep, { maxLength: 4 })
      .map((steps) => steps.map((s, at) => tender(`${path}-t${at}`, `${path}-p${at}`, s.side, s.price, s.energy))),
    below: fc.tuple(...Array.from({ length: children }, (_, at) => anyPlan(levels - 1, tie, `${path}${at}`))),
  });
}
