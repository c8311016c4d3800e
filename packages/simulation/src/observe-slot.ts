/** From a metered slot to what it means: the outcome that figures are made of, and the rows that go out. */
import { assert, plus, priceMicro, type PartyId } from "@micromarket/kernel";
import { ownerOf, positionsOf, type Position } from "./positions.ts";
import type { ResultSink } from "./results.ts";
import type { Home, Scenario } from "./scenario.ts";
import { clearedOf, totalsOf, type HomeOutcome, type SlotOutcome } from "./slot-outcome.ts";
import type { MeteredSlot } from "./slot-trading.ts";

/** The outcome of a metered slot. `numbers` is the place of each home in the scenario. */
export function observeSlot(
  metered: MeteredSlot,
  scenario: Scenario,
  numbers: ReadonlyMap<PartyId, number>,
): SlotOutcome {
  const { slot, closed, tie, refused } = metered;
  const positions = positionsOf(closed, numbers);
  const homes = scenario.homes.map((home, index) => {
    const position = positions.homes[index];
    assert(position !== undefined, `${home.id} has a position`);
    return homeOutcome(metered, home, index, position);
  });
  return {
    index: slot.index,
    start: slot.start,
    tariff: closed.tariff,
    feedIn: closed.feedIn,
    result: closed.result,
    homes,
    grid: {
      sold: positions.grid.sold,
      bought: positions.grid.bought,
      imported: tie.exported,
      exported: tie.imported,
    },
    totals: totalsOf(homes),
    settlement: settlementPrices(metered, scenario),
    refused,
  };
}

function settlementPrices({ prices }: MeteredSlot, { rules: { settlement } }: Scenario): SlotOutcome["settlement"] {
  const levy = (settlement?.levies ?? []).map(({ price }) => price).reduce(plus, priceMicro(0));
  const penalty = settlement?.imbalance.kind === "penalty" ? settlement.imbalance.share : null;
  return { ...prices, penalty, levy };
}

function homeOutcome(
  { slot, offers, deliveries }: MeteredSlot,
  home: Home,
  index: number,
  position: Position,
): HomeOutcome {
  const [load, pv, offer, delivery] = [home.load[slot.index], home.pv[slot.index], offers[index], deliveries[index]];
  assert(load !== undefined && pv !== undefined && offer !== undefined, `${home.id} took part in slot ${slot.index}`);
  assert(delivery?.party === home.id, `the delivery with number ${index} is that of ${home.id}`);
  const { bought, sold, localBought, localSold } = position;
  const { loadForecast, pvForecast } = offer;
  const { imported, exported, deviation } = delivery;
  return { load, pv, loadForecast, pvForecast, bought, sold, localBought, localSold, imported, exported, deviation };
}

/** Hands out the slot's trades, then the slot. */
export function writeRows({ closed }: MeteredSlot, slot: SlotOutcome, sink: ResultSink): void {
  const { start, tariff, feedIn, result, totals, grid } = slot;
  for (const { buy, sell, energy, price } of result.trades) {
    const [buyer, seller] = [ownerOf(buy, closed.owners), ownerOf(sell, closed.owners)];
    sink.trade({ slot: start, buy, sell, buyer, seller, energy, price });
  }
  sink.slot({
    slot: start,
    price: result.price,
    intervalLow: result.interval.low,
    intervalHigh: result.interval.high,
    tariff,
    feedIn,
    cleared: clearedOf(slot),
    local: totals.localBought,
    load: totals.load,
    pv: totals.pv,
    gridImport: grid.imported,
    gridExport: grid.exported,
    deviation: totals.deviation,
  });
}
