export { DEFAULT_BACK_OFF, type BackOff, type JitterSource } from "./back-off.ts";
export { machineClock, type LinkClock } from "./link-clock.ts";
export type { DeviceFailure, LinkFailure, WriteFailure } from "./link-failure.ts";
export type { LinkMetrics, RequestMetrics } from "./link-metrics.ts";
export type { LinkFraming } from "./link-section.ts";
export type { ReadOutcome } from "./modbus-connection.ts";
export { modbusControls, type ControlSite, type RegisterSink } from "./modbus-control.ts";
export { ModbusDevice, type DeviceSite, type RegisterSource } from "./modbus-device.ts";
export {
  ModbusLink,
  type LinkHabits,
  type LinkOptions,
  type NetworkTarget,
  type LinkState,
  type WriteOutcome,
} from "./modbus-link.ts";
export { registersOf, type Encoding, type EndFirst, type RegisterCheck, type RegisterType } from "./encoding.ts";
export type { AllZero, DeviceProfile, PointSpec, PollClass } from "./profile.ts";
export { loadProfile, readProfile, shippedProfiles } from "./read-profile.ts";
export type { ReadRequest } from "./read-request.ts";
export type { RegisterBlock } from "./register-block.ts";
export type { Manners, RegisterRange, RegisterWords } from "./question.ts";
export type { Framing, ReplyFault } from "./reply-guard.ts";
export type { SerialEndpoint } from "./serial-line.ts";
export type { TlsIdentity } from "./socket-line.ts";
export {
  timeBudget,
  type BudgetDevice,
  type BudgetLink,
  type ClassTime,
  type DeviceTime,
  type TimeBudget,
} from "./time-budget.ts";
export type { WordsRequest, WriteRequest } from "./write-request.ts";
export type { MapMemory } from "./sunspec/find-map.ts";
export {
  loadSunspecProfile,
  readSunspecOverlay,
  readSunspecProfile,
  shippedSunspecProfiles,
  sunspecProfileText,
} from "./sunspec/read-sunspec-profile.ts";
export { SunspecDevice, type SunspecReadings } from "./sunspec/sunspec-device.ts";
export type { Identity, MappedDevice, ModelPlace, SunspecFailure, SunspecMap } from "./sunspec/sunspec-map.ts";
export {
  QUIRKS,
  type Quirk,
  type SunspecManners,
  type SunspecPointSpec,
  type SunspecProfile,
} from "./sunspec/sunspec-profile.ts";
export type { FoundDevice, SunspecSite } from "./sunspec/sunspec-unit.ts";
export { sunspecControl } from "./sunspec/controls/sunspec-control.ts";
