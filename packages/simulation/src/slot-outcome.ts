/** One settled slot, with all that figures of merit and identities are computed from. A run keeps none of them. */
import {
  minus,
  plus,
  wattHours,
  type InstantMs,
  type PartsPerMillion,
  type PriceMicro,
  type WattHours,
} from "@micromarket/kernel";
import type { AuctionResult } from "@micromarket/market";

/** One home in one settled slot. */
export interface HomeOutcome {
  readonly load: WattHours;
  readonly pv: WattHours;
  readonly loadForecast: WattHours;
  readonly pvForecast: WattHours;
  /** Traded in the market, the supplier's share included; what the home sold to itself is in neither. */
  readonly bought: WattHours;
  readonly sold: WattHours;
  /** Of these, with other homes. */
  readonly localBought: WattHours;
  readonly localSold: WattHours;
  /** What the meter counted. */
  readonly imported: WattHours;
  readonly exported: WattHours;
  /** What the engine settled beyond the traded position. */
  readonly deviation: WattHours;
}

/** The residual counterparty in one settled slot. */
export interface GridOutcome {
  /** Sold to homes and bought from them in the market. */
  readonly sold: WattHours;
  readonly bought: WattHours;
  /** Metered at the tie: into the microgrid, and out of it. */
  readonly imported: WattHours;
  readonly exported: WattHours;
}

/** What came on top of the trades. */
export interface SettlementPrices {
  /** A kWh drawn beyond what was bought, and one less. */
  readonly taking: PriceMicro;
  readonly giving: PriceMicro;
  /** The share of a deviation's worth that is paid as a penalty; `null` where there are none. */
  readonly penalty: PartsPerMillion | null;
  /** All levies on a kWh that is imported. */
  readonly levy: PriceMicro;
}

/** One settled slot. */
export interface SlotOutcome {
  readonly index: number;
  readonly start: InstantMs;
  readonly tariff: PriceMicro;
  readonly feedIn: PriceMicro;
  readonly result: AuctionResult;
  /** In the scenario's order. */
  readonly homes: readonly HomeOutcome[];
  readonly grid: GridOutcome;
  readonly totals: SlotTotals;
  readonly settlement: SettlementPrices;
  /** Tenders that were refused for want of funds. */
  readonly refused: number;
}

/** Sums over the homes of one slot. */
export interface SlotTotals {
  readonly load: WattHours;
  readonly pv: WattHours;
  /** Σ min(load, PV): what homes cover by themselves. */
  readonly coveredAlone: WattHours;
  /** min(Σ load, Σ PV): what they cover together. */
  readonly coveredTogether: WattHours;
  /** The difference: the most that homes can trade with each other without storage. */
  readonly localBound: WattHours;
  readonly localBought: WattHours;
  readonly localSold: WattHours;
  readonly bought: WattHours;
  readonly sold: WattHours;
  /** By the meters. */
  readonly imported: WattHours;
  readonly exported: WattHours;
  /** Σ |deviation|. */
  readonly deviation: WattHours;
  /** Net positions of homes that needed energy, and of those that had some to spare. */
  readonly needed: WattHours;
  readonly spare: WattHours;
}

/** Sums over the homes of one slot. */
export function totalsOf(homes: readonly HomeOutcome[]): SlotTotals {
  const sum = (valueOf: (home: HomeOutcome) => number): WattHours =>
    wattHours(homes.reduce((partial, home) => partial + valueOf(home), 0));
  const load = sum((home) => home.load);
  const pv = sum((home) => home.pv);
  const coveredAlone = sum((home) => Math.min(home.load, home.pv));
  const coveredTogether = wattHours(Math.min(load, pv));
  return {
    load,
    pv,
    coveredAlone,
    coveredTogether,
    localBound: minus(coveredTogether, coveredAlone),
    localBought: sum((home) => home.localBought),
    localSold: sum((home) => home.localSold),
    bought: sum((home) => home.bought),
    sold: sum((home) => home.sold),
    imported: sum((home) => home.imported),
    exported: sum((home) => home.exported),
    deviation: sum((home) => Math.abs(home.deviation)),
    needed: minus(load, coveredAlone),
    spare: minus(pv, coveredAlone),
  };
}

/** Energy that changed hands in the slot, the supplier's included; nobody's trade with itself counts. */
export function clearedOf({ totals, grid }: SlotOutcome): WattHours {
  return plus(totals.bought, grid.bought);
}

/** Gathers one kind of figure over a run, slot by slot, and says at any time what it came to. */
export interface Collector<Result, Slot = SlotOutcome> {
  add(slot: Slot): void;
  result(): Result;
}
