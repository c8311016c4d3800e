/** A market of homes whose meters are counters in memory, driven through virtual time. */
import { openNode, type Journal, type MarketNode, type SettlementRules, type MarketRules } from "@micromarket/engine";
import {
  assert,
  DAY,
  instantMs,
  measured,
  MINUTE,
  partyId,
  plus,
  priceMicro,
  SECOND,
  times,
  wattHours,
} from "@micromarket/kernel";
import type { InstantMs, Measurement } from "@micromarket/kernel";
import { createMemoryJournal, marketRules, type MemoryDisk } from "@micromarket/testkit";
import type { MeterSpec } from "../src/counter-facts.ts";
import { toleratedStepWh } from "../src/counter-verdict.ts";
import { openDesk } from "../src/desk.ts";
import { EnergyHistory } from "../src/energy-history.ts";
import type { Deposit, HomeConfig, UnmeteredConfig } from "../src/gateway-config.ts";
import { ControlRoom } from "../src/control/control-room.ts";
import { HomePlanner } from "../src/control/home-planner.ts";
import { machineTime } from "../src/machine-time.ts";
import { MarketLoop, generatedIn } from "../src/market-loop.ts";
import { MeterBoard } from "../src/meter-board.ts";
import { readBoardMemory } from "../src/meter-memory.ts";
import type { Notice } from "../src/notice.ts";
import { openingCommands } from "../src/opening-commands.ts";
import { recentDeliveries } from "../src/resume-market.ts";
import type { ClockState } from "../src/clock-health.ts";
import { counterOf, meterOf } from "./counters.ts";

export const START = instantMs(Date.UTC(2026, 5, 1));
const SLOT = times(MINUTE, 15);
const PRICES = { tariff: priceMicro(320_000), feedIn: priceMicro(80_000) };
const STEP = times(SECOND, 30);
const SLOT_MS: number = SLOT;

/** Home 1 has PV. */
export const HOMES: readonly HomeConfig[] = ["home-1", "home-2", "home-3"].map((id, index) => ({
  party: partyId(id),
  meter: `grid-${index + 1}`,
  pv: index === 0 ? "pv-1" : null,
  loadLimit: priceMicro(500_000),
  pvReserve: priceMicro(80_000),
  creditLine: null,
  ...{ battery: null, charger: null, limits: { import: null, export: null, dimFloor: null } },
}));

/** What a meter's counter shows; `null`: nothing. */
export type ShownBy = (
  device: string,
  at: InstantMs,
) => { readonly imported: number; readonly exported: number; readonly watts?: number } | null;

/** Even flows: homes draw 100 Wh, 200 Wh, 300 Wh a slot; from 6 to 18 h the plant of home 1 gives 900 Wh a slot. */
export const evenFlows: ShownBy = (device, at) => {
  const slots = Math.floor((at - START) / SLOT_MS);
  const part = (at - START) / SLOT_MS - slots;
  const sum = (energyOf: (slot: number) => number): number => {
    let total = part * energyOf(slots);
    for (let slot = 0; slot < slots; slot++) total += energyOf(slot);
    return Math.floor(1_000 + total);
  };
  const solar = (slot: number): number => (slot % 96 >= 24 && slot % 96 < 72 ? 900 : 0);
  if (device === "pv-1") return { imported: 1_000, exported: sum(solar) };
  const number = Number(device.slice(-1));
  const net = (slot: number): number => 100 * number - (number === 1 ? solar(slot) : 0);
  return { imported: sum((slot) => Math.max(0, net(slot))), exported: sum((slot) => Math.max(0, -net(slot))) };
};

/** A gateway's core on a journal in memory. */
export interface Street {
  readonly node: MarketNode;
  readonly journal: Journal;
  readonly notices: Notice[];
  readonly meters: MeterBoard;
  /** Lets time pass until `until`. */
  run(until: InstantMs): Promise<void>;
  setClock(state: ClockState): void;
  /** The counters' memory that a kill leaves. */
  kept(): string;
  /** The counters' memory, after everything was closed. */
  close(): string;
}

/** What the street has besides its meters. */
export interface StreetOptions {
  /** The counters' memory of an earlier run. */
  readonly memory?: string | null;
  readonly settlement?: SettlementRules;
  readonly deposits?: readonly Deposit[];
  /** Who trades without a meter. */
  readonly parties?: readonly UnmeteredConfig[];
  /** What all meters are like. @default counters of 1 Wh, and no power */
  readonly meter?: MeterSpec;
}

/** Opens the street on `disk` at `at`. */
export async function openStreet(
  disk: MemoryDisk,
  at: InstantMs,
  shownBy: ShownBy = evenFlows,
  { memory = null, settlement, deposits = [], parties = [], meter = meterOf(counterOf()) }: StreetOptions = {},
): Promise<Street> {
  const plain = marketRules({ slotLength: SLOT, gateLead: times(MINUTE, 5) });
  const rules = settlement === undefined ? plain : { ...plain, settlement };
  const journal = createMemoryJournal(disk);
  const opened = openNode(rules, journal);
  assert(opened.ok, "the journal opens");
  const node = opened.value;
  let now = at;
  let state: ClockState = { kind: "synchronised", offsetMs: null };
  const clock = { now: () => now, state: () => state };
  const desk = openDesk(node, clock.now, () => undefined);
  const counted = new Map(["grid-1", "grid-2", "grid-3", "pv-1"].map((device) => [device, meter]));
  const read = memory === null ? null : readBoardMemory(memory);
  const meters = new MeterBoard(
    {
      ...{ slotLength: SLOT, gapMax: times(MINUTE, 7), meters: counted, tie: null },
      stepMaxWh: () => toleratedStepWh(SLOT_MS, 1),
    },
    read?.ok === true ? read.value : undefined,
  );
  const history = new EnergyHistory();
  for (const { party, slot, imported, exported } of recentDeliveries(node, journal)) {
    const pv = HOMES.find((home) => home.party === party)?.pv ?? null;
    history.note(
      party,
      slot,
      wattHours(imported - exported),
      pv === null ? null : generatedIn(meters.slotOf(pv, slot, now)),
    );
  }
  const notices: Notice[] = [];
  await desk.submit(openingCommands(node.state, { homes: HOMES, parties, prices: PRICES, deposits }, now));
  const config = { rules, homes: HOMES, tieMeter: null };
  const tell = (notice: Notice): void => void notices.push(notice);
  let kept = meters.memoryText();
  const keep = (): void => void (kept = meters.memoryText());
  const agents = agentsWithoutControls(rules, () => now);
  const loop = new MarketLoop({ config, clock, desk, meters, history, agents, tell, keep });
  return {
    node,
    journal,
    notices,
    meters,
    async run(until) {
      for (; now < until; now = plus(now, instantMs(STEP))) {
        for (const device of counted.keys()) meters.note(readings(device, now, shownBy));
        await loop.step();
      }
    },
    kept: () => kept,
    setClock(next) {
      state = next;
    },
    close() {
      desk.close();
      journal.close();
      return meters.memoryText();
    },
  };
}

function readings(device: string, at: InstantMs, shownBy: ShownBy) {
  const shown = shownBy(device, at);
  const value = (key: "imported" | "exported"): Measurement<number> =>
    shown === null ? { kind: "missing", reason: "device-silent" } : { kind: "value", value: shown[key] };
  return {
    device,
    readings: [
      { point: "imported_wh" as const, value: value("imported"), at },
      { point: "exported_wh" as const, value: value("exported"), at },
      ...(shown?.watts === undefined ? [] : [{ point: "power_w" as const, value: measured(shown.watts), at }]),
    ],
  };
}

/** The start of the slot with number `index` of the run. */
export function slotNumber(index: number): InstantMs {
  return instantMs(START + index * SLOT_MS);
}

/** Days after the start. */
export function daysOn(days: number): InstantMs {
  return plus(START, instantMs(times(DAY, days)));
}

/** The homes' agents where no device can be told anything. */
function agentsWithoutControls(rules: MarketRules, now: () => InstantMs): HomePlanner {
  const room = new ControlRoom({
    config: { name: "street", homes: HOMES, devices: [], rules, isControlEnabled: false },
    ...{ controls: new Map(), clock: { now, factor: null }, time: machineTime, isProgramOpen: false },
    memory: { recall: () => null, keep: () => undefined },
    tell: () => undefined,
    noteDim: () => undefined,
  });
  return new HomePlanner({ homes: HOMES, rules, prices: PRICES }, room, now);
}
