/**
 * A counter that stands at 0, or that is not there, held against the power in its direction: as long as power shows no flow
 * there, nothing to count and no counter are the same, and 0 is right. Once power has come to more than the market tolerates
 * as an error, the 0 would be wrong: the device counts nothing until its counter moves, or until no more has flowed there for
 * a slot; then counting begins anew.
 *
 * What power came to is added up over restarts and is never forgotten for being little: all slots that were told before it
 * was noticed lack less than what is tolerated, together.
 */
import type { DurationMs, InstantMs } from "@micromarket/kernel";

/** How it watches. */
export interface ZeroRules {
  /** How long a power holds. */
  readonly gapMax: DurationMs;
  /** For how long nothing must flow until counting begins anew. */
  readonly quiet: DurationMs;
}

/** What it knows, for a restart. */
export interface ZeroMemory {
  /** What flowed and was not counted, W·ms. */
  readonly energy: number;
  /** It came to too much. */
  readonly isHeld: boolean;
  /** When something flowed last; `null`: never. */
  readonly flowAt: InstantMs | null;
}

/** Less is noise: in a slot 1 % of the 2 kW by which errors are measured. */
const WATTS_MIN = 20;
/** W·ms in a Wh. */
const WH = 3_600_000;

/** Watches one direction of one device. */
export class ZeroWatch {
  readonly #rules: ZeroRules;
  #memory: ZeroMemory;
  #last: { readonly at: InstantMs; readonly watts: number } | null = null;

  constructor(rules: ZeroRules, memory: ZeroMemory | null = null) {
    this.#rules = rules;
    this.#memory = memory ?? NOTHING;
  }

  /** Whether more has flowed than the counter's 0 may hide. */
  get isHeld(): boolean {
    return this.#memory.isHeld;
  }

  /**
   * Takes in the power in the counter's direction while the counter says nothing.
   *
   * @param toleratedWh more than this is no error that the market takes
   * @returns whether the flow has just ended, so that counting begins anew
   */
  note(at: InstantMs, watts: number, toleratedWh: number): boolean {
    const last = this.#last;
    if (last !== null && at <= last.at) return false;
    this.#last = { at, watts };
    const holds = last !== null && last.watts >= WATTS_MIN && at - last.at <= this.#rules.gapMax;
    const energy = this.#memory.energy + (holds ? last.watts * (at - last.at) : 0);
    const isFlowing = watts >= WATTS_MIN || holds;
    const flowAt = isFlowing ? at : this.#memory.flowAt;
    this.#memory = { energy, isHeld: this.isHeld || energy > toleratedWh * WH, flowAt };
    if (!this.isHeld || isFlowing || (flowAt !== null && at - flowAt < this.#rules.quiet)) return false;
    this.#memory = NOTHING;
    return true;
  }

  /** The counter counts. */
  clear(): void {
    this.#memory = NOTHING;
    this.#last = null;
  }

  memory(): ZeroMemory {
    return this.#memory;
  }
}

const NOTHING: ZeroMemory = { energy: 0, isHeld: false, flowAt: null };
