import { expect, test } from "@jest/globals";
import { DAY, durationMs, partyId, priceMicro, wattHours } from "@micromarket/kernel";
import {
  checkMarketRules,
  ENERGY_MAX,
  foundMarket,
  HORIZON_MAX,
  PRICE_MAX,
  type MarketRules,
  type MarketRulesProblem,
} from "@micromarket/engine";
import { GRID, RULES, rulesWith } from "./street.ts";

const residual = { party: GRID, importLimit: wattHours(0), exportLimit: wattHours(0) };
// what a careless caller could pass
const unchecked = (json: string) => JSON.parse(json) as Partial<MarketRules>;

test("a street's rules are sound, and so are the widest", () => {
  expect(checkMarketRules(RULES)).toBeNull();
  const wide = rulesWith(
    {
      slotLength: DAY,
      gateLead: durationMs(0),
      horizon: HORIZON_MAX,
      residual: { party: GRID, importLimit: ENERGY_MAX, exportLimit: ENERGY_MAX },
    },
    { priceFloor: null, priceCap: PRICE_MAX },
  );
  expect(checkMarketRules(wide)).toBeNull();
  for (const positionSteps of [2, null])
    expect(checkMarketRules(rulesWith({ node: { above: "market", positionSteps, membersMin: 0 } }))).toBeNull();
  expect(foundMarket(wide).parties).toEqual(new Set([GRID]));
});

// each with the faults of all that follow
const faults: readonly [MarketRulesProblem, Partial<MarketRules>, Partial<MarketRules["auction"]>][] = [
  ["RULES_VERSION_UNSUPPORTED", { rulesVersion: 2 }, {}],
  ["IDENTIFIER_MALFORMED", unchecked(`{"residual":{"party":"","importLimit":0,"exportLimit":0}}`), {}],
  ["CURRENCY_MALFORMED", { currency: "Euro" }, {}],
  ["SLOT_LENGTH_OUT_OF_RANGE", { slotLength: durationMs(0) }, {}],
  ["GATE_LEAD_NEGATIVE", unchecked(`{"gateLead":-1}`), {}],
  ["HORIZON_OUT_OF_RANGE", { gateLead: durationMs(1), horizon: durationMs(1) }, {}],
  ["K_OUT_OF_RANGE", {}, { k: { numerator: 2n, denominator: 1n } }],
  ["TICK_NOT_POSITIVE", {}, { tick: priceMicro(0) }],
  ["FLOOR_ABOVE_CAP", {}, { tick: priceMicro(1), priceFloor: priceMicro(1), priceCap: priceMicro(0) }],
  ["BAND_TOO_WIDE", {}, { priceFloor: priceMicro(0), priceCap: priceMicro(PRICE_MAX + 10_000) }],
  [
    "TIE_LIMIT_OUT_OF_RANGE",
    { residual: { party: partyId("g"), importLimit: wattHours(-1), exportLimit: wattHours(0) } },
    {},
  ],
  ["NODE_RULES_OUT_OF_RANGE", { node: { above: "market", positionSteps: 1, membersMin: 3 } }, {}],
];

test.each(faults.map(([problem], index) => [problem, index] as const))("finds %s first", (problem, index) => {
  const remaining = faults.slice(index).reverse();
  const change = Object.assign({}, ...remaining.map(([, market]) => market)) as Partial<MarketRules>;
  const auction = Object.assign({}, ...remaining.map(([, , each]) => each)) as Partial<MarketRules["auction"]>;
  const faulty = rulesWith(change, auction);
  expect(checkMarketRules(faulty)).toBe(problem);
  expect(() => foundMarket(faulty)).toThrow(problem);
});

test.each<[MarketRulesProblem, MarketRules]>([
  ["SLOT_LENGTH_OUT_OF_RANGE", rulesWith({ slotLength: durationMs(DAY + 1) })],
  ["HORIZON_OUT_OF_RANGE", rulesWith({ horizon: durationMs(HORIZON_MAX + 1) })],
  ["TIE_LIMIT_OUT_OF_RANGE", rulesWith({ residual: { ...residual, exportLimit: wattHours(ENERGY_MAX + 1) } })],
  ["NODE_RULES_OUT_OF_RANGE", rulesWith({ node: { above: "tariff", positionSteps: 2, membersMin: -1 } })],
])("the other end: %s", (problem, rules) => {
  expect(checkMarketRules(rules)).toBe(problem);
});
