export { CAPABILITIES, type Capability } from "./capability.ts";
export type { ControlRules, Reversion } from "./control-rules.ts";
