export { localPrice, rootPrice, type NodePrice, type PriceParts } from "./local-price.ts";
export { flowOfAward, positionAcross, type TieCurve, type TieFlow } from "./position.ts";
export { tieMoney, type TieMoney } from "./tie-money.ts";
export { OPEN_TIE, pricesBelow, type Tie, type TiePrices } from "./tie.ts";
export { clearTreeObviously } from "./tree/clear-tree-obviously.ts";
export {
  checkTree,
  topDown,
  type NodeTender,
  type TreeNetwork,
  type TreeNode,
  type TreeProblem,
} from "./tree/tree-network.ts";
export type { LineResult, NodeAnswer, TreeFlag, TreeResult } from "./tree/tree-result.ts";
export type { LinearAnswer, LinearOptimum, LinearProgram, LinearSolver, OpenProgram } from "./solver/linear-solver.ts";
export { ProgramBuilder, type Entry } from "./solver/program-builder.ts";
