export { systemClockHealth, type ClockHealth, type ClockState } from "./clock-health.ts";
export { controlStandings, type ControlStanding } from "./control-standing.ts";
export { counterVerdicts, type CounterVerdict } from "./counter-verdict.ts";
export { headOf } from "./describe-devices.ts";
export {
  readDeviceEntry,
  readTlsEntry,
  type DeviceEntry,
  type DeviceEntryOptions,
  type TlsEntry,
} from "./device-entry.ts";
export { openDevice, type DeviceHandle, type DeviceHandleOptions } from "./device-handle.ts";
export type { DeviceTrouble } from "./device-trouble.ts";
export { ControlMemoryFailure, openControlMemory, type ControlMemory } from "./control/control-memory.ts";
export { ControlRunner } from "./control/control-runner.ts";
export { openDeviceLinks, openModbusLink, tlsOptions, type DeviceLinks, type DeviceSource } from "./device-links.ts";
export { tryDevices, type DeviceTrial } from "./device-trial.ts";
export type {
  ClockConfig,
  DeviceConfig,
  GatewayConfig,
  HomeConfig,
  HttpConfig,
  ModbusTarget,
} from "./gateway-config.ts";
export { foundingRules } from "./founding-rules.ts";
export { loadGatewayFile, type GatewayFileOptions } from "./gateway-file.ts";
export { openLog, type GatewayLog } from "./gateway-log.ts";
export { gatewaySchemaText } from "./gateway-schema.ts";
export { journalPath, keyPath } from "./gateway-sources.ts";
export type { GatewayPorts, RunningGateway } from "./gateway-ports.ts";
export { startGateway } from "./gateway.ts";
export { openMeterFile, type MeterStore } from "./meter-store.ts";
export { machineTime, type MachineTime } from "./machine-time.ts";
export { EXIT, processStopSignals, runGateway, type RunOptions } from "./run-gateway.ts";
export type { SlotClock } from "./slot-clock.ts";
export { failureOfKey, type StartFailure } from "./start-failure.ts";
