/** A scenario with everything resolved: what the laboratory runs. Files, units and gaps are the reader's business. */
import type {
  AmountNano,
  DurationMs,
  InstantMs,
  PartsPerMillion,
  PartyId,
  PriceMicro,
  WattHours,
} from "@micromarket/kernel";
import type { MarketRules } from "@micromarket/engine";
import type { GridPlan } from "./tree/grid-plan.ts";

/** How agents guess what the slot ahead will bring. */
export type ForecastMethod =
  /** The true value: the bound that no forecast can beat. */
  | "perfect"
  /** What the same slot of the day before brought; the true value on the first day. */
  | "persistence";

/** One home: its series have one entry per slot of the run. */
export interface Home {
  readonly id: PartyId;
  /** Consumption per slot; not negative. */
  readonly load: readonly WattHours[];
  /** Available PV energy per slot; not negative. */
  readonly pv: readonly WattHours[];
  /** What it pays in before the first slot; takes rules of settlement. @default nothing */
  readonly deposit?: AmountNano;
  /** How far it may owe; takes rules that lend. @default no line */
  readonly creditLine?: AmountNano;
}

/** What the homes' meters are like; the tie's is exact and always read. */
export interface MeterQuality {
  /** Each slot is counted too high or too low by up to this share, evenly drawn. */
  readonly noise: PartsPerMillion;
  /** How often the reading at a slot's end does not come. Those at the run's two ends always do. */
  readonly gaps: PartsPerMillion;
}

/** A run of one market, or of a tree of them. All series have `slotCount` entries. */
export interface Scenario {
  readonly name: string;
  readonly seed: number;
  readonly start: InstantMs;
  readonly slotCount: number;
  readonly rules: MarketRules;
  readonly homes: readonly Home[];
  readonly tariff: readonly PriceMicro[];
  readonly feedIn: readonly PriceMicro[];
  /** Carbon intensity of grid import, micrograms of CO2 equivalent per kWh (so that × Wh is nanograms), or `null`. */
  readonly carbon: readonly number[] | null;
  readonly forecast: ForecastMethod;
  readonly bidding: BiddingPrices;
  /** The tree of markets in which the homes live, with `rules` for each of them. @default one market */
  readonly grid?: GridPlan;
  /** Takes rules of settlement. @default exact meters that are read after every slot */
  readonly meters?: MeterQuality;
}

/** What the agents ask for. */
export interface BiddingPrices {
  /** What must-run load bids; at the market's cap it counts as must-run. */
  readonly load: PriceMicro;
  /** The least that PV takes. */
  readonly pvReserve: PriceMicro;
}

/** A slot's length, start and number, as agents and tables see them. */
export interface ScenarioSlot {
  readonly index: number;
  readonly start: InstantMs;
  readonly length: DurationMs;
}
