/** The markets of a tree, each an engine of its own with its own accounts and, where wanted, its own journal. */
import { assert, type InstantMs, type PartyId } from "@micromarket/kernel";
import type { TreeNode } from "@micromarket/aggregator";
import type { Command, Journal } from "@micromarket/engine";
import { openSession, type MarketSession } from "../market-session.ts";
import type { Scenario } from "../scenario.ts";
import { nodeRules, type GridNode, type GridPlan } from "./grid-plan.ts";

/** The journal of a node's market; `null` where it has none. */
export type JournalOf = (node: PartyId) => Journal | null;

/** A running market of the tree. */
export interface NodeMarket extends TreeNode {
  readonly plan: GridNode;
  /** Its place in the plan. */
  readonly index: number;
  readonly below: readonly NodeMarket[];
  /** The scenario's numbers of its homes. */
  readonly homes: readonly number[];
  /** The place of each of them in `homes`, by name. */
  readonly numbers: ReadonlyMap<PartyId, number>;
  readonly session: MarketSession;
}

/** Founds all markets, in the plan's order, the root first, and admits their homes and the markets below. */
export function foundTree(
  scenario: Scenario,
  plan: GridPlan,
  at: InstantMs,
  journalOf: JournalOf,
): readonly NodeMarket[] {
  const homes = homesByNode(plan);
  const below = new Map<PartyId, NodeMarket[]>(plan.nodes.map(({ name }) => [name, []]));
  const markets: NodeMarket[] = [];
  for (let index = plan.nodes.length - 1; index >= 0; index--) {
    const node = plan.nodes[index];
    assert(node !== undefined, "the plan has the node");
    const children = (below.get(node.name) ?? []).reverse();
    const market = foundNode(scenario, plan, index, node, homes[index] ?? [], children, journalOf);
    market.session.obey(admissions(market), at);
    if (node.parent !== null) below.get(node.parent)?.push(market);
    markets.push(market);
  }
  return markets.reverse();
}

function foundNode(
  scenario: Scenario,
  plan: GridPlan,
  index: number,
  node: GridNode,
  homes: readonly number[],
  below: readonly NodeMarket[],
  journalOf: JournalOf,
): NodeMarket {
  const session = openSession(nodeRules(scenario.rules, plan, node), journalOf(node.name));
  const numbers = new Map(homes.map((home, at) => [homeName(scenario, home), at]));
  return {
    party: node.name,
    fallback: "island",
    obey: (command, at) => session.attempt(command, at),
    ...{ plan: node, index, below, homes, numbers, session },
  };
}

function admissions({ below, numbers }: NodeMarket): readonly Command[] {
  return [...numbers.keys(), ...below.map(({ party }) => party)].map((party) => ({ type: "RegisterParty", party }));
}

function homeName({ homes }: Scenario, home: number): PartyId {
  const id = homes[home]?.id;
  assert(id !== undefined, `there is a home with number ${home}`);
  return id;
}

function homesByNode({ nodes, places }: GridPlan): readonly (readonly number[])[] {
  const homes = nodes.map((): number[] => []);
  for (const [home, place] of places.entries()) homes[place]?.push(home);
  return homes;
}
