/**
 * A whole run (agents, tenders, clearing, postings, deliveries, figures of merit, identities) per home and slot, beside
 * the least that anybody has to compute for the same homes: each home's net energy and its bill without a market.
 */
import { durationMs, HOUR, instantMs, marketId, partyId, priceMicro, tradeValue, wattHours } from "@micromarket/kernel";
import { RULES_VERSION, type MarketRules } from "@micromarket/engine";
import { generateHomes, runScenario, type Scenario } from "@micromarket/simulation";
import { compareGrowth } from "../../../tools/bench/compare-growth.ts";

const SEED = 1;
const START = instantMs(1_782_864_000_000);
const QUARTER_HOUR = durationMs(900_000);
const TARIFF = priceMicro(320_000);
const FEED_IN = priceMicro(80_000);
const CAP = priceMicro(1_000_000);

const RULES: MarketRules = {
  market: marketId("bench"),
  rulesVersion: RULES_VERSION,
  currency: "EUR",
  slotLength: QUARTER_HOUR,
  gateLead: durationMs(300_000),
  horizon: HOUR,
  auction: {
    k: { numerator: 1n, denominator: 2n },
    tick: priceMicro(1),
    priceFloor: priceMicro(0),
    priceCap: CAP,
    rationing: "pro-rata",
  },
  residual: {
    party: partyId("supplier"),
    importLimit: wattHours(1_000_000_000),
    exportLimit: wattHours(1_000_000_000),
  },
};

function street(count: number, slotCount: number): Scenario {
  return {
    name: "bench",
    seed: SEED,
    start: START,
    slotCount,
    rules: RULES,
    homes: generateHomes({ count, seed: SEED, start: START, slotLength: QUARTER_HOUR, slotCount }),
    tariff: Array.from({ length: slotCount }, () => TARIFF),
    feedIn: Array.from({ length: slotCount }, () => FEED_IN),
    carbon: null,
    forecast: "perfect",
    bidding: { load: CAP, pvReserve: priceMicro(0) },
  };
}

function runWhole(scenario: Scenario): string {
  const { stateHash, violations } = runScenario(scenario, { slot: () => undefined, trade: () => undefined });
  if (violations.length > 0) throw new Error(`identity ${violations[0]?.name ?? ""} does not hold`);
  return stateHash;
}

function billAlone({ homes, tariff, feedIn, slotCount }: Scenario): bigint {
  let total = 0n;
  for (const { load, pv } of homes) {
    for (let slot = 0; slot < slotCount; slot++) {
      const net = (load[slot] ?? 0) - (pv[slot] ?? 0);
      const price = (net > 0 ? tariff[slot] : feedIn[slot]) ?? priceMicro(0);
      total += tradeValue(price, wattHours(net));
    }
  }
  return total;
}

const common = {
  seed: SEED,
  unit: "home-slot",
  peer: "net energy and bill of each home without a market",
  run: runWhole,
  runPeer: billAlone,
};
compareGrowth({
  ...common,
  title: "a run of 20 homes, ever longer (quarter hours)",
  sizes: [20 * 96, 20 * 96 * 7, 20 * 96 * 28, 20 * 96 * 112],
  prepare: (homeSlots) => street(20, homeSlots / 20),
});
compareGrowth({
  ...common,
  title: "a day of ever more homes (quarter hours)",
  sizes: [96 * 20, 96 * 200, 96 * 2_000],
  prepare: (homeSlots) => street(homeSlots / 96, 96),
});
