/** Simulated devices for a gateway file: those that `init` describes, as long as the file still does. */
import type { DeviceConfig, GatewayConfig } from "@micromarket/gateway";
import { fail, instantMs, ok, slotAt, type InstantMs, type Result, type Complaint } from "@micromarket/kernel";
import { SIMULATED_SEED } from "./initial-street.ts";
import { startStreet, type SimulatedStreet } from "./simulated-street.ts";

/** Counters of a street in real time began with this year. */
const REAL_EPOCH = instantMs(Date.UTC(2026, 0, 1));
const LOOPBACK = new Set(["127.0.0.1", "localhost", "::1"]);
const HOMES_MAX = 246;

type Description = SimulatedStreet["description"];

/** Starts the street behind the ports that `config` names, or says which device has no simulated twin. */
export async function startStreetOf(config: GatewayConfig): Promise<Result<SimulatedStreet, Complaint>> {
  const { devices, homes, rules } = config;
  const far = devices.find((device) => !LOOPBACK.has(placeOf(device).hostname));
  if (far !== undefined) {
    const what = `"${far.id}" is at ${placeOf(far).hostname}, and a simulated device is only on this machine`;
    return fail({ code: "DEVICE_NOT_SIMULATED", what, mend: "start without --simulate-devices, or use 127.0.0.1" });
  }
  const plan = {
    homes: Math.min(homes.length, HOMES_MAX),
    seed: SIMULATED_SEED,
    epoch: epochOf(config, rules.slotLength),
  };
  const ports = { modbusPort: portOf(devices, "modbus"), mqttPort: portOf(devices, "mqtt") };
  try {
    const street = await startStreet({ ...plan, ...ports });
    const alien = devices.find((device) => !isSimulated(device, street.description));
    if (alien === undefined) return ok(street);
    await street.stop();
    const what = `no simulated device is what "${alien.id}" is said to be`;
    const mend = "`micromarket init` describes those that there are; start without --simulate-devices for real ones";
    return fail({ code: "DEVICE_NOT_SIMULATED", what, mend });
  } catch (error) {
    const what = `the simulated devices cannot start: ${error instanceof Error ? error.message : String(error)}`;
    return fail({ code: "SIMULATION_FAILED", what, mend: "free the ports that the devices name, or change them" });
  }
}

function epochOf({ clock }: GatewayConfig, slotLength: GatewayConfig["rules"]["slotLength"]): InstantMs {
  return clock.kind === "real" ? REAL_EPOCH : slotAt(clock.epoch, slotLength).startMs;
}

function placeOf(device: DeviceConfig): { readonly hostname: string; readonly port: number } {
  if (device.link !== "mqtt") {
    const { target } = device;
    return "path" in target ? { hostname: target.path, port: 0 } : { hostname: target.host, port: target.port };
  }
  const { hostname, port } = new URL(device.broker);
  return { hostname: hostname.replaceAll(/[[\]]/g, ""), port: port === "" ? 1_883 : Number(port) };
}

/** 0 where no device has that link: a free one. */
function portOf(devices: readonly DeviceConfig[], link: DeviceConfig["link"]): number {
  const device = devices.find((other) => other.link === link);
  return device === undefined ? 0 : placeOf(device).port;
}

function isSimulated(device: DeviceConfig, { devices, modbus, mqtt }: Description): boolean {
  const { port } = placeOf(device);
  return devices.some((twin) => {
    if (device.link === "modbus") {
      const unit = device.unit ?? device.profile.unit;
      return twin.link === "modbus" && twin.unit === unit && port === modbus.port && device.target.framing === "tcp";
    }
    if (device.link === "sunspec") return false;
    return twin.link === "mqtt" && twin.topicId === device.topicId && port === Number(new URL(mqtt.url).port);
  });
}
