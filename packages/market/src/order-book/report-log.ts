/**
 * What a book has to say, as records of 24 bytes in typed arrays: written without an allocation, read at leisure.
 * The reader clears it; until then it grows.
 */

/** What a report says. */
export const REPORT = {
  /** `id` was accepted with `quantity` at `tick`. */
  accepted: 1,
  /** `id`, incoming, and `other`, resting, trade `quantity` at `tick`. */
  traded: 2,
  /** `quantity` of `id` is cancelled; `reason` is one of `CANCEL_REASON`. */
  cancelled: 3,
  /** `quantity` of `id` expired. */
  expired: 4,
  /** `id` now has `quantity` open at `tick`. */
  replaced: 5,
  /** A command about `id` was refused; `reason` is one of `REJECT_REASON`. */
  rejected: 6,
} as const;

/** Why an accepted order was cancelled. */
export const CANCEL_REASON = {
  /** Somebody asked for it. */
  requested: 1,
  /** The rest of an order that may not rest. */
  immediate: 2,
  /** A fill-or-kill order that could not be filled whole. */
  fillOrKill: 3,
  /** Self-trade prevention. */
  selfTrade: 4,
} as const;

/** Why a command was refused. */
export const REJECT_REASON = {
  quantityNotPositive: 1,
  priceOutOfBand: 2,
  expiresInPast: 3,
  postOnlyWouldTrade: 4,
  /** No order has this id. */
  orderUnknown: 5,
  /** The order is filled, cancelled, expired, or was refused. */
  orderNotLive: 6,
} as const;

/** One report, read back. Members without a meaning for its kind are 0. */
export interface Report {
  readonly kind: number;
  readonly reason: number;
  readonly id: number;
  readonly other: number;
  readonly tick: number;
  readonly quantity: number;
}

/** 32-bit words of a record: kind with reason, id, other, tick, and a 64-bit quantity. */
const WORDS = 6;
const DOUBLES = 3;
const REASON_SHIFT = 8;
const KIND_MASK = 0xff;

/** The log of one book. */
export class ReportLog {
  /** Records since it was cleared. */
  count = 0;
  private capacity: number;
  private words: Int32Array;
  private quantities: Float64Array;

  /** @param capacity records that fit before it has to grow */
  constructor(capacity = 1_024) {
    this.capacity = capacity;
    const buffer = new ArrayBuffer(capacity * WORDS * 4);
    this.words = new Int32Array(buffer);
    this.quantities = new Float64Array(buffer);
  }

  /** Appends one report. */
  add(kind: number, reason: number, id: number, other: number, tick: number, quantity: number): void {
    if (this.count === this.capacity) this.grow();
    const word = this.count * WORDS;
    const { words } = this;
    words[word] = kind | (reason << REASON_SHIFT);
    words[word + 1] = id;
    words[word + 2] = other;
    words[word + 3] = tick;
    this.quantities[this.count * DOUBLES + 2] = quantity;
    this.count += 1;
  }

  /** Forgets all reports. */
  clear(): void {
    this.count = 0;
  }

  /** The report at `index`, 0 to `count` − 1. */
  read(index: number): Report {
    const [head = 0, id = 0, other = 0, tick = 0] = this.words.subarray(index * WORDS, index * WORDS + 4);
    const quantity = this.quantities[index * DOUBLES + 2] ?? 0;
    return { kind: head & KIND_MASK, reason: head >>> REASON_SHIFT, id, other, tick, quantity };
  }

  /** Whether both logs hold the same reports. */
  equals(other: ReportLog): boolean {
    if (this.count !== other.count) return false;
    for (let word = 0; word < this.count * WORDS; word++) if (this.words[word] !== other.words[word]) return false;
    return true;
  }

  private grow(): void {
    this.capacity *= 2;
    const buffer = new ArrayBuffer(this.capacity * WORDS * 4);
    const words = new Int32Array(buffer);
    words.set(this.words);
    this.words = words;
    this.quantities = new Float64Array(buffer);
  }
}
