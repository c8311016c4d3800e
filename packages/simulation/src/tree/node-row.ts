/** What a slot came to at one node of a tree. */
import { amountNano, assert, minus, wattHours } from "@micromarket/kernel";
import type { AmountNano, InstantMs, PartyId, PriceMicro, WattHours } from "@micromarket/kernel";
import type { ClearingMode, GateClosed } from "@micromarket/engine";
import type { PriceParts } from "@micromarket/grid";
import type { NodeOutcome } from "./tree-slot.ts";

/** One node in one slot. Flows are those that were awarded; only `metered` and what follows is what the meters say. */
export interface NodeRow {
  readonly slot: InstantMs;
  readonly node: PartyId;
  readonly level: number;
  readonly mode: ClearingMode;
  /** `null` where nothing changes hands at the node and below it. */
  readonly price: PriceMicro | null;
  /** They add up to the price; `null` where it is. */
  readonly parts: PriceParts | null;
  /** All that changes hands at the node, markets above and below included. */
  readonly energy: WattHours;
  /** Of it, what goes from home to home. */
  readonly local: WattHours;
  /** What arrives from above, and what is sent up, at this end of the tie; at the root the supplier's trade. */
  readonly imported: WattHours;
  readonly exported: WattHours;
  /** What the tie takes. */
  readonly lost: WattHours;
  /** The direction in which the tie's limit sets the price; `null` where it does not. */
  readonly binds: "import" | "export" | null;
  readonly rent: AmountNano;
  readonly fees: AmountNano;
  /** What whole prices and whole watt-hours leave over at the tie. */
  readonly residue: AmountNano;
  /** Net import by the meter at the upper end of the tie. */
  readonly metered: WattHours;
  /** Load that was shed and PV that was curtailed for want of an award. */
  readonly unserved: WattHours;
  readonly curtailed: WattHours;
  /** Σ of the homes' |deviation|. */
  readonly deviation: WattHours;
}

/** The rows of a slot, in the plan's order. */
export function nodeRows(outcomes: readonly NodeOutcome[]): readonly NodeRow[] {
  const trading = tradingNodes(outcomes);
  const congestion = new Map<PartyId, number>();
  return outcomes.map((outcome) => {
    const { plan } = outcome.market;
    const above = plan.parent === null ? 0 : (congestion.get(plan.parent) ?? 0);
    const parts = partsOf(outcome.closed);
    congestion.set(plan.name, parts.congestion);
    const own = outcome.closed.node?.tie === null ? 0 : parts.congestion - above;
    return rowOf(outcome, trading.has(plan.name), own);
  });
}

/** The nodes at which, or below which, something changes hands. */
function tradingNodes(outcomes: readonly NodeOutcome[]): ReadonlySet<PartyId> {
  const trading = new Set<PartyId>();
  for (const { market, closed } of outcomes.toReversed()) {
    if (closed.result.energy > 0 || market.below.some(({ party }) => trading.has(party))) trading.add(market.party);
  }
  return trading;
}

function rowOf({ market, closed, homes, metered }: NodeOutcome, trades: boolean, congestion: number): NodeRow {
  const { node, result, slot } = closed;
  assert(node !== undefined, "a node of a tree says what its clearing means for the others");
  const sum = (valueOf: (home: NodeOutcome["homes"][number]) => number): WattHours =>
    wattHours(homes.reduce((total, home) => total + valueOf(home), 0));
  const beyond = (home: NodeOutcome["homes"][number]): number =>
    minus(home.load, home.pv) - minus(home.imported, home.exported);
  const inflow = inflowOf(closed, market.plan.parent === null ? netOf(homes, closed) : null);
  const money = node.tie?.money;
  return {
    slot,
    node: market.party,
    level: market.plan.level,
    mode: node.mode,
    price: trades ? node.price : null,
    parts: trades ? node.parts : null,
    energy: result.energy,
    local: sum(({ localBought }) => localBought),
    imported: wattHours(Math.max(inflow, 0)),
    exported: wattHours(Math.max(-inflow, 0)),
    lost: node.tie?.flow.lost ?? wattHours(0),
    binds: congestion > 0 ? "import" : congestion < 0 ? "export" : null,
    rent: money?.rent ?? amountNano(0n),
    fees: money?.fees ?? amountNano(0n),
    residue: money?.residue ?? amountNano(0n),
    metered: metered.above,
    unserved: sum((home) => Math.max(beyond(home), 0)),
    curtailed: sum((home) => Math.max(-beyond(home), 0)),
    deviation: sum(({ deviation }) => Math.abs(deviation)),
  };
}

/** What comes in at the lower end of the tie; at the root what its members take together. */
function inflowOf({ node }: GateClosed, root: number | null): number {
  return root ?? node?.tie?.flow.below ?? 0;
}

/** What the homes and the markets below take together. */
export function netOf(homes: NodeOutcome["homes"], { node }: GateClosed): number {
  const ofHomes = homes.reduce((total, { bought, sold }) => total + bought - sold, 0);
  return (node?.awards ?? []).reduce((total, { energy }) => total + energy, ofHomes);
}

function partsOf({ node }: GateClosed): PriceParts {
  assert(node !== undefined, "a node of a tree says what its price is made of");
  return node.parts;
}
