/**
 * Tells listeners the indicative result of the slot whose gate closes next.
 *
 * Invariants: it is told when it has changed, and at most once in `everyMs` of the wall clock however many tenders come;
 * it is asked for only while somebody listens.
 */
import type { LiveEvent } from "@micromarket/protocol";

/** The indicative event of now; `null` where there is none. */
export type IndicativeNow = () => LiveEvent | null;

/** A timer over a question. */
export class IndicativeTicker {
  readonly #timer: NodeJS.Timeout;
  #told: string | null = null;

  constructor(
    everyMs: number,
    isHeard: () => boolean,
    now: IndicativeNow,
    tell: (event: LiveEvent) => void,
    onError: (error: unknown) => void,
  ) {
    const tick = (): void => {
      const event = isHeard() ? now() : null;
      if (event === null || JSON.stringify(event.data) === this.#told) return;
      this.noteTold(event);
      tell(event);
    };
    this.#timer = setInterval(() => {
      try {
        tick();
      } catch (error) {
        onError(error);
      }
    }, everyMs);
    this.#timer.unref();
  }

  /** All who listen know of `event`. */
  noteTold(event: LiveEvent): void {
    this.#told = JSON.stringify(event.data);
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
