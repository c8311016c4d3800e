export { awardsOf } from "./award-message.ts";
export { clearTree, type NodeSlot, type TreeLinks, type TreeNode, type TreeTimes } from "./clear-tree.ts";
export {
  decodePosition,
  encodePosition,
  POSITION_LENGTH_MAX,
  positionMessage,
  submitPosition,
  type PositionMessage,
} from "./position-message.ts";
export { reconcileTie, TieLedger, type ReconciledSlot, type TieEnd, type TieVerdict } from "./reconcile-tie.ts";
export { tieStatements, type TieStatement } from "./tie-statement.ts";
