/**
 * A street of simulated meters that lives in the market's own time: whatever the gateway's clock does (run fast, stop,
 * go on from the journal), the counters show what they show at that instant. Real Modbus TCP and MQTT sockets.
 */
import { startSimulator, type ControlledPlaces, type SimulatorDescription } from "@micromarket/device-simulator";
import { machineTime, openDeviceLinks, type GatewayPorts, type SlotClock } from "@micromarket/gateway";
import { durationMs, greatest, type InstantMs } from "@micromarket/kernel";

/** Which street, and behind which ports. */
export interface StreetPlan {
  readonly homes: number;
  readonly seed: number;
  /** Market time at which all counters stood at zero; the start of a quarter hour. */
  readonly epoch: InstantMs;
  /** 0, the default: a free one. */
  readonly modbusPort?: number;
  readonly mqttPort?: number;
  /** Devices that can be told something. @default none */
  readonly controlled?: ControlledPlaces;
  /** What `memory` of an earlier one said. */
  readonly memory?: string;
}

/** A street whose meters answer. */
export interface SimulatedStreet {
  readonly description: SimulatorDescription;
  /** Opens a gateway's links, and takes its clock for the street's. */
  readonly openDevices: GatewayPorts["openDevices"];
  /** How the devices under control stand now, for the next start. */
  memory(): string;
  stop(): Promise<void>;
}

/** Often enough for the fastest clock of a demonstration. */
const PUBLISH_EVERY = durationMs(500);

/** Starts it; time stands at the epoch until a gateway's clock is there. Rejects where a port is taken. */
export async function startStreet(plan: StreetPlan): Promise<SimulatedStreet> {
  const { homes, seed, epoch, modbusPort, mqttPort, controlled = {}, memory } = plan;
  let market: SlotClock | null = null;
  const simulator = await startSimulator({
    ...{ homes, seed, epoch, anchor: epoch, speed: 1, publishEvery: PUBLISH_EVERY },
    ...controlled,
    ...(memory === undefined ? {} : { memory }),
    ...(modbusPort === undefined ? {} : { modbusPort }),
    ...(mqttPort === undefined ? {} : { mqttPort }),
    realNow: () => greatest(epoch, market?.now() ?? epoch),
  });
  return {
    description: simulator.description,
    openDevices: ({ devices }, clock, links) => {
      market = clock;
      return openDeviceLinks(devices, clock, machineTime, { ...links, areBrokersOpen: true });
    },
    memory: () => simulator.memory(),
    stop: () => simulator.stop(),
  };
}
