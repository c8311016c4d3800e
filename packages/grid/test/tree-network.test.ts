/** What is wrong with a tree, in the order in which it is looked for; and where its optimum is not claimed. */
import { describe, expect, test } from "@jest/globals";
import { partsPerMillion, partyId, priceMicro, tenderId, wattHours } from "@micromarket/kernel";
import {
  checkTree,
  clearTree,
  type NodeTender,
  type Tie,
  type TreeNetwork,
  type TreeNode,
  type TreeProblem,
} from "@micromarket/grid";
import { auctionRules, FREE_TIE } from "@micromarket/testkit";

const rules = { ...auctionRules(), tick: priceMicro(1), priceFloor: null, priceCap: null };

function below(id: string, above: string, tie: Partial<Tie> = {}): TreeNode {
  return { id, above: { id: above, tie: { ...FREE_TIE, ...tie } } };
}

function order(id: string, node: string, side: "buy" | "sell", price: number, energy: number): NodeTender {
  const steps = [{ price: priceMicro(price), energy: wattHours(energy) }];
  return { node, tender: { id: tenderId(id), party: partyId(id), side, steps } };
}

function network(nodes: readonly TreeNode[], tenders: readonly NodeTender[] = []): TreeNetwork {
  return { slot: "2026-07-01T12:00Z", rules, nodes, tenders };
}

const root: TreeNode = { id: "root", above: null };
const stray = order("x", "nowhere", "buy", 1, 1);

/** Each with faults that come later as well. */
const faults: readonly (readonly [TreeProblem["code"], TreeNetwork, string])[] = [
  ["NODES_EMPTY", network([], [stray]), ""],
  ["NODE_DUPLICATE", network([root, below("a", "z"), below("a", "root")]), "a"],
  ["PARENT_UNKNOWN", network([root, below("a", "z"), below("b", "b")]), "a"],
  ["TREE_CYCLIC", network([below("a", "b"), below("b", "c"), below("c", "b"), root, { id: "two", above: null }]), "b"],
  ["ROOT_NOT_ONE", network([root, { id: "two", above: null }, below("a", "root", { importLimit: wattHours(-1) })]), ""],
  [
    "LIMIT_NEGATIVE",
    network([root, below("a", "root", { exportLimit: wattHours(-1), loss: partsPerMillion(1_000_000) })]),
    "a",
  ],
  ["LOSS_TOTAL", network([root, below("a", "root", { loss: partsPerMillion(1_000_000) })], [stray]), "a"],
  ["NODE_UNKNOWN", network([root], [stray]), "nowhere"],
];

describe("a tree's faults", () => {
  test.each(faults)("finds %s first", (code, faulty, node) => {
    const problem = checkTree(faulty);
    expect(problem).toMatchObject({ code, ...(node === "" ? {} : { node }) });
    expect(() => clearTree(faulty)).toThrow(code);
  });

  test("names every root, and nothing where all is well", () => {
    const roots = checkTree(network([root, { id: "two", above: null }]));
    expect(roots).toEqual({ code: "ROOT_NOT_ONE", roots: ["root", "two"] });
    const edge = below("a", "root", { importLimit: wattHours(0), loss: partsPerMillion(999_999) });
    expect(checkTree(network([below("b", "a"), root, edge], [order("t", "b", "buy", 1, 1)]))).toBeNull();
  });
});

describe("where a tree's optimum is not claimed", () => {
  const lossy = { loss: partsPerMillion(100_000) };
  const surplusAt = (price: number): readonly NodeTender[] => [
    order("s", "root", "sell", price, 10),
    order("b", "a", "buy", price + 50, 5),
  ];

  test("a line with a loss and a negative price at one of its ends says so", () => {
    const { flags, nodes } = clearTree(network([root, below("a", "root", lossy)], surplusAt(-100)));
    expect(flags).toEqual(["LOSS_NEGATIVE_PRICE"]);
    expect(nodes[1]?.line?.flags).toEqual(["LOSS_NEGATIVE_PRICE"]);
    expect(clearTree(network([root, below("a", "root", lossy)], surplusAt(100))).flags).toEqual([]);
    expect(clearTree(network([root, below("a", "root")], surplusAt(-100))).flags).toEqual([]);
  });

  test("so does a line whose fees sum to less than nothing", () => {
    const paid = (feeIn: number, feeOut: number): TreeNode =>
      below("a", "root", { feeIn: priceMicro(feeIn), feeOut: priceMicro(feeOut) });
    expect(clearTree(network([root, paid(-3, 2)], surplusAt(100))).flags).toEqual(["FEES_NEGATIVE"]);
    expect(clearTree(network([root, paid(-3, 3)], surplusAt(100))).flags).toEqual([]);
  });
});
