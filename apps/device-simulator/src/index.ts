export type { ControlledDevice, ControlledPlaces, MqttActuator, SunspecDevice } from "./controlled-devices.ts";
export { type DescribedDevice, type SimulatorDescription } from "./description.ts";
export { listDevices, type Device, type ModbusDevice, type MqttDevice } from "./device-list.ts";
export { type MeterReading } from "./energy-register.ts";
export { parseFault, type Fault, type FlakyKind, type WrongValue } from "./fault.ts";
export { startEmbeddedBroker, type EmbeddedBroker } from "./mqtt-broker.ts";
export { type BatteryRule } from "./plant/battery.ts";
export { type HomeBalance } from "./plant/home-balance.ts";
export { type SlotFlow } from "./plant/home-plant.ts";
export {
  startSimulator,
  type DeviceUnknown,
  type HomeUnknown,
  type Simulator,
  type SimulatorOptions,
} from "./simulator.ts";
export { buildStreet, type MeterPlace, type Street } from "./street.ts";
