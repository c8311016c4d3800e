/** The agents of a home: a must-run load and, behind the same meter, a PV plant. */
import { tenderId, wattHours, type TenderId, type WattHours } from "@micromarket/kernel";
import { committedLoad, netTenders, variableGenerator } from "@micromarket/agents";
import { perfectForecast, persistenceForecast, type Forecast } from "@micromarket/assets";
import type { Tender } from "@micromarket/market";
import type { Home, Scenario } from "./scenario.ts";

/** Room that the names of agents take behind a home's identifier. */
export const AGENT_SUFFIX_LENGTH_MAX = 5;
const LOAD_SUFFIX = "/load";
const PV_SUFFIX = "/pv";

/** What a home brings to the gate of a slot. */
export interface HomeOffer {
  readonly loadForecast: WattHours;
  readonly pvForecast: WattHours;
  /** After netting behind the meter. */
  readonly tenders: readonly Tender[];
}

/** What a home brings to the gate of the slot with number `index`. */
export type HomeAgents = (index: number) => HomeOffer;

/** The agents of `home`: they see their forecasts and the prices that they are told to bid, and nothing else. */
export function homeAgents(home: Home, scenario: Scenario): HomeAgents {
  const { bidding } = scenario;
  const party = home.id;
  const forecastLoad = forecastOf(home.load, scenario);
  const forecastPv = forecastOf(home.pv, scenario);
  const loadTender: TenderId = tenderId(party + LOAD_SUFFIX);
  const pvTender: TenderId = tenderId(party + PV_SUFFIX);
  const committed = wattHours(0); // one gate per slot: before it nothing is traded
  return (index) => {
    const [loadForecast, pvForecast] = [forecastLoad(index), forecastPv(index)];
    const tenders = [
      ...committedLoad({ party, tender: loadTender, forecast: loadForecast, committed, limit: bidding.load }),
      ...variableGenerator({ party, tender: pvTender, forecast: pvForecast, committed, reserve: bidding.pvReserve }),
    ];
    return { loadForecast, pvForecast, tenders: netTenders(tenders) };
  };
}

function forecastOf(series: readonly WattHours[], { forecast, rules }: Scenario): Forecast {
  return forecast === "perfect" ? perfectForecast(series) : persistenceForecast(series, rules.slotLength);
}
