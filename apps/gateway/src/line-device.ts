/** One device behind Modbus, whether its profile names the registers or it says itself where they are. */
import type { Control } from "@micromarket/device-profiles";
import type { InstantMs } from "@micromarket/kernel";
import {
  ModbusDevice,
  modbusControls,
  SunspecDevice,
  sunspecControl,
  type DeviceFailure,
  type MapMemory,
  type RegisterSink,
  type RegisterSource,
  type SunspecFailure,
} from "@micromarket/link-modbus";
import type { CountedReadings } from "./counter-facts.ts";
import type { ModbusDeviceConfig, SunspecDeviceConfig } from "./gateway-config.ts";
import { placeOf } from "./link-section.ts";

/** A device of a line. */
export type LineDeviceConfig = ModbusDeviceConfig | SunspecDeviceConfig;

/** Why it gives less than its points. */
export type LineFailure = DeviceFailure | SunspecFailure;

/** A device that can be asked for all its points. */
export interface LineDevice {
  /** Never rejects. */
  poll(now: () => InstantMs): Promise<CountedReadings>;
  /** Of the last poll; `null`: none. */
  readonly failure: LineFailure | null;
}

/** A device that can be told something as well. */
export interface ControlledLineDevice {
  readonly device: LineDevice;
  /** What its file allows, in that order; a link that was opened for reading alone refuses to write. */
  readonly controls: readonly Control[];
}

/** The device that `config` names, behind `link`. */
export function openLineDevice(config: LineDeviceConfig, link: RegisterSource, memory: MapMemory): LineDevice {
  return config.link === "modbus" ? registerDevice(config, link) : sunspecDevice(config, link, memory);
}

/** The device with its controls; `isWritable`: whether the link was opened to write to its units. */
export function openControlledDevice(
  config: LineDeviceConfig,
  link: RegisterSink,
  memory: MapMemory,
  isWritable: boolean,
): ControlledLineDevice {
  if (config.link === "modbus") {
    const controls = modbusControls({ link, profile: config.profile, ...unitOf(config) });
    const allowed = config.control.flatMap(
      (capability) => controls.find(({ rules }) => rules.capability === capability) ?? [],
    );
    return { device: registerDevice(config, link), controls: allowed };
  }
  const device = sunspecDevice(config, link, memory);
  const controls = config.control.flatMap(
    (capability) => sunspecControl(device, capability, isWritable ? link : null) ?? [],
  );
  return { device, controls };
}

function registerDevice(config: ModbusDeviceConfig, link: RegisterSource): ModbusDevice {
  return new ModbusDevice({ device: config.id, link, profile: config.profile, ...unitOf(config) });
}

function sunspecDevice(config: SunspecDeviceConfig, link: RegisterSource, memory: MapMemory): SunspecDevice {
  const { id, profile, subdevice } = config;
  return new SunspecDevice({ device: id, link, profile, subdevice, memory, ...unitOf(config) });
}

function unitOf({ unit }: LineDeviceConfig): { readonly unit?: number } {
  return unit === null ? {} : { unit };
}

/** The units that the device may have. */
export function unitsOf(config: LineDeviceConfig): readonly number[] {
  if (config.unit !== null) return [config.unit];
  return config.link === "modbus" ? [config.profile.unit] : config.profile.manners.unitProbe;
}

/** Where it is looked for. */
export function linePlaceOf(config: LineDeviceConfig): string {
  return `${placeOf(config.target)} unit ${unitsOf(config).join(", ")}`;
}
