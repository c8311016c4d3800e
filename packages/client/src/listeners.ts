/** Who hears of what. A listener that throws does not keep the others from hearing. */

/** Listeners by event. `Events` maps each event to what is told of it. */
export class Listeners<Events extends object> {
  readonly #all = new Map<keyof Events, Set<(what: never) => void>>();
  readonly #onFailure: (error: unknown) => void;

  constructor(onFailure: (error: unknown) => void) {
    this.#onFailure = onFailure;
  }

  /** Calls `listener` from now on, until the answer is called. */
  on<Name extends keyof Events>(name: Name, listener: (what: Events[Name]) => void): () => void {
    const own = (what: Events[Name]): void => listener(what);
    const listeners = this.#all.get(name) ?? new Set();
    this.#all.set(name, listeners);
    listeners.add(own);
    return () => void listeners.delete(own);
  }

  tell<Name extends keyof Events>(name: Name, what: Events[Name]): void {
    for (const listener of [...(this.#all.get(name) ?? [])]) {
      try {
        (listener as (what: Events[Name]) => void)(what);
      } catch (error) {
        this.#onFailure(error);
      }
    }
  }
}

/** A listener's mistake is shown as every other one that nobody catches. */
export function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
