/** Keeps the counters' memory: after a part of a slot, and whenever something is reported by it. */
import { instantMs, type DurationMs, type InstantMs } from "@micromarket/kernel";
import type { MachineTime } from "./machine-time.ts";
import type { MeterBoard } from "./meter-board.ts";
import type { MeterStore } from "./meter-store.ts";
import type { SlotClock } from "./slot-clock.ts";

/** What a keeper goes by. */
export interface MeterKeeperInit {
  readonly clock: Pick<SlotClock, "now">;
  readonly time: MachineTime;
  readonly slotLength: DurationMs;
  readonly warn: (error: string) => void;
}

/** Saves in a slot: a kill costs no more than a short silence. */
const KEEPS_IN_SLOT = 8;
/** And not more often, in real time: it wears the disk. */
const KEEP_MS_MIN = 10_000;

export class MeterKeeper {
  readonly #store: MeterStore;
  readonly #meters: MeterBoard;
  readonly #init: MeterKeeperInit;
  #keptAt: InstantMs;
  #keptMs: number;

  constructor(store: MeterStore, meters: MeterBoard, init: MeterKeeperInit) {
    this.#store = store;
    this.#meters = meters;
    this.#init = init;
    this.#keptAt = init.clock.now();
    this.#keptMs = init.time.elapsedMs();
  }

  /** Saves now; what cannot be written is told. */
  save(): void {
    const { clock, time, warn } = this.#init;
    this.#keptAt = clock.now();
    this.#keptMs = time.elapsedMs();
    try {
      this.#store.save(this.#meters.memoryText());
    } catch (error) {
      warn(String(error));
    }
  }

  /** Saves where it is time to. */
  saveIfOld(): void {
    const { clock, time, slotLength } = this.#init;
    const slotMs: number = slotLength;
    const isDue = clock.now() >= instantMs(this.#keptAt + Math.floor(slotMs / KEEPS_IN_SLOT));
    if (isDue && time.elapsedMs() - this.#keptMs >= KEEP_MS_MIN) this.save();
  }
}
