/** Whether a scenario can be run, before a run begins. */
import {
  DAY,
  isMultiple,
  isSlotStart,
  stepsIn,
  type PartyId,
  type PriceMicro,
  type WattHours,
} from "@micromarket/kernel";
import { checkMarketRules, ENERGY_MAX } from "@micromarket/engine";
import { AGENT_SUFFIX_LENGTH_MAX } from "./home-agents.ts";
import { checkSettlement, type SettlementProblemCode } from "./check-settlement.ts";
import type { Scenario } from "./scenario.ts";
import { checkGrid, type GridProblemCode } from "./tree/check-grid.ts";

/** Why a scenario cannot be run, in the order in which it is looked for. */
export type ScenarioProblemCode =
  /** A market's rules: `what` is the engine's own code. */
  | "RULES_UNSOUND"
  | "SLOT_COUNT_NOT_POSITIVE"
  /** The length of a slot does not divide a day: "the same slot of the day before" has no meaning. */
  | "SLOT_LENGTH_UNEVEN"
  /** The first gate closes before 1970, or the start is no multiple of the slot's length since then. */
  | "START_MISALIGNED"
  /** Two homes with one id, or a home with the supplier's. */
  | "HOME_ID_TAKEN"
  | "HOME_ID_TOO_LONG"
  /** A series that has not one entry per slot. */
  | "SERIES_LENGTH_WRONG"
  /** Negative, or more than the market takes in a slot. */
  | "ENERGY_OUT_OF_RANGE"
  | "TARIFF_BELOW_FEED_IN"
  | "PRICE_OUT_OF_BAND"
  | "PRICE_OFF_TICK"
  /** A carbon intensity that is no non-negative safe integer. */
  | "CARBON_MALFORMED"
  | SettlementProblemCode
  | GridProblemCode;

/** The first problem of a scenario. */
export interface ScenarioProblem {
  readonly code: ScenarioProblemCode;
  /** The part of the scenario, e.g. `home-3 load, slot 17`. */
  readonly where: string;
  /** What stands there. */
  readonly what: string;
}

/** Longest identifier of a home: its agents' tenders need room for their names behind it. */
const HOME_ID_LENGTH_MAX = 128 - AGENT_SUFFIX_LENGTH_MAX;

type Checked = ScenarioProblem | null;

/** The first problem of `scenario`, or `null`. A run takes scenarios without a problem only. */
export function checkScenario(scenario: Scenario): Checked {
  return (
    checkTime(scenario) ??
    checkHomes(scenario) ??
    checkPrices(scenario) ??
    checkCarbon(scenario) ??
    checkSettlement(scenario) ??
    checkGrid(scenario)
  );
}

function problem(code: ScenarioProblemCode, where: string, what: string | number): ScenarioProblem {
  return { code, where, what: String(what) };
}

function checkTime({ rules, start, slotCount }: Scenario): Checked {
  const unsound = checkMarketRules(rules);
  if (unsound !== null) return problem("RULES_UNSOUND", "rules", unsound);
  if (!Number.isSafeInteger(slotCount) || slotCount < 1)
    return problem("SLOT_COUNT_NOT_POSITIVE", "slotCount", slotCount);
  if (stepsIn(DAY, rules.slotLength) === null)
    return problem("SLOT_LENGTH_UNEVEN", "rules.slotLength", rules.slotLength);
  const early = start <= rules.gateLead;
  if (early || !isSlotStart(start, rules.slotLength)) return problem("START_MISALIGNED", "start", start);
  return null;
}

function checkHomes({ rules, homes, slotCount }: Scenario): Checked {
  const taken = new Set<PartyId>([rules.residual.party]);
  for (const { id, load, pv } of homes) {
    if (taken.has(id)) return problem("HOME_ID_TAKEN", "homes", id);
    if (id.length > HOME_ID_LENGTH_MAX) return problem("HOME_ID_TOO_LONG", "homes", id);
    taken.add(id);
    const wrong = checkEnergies(`${id} load`, load, slotCount) ?? checkEnergies(`${id} pv`, pv, slotCount);
    if (wrong !== null) return wrong;
  }
  return null;
}

function checkEnergies(name: string, series: readonly WattHours[], slotCount: number): Checked {
  if (series.length !== slotCount) return problem("SERIES_LENGTH_WRONG", name, series.length);
  const wrong = series.findIndex((energy) => energy < 0 || energy > ENERGY_MAX);
  return wrong < 0 ? null : problem("ENERGY_OUT_OF_RANGE", `${name}, slot ${wrong}`, series[wrong] ?? "");
}

function checkPrices({ rules, tariff, feedIn, bidding, slotCount }: Scenario): Checked {
  if (tariff.length !== slotCount) return problem("SERIES_LENGTH_WRONG", "tariff", tariff.length);
  if (feedIn.length !== slotCount) return problem("SERIES_LENGTH_WRONG", "feedIn", feedIn.length);
  const inverted = tariff.findIndex((price, index) => price < (feedIn[index] ?? price));
  if (inverted >= 0) return problem("TARIFF_BELOW_FEED_IN", `tariff, slot ${inverted}`, tariff[inverted] ?? "");
  const { tick, priceFloor, priceCap } = rules.auction;
  const check = (where: string, price: PriceMicro): Checked => {
    if (priceFloor !== null && price < priceFloor) return problem("PRICE_OUT_OF_BAND", where, price);
    if (priceCap !== null && price > priceCap) return problem("PRICE_OUT_OF_BAND", where, price);
    return isMultiple(price, tick) ? null : problem("PRICE_OFF_TICK", where, price);
  };
  const first = (name: string, prices: readonly PriceMicro[]): Checked => {
    for (const [slot, price] of prices.entries()) {
      const wrong = check(`${name}, slot ${slot}`, price);
      if (wrong !== null) return wrong;
    }
    return null;
  };
  return (
    check("bidding.load", bidding.load) ??
    check("bidding.pvReserve", bidding.pvReserve) ??
    first("tariff", tariff) ??
    first("feedIn", feedIn)
  );
}

function checkCarbon({ carbon, slotCount }: Scenario): Checked {
  if (carbon === null) return null;
  if (carbon.length !== slotCount) return problem("SERIES_LENGTH_WRONG", "carbon", carbon.length);
  const wrong = carbon.findIndex((intensity) => !Number.isSafeInteger(intensity) || intensity < 0);
  return wrong < 0 ? null : problem("CARBON_MALFORMED", `carbon, slot ${wrong}`, carbon[wrong] ?? "");
}
