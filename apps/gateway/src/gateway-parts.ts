/** What a gateway is put together from. */
import type { ReadModel } from "@micromarket/api-http";
import type { Journal, MarketNode } from "@micromarket/engine";
import type { Desk } from "./desk.ts";
import type { EnergyHistory } from "./energy-history.ts";
import type { GatewayConfig } from "./gateway-config.ts";
import type { GatewayPorts } from "./gateway-ports.ts";
import type { HouseKeys } from "./house-keys.ts";
import type { JournalUpkeep } from "./journal-upkeep.ts";
import type { MeterBoard } from "./meter-board.ts";
import type { MeterStore } from "./meter-store.ts";
import type { OrderKeeper } from "./order-keeper.ts";
import type { SlotClock } from "./slot-clock.ts";
import type { Stopwatch } from "./stopwatch.ts";

/** All of them. */
export interface GatewayParts {
  readonly config: GatewayConfig;
  readonly ports: GatewayPorts;
  readonly journal: Journal;
  readonly orders: OrderKeeper;
  readonly upkeep: JournalUpkeep;
  readonly node: MarketNode;
  readonly clock: SlotClock;
  readonly model: ReadModel;
  readonly store: MeterStore;
  readonly meters: MeterBoard;
  readonly history: EnergyHistory;
  /** Without the house's signature. */
  readonly bare: Desk;
  readonly desk: Desk;
  /** `null`: the market was founded open. */
  readonly keys: HouseKeys | null;
  readonly stopwatch: Stopwatch;
}
