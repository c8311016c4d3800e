/**
 * What a book has to say, as records of 32 bytes in typed arrays: written without an allocation, read at leisure.
 * The reader clears it; until then it grows.
 */

import { readWide, writeWide } from "./wide-quantity.ts";

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

/**
 * The log of one book. A record is 8 words: kind with reason × 256, id, other, tick, the quantity as two words of
 * `wide-quantity.ts`, two free ones. The layout stands here in numbers: see `resting-orders.ts`.
 */
export class ReportLog {
  /** Records since it was cleared. */
  count = 0;
  declare private words: Int32Array;

  /** @param capacity records that fit before it has to grow */
  constructor(capacity = 1_024) {
    this.words = new Int32Array(capacity << 3);
  }

  /** Appends one report. */
  add(kind: number, reason: number, id: number, other: number, tick: number, quantity: number): void {
    const word = this.count << 3;
    this.count = (this.count + 1) | 0;
    if (word === this.words.length) this.grow();
    const { words } = this;
    words[word] = kind | (reason << 8);
    words[word | 1] = id;
    words[word | 2] = other;
    words[word | 3] = tick;
    if (quantity <= 0x7fff_ffff) words[word | 4] = quantity;
    else writeWide(words, word | 4, quantity);
  }

  /** Forgets all reports. */
  clear(): void {
    this.count = 0;
  }

  /** The report at `index`, 0 to `count` − 1. */
  read(index: number): Report {
    const word = index << 3;
    const [head = 0, id = 0, other = 0, tick = 0] = this.words.subarray(word, word + 4);
    return { kind: head & 0xff, reason: head >>> 8, id, other, tick, quantity: readWide(this.words, word | 4) };
  }

  /** Whether both logs hold the same reports. */
  equals(other: ReportLog): boolean {
    if (this.count !== other.count) return false;
    for (let index = 0; index < this.count; index++) if (!this.isSame(other, index << 3)) return false;
    return true;
  }

  private isSame({ words }: ReportLog, word: number): boolean {
    for (let part = word; part <= (word | 4); part++) if (this.words[part] !== words[part]) return false;
    return (words[word | 4] as number) >= 0 || this.words[word | 5] === words[word | 5];
  }

  private grow(): void {
    const words = new Int32Array(this.words.length * 2);
    words.set(this.words);
    this.words = words;
  }
}
