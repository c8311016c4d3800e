/** A signal of the grid operator for one home, from its coming to its end, with its proof. */
import type { InstantMs, Watts } from "@micromarket/kernel";
import type { DimLog, DimRecord } from "./dim-log.ts";

/** Until when the home's devices together draw at most so much. */
export interface DimSignal {
  readonly importLimit: Watts;
  readonly until: InstantMs;
}

export class Dimming {
  readonly #home: string;
  readonly #note: DimLog;
  /** What the devices draw together; `null`: not known. */
  readonly #drawn: () => Watts | null;
  #signal: DimSignal | null = null;
  #isObeyed = false;

  constructor(home: string, note: DimLog, drawn: () => Watts | null) {
    this.#home = home;
    this.#note = note;
    this.#drawn = drawn;
  }

  /** The signal that holds; `null`: none. */
  get signal(): DimSignal | null {
    return this.#signal;
  }

  /** Takes in a signal, in place of the one before. */
  begin(signal: DimSignal, now: InstantMs): void {
    this.#signal = signal;
    this.#isObeyed = false;
    this.#prove("signal", now);
  }

  /** Whether there was one to end. */
  end(now: InstantMs): boolean {
    if (this.#signal === null) return false;
    this.#prove("ended", now);
    this.#signal = null;
    return true;
  }

  /** Ends a signal whose time is over, and proves once that it is obeyed. */
  lookAfter(now: InstantMs): void {
    if (this.#signal === null) return;
    if (this.#signal.until <= now) return void this.end(now);
    const drawn = this.#drawn();
    if (this.#isObeyed || drawn === null || drawn > this.#signal.importLimit) return;
    this.#isObeyed = true;
    this.#prove("obeyed", now);
  }

  #prove(event: DimRecord["event"], at: InstantMs): void {
    if (this.#signal === null) return;
    const { importLimit: limit, until } = this.#signal;
    this.#note({ event, at, home: this.#home, limit, until, measured: this.#drawn() });
  }
}
