/** One device behind Modbus, whether its profile names the registers or it says itself where they are. */
import type { DeviceReadings } from "@micromarket/assets";
import type { InstantMs } from "@micromarket/kernel";
import {
  ModbusDevice,
  SunspecDevice,
  type DeviceFailure,
  type MapMemory,
  type RegisterSource,
  type SunspecFailure,
} from "@micromarket/link-modbus";
import type { ModbusDeviceConfig, SunspecDeviceConfig } from "./gateway-config.ts";
import { placeOf } from "./link-section.ts";

/** A device of a line. */
export type LineDeviceConfig = ModbusDeviceConfig | SunspecDeviceConfig;

/** Why it gives less than its points. */
export type LineFailure = DeviceFailure | SunspecFailure;

/** A device that can be asked for all its points. */
export interface LineDevice {
  /** Never rejects. */
  poll(now: () => InstantMs): Promise<DeviceReadings>;
  /** Of the last poll; `null`: none. */
  readonly failure: LineFailure | null;
}

/** The device that `config` names, behind `link`. */
export function openLineDevice(config: LineDeviceConfig, link: RegisterSource, memory: MapMemory): LineDevice {
  const unit = config.unit === null ? {} : { unit: config.unit };
  if (config.link === "modbus") return new ModbusDevice({ device: config.id, link, profile: config.profile, ...unit });
  const { id, profile, subdevice } = config;
  return new SunspecDevice({ device: id, link, profile, subdevice, memory, ...unit });
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
