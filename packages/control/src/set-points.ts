/**
 * From what a home bought and sold in a slot to what its devices are told, and corrected as the slot goes by.
 *
 * Load convention: energy and power > 0 flow in. A correction never turns a device round: what was bought to be stored is
 * at worst not stored, never discharged again.
 */
import {
  assert,
  minus,
  plus,
  slotEnd,
  wattHours,
  watts,
  type InstantMs,
  type Measurement,
  type Slot,
  type WattHours,
  type Watts,
} from "@micromarket/kernel";
import { shareOut } from "./share-out.ts";

/** What one device is to do in a slot. */
export interface DevicePlan {
  readonly id: string;
  /** Bought to flow in (> 0), or sold to flow out (< 0). */
  readonly energy: WattHours;
  /** Higher is served first. */
  readonly priority: number;
}

/** What the home's devices will do with what it got. */
export interface AllottedPlans {
  /** In the order of the plans. */
  readonly energies: readonly WattHours[];
  /** What the devices cannot make up for; it is settled as a deviation. > 0: more was bought than will be used. */
  readonly unplaced: WattHours;
}

/**
 * Brings plans into line with the award. Where less was bought (or more sold) than planned, inflows shrink; where more was
 * bought, outflows do; nothing grows, nothing changes its direction.
 *
 * @param net bought less sold in the slot
 * @param rest what flows besides the devices: load less generation, forecast
 */
export function allotPosition(net: WattHours, rest: WattHours, plans: readonly DevicePlan[]): AllottedPlans {
  const planned = plans.reduce((sum, { energy }) => plus(sum, energy), rest);
  const gap: number = minus(net, planned);
  const sign = gap < 0 ? 1 : -1; // short: take from inflows; long: from outflows
  const wanted = plans.map(({ energy }) => Math.max(0, sign > 0 ? energy : -energy));
  const total = wanted.reduce((sum, part) => sum + part, 0);
  const kept = Math.max(0, total - Math.abs(gap));
  const shares = shareOut(
    kept,
    plans.map(({ id, priority }, index) => ({ id, priority, wanted: wanted[index] ?? 0, minimum: 0, floor: 0 })),
  );
  const energies = plans.map(({ energy }, index) =>
    (wanted[index] ?? 0) > 0 ? wattHours((shares[index] ?? 0) * sign) : energy,
  );
  const flow = energies.reduce((sum, energy) => plus(sum, energy), rest);
  return { energies, unplaced: minus(net, flow) };
}

/** What is known of one device in the middle of a slot. */
export interface SlotProgress {
  readonly slot: Slot;
  /** In the slot; at its end throws. */
  readonly at: InstantMs;
  /** What is to flow in the whole slot; `null`: there is no award. */
  readonly energy: WattHours | null;
  /** What has flowed since its start. Where it is missing the device is taken to have kept to its plan. */
  readonly soFar: Measurement<WattHours>;
  /** The most that may flow in, and out; not negative. */
  readonly inMax: Watts;
  readonly outMax: Watts;
  /** What still fits in, and can still be taken out, at the terminals; missing (a silent battery) is nothing. */
  readonly room: Measurement<{ readonly into: WattHours; readonly outOf: WattHours }>;
}

/** What a device is told. */
export type SetPoint =
  /** No award: the gate was missed or the market is gone. The device is given back. */
  | { readonly kind: "release"; readonly reason: "NO_AWARD" }
  | {
      readonly kind: "power";
      readonly power: Watts;
      /** What holds back; `null`: nothing. */
      readonly reason: "POWER_LIMIT" | "STATE_OF_CHARGE" | "ROOM_MISSING" | null;
    };

const MS_PER_HOUR = 3_600_000;

/**
 * The power that brings what is left of a slot's energy into what is left of its time. Rounded towards 0 to the watt; the
 * next call makes up for it, so that a device that obeys ends within the Wh that the last watt makes.
 */
export function setPoint(progress: SlotProgress): SetPoint {
  const { slot, at, energy, inMax, outMax, room } = progress;
  assert(at >= slot.startMs && at < slotEnd(slot), "a set-point is asked for within its slot");
  if (energy === null) return { kind: "release", reason: "NO_AWARD" };
  const isInflow = energy >= 0;
  const leftMs = slotEnd(slot) - at;
  const power = powerOf(Math.max(0, openEnergyMs(progress)), leftMs);
  const roomWh = room.kind === "missing" ? null : isInflow ? room.value.into : room.value.outOf;
  const limit = isInflow ? inMax : outMax;
  const roomW = powerOf(Math.max(0, roomWh ?? 0) * MS_PER_HOUR, leftMs);
  const allowed = Math.min(power, limit, roomW);
  const reason =
    allowed === power ? null : roomWh === null ? "ROOM_MISSING" : roomW < limit ? "STATE_OF_CHARGE" : "POWER_LIMIT";
  return { kind: "power", power: watts(isInflow ? allowed : -allowed), reason };
}

/** What is still to flow in the slot's direction, W·ms; negative where too much has. */
function openEnergyMs({ slot, at, energy, soFar }: SlotProgress): number {
  const wanted: number = energy ?? 0;
  const [passedMs, lengthMs]: [number, number] = [at - slot.startMs, slot.lengthMs];
  const sign = wanted >= 0 ? 1 : -1;
  if (soFar.kind === "value") return (wanted - soFar.value) * sign * MS_PER_HOUR;
  const leftMs = BigInt(lengthMs - passedMs);
  return Number((BigInt(wanted * sign) * BigInt(MS_PER_HOUR) * leftMs) / BigInt(lengthMs));
}

function powerOf(wattMs: number, timeMs: number): number {
  return Number(BigInt(wattMs) / BigInt(timeMs));
}
