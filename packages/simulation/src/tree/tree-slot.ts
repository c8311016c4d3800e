/**
 * One slot of a tree: all agents tender, gates close from the leaves up, awards come down, and when the slot is over the
 * meters of all homes and of all ties are read.
 *
 * The grid's limits are real: a home that was awarded less than its agents asked for draws no more than that (its load is
 * shed), and one that sold less than it offered feeds in no more (its PV is curtailed). What a home does otherwise than
 * forecast still flows, also across ties, and is settled as a deviation. No meter counts anything at the tie of an island.
 */
import { amountNano, assert, minus, plus, tradeValue, wattHours, type WattHours } from "@micromarket/kernel";
import { clearTree, tieStatements } from "@micromarket/aggregator";
import type { Command, DeliveryPosted, GateClosed, MarketEvent } from "@micromarket/engine";
import type { Tie } from "@micromarket/grid";
import type { Transfer } from "@micromarket/ledger";
import { receivedOf, sentFor } from "@micromarket/market";
import type { HomeAgents, HomeOffer } from "../home-agents.ts";
import { positionsOf, type Position } from "../positions.ts";
import type { Scenario, ScenarioSlot } from "../scenario.ts";
import type { HomeOutcome } from "../slot-outcome.ts";
import { netImport, report, slotEndOf, tariffChange } from "../slot-trading.ts";
import { gateOfLevel, treeTenderInstant, type GridPlan } from "./grid-plan.ts";
import type { NodeMarket } from "./node-markets.ts";

/** A slot that is cleared in the whole tree. */
export interface TradedTree {
  readonly slot: ScenarioSlot;
  /** Of each home, in the scenario's order. */
  readonly offers: readonly HomeOffer[];
  /** Of each node, in the plan's order. */
  readonly closed: readonly GateClosed[];
}

/** A node in a slot whose meters are read. */
export interface NodeOutcome {
  readonly market: NodeMarket;
  readonly closed: GateClosed;
  /** In the order of the node's homes. */
  readonly homes: readonly HomeOutcome[];
  /** What the node took from the market above, net, by the meters at the two ends of the tie. */
  readonly metered: { readonly above: WattHours; readonly below: WattHours };
  /** Everything that was posted for the slot at this node. */
  readonly transfers: readonly Transfer[];
}

/** Lets all agents tender and clears the tree. */
export function tradeTree(
  slot: ScenarioSlot,
  scenario: Scenario,
  plan: GridPlan,
  agents: readonly HomeAgents[],
  markets: readonly NodeMarket[],
): TradedTree {
  const { rules } = scenario;
  const offers = agents.map((offer) => offer(slot.index));
  const tenderAt = treeTenderInstant(rules, plan, slot.start);
  const prices = tariffChange(scenario, slot);
  for (const market of markets) {
    const tenders = market.homes.flatMap((home) => offers[home]?.tenders ?? []);
    const submissions = tenders.map((tender): Command => ({ type: "SubmitTender", slot: slot.start, tender }));
    market.session.obey([...prices, ...tieChange(market, slot), ...submissions], tenderAt);
  }
  const [root] = markets;
  assert(root !== undefined, "a tree has a root");
  const answers = clearTree(root, {
    slot: slot.start,
    gateAt: (level) => gateOfLevel(rules, slot.start, level),
    awardAt: gateOfLevel(rules, slot.start, 0),
  });
  const byName = new Map(answers.map((answer) => [answer.node.party, answer]));
  const closed = markets.map(({ party }) => {
    const answer = byName.get(party);
    assert(answer !== undefined && answer.refusals.length === 0, `${party} was cleared and nothing was refused`);
    return answer.closed;
  });
  return { slot, offers, closed };
}

/** The tie from this slot on, where it is another than in the slot before. */
function tieChange({ plan }: NodeMarket, { index, start }: ScenarioSlot): readonly Command[] {
  const tie = plan.ties[index];
  if (tie === undefined || (index > 0 && isSameTie(tie, plan.ties[index - 1] ?? null))) return [];
  return [{ type: "SetTie", from: start, tie }];
}

function isSameTie(a: Tie | null, b: Tie | null): boolean {
  if (a === b) return true;
  if (a === null || b === null) return false;
  const keys = ["importLimit", "exportLimit", "feeIn", "feeOut", "loss"] as const;
  return keys.every((key) => a[key] === b[key]);
}

/**
 * Reads and reports all meters, from the leaves up; then what each market booked for those below beyond their awards goes
 * down. In the plan's order.
 */
export function meterTree(
  traded: TradedTree,
  scenario: Scenario,
  markets: readonly NodeMarket[],
): readonly NodeOutcome[] {
  const outcomes: MeteredNode[] = [];
  const crossed = new Map<NodeMarket, WattHours>();
  for (const market of markets.toReversed()) {
    const outcome = meterNode(market, traded, scenario, (child) => crossed.get(child) ?? wattHours(0));
    crossed.set(market, outcome.metered.above);
    outcomes.push(outcome);
  }
  const stated = new Map<NodeMarket, readonly Transfer[]>();
  for (const { market, events } of outcomes) {
    for (const child of market.below) stated.set(child, settleTie(child, events, traded, market));
  }
  return outcomes.reverse().map((outcome) => {
    return { ...outcome, transfers: [...outcome.transfers, ...(stated.get(outcome.market) ?? [])] };
  });
}

/** Tells a market what the one above, whose settlement brought `events`, booked for it. What that posts. */
function settleTie(
  { party, session }: NodeMarket,
  events: readonly MarketEvent[],
  { slot, closed }: TradedTree,
  above: NodeMarket,
): readonly Transfer[] {
  const own = closed[above.index]?.node?.awards.find((award) => award.party === party);
  const award = own === undefined ? amountNano(0n) : amountNano(-tradeValue(own.price, own.energy));
  return tieStatements(events, party, () => award).flatMap((statement) => {
    const { tieStatement: after } = session.state();
    const command = { type: "SettleTie", number: after + 1, after, ...statement } as const;
    return session.obey([command], slotEndOf(slot)).flatMap(transfersOf);
  });
}

interface MeteredNode extends NodeOutcome {
  readonly events: readonly MarketEvent[];
}

function meterNode(
  market: NodeMarket,
  traded: TradedTree,
  scenario: Scenario,
  crossing: (child: NodeMarket) => WattHours,
): MeteredNode {
  const { slot } = traded;
  const closed = traded.closed[market.index];
  assert(closed !== undefined, `${market.party} was cleared`);
  const positions = positionsOf(closed, market.numbers).homes;
  const flows = market.homes.map((home, at) => homeFlow(scenario, traded, home, positions[at]));
  const children = market.below.map(crossing);
  const below = [...flows, ...children].reduce(plus, wattHours(0));
  const above = acrossTie(below, closed, market.plan.ties[slot.index]);
  const names = [...market.numbers.keys(), ...market.below.map(({ party }) => party)];
  const reports = [...flows, ...children].map((net, at) => report(slot, names[at] ?? market.party, net));
  const supplier = market.plan.parent ?? scenario.rules.residual.party;
  const tie = report(slot, supplier, minus(wattHours(0), above));
  const events = market.session.obey([...reports, tie], slotEndOf(slot));
  const posted = events.filter((event) => event.type === "DeliveryPosted");
  const homes = market.homes.map((home, at) => homeOutcome(scenario, traded, home, positions[at], posted[at]));
  const transfers = [...closed.transfers, ...events.flatMap(transfersOf)];
  return { market, closed, homes, metered: { above, below }, transfers, events };
}

/**
 * What a home's meter counts: its devices' net import, within what it was awarded where that is less than it asked for. It
 * can shed no more than its load and curtail no more than its PV, whatever its forecast was.
 */
function homeFlow(scenario: Scenario, { slot, offers }: TradedTree, home: number, position?: Position): WattHours {
  const [devices, offer] = [scenario.homes[home], offers[home]];
  assert(devices !== undefined && offer !== undefined && position !== undefined, `home ${home} took part`);
  const net = netImport(devices, slot.index);
  const asked = minus(offer.loadForecast, offer.pvForecast);
  const traded = minus(position.bought, position.sold);
  if (traded < asked) return wattHours(Math.max(Math.min(net, traded), -(devices.pv[slot.index] ?? 0)));
  if (traded > asked) return wattHours(Math.min(Math.max(net, traded), devices.load[slot.index] ?? 0));
  return net;
}

/** The reading at the upper end of the tie when `below` flows at the lower one; as awarded where nobody deviates. */
function acrossTie(below: WattHours, { node }: GateClosed, tie: Tie | null | undefined): WattHours {
  if (tie === undefined) return below; // the root has its supplier's meter
  if (tie === null) return wattHours(0);
  const flow = node?.tie?.flow;
  if (flow?.below === below) return flow.above;
  return wattHours(below >= 0 ? sentFor(below, tie.loss) : -receivedOf(-below, tie.loss));
}

function homeOutcome(
  scenario: Scenario,
  { slot, offers }: TradedTree,
  home: number,
  position: Position | undefined,
  delivery: DeliveryPosted | undefined,
): HomeOutcome {
  const [devices, offer] = [scenario.homes[home], offers[home]];
  const [load, pv] = [devices?.load[slot.index], devices?.pv[slot.index]];
  assert(load !== undefined && pv !== undefined && offer !== undefined, `home ${home} took part in slot ${slot.index}`);
  assert(position !== undefined && delivery !== undefined, `home ${home} was awarded and delivered`);
  assert(delivery.party === devices?.id, `the delivery of home ${home} is in its place`);
  const { loadForecast, pvForecast } = offer;
  const { imported, exported, deviation } = delivery;
  return { load, pv, loadForecast, pvForecast, ...position, imported, exported, deviation };
}

function transfersOf(event: MarketEvent): readonly Transfer[] {
  const isPosted = event.type === "DeliveryPosted" || event.type === "SlotSettled" || event.type === "TieSettled";
  return isPosted ? event.transfers : [];
}
