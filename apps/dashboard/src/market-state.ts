/**
 * What the page knows of the market, as a function of the events that it heard.
 *
 * Invariants: a snapshot replaces all; an event that was heard before changes nothing; slots are in order of time, each
 * once, and at most a day of them; a reading that is missing stays missing with its reason.
 */
import type { DeviceList, LiveEvent, MarketView, OpenSlot, PointReading, SlotSummary } from "@micromarket/api-http";

/** A device and the last reading of each of its points. */
export type DeviceView = DeviceList["devices"][number];

/** Market, slots and devices up to the event `sequence`. */
export interface MarketState {
  readonly market: MarketView;
  /** Oldest first. */
  readonly slots: readonly SlotSummary[];
  readonly devices: readonly DeviceView[];
  readonly sequence: number;
  /** What an open slot would clear at, as last heard. It is no price yet. */
  readonly indicative?: OpenSlot;
}

/** How far the history goes back. */
export const HISTORY_MS = 86_400_000;

/** The state after `event`; before the first snapshot there is none. */
export function afterEvent(state: MarketState | null, event: LiveEvent): MarketState | null {
  if (event.type === "snapshot") {
    const { market, slots, devices } = event.data;
    return { market, slots: withSlots([], slots), devices, sequence: event.seq };
  }
  if (state !== null && event.type === "indicative") return { ...state, indicative: event.data };
  if (state === null || event.seq <= state.sequence) return state;
  const next = { ...state, sequence: event.seq };
  switch (event.type) {
    case "gate-closed":
      return { ...next, slots: withSlots(state.slots, [event.data]) };
    case "slot-settled":
      return { ...next, slots: state.slots.map((slot) => settled(slot, event.data)) };
    case "device-observed":
      return { ...next, devices: withObservation(state.devices, event.data) };
    default:
      return next;
  }
}

/** The state with what the server says now; readings that came over the stream meanwhile are newer and stay. */
export function afterRefresh(state: MarketState, market: MarketView, devices: readonly DeviceView[]): MarketState {
  return { ...state, market, devices: devices.map((device) => withNewer(device, state.devices)) };
}

function withNewer(device: DeviceView, known: readonly DeviceView[]): DeviceView {
  const before = known.find((other) => other.device === device.device)?.points ?? [];
  const points = device.points.map((reading) => {
    const other = before.find(({ point }) => point === reading.point);
    return other !== undefined && other.at_ms > reading.at_ms ? other : reading;
  });
  return { ...device, up: points.some(({ stale }) => !stale), points };
}

/** The slots with `more`, which replace those that start together with them. */
export function withSlots(slots: readonly SlotSummary[], more: readonly SlotSummary[]): readonly SlotSummary[] {
  const byStart = new Map([...slots, ...more].map((slot) => [slot.start_ms, slot]));
  const ordered = [...byStart.values()].sort((a, b) => a.start_ms - b.start_ms);
  const newest = ordered.at(-1)?.start_ms ?? 0;
  return ordered.filter(({ start_ms }) => start_ms > newest - HISTORY_MS);
}

function settled(
  slot: SlotSummary,
  { slot_ms, unaccounted_wh }: { readonly slot_ms: number; readonly unaccounted_wh: number },
): SlotSummary {
  return slot.start_ms === slot_ms ? { ...slot, phase: "settled", unaccounted_wh } : slot;
}

/** A device that is heard for the first time; the next refresh says more. */
export const UNDESCRIBED = { profile: null, link: null, trouble: null, flags: [] };

function withObservation(
  devices: readonly DeviceView[],
  { device, points }: { readonly device: string; readonly points: readonly PointReading[] },
): readonly DeviceView[] {
  const fresh = points.map((reading) => ({ ...reading, age_ms: 0, stale: reading.value === null }));
  const known = devices.find((other) => other.device === device);
  const kept = (known?.points ?? []).filter(({ point }) => !fresh.some((reading) => reading.point === point));
  const merged = [...kept, ...fresh].sort((a, b) => orderOf(a.point, known) - orderOf(b.point, known));
  const view = { ...UNDESCRIBED, ...known, device, up: merged.some(({ stale }) => !stale), points: merged };
  return known === undefined ? [...devices, view] : devices.map((other) => (other === known ? view : other));
}

/** Points keep their places, so that nothing jumps under the reader's eyes. */
function orderOf(point: string, known: DeviceView | undefined): number {
  const index = known?.points.findIndex((reading) => reading.point === point) ?? -1;
  return index === -1 ? Number.MAX_SAFE_INTEGER : index;
}
