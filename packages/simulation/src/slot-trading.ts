/** One slot at the market: tenders before the gate closes, the gate, and the meters when the slot is over. */
import { assert, instantMs, minus, plus, times, wattHours, type InstantMs, type WattHours } from "@micromarket/kernel";
import { stepLoad, stepPv } from "@micromarket/assets";
import {
  gateInstant,
  type Command,
  type DeliveryPosted,
  type GateClosed,
  type MarketEvent,
  type MarketRules,
  type PricePair,
  type ReportDelivery,
  type SetTariff,
} from "@micromarket/engine";
import type { Transfer } from "@micromarket/ledger";
import type { HomeAgents, HomeOffer } from "./home-agents.ts";
import type { MarketSession } from "./market-session.ts";
import type { Home, Scenario, ScenarioSlot } from "./scenario.ts";

/** A slot whose gate is closed. */
export interface TradedSlot {
  readonly slot: ScenarioSlot;
  /** What each home brought, in the scenario's order. */
  readonly offers: readonly HomeOffer[];
  readonly closed: GateClosed;
  /** Tenders that were refused because their homes could not have paid. */
  readonly refused: number;
}

/** What a party was settled with in a slot. */
export type SettledDelivery = Pick<DeliveryPosted, "party" | "imported" | "exported" | "deviation">;

/** A slot that is settled. */
export interface MeteredSlot extends TradedSlot {
  /** Of each home, in the scenario's order. */
  readonly deliveries: readonly SettledDelivery[];
  /** The tie's: `exported` went into the microgrid. */
  readonly tie: SettledDelivery;
  /** At which deviations were bought and sold. */
  readonly prices: PricePair;
}

/** The slot with number `index`. */
export function scenarioSlot({ start, rules }: Scenario, index: number): ScenarioSlot {
  return { index, start: instantMs(start + times(rules.slotLength, index)), length: rules.slotLength };
}

/** When the agents tender: the last moment at which the gate of the slot is open. */
export function tenderInstant(rules: MarketRules, slot: InstantMs): InstantMs {
  return instantMs(gateInstant(rules, slot) - 1);
}

/** Lets the agents tender at the last moment at which the gate is open, and closes it. */
export function tradeSlot(
  slot: ScenarioSlot,
  scenario: Scenario,
  agents: readonly HomeAgents[],
  session: MarketSession,
): TradedSlot {
  const gate = gateInstant(scenario.rules, slot.start);
  const offers = agents.map((offer) => offer(slot.index));
  const submissions = offers
    .flatMap(({ tenders }) => tenders)
    .map((tender): Command => ({ type: "SubmitTender", slot: slot.start, tender }));
  const tenderAt = tenderInstant(scenario.rules, slot.start);
  const commands = [...tariffChange(scenario, slot), ...submissions];
  const { refused } = session.tell(commands, tenderAt, "FUNDS_INSUFFICIENT");
  const [closed] = session.obey([{ type: "CloseGate", slot: slot.start }], gate);
  assert(closed?.type === "GateClosed", "a closed gate says so");
  return { slot, offers, closed, refused };
}

/** The supplier's new prices, where they are not those of the slot before. */
export function tariffChange({ tariff, feedIn }: Scenario, { index, start }: ScenarioSlot): readonly SetTariff[] {
  const [nowTariff, nowFeedIn] = [tariff[index], feedIn[index]];
  assert(nowTariff !== undefined && nowFeedIn !== undefined, `slot ${index} has prices`);
  if (index > 0 && nowTariff === tariff[index - 1] && nowFeedIn === feedIn[index - 1]) return [];
  return [{ type: "SetTariff", from: start, tariff: nowTariff, feedIn: nowFeedIn }];
}

/** Reports the meters of all homes and of the tie at the end of the slot. The tie loses nothing. */
export function meterSlot(
  traded: TradedSlot,
  scenario: Scenario,
  session: MarketSession,
): MeteredSlot & { readonly transfers: readonly Transfer[] } {
  const { slot, closed } = traded;
  const flows = scenario.homes.map((home) => netImport(home, slot.index));
  const reports = scenario.homes.map(({ id }, index) => report(slot, id, flows[index] ?? wattHours(0)));
  const tie = report(slot, scenario.rules.residual.party, minus(wattHours(0), flows.reduce(plus, wattHours(0))));
  const events = session.obey([...reports, tie], slotEndOf(slot));
  const posted = events.filter(isDelivery);
  const tiePosted = posted.at(-1);
  assert(tiePosted !== undefined && posted.length === reports.length + 1, "every report is posted");
  const prices = { taking: closed.tariff, giving: closed.feedIn };
  const transfers = posted.flatMap((delivery) => delivery.transfers);
  return { ...traded, deliveries: posted.slice(0, -1), tie: tiePosted, prices, transfers };
}

/** The first instant after the slot. */
export function slotEndOf({ start, length }: ScenarioSlot): InstantMs {
  return instantMs(start + length);
}

/** What the home's devices exchange with the meter in a slot: positive flows in. */
export function netImport({ id, load, pv }: Home, index: number): WattHours {
  const [demand, available] = [load[index], pv[index]];
  assert(demand !== undefined && available !== undefined, `${id} has a load and a PV value for slot ${index}`);
  return plus(stepLoad(demand).energy, stepPv(available, null).energy);
}

/** What a meter counts, net: positive flows into the party. */
export function report({ start }: ScenarioSlot, party: ReportDelivery["party"], net: WattHours): ReportDelivery {
  const [imported, exported] = [wattHours(Math.max(net, 0)), wattHours(Math.max(-net, 0))];
  return { type: "ReportDelivery", slot: start, party, imported, exported };
}

function isDelivery(event: MarketEvent): event is DeliveryPosted {
  return event.type === "DeliveryPosted";
}
