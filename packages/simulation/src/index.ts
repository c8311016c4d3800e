export { type BillKpis, type Distribution } from "./bill-kpis.ts";
export { type CarbonKpis } from "./carbon-kpis.ts";
export { checkScenario, type ScenarioProblem, type ScenarioProblemCode } from "./check-scenario.ts";
export { type EfficiencyKpis } from "./efficiency-kpis.ts";
export { type EnergyKpis } from "./energy-kpis.ts";
export { type Figure } from "./figure.ts";
export { type ForecastKpis, type ImbalanceKpis } from "./forecast-kpis.ts";
export { generateHomes, type PopulationOptions } from "./generate-homes.ts";
export { type GridKpis } from "./grid-kpis.ts";
export { type Kpis } from "./kpis.ts";
export { type MarketKpis } from "./market-kpis.ts";
export { type PriceKpis } from "./price-kpis.ts";
export type { BillRow, ResultSink, SlotRow, TradeRow } from "./results.ts";
export { type RunResult } from "./run-book.ts";
export { runScenario, runSlots, type RunOptions } from "./run-scenario.ts";
export type { BiddingPrices, ForecastMethod, Home, MeterQuality, Scenario, ScenarioSlot } from "./scenario.ts";
export { type SettlementKpis } from "./settlement-kpis.ts";
export { type Climate } from "./sky.ts";
export { type IdentityCheck, type IdentityName, type Violation } from "./violations.ts";
export {
  convergencePpm,
  efficiencyPpm,
  runTraders,
  traderTheory,
  type TraderScenario,
  type TraderTheory,
  type TraderTrade,
} from "./trader-market.ts";
export { TRADER_STRATEGIES } from "./trader-strategies.ts";
export { drawIslands } from "./tree/draw-islands.ts";
export { drawLoadBids } from "./tree/draw-load-bids.ts";
export { type GridNode, type GridPlan } from "./tree/grid-plan.ts";
export { type JournalOf } from "./tree/node-markets.ts";
export { type NodeRow } from "./tree/node-row.ts";
export { runTreeSlots, type TreeResult, type TreeSink } from "./tree/run-tree.ts";
export { type Tally, type TallyPrices } from "./tree/tally.ts";
export { type LevelKpis, type LevelRow, type NodeTotal, type TreeEnergyKpis, type TreeKpis } from "./tree/tree-kpis.ts";
