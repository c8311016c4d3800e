/** What stands behind a home's meter and can be controlled, and what the home's connection bears. */
import { bandComplaint, complain, priceAt, readQuantity, shareAt, zoneClock } from "@micromarket/data-files";
import type { MarketRules, Prices } from "@micromarket/engine";
import type { Capability } from "@micromarket/control";
import {
  compareText,
  partsPerMillion,
  priceMicro,
  suggest,
  wattHours,
  watts,
  type PriceMicro,
  type WattHours,
  type Watts,
} from "@micromarket/kernel";
import type { YamlPath } from "@micromarket/yaml-files";
import type { GatewayReading } from "./clock-section.ts";
import type { BatteryConfig, ChargerConfig, HomeLimits } from "./gateway-config.ts";
import type { HomeEntry } from "./gateway-schema.ts";

type BatteryEntry = NonNullable<HomeEntry["battery"]>;
type ChargerEntry = NonNullable<HomeEntry["charger"]>;

const EFFICIENCY = partsPerMillion(950_000);
const RESERVE = partsPerMillion(100_000);
const LEAST_CHARGE = "1.38 kW";
const MICRO = 1_000_000n;

/** Reads `battery`. */
export function readBattery(reading: GatewayReading, path: YamlPath, entry: BatteryEntry): BatteryConfig | null {
  const { device, cycleCost } = entry;
  checkControl(reading, [...path, "device"], device, "setpoint_power_w");
  const before = reading.problems.count();
  const charge = wattsAt(reading, [...path, "charge"], entry.charge);
  const discharge = entry.discharge === undefined ? charge : wattsAt(reading, [...path, "discharge"], entry.discharge);
  const wear = cycleCost === undefined ? 0 : priceAt(reading, [...path, "cycleCost"], cycleCost);
  const battery = {
    device,
    capacity: energyAt(reading, [...path, "capacity"], entry.capacity),
    ...{ charge, discharge },
    efficiency: entry.efficiency === undefined ? EFFICIENCY : shareAt(reading, [...path, "efficiency"]),
    reserve: entry.reserve === undefined ? RESERVE : shareAt(reading, [...path, "reserve"]),
    cycleCost: priceMicro(wear ?? 0),
  };
  if (battery.efficiency === 0) {
    const what = "a battery of which nothing comes out";
    complain(reading, [...path, "efficiency"], { code: "EFFICIENCY_ZERO", what, mend: "write 0.95, say" });
  }
  if (wear !== null && wear < 0) {
    const mend = "write what a kWh costs, or take it out";
    complain(reading, [...path, "cycleCost"], { code: "COST_NEGATIVE", what: "wear that earns money", mend });
  }
  return reading.problems.count() > before ? null : battery;
}

/** Reads `charger`. */
export function readCharger(
  reading: GatewayReading,
  path: YamlPath,
  entry: ChargerEntry,
  { auction }: Pick<MarketRules, "auction">,
  { tariff }: Prices,
): ChargerConfig | null {
  checkControl(reading, [...path, "device"], entry.device, "evse_current_ma");
  const before = reading.problems.count();
  const [hours = 0, minutes = 0] = entry.by.split(":").map(Number);
  const zone = zoneClock(entry.zone ?? "UTC");
  if (zone === null) {
    const what = `there is no time zone "${entry.zone}"`;
    complain(reading, [...path, "zone"], { code: "ZONE_UNKNOWN", what, mend: "write a name such as Europe/Berlin" });
  }
  const least = wattsAt(reading, [...path, "least"], entry.least ?? LEAST_CHARGE);
  const most = wattsAt(reading, [...path, "most"], entry.most);
  if (least > most) {
    const what = `a charger that needs ${entry.least ?? LEAST_CHARGE} and gives ${entry.most}`;
    complain(reading, [...path, "most"], { code: "RANGE_REVERSED", what, mend: "raise most, or lower least" });
  }
  const limit = limitAt(reading, [...path, "limit"], entry.limit ?? "tariff", tariff);
  const complaint = limit === null ? null : bandComplaint(limit, auction, "charger.limit");
  if (complaint !== null) complain(reading, [...path, "limit"], complaint);
  const energy = energyAt(reading, [...path, "energy"], entry.energy);
  if (reading.problems.count() > before || zone === null || limit === null) return null;
  return { device: entry.device, energy, byMinute: hours * 60 + minutes, zone, least, most, limit };
}

function limitAt(reading: GatewayReading, path: YamlPath, text: string, tariff: PriceMicro): PriceMicro | null {
  if (text === "tariff") return tariff;
  const price = priceAt(reading, path, text);
  return price === null ? null : priceMicro(price);
}

/** Reads `limits`. */
export function readLimits(reading: GatewayReading, path: YamlPath, entry: HomeEntry["limits"] = {}): HomeLimits {
  const at = (key: "import" | "export" | "dimFloor"): Watts | null => {
    const text = entry[key];
    return text === undefined ? null : wattsAt(reading, [...path, key], text, 0n);
  };
  return { import: at("import"), export: at("export"), dimFloor: at("dimFloor") };
}

/** Whether the device is there, and may be told what its agent wants of it. */
function checkControl(reading: GatewayReading, path: YamlPath, device: string, capability: Capability): void {
  const { devices } = reading.file;
  const entry = devices.find(({ id }) => id === device);
  if (entry === undefined) {
    const mend = suggest(device, devices.map(({ id }) => id).sort(compareText));
    complain(reading, path, { code: "DEVICE_UNKNOWN", what: `there is no device "${device}"`, mend });
  } else if (entry.control?.includes(capability) !== true) {
    const what = `nothing allows ${capability} to be written to "${device}", which its agent lives by`;
    complain(reading, path, { code: "CONTROL_LOCKED", what, mend: `add control: [${capability}] to the device` });
  }
}

function wattsAt(reading: GatewayReading, path: YamlPath, text: string, leastMicro = MICRO): Watts {
  const power = readQuantity(text);
  if (!power.ok) complain(reading, path, power.error);
  else if (power.value.value < leastMicro || power.value.value % MICRO !== 0n) {
    const mend = leastMicro === 0n ? "write whole watts, 0 or more" : "write whole watts, more than 0";
    complain(reading, path, { code: "POWER_UNFIT", what: `a power of ${text}`, mend });
  } else return watts(Number(power.value.value / MICRO));
  return watts(1);
}

function energyAt(reading: GatewayReading, path: YamlPath, text: string): WattHours {
  const energy = readQuantity(text);
  if (!energy.ok) complain(reading, path, energy.error);
  else if (energy.value.value > 0n) return wattHours(Number(energy.value.value));
  else complain(reading, path, { code: "ENERGY_UNFIT", what: `an energy of ${text}`, mend: "write more than 0 Wh" });
  return wattHours(1);
}
