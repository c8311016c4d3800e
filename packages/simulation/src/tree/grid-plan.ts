/** The tree of markets that a scenario may have instead of one market: nodes, their ties slot by slot, and who lives where. */
import {
  durationMs,
  instantMs,
  least,
  marketId,
  plus,
  SECOND,
  times,
  wattHours,
  type InstantMs,
  type PartyId,
  type PriceMicro,
} from "@micromarket/kernel";
import { ENERGY_MAX, gateInstant, HORIZON_MAX, type MarketRules } from "@micromarket/engine";
import type { Tie } from "@micromarket/grid";

/** A market of the tree. */
export interface GridNode {
  /** Its name everywhere: of its market, and as a party of the market above. */
  readonly name: PartyId;
  /** The market above, which stands earlier in the plan; `null` for the root, which stands first. */
  readonly parent: PartyId | null;
  /** Steps from the root, which has 0. */
  readonly level: number;
  /** The tie to the market above, one entry per slot, `null` where it is islanded; empty at the root. */
  readonly ties: readonly (Tie | null)[];
}

/** A tree of markets. */
export interface GridPlan {
  /** Parents before children. */
  readonly nodes: readonly GridNode[];
  /** What to call each level, the root's first. */
  readonly levels: readonly string[];
  /** For each home of the scenario the place of its node in `nodes`. */
  readonly places: readonly number[];
  /** What the load of each home bids instead of the scenario's one bid; `null`: that one. */
  readonly loadBids: readonly PriceMicro[] | null;
  /** Most steps of a position; `null`: none are left out. */
  readonly positionSteps: number | null;
  /** With fewer behind it, a position has one step per direction; 0 switches the rule off. */
  readonly membersMin: number;
}

/** Each level's gate closes this much before that of the level above. */
const GATE_STEP = SECOND;

/** The rules of the market of `node`: those of the scenario, with its place in the tree. */
export function nodeRules(rules: MarketRules, plan: GridPlan, { name, parent, level }: GridNode): MarketRules {
  const room = times(GATE_STEP, plan.levels.length);
  const { positionSteps, membersMin } = plan;
  return {
    ...rules,
    market: marketId(name),
    gateLead: plus(rules.gateLead, times(GATE_STEP, level)),
    horizon: least(plus(rules.horizon, room), durationMs(HORIZON_MAX)),
    residual:
      parent === null
        ? rules.residual
        : { party: parent, importLimit: wattHours(ENERGY_MAX), exportLimit: wattHours(ENERGY_MAX) },
    node: { above: parent === null ? "tariff" : "market", positionSteps, membersMin },
  };
}

/** When the gate of the markets at `level` closes. */
export function gateOfLevel(rules: MarketRules, slot: InstantMs, level: number): InstantMs {
  return instantMs(gateInstant(rules, slot) - times(GATE_STEP, level));
}

/** When all agents of a tree tender: the last moment at which the deepest gate is open. */
export function treeTenderInstant(rules: MarketRules, plan: GridPlan, slot: InstantMs): InstantMs {
  return instantMs(gateOfLevel(rules, slot, plan.levels.length - 1) - 1);
}
