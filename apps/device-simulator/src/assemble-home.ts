/** One home's devices put together: registers and topics in front, the assets that they command behind. */
import type { InstantMs } from "@micromarket/kernel";
import type { ControlledDevice, MqttActuator, SunspecDevice } from "./controlled-devices.ts";
import type { FaultBoard } from "./fault-board.ts";
import { goEOffer, goESettings } from "./go-e.ts";
import { chargerEndpoint, plugEndpoint, type MqttEndpoint } from "./mqtt-endpoints.ts";
import { battery, type BatteryRule } from "./plant/battery.ts";
import { charger } from "./plant/charger.ts";
import type { SlotFlow } from "./plant/home-plant.ts";
import type { PlantMember } from "./plant/plant-member.ts";
import { plug } from "./plant/plug.ts";
import { NO_LIMIT, pvInverter } from "./plant/pv-inverter.ts";
import type { StorageSpec } from "./plant/storage-cell.ts";
import { derControl } from "./sunspec/der-control.ts";
import { derRegisters } from "./sunspec/der-registers.ts";
import type { Keeper } from "./sunspec/keeper.ts";
import { DER_MEASUREMENT } from "./sunspec/layouts.ts";
import { limitControl } from "./sunspec/limit-control.ts";
import { pvRegisters } from "./sunspec/pv-registers.ts";
import type { RegisterMap } from "./sunspec/register-map.ts";
import { storageControl } from "./sunspec/storage-control.ts";
import { storageRegisters } from "./sunspec/storage-registers.ts";
import type { Settings } from "./settings.ts";
import { tasmotaSwitch } from "./tasmota-plug.ts";

/** What the devices are like, and what they know of the world. */
export interface AssemblyOptions {
  readonly seed: number;
  readonly epoch: InstantMs;
  readonly storage: StorageSpec;
  readonly rule: BatteryRule;
  /** What a home's inverter is built for, W. */
  readonly ratingOf: (home: string) => number;
  readonly board: FaultBoard;
  readonly virtualNow: () => InstantMs;
  /** Real time, by which timers run. */
  readonly timerNow: () => number;
  /** Hears what went through a home's grid meter in a slot that is over. */
  readonly onSlotEnd: (home: string, flow: SlotFlow) => void;
}

/** A device on the SunSpec side. */
export interface SunspecEndpoint {
  readonly device: SunspecDevice;
  readonly map: RegisterMap;
  readonly foreignLimit: (percent: number | null) => void;
}

/** The devices of one home. */
export interface HomeAssembly {
  /** In the order in which they decide: the battery sees what all others do. */
  readonly members: readonly PlantMember[];
  readonly sunspec: readonly SunspecEndpoint[];
  readonly mqtt: readonly MqttEndpoint[];
  /** What each device was told, by its id. A plug comes back switched off. */
  readonly settings: ReadonlyMap<string, readonly Settings[]>;
}

interface Assembled {
  readonly member: PlantMember;
  readonly settings?: readonly Settings[];
  readonly sunspec?: SunspecEndpoint;
  readonly mqtt?: MqttEndpoint;
}

const ORDER = ["pv", "charger", "plug", "battery"];

/** Puts the devices of one home together; its PV is there with and without an inverter of its own. */
export function assembleHome(devices: readonly ControlledDevice[], options: AssemblyOptions): HomeAssembly {
  const own = devices.map((device) => [device.id, assemble(device, options)] as const);
  const parts = own.map(([, part]) => part);
  const hasInverter = devices.some(({ kind }) => kind === "inverter");
  if (!hasInverter) parts.push({ member: pvInverter(NO_LIMIT) });
  const rank = ({ member }: Assembled): number => ORDER.indexOf(member.name);
  parts.sort((one, other) => rank(one) - rank(other));
  return {
    members: parts.map(({ member }) => member),
    sunspec: parts.flatMap(({ sunspec }) => sunspec ?? []),
    mqtt: parts.flatMap(({ mqtt }) => mqtt ?? []),
    settings: new Map(own.map(([id, { settings = [] }]) => [id, settings])),
  };
}

function assemble(device: ControlledDevice, options: AssemblyOptions): Assembled {
  const keeper: Keeper = {
    serial: device.id,
    condition: () => options.board.conditionOf(device.id),
    realNow: options.timerNow,
  };
  switch (device.kind) {
    case "inverter":
      return assembleInverter(device, keeper, options.ratingOf(device.home));
    case "battery":
      return device.models.includes(DER_MEASUREMENT.id)
        ? assembleDerBattery(device, keeper, options)
        : assembleBattery(device, keeper, options);
    case "charger":
      return assembleCharger(device, keeper, options);
    case "plug":
      return assemblePlug(device, keeper, options);
  }
}

function assembleInverter(device: SunspecDevice, keeper: Keeper, ratingW: number): Assembled {
  const control = limitControl(ratingW, keeper);
  const member = pvInverter(control);
  const map = pvRegisters(member, control, ratingW, keeper);
  return { member, settings: [control.writable], sunspec: { device, map, foreignLimit: control.foreignLimit } };
}

function assembleBattery(device: SunspecDevice, keeper: Keeper, { storage, rule }: AssemblyOptions): Assembled {
  const control = storageControl(storage, keeper);
  const member = battery(storage, rule, control);
  const map = storageRegisters(member, control, keeper);
  const settings = [control.limit.writable, control.storage, control.reserve];
  return { member, settings, sunspec: { device, map, foreignLimit: control.foreignLimit } };
}

function assembleDerBattery(device: SunspecDevice, keeper: Keeper, { storage, rule }: AssemblyOptions): Assembled {
  const control = derControl(storage, keeper);
  const member = battery(storage, rule, control);
  const map = derRegisters(member, control, keeper);
  return { member, settings: [control.writable], sunspec: { device, map, foreignLimit: control.foreignLimit } };
}

function assembleCharger(device: MqttActuator, { condition }: Keeper, { seed, epoch }: AssemblyOptions): Assembled {
  const settings = goESettings();
  const release = (): void => {
    settings.frc = 0;
  };
  const member = charger(seed, device.home, epoch, () => goEOffer(settings), release);
  const told = { values: settings, written: () => undefined };
  return { member, settings: [told], mqtt: chargerEndpoint(device, member, settings, condition) };
}

function assemblePlug(
  device: MqttActuator,
  { condition, realNow }: Keeper,
  { virtualNow }: AssemblyOptions,
): Assembled {
  const control = tasmotaSwitch(device.topicId, condition, realNow);
  const member = plug(control);
  return { member, mqtt: plugEndpoint(device, member, control, condition, virtualNow) };
}
