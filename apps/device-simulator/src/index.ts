export { type SimulatorDescription } from "./description.ts";
export type { Device, ModbusDevice, MqttDevice } from "./device-list.ts";
export { type MeterReading } from "./energy-register.ts";
export { parseFault, type Fault, type WrongValue } from "./fault.ts";
export { startSimulator, type HomeUnknown, type Simulator, type SimulatorOptions } from "./simulator.ts";
export { buildStreet, type MeterPlace, type Street } from "./street.ts";
