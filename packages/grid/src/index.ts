export { localPrice, rootPrice, type NodePrice, type PriceParts } from "./local-price.ts";
export { flowOfAward, positionAcross, type TieCurve, type TieFlow } from "./position.ts";
export { tieMoney, type TieMoney } from "./tie-money.ts";
export { OPEN_TIE, pricesBelow, type Tie, type TiePrices } from "./tie.ts";
export { clearTree } from "./tree/clear-tree.ts";
export {
  checkTree,
  topDown,
  type NodeTender,
  type TreeNetwork,
  type TreeNode,
  type TreeProblem,
} from "./tree/tree-network.ts";
export { clearTreeColumns, type TreeClearing } from "./tree-columns/clear-tree-columns.ts";
export { clearTreeFast } from "./tree-columns/clear-tree-fast.ts";
export { TreeRoom } from "./tree-columns/curve-columns.ts";
export type { TreeBook } from "./tree-columns/tree-book.ts";
export type { LineResult, NodeAnswer, TreeFlag, TreeResult } from "./tree/tree-result.ts";
export type { LinearAnswer, LinearOptimum, LinearProgram, LinearSolver, OpenProgram } from "./solver/linear-solver.ts";
export { ProgramBuilder, type Entry } from "./solver/program-builder.ts";
export { clearDc } from "./dc/clear-dc.ts";
export type { BusAnswer, DcLineAnswer, DcOutcome, DcResult, DcShortage } from "./dc/dc-outcome.ts";
export { flowsOf } from "./dc/dc-flows.ts";
export { referencesOf, type BusTender, type DcLine, type DcNetwork } from "./dc/dc-network.ts";
