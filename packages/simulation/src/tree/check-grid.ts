/** Whether a scenario's tree of markets can be run. */
import { isMultiple, type PartyId } from "@micromarket/kernel";
import { checkMarketRules, ENERGY_MAX, LOSS_MAX, PRICE_MAX } from "@micromarket/engine";
import type { Tie } from "@micromarket/grid";
import type { Scenario } from "../scenario.ts";
import { nodeRules, type GridNode, type GridPlan } from "./grid-plan.ts";

/** What can be wrong with a tree, in the order in which it is looked for. */
export type GridProblemCode =
  /** No node, a first one with a parent, or a later one without. */
  | "GRID_ROOT_NOT_FIRST"
  /** A name that another node, a home or the supplier has. */
  | "NODE_NAME_TAKEN"
  /** A parent that is no earlier node. */
  | "NODE_PARENT_UNKNOWN"
  /** A level that is not one below its parent's, or that has no name. */
  | "NODE_LEVEL_WRONG"
  /** The engine does not take the market's rules: `what` is its own code. */
  | "NODE_RULES_UNSOUND"
  /** A node that has not one tie per slot. */
  | "TIES_LENGTH_WRONG"
  /** A limit, a fee or a loss that the engine does not take. */
  | "TIE_OUT_OF_RANGE"
  /** Not one place per home, or a place that is no node. */
  | "HOME_UNPLACED"
  /** Not one bid per home, or a bid outside the band or off the tick. */
  | "LOAD_BID_UNFIT";

/** The first problem of a tree. */
export interface GridProblem {
  readonly code: GridProblemCode;
  /** The node, the home, or `grid`. */
  readonly where: string;
  /** What stands there. */
  readonly what: string;
}

/** The first problem of the scenario's tree; `null` where it is sound, or where there is none. */
export function checkGrid(scenario: Scenario): GridProblem | null {
  const { grid } = scenario;
  if (grid === undefined) return null;
  return checkNodes(scenario, grid) ?? checkPlaces(scenario, grid) ?? checkLoadBids(scenario, grid);
}

const problem = (code: GridProblemCode, where: string, what: string | number): GridProblem => ({
  code,
  where,
  what: String(what),
});

function checkNodes(scenario: Scenario, plan: GridPlan): GridProblem | null {
  const [root] = plan.nodes;
  if (root?.parent !== null) return problem("GRID_ROOT_NOT_FIRST", "grid", root?.name ?? "no node");
  const taken = new Set<PartyId>([scenario.rules.residual.party, ...scenario.homes.map(({ id }) => id)]);
  const levels = new Map<PartyId, number>();
  for (const node of plan.nodes) {
    const wrong = checkNode(node, node === root, taken, levels, scenario, plan) ?? checkTies(node, scenario.slotCount);
    if (wrong !== null) return wrong;
    taken.add(node.name);
    levels.set(node.name, node.level);
  }
  return null;
}

function checkNode(
  node: GridNode,
  isRoot: boolean,
  taken: ReadonlySet<PartyId>,
  levels: ReadonlyMap<PartyId, number>,
  { rules }: Scenario,
  plan: GridPlan,
): GridProblem | null {
  const { name, parent, level } = node;
  if (parent === null && !isRoot) return problem("GRID_ROOT_NOT_FIRST", "grid", name);
  if (taken.has(name)) return problem("NODE_NAME_TAKEN", "grid", name);
  const above = parent === null ? -1 : levels.get(parent);
  if (above === undefined) return problem("NODE_PARENT_UNKNOWN", name, parent ?? "");
  if (level !== above + 1 || plan.levels[level] === undefined) return problem("NODE_LEVEL_WRONG", name, level);
  const unsound = checkMarketRules(nodeRules(rules, plan, node));
  return unsound === null ? null : problem("NODE_RULES_UNSOUND", name, unsound);
}

function checkTies({ name, parent, ties }: GridNode, slotCount: number): GridProblem | null {
  if (ties.length !== (parent === null ? 0 : slotCount)) return problem("TIES_LENGTH_WRONG", name, ties.length);
  let sound: Tie | null = null;
  for (const [slot, tie] of ties.entries()) {
    if (tie === null || tie === sound) continue;
    if (!isTaken(tie)) return problem("TIE_OUT_OF_RANGE", `${name}, slot ${slot}`, JSON.stringify(tie));
    sound = tie;
  }
  return null;
}

function isTaken({ importLimit, exportLimit, feeIn, feeOut, loss }: Tie): boolean {
  const limits = [importLimit ?? 0, exportLimit ?? 0];
  if (limits.some((limit) => limit < 0 || limit > ENERGY_MAX)) return false;
  return [feeIn, feeOut].every((fee) => Math.abs(fee) <= PRICE_MAX) && loss <= LOSS_MAX;
}

function checkPlaces({ homes }: Scenario, { places, nodes }: GridPlan): GridProblem | null {
  if (places.length !== homes.length) return problem("HOME_UNPLACED", "grid", places.length);
  const lost = places.findIndex((place) => nodes[place] === undefined);
  return lost < 0 ? null : problem("HOME_UNPLACED", homes[lost]?.id ?? "", places[lost] ?? "");
}

function checkLoadBids({ homes, rules }: Scenario, { loadBids }: GridPlan): GridProblem | null {
  if (loadBids === null) return null;
  if (loadBids.length !== homes.length) return problem("LOAD_BID_UNFIT", "grid", loadBids.length);
  const { priceFloor, priceCap, tick } = rules.auction;
  const wrong = loadBids.findIndex(
    (bid) => bid < (priceFloor ?? bid) || bid > (priceCap ?? bid) || !isMultiple(bid, tick),
  );
  return wrong < 0 ? null : problem("LOAD_BID_UNFIT", homes[wrong]?.id ?? "", loadBids[wrong] ?? "");
}
