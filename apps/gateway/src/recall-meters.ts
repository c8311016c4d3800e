/** What the counters and the forecasts knew before the restart. */
import { durationMs, instantMs, minus } from "@micromarket/kernel";
import { toleratedStepWh } from "./counter-verdict.ts";
import { EnergyHistory } from "./energy-history.ts";
import { meterSpec, type GatewayConfig } from "./gateway-config.ts";
import type { GatewayLog } from "./gateway-log.ts";
import { generatedIn } from "./market-loop.ts";
import { MeterBoard } from "./meter-board.ts";
import { memoryUntil, readBoardMemory, type BoardMemory } from "./meter-memory.ts";
import type { MeterStore } from "./meter-store.ts";
import type { recentDeliveries } from "./resume-market.ts";
import type { SlotClock } from "./slot-clock.ts";

/** A counter's end of a slot is drawn between samples that are at most this part of a slot apart. */
export const GAPS_IN_SLOT = 2;

/** All counters, with what `store` remembers of them. */
export function recallMeters(config: GatewayConfig, store: MeterStore, clock: SlotClock, log: GatewayLog): MeterBoard {
  const { slotLength } = config.rules;
  const slotMs: number = slotLength;
  const init = {
    slotLength,
    gapMax: durationMs(Math.floor(slotMs / GAPS_IN_SLOT)),
    meters: new Map(config.devices.map((device) => [device.id, meterSpec(device)])),
    tie: config.tieMeter,
    stepMaxWh: (device: string) => toleratedStepWh(slotMs, device === config.tieMeter ? config.homes.length : 1),
  };
  return new MeterBoard(init, recallMemory(store, clock, slotMs, log) ?? undefined);
}

/** `null`: none that can be used; the slot around now stays open. */
function recallMemory(store: MeterStore, clock: SlotClock, slotMs: number, log: GatewayLog): BoardMemory | null {
  const text = store.load();
  if (text === null) return null;
  const memory = readBoardMemory(text);
  if (!memory.ok) {
    log.warn(memory.error, "the counters' memory cannot be read: the slot around now stays open");
    return null;
  }
  if (clock.state().kind !== "synchronised") return memory.value;
  const kept = memoryUntil(memory.value, instantMs(clock.now() + slotMs));
  const count = (board: BoardMemory): number => [...board.values()].reduce((sum, points) => sum + points.size, 0);
  const counters = count(memory.value) - count(kept);
  if (counters > 0) log.warn({ counters }, "the counters' memory is of a later time and was left aside");
  return kept;
}

/** What forecasts go by. */
export function recallHistory(
  { homes }: Pick<GatewayConfig, "homes">,
  meters: MeterBoard,
  deliveries: ReturnType<typeof recentDeliveries>,
  clock: SlotClock,
): EnergyHistory {
  const history = new EnergyHistory();
  const plants = new Map(homes.map(({ party, pv }) => [party, pv]));
  for (const { party, slot, imported, exported } of deliveries) {
    const pv = plants.get(party) ?? null;
    const generated = pv === null ? null : generatedIn(meters.slotOf(pv, slot, clock.now()));
    history.note(party, slot, minus(imported, exported), generated);
  }
  return history;
}
