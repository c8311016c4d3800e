/** At most so many messages a second of one topic. Memory is bounded: topics beyond the bound share one allowance. */
import { instantMs, minus, SECOND, type InstantMs } from "@micromarket/kernel";

interface Window {
  readonly startedAt: InstantMs;
  count: number;
}

/** Counts messages by topic in windows of one second. */
export class TopicRates {
  readonly #perSecondMax: number;
  readonly #topicsMax: number;
  readonly #windows = new Map<string, Window>();
  #sweptAt = instantMs(0);

  constructor(perSecondMax: number, topicsMax: number) {
    this.#perSecondMax = perSecondMax;
    this.#topicsMax = topicsMax;
  }

  /** Whether a message of `topic` that comes now is still within the allowance. A clock that is set back starts anew. */
  allows(topic: string, now: InstantMs): boolean {
    if (!this.#windows.has(topic)) this.#makeRoom(now);
    const isKnown = this.#windows.has(topic) || this.#windows.size < this.#topicsMax;
    const key = isKnown ? topic : ""; // no topic is empty
    const window = this.#windows.get(key);
    if (window === undefined || isOver(window, now)) {
      this.#windows.set(key, { startedAt: now, count: 1 });
      return true;
    }
    window.count += 1;
    return window.count <= this.#perSecondMax;
  }

  /** Forgets topics that have fallen silent, once a second at most: it costs a look at each. */
  #makeRoom(now: InstantMs): void {
    const isNeeded = this.#windows.size >= this.#topicsMax && isOver({ startedAt: this.#sweptAt }, now);
    if (!isNeeded) return;
    this.#sweptAt = now;
    for (const [topic, window] of this.#windows) if (isOver(window, now)) this.#windows.delete(topic);
  }
}

function isOver({ startedAt }: Pick<Window, "startedAt">, now: InstantMs): boolean {
  return now < startedAt || minus(now, startedAt) >= SECOND;
}
