/** One slot at the market: tenders before the gate closes, the gate, and the meters when the slot is over. */
import { assert, instantMs, minus, plus, wattHours } from "@micromarket/kernel";
import type { InstantMs, PriceMicro, WattHours } from "@micromarket/kernel";
import { stepLoad, stepPv } from "@micromarket/assets";
import {
  gateInstant,
  type Command,
  type GateClosed,
  type MarketEvent,
  type ReportDelivery,
  type SetTariff,
} from "@micromarket/engine";
import type { HomeAgents, HomeOffer } from "./home-agents.ts";
import type { MarketSession } from "./market-session.ts";
import type { Scenario, ScenarioSlot } from "./scenario.ts";

/** A slot whose gate is closed and whose meters are not yet read. */
export interface TradedSlot {
  readonly slot: ScenarioSlot;
  readonly offers: readonly HomeOffer[];
  readonly closed: GateClosed;
  readonly events: readonly MarketEvent[];
}

/** A slot whose meters are read. */
export interface MeteredSlot extends TradedSlot {
  /** Of each home, then of the residual counterparty. */
  readonly reports: readonly ReportDelivery[];
}

/** The slot with number `index`. */
export function scenarioSlot({ start, rules }: Scenario, index: number): ScenarioSlot {
  return { index, start: instantMs(start + index * rules.slotLength), length: rules.slotLength };
}

/** Lets the agents tender at the last moment at which the gate is open, and closes it. */
export function tradeSlot(
  slot: ScenarioSlot,
  scenario: Scenario,
  agents: readonly HomeAgents[],
  session: MarketSession,
): TradedSlot {
  const offers = agents.map((offer) => offer(slot.index));
  const gate = gateInstant(scenario.rules, slot.start);
  const tenders = offers.flatMap((offer) => offer.tenders);
  session.obey(
    [
      ...tariffCommands(scenario, slot),
      ...tenders.map((tender): Command => ({ type: "SubmitTender", slot: slot.start, tender })),
    ],
    instantMs(gate - 1),
  );
  const events = session.obey([{ type: "CloseGate", slot: slot.start }], gate);
  const closed = events.find((event) => event.type === "GateClosed");
  assert(closed !== undefined, "closing a gate has its event");
  return { slot, offers, closed, events };
}
