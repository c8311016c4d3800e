/**
 * A run of a tree: each node a market of its own, with its own accounts and, where wanted, its own journal.
 *
 * In each slot all agents tender, positions go up, awards come down, and once the slot is over all meters are read.
 * Invariants as in the run of one market: everything follows from the scenario, and rows are not kept.
 */
import { assert, hashCanonical, type HashHex, type PriceMicro } from "@micromarket/kernel";
import { partyAccount, stateHash } from "@micromarket/engine";
import { checkScenario } from "../check-scenario.ts";
import { homeAgents } from "../home-agents.ts";
import { collectBills } from "../home-bills.ts";
import { newPostings } from "../postings.ts";
import type { BillRow } from "../results.ts";
import type { Scenario, ScenarioSlot } from "../scenario.ts";
import { scenarioSlot, slotEndOf } from "../slot-trading.ts";
import { newWitness, type IdentityCheck, type Violation } from "../violations.ts";
import { treeTenderInstant, type GridPlan } from "./grid-plan.ts";
import { foundTree, type JournalOf, type NodeMarket } from "./node-markets.ts";
import { nodeRows, type NodeRow } from "./node-row.ts";
import { checkTreeRun, checkTreeSlot } from "./tree-identities.ts";
import { collectTree, type LevelRow, type NodeTotal, type TreeKpis } from "./tree-kpis.ts";
import { meterTree, tradeTree, type NodeOutcome, type TradedTree } from "./tree-slot.ts";

/** Receives rows while a run goes on. */
export interface TreeSink {
  /** Nodes of one slot come in the plan's order. */
  node(row: NodeRow): void;
  level(row: LevelRow): void;
}

/** What a run comes to. */
export interface TreeResult {
  /** In the scenario's order of homes. */
  readonly bills: readonly BillRow[];
  readonly kpis: TreeKpis;
  /** In the plan's order. */
  readonly nodes: readonly NodeTotal[];
  readonly violations: readonly Violation[];
  readonly checks: readonly IdentityCheck[];
  /** Hash of the final state of each market, in the plan's order, and one of them all. */
  readonly nodeHashes: readonly HashHex[];
  readonly stateHash: HashHex;
}

/**
 * Runs the tree of `scenario` slot by slot: yields the number of each settled slot and returns what the run comes to.
 * Throws on a scenario without a tree, or one that `checkScenario` finds fault with. Journals must be empty.
 */
export function* runTreeSlots(
  scenario: Scenario,
  sink: TreeSink,
  journalOf: JournalOf = () => null,
): Generator<number, TreeResult, void> {
  const { grid: plan } = scenario;
  const problem = checkScenario(scenario);
  assert(problem === null, `the scenario cannot be run: ${problem?.code} at ${problem?.where}: ${problem?.what}`);
  assert(plan !== undefined, "the scenario has a tree");
  const markets = foundTree(scenario, plan, treeTenderInstant(scenario.rules, plan, scenario.start), journalOf);
  const agents = scenario.homes.map((home, number) => homeAgents(home, withBid(scenario, plan.loadBids?.[number])));
  const book = openTreeBook(scenario, plan, markets, sink);
  function* settle(traded: readonly TradedTree[]): Generator<number, void, void> {
    for (const each of traded) {
      book.record(each.slot, meterTree(each, scenario, markets));
      yield each.slot.index;
    }
  }

  let open: readonly TradedTree[] = [];
  for (let index = 0; index < scenario.slotCount; index++) {
    const next = scenarioSlot(scenario, index);
    const tenderAt = treeTenderInstant(scenario.rules, plan, next.start);
    const over = open.filter(({ slot }) => slotEndOf(slot) <= tenderAt);
    yield* settle(over);
    open = [...open.slice(over.length), tradeTree(next, scenario, plan, agents, markets)];
  }
  yield* settle(open);
  return book.close();
}

/** The scenario as a home with a bid of its own sees it. */
function withBid(scenario: Scenario, load: PriceMicro | undefined): Scenario {
  return load === undefined ? scenario : { ...scenario, bidding: { ...scenario.bidding, load } };
}

/** Everything that a run adds up, slot by slot. */
interface TreeBook {
  record(slot: ScenarioSlot, outcomes: readonly NodeOutcome[]): void;
  close(): TreeResult;
}

function openTreeBook(scenario: Scenario, plan: GridPlan, markets: readonly NodeMarket[], sink: TreeSink): TreeBook {
  const names = scenario.homes.map(({ id }) => id);
  const places = new Map(markets.flatMap(({ homes }) => homes.map((home, at) => [home, at] as const)));
  const postings = newPostings();
  const bills = collectBills(names);
  const figures = collectTree(scenario, plan);
  const witness = newWitness();
  return {
    record(slot, outcomes) {
      const [root] = outcomes;
      assert(root !== undefined, "a tree has a root");
      for (const { transfers } of outcomes) postings.add(transfers);
      const homes = plan.places.flatMap((place, home) => outcomes[place]?.homes[places.get(home) ?? -1] ?? []);
      bills.add({ homes, tariff: root.closed.tariff, feedIn: root.closed.feedIn });
      const rows = nodeRows(outcomes);
      for (const row of figures.add(outcomes, rows)) sink.level(row);
      for (const row of rows) sink.node(row);
      checkTreeSlot(slot, outcomes, scenario, witness);
    },
    close() {
      const rows = bills.result((party) => postings.paidBy(partyAccount(party)));
      checkTreeRun(markets, rows, postings, scenario, witness);
      const nodeHashes = markets.map(({ session }) => stateHash(session.state()));
      return {
        bills: rows,
        kpis: figures.result(rows),
        nodes: figures.nodes(),
        ...{ violations: witness.violations(), checks: witness.checks(), nodeHashes },
        stateHash: hashCanonical("micromarket/tree/1", nodeHashes),
      };
    },
  };
}
