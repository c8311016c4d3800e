/** Something that is fetched, kept while it is fetched again, and shown with its failure where it could not be. */
import { signal, type ReadonlySignal } from "@preact/signals";
import type { Answer, RequestFailure } from "./api.ts";

/** The last value, and why there is no newer one. */
export interface Loaded<Value> {
  readonly value: Value | null;
  readonly failure: RequestFailure | null;
  readonly busy: boolean;
}

/** Fetches; of several fetches under way only the latest counts. */
export class Loader<Value> {
  readonly #state = signal<Loaded<Value>>({ value: null, failure: null, busy: false });
  #latest = 0;

  get state(): ReadonlySignal<Loaded<Value>> {
    return this.#state;
  }

  async load(ask: () => Answer<Value>): Promise<Value | null> {
    this.#latest += 1;
    const own = this.#latest;
    this.#state.value = { ...this.#state.peek(), busy: true };
    const answer = await ask();
    if (own !== this.#latest) return null;
    this.#state.value = answer.ok
      ? { value: answer.value, failure: null, busy: false }
      : { value: this.#state.peek().value, failure: answer.error, busy: false };
    return answer.ok ? answer.value : null;
  }

  /** Forgets the value; a fetch under way no longer counts. */
  clear(): void {
    this.#latest += 1;
    this.#state.value = { value: null, failure: null, busy: false };
  }
}
