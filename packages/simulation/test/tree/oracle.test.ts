import { expect, test } from "@jest/globals";
import { formatInstant } from "@micromarket/kernel";
import { RESIDUAL_BUY, RESIDUAL_SELL } from "@micromarket/engine";
import { clearTree, type NodeTender } from "@micromarket/grid";
import { homeAgents } from "../../src/home-agents.ts";
import { scenarioSlot } from "../../src/slot-trading.ts";
import { percent, runTree, TIGHT, treeScenario } from "./trees.ts";

/** Slots are cleared by the engines, node by node; the judge clears the whole tree at once. */
test("what the markets come to between them is the optimum of the whole tree, at its prices", () => {
  const tree = treeScenario({ days: 3, homes: 13, ties: TIGHT, islands: percent(4) });
  const { nodes: rows } = runTree(tree);
  const { grid, rules } = tree;
  const agents = tree.homes.map((home) => homeAgents(home, tree));
  for (let index = 0; index < tree.slotCount; index++) {
    const inSlot = rows.slice(index * grid.nodes.length, (index + 1) * grid.nodes.length);
    const tenders = agents.flatMap((offer, home) =>
      offer(index).tenders.map((tender) => ({ node: grid.nodes[grid.places[home] ?? 0]?.name ?? "", tender })),
    );
    const closedTie = { ...TIGHT[1], importLimit: 0, exportLimit: 0 };
    const judged = clearTree({
      slot: formatInstant(scenarioSlot(tree, index).start),
      rules: rules.auction,
      nodes: grid.nodes.map(({ name, parent, ties }) => ({
        id: name,
        above: parent === null ? null : { id: parent, tie: ties[index] ?? closedTie },
      })),
      tenders: [...tenders, ...supplier(tree.tariff[index] ?? 0, tree.feedIn[index] ?? 0)],
    } as Parameters<typeof clearTree>[0]);
    const traded = inSlot.filter(({ price }) => price !== null);
    const judgedPrices = new Map(judged.nodes.map(({ id, price }) => [id, price]));
    expect(traded.map(({ node, price }) => [node, price])).toEqual(
      traded.map(({ node }) => [node, judgedPrices.get(node)]),
    );
    for (const row of inSlot.slice(1)) {
      const line = judged.nodes.find(({ id }) => id === row.node)?.line;
      expect(Math.abs(row.imported - row.exported - (line?.flow.below ?? 0))).toBeLessThanOrEqual(2);
    }
  }
});

function supplier(tariff: number, feedIn: number): readonly NodeTender[] {
  const standing = (id: string, side: "buy" | "sell", price: number): object => ({
    node: "district",
    tender: { id, party: "supplier", side, steps: [{ price, energy: 1_000_000 }] },
  });
  return [standing(RESIDUAL_SELL, "sell", tariff), standing(RESIDUAL_BUY, "buy", feedIn)] as readonly NodeTender[];
}
