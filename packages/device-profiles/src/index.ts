export { readControlRules, type ControlSection, controlFields } from "./control-section.ts";
export type { Control, ControlFailure, ControlState, WriteTerms } from "./control.ts";
export { counterSchema, readCounter, type CounterFacts, type CounterSection } from "./counter-section.ts";
export { profileHeadFields, readProfileHead, type ProfileHead, type ProfileHeadSection } from "./profile-head.ts";
export { choice, closed, integer } from "./schema-parts.ts";
