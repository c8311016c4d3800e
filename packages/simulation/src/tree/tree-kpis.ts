/** All figures of merit of a run of a tree. */
import { minus, plus, wattHours, type PartyId, type WattHours } from "@micromarket/kernel";
import { billKpis, type BillKpis } from "../bill-kpis.ts";
import { ratio, type Figure } from "../figure.ts";
import { collectGrid, type GridKpis } from "../grid-kpis.ts";
import type { BillRow } from "../results.ts";
import type { Scenario } from "../scenario.ts";
import type { GridPlan } from "./grid-plan.ts";
import type { NodeRow } from "./node-row.ts";
import { newTally, type Tally } from "./tally.ts";
import type { NodeOutcome } from "./tree-slot.ts";

/** All figures. The unit is in the name; names without one are ratios or counts. */
export interface TreeKpis {
  readonly energy: TreeEnergyKpis;
  /** At the supplier's meter above the root. */
  readonly grid: GridKpis;
  readonly bills: BillKpis;
  /** The root's first. */
  readonly levels: readonly LevelKpis[];
}

/** Energy of all homes. */
export interface TreeEnergyKpis {
  /** What the homes wanted to use, and what their PV could have given. */
  readonly loadWh: WattHours;
  readonly pvWh: WattHours;
  /** Of it, shed and curtailed because the grid's limits, or an island, left no award. */
  readonly unservedWh: WattHours;
  readonly curtailedWh: WattHours;
  /** Lost in the ties, as awarded. */
  readonly lostWh: WattHours;
  readonly unservedShare: Figure | null;
  readonly curtailedShare: Figure | null;
  /** 1 − grid import / (load − unserved); `null` without load that was served. */
  readonly selfSufficiencyGrid: Figure | null;
}

/** A level over the run: the sums of its nodes over all slots. */
export interface LevelKpis extends Tally {
  readonly level: string;
  readonly nodes: number;
}

/** A level in one slot. */
export interface LevelRow extends Tally {
  readonly slot: NodeRow["slot"];
  readonly level: string;
}

/** A node over the run. */
export interface NodeTotal extends Tally {
  readonly node: PartyId;
  readonly parent: PartyId | null;
  readonly level: string;
}

/** Gathers figures of a tree. */
export interface TreeCollector {
  /** Takes a slot, and says what it came to on each level. */
  add(outcomes: readonly NodeOutcome[], rows: readonly NodeRow[]): readonly LevelRow[];
  nodes(): readonly NodeTotal[];
  result(bills: readonly BillRow[]): TreeKpis;
}

/** Gathers the figures of a run of `plan`. */
export function collectTree({ rules }: Scenario, plan: GridPlan): TreeCollector {
  const grid = collectGrid(rules.slotLength);
  const [levels, nodes] = [plan.levels.map(newTally), plan.nodes.map(newTally)];
  const sum = { load: wattHours(0), pv: wattHours(0) };
  return {
    add(outcomes, rows) {
      const inSlot = plan.levels.map(newTally);
      for (const [index, row] of rows.entries()) {
        for (const tally of [inSlot[row.level], levels[row.level], nodes[index]]) tally?.add(row);
      }
      for (const { load, pv } of outcomes.flatMap(({ homes }) => homes)) {
        sum.load = plus(sum.load, load);
        sum.pv = plus(sum.pv, pv);
      }
      const [root] = rows;
      if (root === undefined) return [];
      const [imported, exported] = [wattHours(Math.max(root.metered, 0)), wattHours(Math.max(-root.metered, 0))];
      grid.add({ grid: { sold: root.imported, bought: root.exported, imported, exported } });
      return inSlot.map((tally, level) => ({ slot: root.slot, level: plan.levels[level] ?? "", ...tally.result() }));
    },
    nodes: () =>
      plan.nodes.map(({ name, parent, level }, index) => ({
        ...{ node: name, parent, level: plan.levels[level] ?? "" },
        ...(nodes[index] ?? newTally()).result(),
      })),
    result(bills) {
      const ofLevels = levels.map((tally, level) => ({
        level: plan.levels[level] ?? "",
        nodes: plan.nodes.filter((node) => node.level === level).length,
        ...tally.result(),
      }));
      const ofGrid = grid.result();
      return {
        energy: energyKpis(sum.load, sum.pv, ofLevels, ofGrid),
        grid: ofGrid,
        bills: billKpis(bills),
        levels: ofLevels,
      };
    },
  };
}

function energyKpis(
  load: WattHours,
  pv: WattHours,
  levels: readonly LevelKpis[],
  { importWh }: GridKpis,
): TreeEnergyKpis {
  const total = (key: "unservedWh" | "curtailedWh" | "lostWh"): WattHours =>
    levels.map((level) => level[key]).reduce(plus, wattHours(0));
  const [unserved, curtailed] = [total("unservedWh"), total("curtailedWh")];
  const served = minus(load, unserved);
  return {
    loadWh: load,
    pvWh: pv,
    unservedWh: unserved,
    curtailedWh: curtailed,
    lostWh: total("lostWh"),
    unservedShare: ratio(unserved, load),
    curtailedShare: ratio(curtailed, pv),
    selfSufficiencyGrid: ratio(minus(served, importWh), served),
  };
}
