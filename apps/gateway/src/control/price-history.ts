/** Prices of past slots, and what persistence expects of the next: the same slot of the day before, else the last one. */
import { DAY, instantMs, plus, times, type DurationMs, type InstantMs, type PriceMicro } from "@micromarket/kernel";

/** Two days of quarter hours. */
const SLOTS_KEPT = 192;

export class PriceHistory {
  readonly #prices = new Map<InstantMs, PriceMicro>();
  readonly #slotLength: DurationMs;

  constructor(slotLength: DurationMs) {
    this.#slotLength = slotLength;
  }

  note(slot: InstantMs, price: PriceMicro): void {
    this.#prices.set(slot, price);
    for (const oldest of this.#prices.keys()) {
      if (this.#prices.size <= SLOTS_KEPT) break;
      this.#prices.delete(oldest);
    }
  }

  /** Prices of `count` slots from `slot` on; `usual` where nothing is known. */
  expect(slot: InstantMs, count: number, usual: PriceMicro): readonly PriceMicro[] {
    const latest = [...this.#prices.values()].at(-1) ?? usual;
    return Array.from({ length: count }, (_, index) => {
      const expected = instantMs(plus(slot, instantMs(times(this.#slotLength, index))) - DAY);
      return this.#prices.get(expected) ?? latest;
    });
  }
}
