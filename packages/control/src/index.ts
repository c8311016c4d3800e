export { CAPABILITIES, type Capability } from "./capability.ts";
export type { ControlRules, Reversion } from "./control-rules.ts";
export type { ControlFailure, ControlState, WriteTerms } from "./control-state.ts";
export { showsEffect, type Sighting } from "./effect.ts";
export { fitValue, isLimit, isLooser, stricter } from "./fit-value.ts";
export {
  ALL_CLOSED,
  closedLock,
  controlPath,
  LOCK_NAMES,
  type ControlPlace,
  type LockName,
  type Locks,
} from "./locks.ts";
export { CONTROL_EVENT_CODES, type ControlEvent, type ControlEventCode } from "./safe-write/control-event.ts";
export { controllerText, resumeController } from "./safe-write/controller-text.ts";
export {
  SAFE_WRITE_DEFAULTS,
  UNTOUCHED,
  type Attempt,
  type Controller,
  type Hold,
  type Phase,
  type SafeWriteOptions,
  type WritePurpose,
} from "./safe-write/controller.ts";
export { stepControl, type ControlInput, type ControlStep, type Surroundings } from "./safe-write/step-control.ts";
export type { ControlAction } from "./safe-write/turn.ts";
export { countAt, hasBudget, type WriteCount } from "./write-budget.ts";
export { groupMinimum } from "./group-minimum.ts";
export { shareOut, type Claim } from "./share-out.ts";
export {
  limitSite,
  type AllowedPower,
  type SiteAllocation,
  type SiteDevice,
  type SiteDeviceKind,
  type SiteLimits,
  type SiteReason,
} from "./site-limits.ts";
export {
  allotPosition,
  setPoint,
  type AllottedPlans,
  type DevicePlan,
  type SetPoint,
  type SlotProgress,
} from "./set-points.ts";
