/**
 * What has flowed through a device since its slot began, by its power: enough to correct a set-point, not to settle by.
 *
 * Invariant: in a slot's last part, where a correction could no longer be seen before the slot is over, power stays as it is.
 */
import { setPoint, type SetPoint, type SlotProgress } from "@micromarket/control";
import {
  measured,
  missing,
  slotEnd,
  wattHours,
  type InstantMs,
  type Measurement,
  type WattHours,
  type Watts,
} from "@micromarket/kernel";

const MS_PER_HOUR = 3_600_000;
/** A correction is seen by the next reading but one. */
const GAPS_TO_SEE = 2;
/** Slots are settled within hours. */
const SLOTS_KEPT = 96;

export class SlotFlow {
  readonly #gapMsMax: number;
  #slot: InstantMs | null = null;
  #wattMs = 0;
  #last: { readonly at: InstantMs; readonly watts: number } | null = null;
  #isWhole = false;
  readonly #past = new Map<InstantMs, WattHours>();
  /** What was told last while corrections could be seen. */
  #told: { readonly slot: InstantMs; readonly energy: WattHours | null; readonly power: Watts } | null = null;

  /** @param gapMsMax longest time between two readings, in market time, over which power counts as steady */
  constructor(gapMsMax: number) {
    this.#gapMsMax = gapMsMax;
  }

  /** Takes in the power at `at`, in the slot that began at `slot`. */
  note(slot: InstantMs, at: InstantMs, watts: number | null): void {
    const last = this.#last;
    const isJoined = last !== null && at >= last.at && at - last.at <= this.#gapMsMax;
    if (slot !== this.#slot) {
      this.#finish(isJoined ? last.watts * Math.max(0, slot - last.at) : null);
      this.#wattMs = 0;
      this.#isWhole = isJoined; // what flowed between the slot's start and now is known
    }
    const from = last === null ? at : slot === this.#slot ? last.at : Math.max(slot, last.at);
    if (isJoined) this.#wattMs += last.watts * Math.max(0, at - from);
    else if (last !== null || slot !== this.#slot) this.#isWhole &&= isJoined;
    this.#slot = slot;
    this.#last = watts === null ? null : { at, watts };
    if (watts === null) this.#isWhole = false;
  }

  /** What the device is to be told now: corrected by what has flowed, as long as that can be seen. */
  setPoint(progress: Omit<SlotProgress, "soFar">): SetPoint {
    const { slot, at, energy } = progress;
    if (slotEnd(slot) - at > GAPS_TO_SEE * this.#gapMsMax) {
      const wish = setPoint({ ...progress, soFar: this.soFar(slot.startMs) });
      this.#told = wish.kind === "power" ? { slot: slot.startMs, energy, power: wish.power } : null;
      return wish;
    }
    const told = this.#told;
    const isSame = told?.slot === slot.startMs && told.energy === energy;
    return setPoint({ ...progress, energy: isSame ? energyAt(told.power, slot) : energy, soFar: missing("gap") });
  }

  /** What flowed in, net, in the whole of a past slot; `null`: not known, or not any more. */
  pastIn(slot: InstantMs): WattHours | null {
    return this.#past.get(slot) ?? null;
  }

  /** @param restWattMs what flowed from the last reading to the slot's end; `null`: not known */
  #finish(restWattMs: number | null): void {
    if (this.#slot === null || !this.#isWhole || restWattMs === null) return;
    this.#past.set(this.#slot, wattHours(Math.round((this.#wattMs + restWattMs) / MS_PER_HOUR)));
    for (const oldest of this.#past.keys()) {
      if (this.#past.size <= SLOTS_KEPT) break;
      this.#past.delete(oldest);
    }
  }

  /** What has flowed in, net, since `slot` began. */
  soFar(slot: InstantMs): Measurement<WattHours> {
    if (slot !== this.#slot || !this.#isWhole) return missing("gap");
    return measured(wattHours(Math.round(this.#wattMs / MS_PER_HOUR)));
  }
}

/** What a power comes to in a whole slot. */
function energyAt(power: Watts, slot: SlotProgress["slot"]): WattHours {
  const [powerW, lengthMs]: [number, number] = [power, slot.lengthMs];
  return wattHours(Math.round((powerW * lengthMs) / MS_PER_HOUR));
}
