export { CAPABILITIES, type Capability } from "./capability.ts";
export type { ControlRules, Reversion } from "./control-rules.ts";
export type { ControlFailure, ControlState, WriteTerms } from "./control-state.ts";
