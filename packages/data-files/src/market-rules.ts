/** A scenario's market, supplier and bids. */
import {
  type Complaint,
  DAY,
  durationMs,
  formatDecimal,
  isIdentifier,
  isMultiple,
  marketId,
  MINUTE,
  partyId,
  priceMicro,
  times,
  wattHours,
} from "@micromarket/kernel";
import { RULES_VERSION, type MarketRules } from "@micromarket/engine";
import { checkRules, type AuctionRules, type Ratio, type RulesProblem } from "@micromarket/market";
import type { BiddingPrices } from "@micromarket/simulation";
import type { Horizon } from "./horizon.ts";
import { priceAt, readTariff } from "./level-series.ts";
import { readDuration, readQuantity } from "./quantity-text.ts";
import { ratioOf } from "./ratio-text.ts";
import { readSettlement } from "./settlement-section.ts";
import { complain, type MarketReading, type ScenarioReading } from "./scenario-reading.ts";
import type { YamlPath } from "@micromarket/yaml-files";

/** Where a limit is absent: a gigawatt-hour per slot, more than any neighbourhood needs. */
const UNLIMITED_WH = 1_000_000_000;
const MICROWATT_MILLISECONDS_PER_WH = 3_600_000_000_000n;

/** Reads `market` and the supplier's limits. */
export function readMarketRules(reading: MarketReading, horizon: Pick<Horizon, "slotMs">): MarketRules | null {
  const { market, supplier, name } = reading.file;
  const auction = readAuctionRules(reading);
  const marketName = identifierAt(reading, market.id === undefined ? ["name"] : ["market", "id"], market.id ?? name);
  const party = identifierAt(reading, ["supplier", "id"], supplier.id ?? "supplier");
  const importLimit = readLimit(reading, "importLimit", horizon);
  const exportLimit = readLimit(reading, "exportLimit", horizon);
  const gateLead = market.gateLead === undefined ? times(MINUTE, 5) : readDuration(market.gateLead);
  const tenderHorizon = market.tenderHorizon === undefined ? DAY : readDuration(market.tenderHorizon);
  if (tenderHorizon <= gateLead) {
    const what = `tenders are taken ${market.tenderHorizon ?? "24h"} ahead, but the gate closes ${market.gateLead ?? "5m"} ahead`;
    return complain(reading, ["market"], { code: "GATE_BEFORE_TENDERS", what, mend: "lengthen market.tenderHorizon" });
  }
  if (auction === null || marketName === null || party === null || importLimit === null || exportLimit === null)
    return null;
  const settlement = readSettlement(reading, auction);
  if (settlement === null) return null;
  return {
    market: marketId(marketName),
    rulesVersion: RULES_VERSION,
    currency: market.currency,
    slotLength: durationMs(horizon.slotMs),
    gateLead,
    horizon: tenderHorizon,
    auction,
    residual: { party: partyId(party), importLimit: wattHours(importLimit), exportLimit: wattHours(exportLimit) },
    ...settlement,
  };
}

/** A text at `path` that must serve as an identifier. */
export function identifierAt(reading: MarketReading, path: YamlPath, text: string): string | null {
  if (isIdentifier(text)) return text;
  const what = `${JSON.stringify(text)} cannot name anything`;
  const mend = "write 1 to 128 printable characters without blanks at the ends";
  return complain(reading, path, { code: "IDENTIFIER_MALFORMED", what, mend });
}

function readAuctionRules(reading: MarketReading): AuctionRules | null {
  const { market } = reading.file;
  const before = reading.problems.count();
  const priceOf = (key: "tick" | "priceFloor" | "priceCap"): number | null => {
    const text = market[key];
    return text === undefined ? null : priceAt(reading, ["market", key], text);
  };
  const [tick, floor, cap] = [priceOf("tick"), priceOf("priceFloor"), priceOf("priceCap")];
  const k = readK(reading);
  if (k === null || reading.problems.count() > before) return null;
  const rules: AuctionRules = {
    k,
    tick: priceMicro(tick ?? 1),
    priceFloor: floor === null ? null : priceMicro(floor),
    priceCap: cap === null ? null : priceMicro(cap),
    rationing: market.rationing ?? "pro-rata",
  };
  const problem = checkRules(rules);
  if (problem === null) return rules;
  const [key, complaint] = RULES_PROBLEMS[problem];
  return complain(reading, ["market", key], { code: problem, ...complaint });
}

const RULES_PROBLEMS: Record<RulesProblem, readonly [string, Omit<Complaint, "code">]> = {
  K_OUT_OF_RANGE: ["k", { what: "k is outside [0, 1]", mend: "write a decimal between 0 and 1" }],
  TICK_NOT_POSITIVE: ["tick", { what: "the tick is not positive", mend: "write a positive price step" }],
  FLOOR_ABOVE_CAP: ["priceFloor", { what: "the price floor is above the price cap", mend: "swap the two" }],
  FLOOR_OFF_TICK: ["priceFloor", { what: "the price floor is no multiple of the tick", mend: "move it to the tick" }],
  CAP_OFF_TICK: ["priceCap", { what: "the price cap is no multiple of the tick", mend: "move it to the tick" }],
};

function readK(reading: MarketReading): Ratio | null {
  if (reading.file.market.k === undefined) return { numerator: 1n, denominator: 2n };
  const text = reading.yaml.sourceOf(["market", "k"]) ?? "";
  const k = /e/i.test(text) ? null : ratioOf(text);
  const complaint = { code: "NUMBER_MALFORMED", what: `k is ${text}`, mend: "write a plain decimal between 0 and 1" };
  return k ?? complain(reading, ["market", "k"], complaint);
}

/** Energy per slot; of a power, as much as it moves in a slot, rounded down to stay below the limit. */
function readLimit(
  reading: MarketReading,
  key: "importLimit" | "exportLimit",
  horizon: Pick<Horizon, "slotMs">,
): number | null {
  const text = reading.file.supplier[key];
  if (text === undefined) return UNLIMITED_WH;
  const path = ["supplier", key];
  const quantity = readQuantity(text);
  if (!quantity.ok) return complain(reading, path, quantity.error);
  const { value, unit } = quantity.value;
  const energy = unit.endsWith("h") ? value : (value * BigInt(horizon.slotMs)) / MICROWATT_MILLISECONDS_PER_WH;
  if (energy >= 0n && energy <= BigInt(UNLIMITED_WH)) return Number(energy);
  const mend = "write 0 to 1 GWh per slot, or leave it out where there is no limit";
  return complain(reading, path, { code: "LIMIT_OUT_OF_RANGE", what: `a limit of ${text}`, mend });
}

/** Prices of the supplier, one for each slot. */
export interface SupplierPrices {
  readonly tariff: readonly number[];
  readonly feedIn: readonly number[];
}

/** Reads tariff and feed-in price, and holds them against the rules: in the band, on the tick, tariff not below feed-in. */
export function readSupplierPrices(
  reading: ScenarioReading,
  rules: AuctionRules | null,
  horizon: Horizon,
): SupplierPrices | null {
  const { supplier } = reading.file;
  const tariff = readTariff(reading, ["supplier", "tariff"], supplier.tariff, horizon);
  const feedIn = readTariff(reading, ["supplier", "feedIn"], supplier.feedIn, horizon);
  if (tariff === null || feedIn === null || rules === null) return null;
  const faults = [
    priceFault(reading, ["supplier", "tariff"], tariff, rules),
    priceFault(reading, ["supplier", "feedIn"], feedIn, rules),
  ];
  if (faults.includes(true)) return null;
  const slot = tariff.findIndex((price, index) => price < (feedIn[index] ?? 0));
  if (slot < 0) return { tariff, feedIn };
  const what = `in slot ${slot + 1} the feed-in price is above the tariff: buying to sell back would earn money`;
  return complain(reading, ["supplier", "feedIn"], {
    code: "FEED_IN_ABOVE_TARIFF",
    what,
    mend: "lower the feed-in price",
  });
}

function priceFault(reading: ScenarioReading, path: YamlPath, prices: readonly number[], rules: AuctionRules): boolean {
  for (const [slot, price] of prices.entries()) {
    const complaint = bandComplaint(price, rules, `the price in slot ${slot + 1}`);
    if (complaint === null) continue;
    complain(reading, path, complaint);
    return true;
  }
  return false;
}

/** What is wrong with a price that somebody is to bid: the first of band and tick. */
export function bandComplaint(price: number, rules: AuctionRules, where: string): Complaint | null {
  const { priceFloor, priceCap, tick } = rules;
  const what = `${where} of ${formatDecimal(BigInt(price), 6)} per kWh`;
  if (priceFloor !== null && price < priceFloor) {
    return { code: "PRICE_OUT_OF_BAND", what: `${what} is below the price floor`, mend: "lower market.priceFloor" };
  }
  if (priceCap !== null && price > priceCap) {
    return { code: "PRICE_OUT_OF_BAND", what: `${what} is above the price cap`, mend: "raise market.priceCap" };
  }
  if (isMultiple(priceMicro(price), tick)) return null;
  return { code: "PRICE_OFF_TICK", what: `${what} is no multiple of the tick`, mend: "choose a finer market.tick" };
}

/** Reads what agents bid. */
export function readBidding(
  reading: ScenarioReading,
  rules: AuctionRules | null,
  prices: SupplierPrices | null,
): BiddingPrices | null {
  const { load = "cap", pvReserve } = reading.file.agents ?? {};
  if (rules === null || prices === null) return null;
  const bid = load === "cap" ? capOf(reading, rules) : priceAt(reading, ["agents", "load"], load);
  const reserve = readReserve(reading, pvReserve, prices);
  if (bid === null || reserve === null) return null;
  const faults = [bandComplaint(bid, rules, "the bid of load"), bandComplaint(reserve, rules, "the reserve of PV")];
  const keys = ["load", "pvReserve"];
  for (const [index, fault] of faults.entries()) {
    if (fault !== null) complain(reading, ["agents", keys[index] ?? ""], fault);
  }
  return faults.some((fault) => fault !== null) ? null : { load: priceMicro(bid), pvReserve: priceMicro(reserve) };
}

function capOf(reading: ScenarioReading, rules: AuctionRules): number | null {
  if (rules.priceCap !== null) return rules.priceCap;
  const what = "load bids the price cap, and the market has none";
  const mend = "add market.priceCap, or give agents.load a price";
  return complain(reading, ["market"], { code: "CAP_MISSING", what, mend });
}

function readReserve(reading: ScenarioReading, text: string | undefined, { feedIn }: SupplierPrices): number | null {
  if (text === undefined) return 0;
  if (text !== "feed-in") return priceAt(reading, ["agents", "pvReserve"], text);
  const [first = 0] = feedIn;
  if (feedIn.every((price) => price === first)) return first;
  const what = "the feed-in price changes from slot to slot, and the reserve of PV is one price";
  return complain(reading, ["agents", "pvReserve"], { code: "RESERVE_UNFIT", what, mend: "write a price" });
}
