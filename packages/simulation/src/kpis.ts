/** All figures of merit of a run. Sums are exact integers; ratios are rounded once (see `figure.ts`); no value is `null`. */
import { billKpis, type BillKpis } from "./bill-kpis.ts";
import { collectCarbon, type CarbonKpis } from "./carbon-kpis.ts";
import { collectEfficiency, type EfficiencyKpis } from "./efficiency-kpis.ts";
import { collectEnergy, type EnergyKpis } from "./energy-kpis.ts";
import { collectForecasts, collectImbalance, type ForecastKpis, type ImbalanceKpis } from "./forecast-kpis.ts";
import { collectGrid, type GridKpis } from "./grid-kpis.ts";
import { collectMarket, type MarketKpis } from "./market-kpis.ts";
import { collectPrices, type PriceKpis } from "./price-kpis.ts";
import type { BillRow } from "./results.ts";
import type { SettlementKpis } from "./settlement-kpis.ts";
import type { Scenario } from "./scenario.ts";
import type { SlotOutcome } from "./slot-outcome.ts";

/** All figures of merit of a run. The unit is in the name; names without one are ratios or counts. */
export interface Kpis {
  readonly energy: EnergyKpis;
  readonly grid: GridKpis;
  readonly bills: BillKpis;
  readonly efficiency: EfficiencyKpis;
  readonly prices: PriceKpis;
  /** `null` where the scenario has no carbon intensity. */
  readonly carbon: CarbonKpis | null;
  readonly imbalance: ImbalanceKpis;
  readonly forecast: ForecastKpis;
  readonly market: MarketKpis;
  /** Of a market with settlement only. */
  readonly settlement?: SettlementKpis;
}

/** Gathers all figures of a run of `scenario`; the bills come at its end. */
export function collectKpis(scenario: Scenario): {
  add(slot: SlotOutcome): void;
  result(bills: readonly BillRow[]): Kpis;
} {
  const energy = collectEnergy();
  const grid = collectGrid(scenario.rules.slotLength);
  const efficiency = collectEfficiency(scenario.bidding);
  const prices = collectPrices();
  const carbon = collectCarbon(scenario.carbon);
  const imbalance = collectImbalance();
  const forecast = collectForecasts();
  const market = collectMarket();
  const collectors = [energy, grid, efficiency, prices, carbon, imbalance, forecast, market];
  return {
    add(slot) {
      for (const collector of collectors) collector.add(slot);
    },
    result: (bills) => ({
      energy: energy.result(),
      grid: grid.result(),
      bills: billKpis(bills),
      efficiency: efficiency.result(),
      prices: prices.result(),
      carbon: carbon.result(),
      imbalance: imbalance.result(),
      forecast: forecast.result(),
      market: market.result(),
    }),
  };
}
