/** What a gateway needs from outside, and what it is to those who started it. */
import type { Journal, MarketNode } from "@micromarket/engine";
import type { ClockHealth } from "./clock-health.ts";
import type { ControlMemory } from "./control/control-memory.ts";
import type { DeviceLinks, LinkOptions } from "./device-links.ts";
import type { GatewayConfig } from "./gateway-config.ts";
import type { MachineTime } from "./machine-time.ts";
import type { MeterStore } from "./meter-store.ts";
import type { SigningPorts } from "./open-market.ts";
import type { OrderKeeperPorts } from "./order-keeper.ts";
import type { SlotClock } from "./slot-clock.ts";
import type { StartFailure } from "./start-failure.ts";

/** What a gateway needs from outside. */
export interface GatewayPorts extends SigningPorts, OrderKeeperPorts {
  readonly time: MachineTime;
  readonly clockHealth: ClockHealth;
  readonly version: string;
  /** Throws a `JournalFailure`. */
  readonly openJournal: (path: string) => Journal;
  readonly openDevices: (config: GatewayConfig, clock: SlotClock, options: LinkOptions) => DeviceLinks;
  /** The program's lock: whether anything may be written to devices. */
  readonly allowControl: boolean;
  /** Throws a `ControlMemoryFailure`. */
  readonly openControlMemory: (folder: string) => ControlMemory;
  readonly openMeterStore: (folder: string) => MeterStore;
  /** Folder of the page's built files; `null`: no page. */
  readonly page: string | null;
  /** Cleared slots that page and API keep. @default 672, seven days of quarter hours */
  readonly slotsKept?: number;
}

/** A gateway that runs. */
export interface RunningGateway {
  /** Where the page and the API are. */
  readonly url: string;
  readonly node: MarketNode;
  /** What made the node fail; `null` while it trades. */
  failure(): StartFailure | null;
  /** Real milliseconds that a graceful stop would wait for the end of the slot. */
  msUntilBoundary(): number;
  /** Stops after what is being done now. */
  stop(): Promise<void>;
}
