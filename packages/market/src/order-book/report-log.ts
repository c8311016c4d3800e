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
 * `wide-quantity.ts`, two free ones. Words without a meaning for the kind are not written, so they hold anything.
 * The layout stands here in numbers: see `resting-orders.ts`.
 */
export class ReportLog {
  /** Records since it was cleared. */
  count = 0;
  declare private words: Int32Array;

  /** @param capacity records that fit before it has to grow */
  constructor(capacity = 1_024) {
    this.words = new Int32Array(capacity << 3);
  }

  /** `id` is accepted with `quantity` at `tick`. */
  accepted(id: number, tick: number, quantity: number): void {
    const word = this.open(1 satisfies typeof REPORT.accepted, id);
    this.words[word | 3] = tick;
    this.setQuantity(word, quantity);
  }

  /** `id`, incoming, and `other`, resting, trade `quantity` at `tick`. */
  traded(id: number, other: number, tick: number, quantity: number): void {
    const word = this.open(2 satisfies typeof REPORT.traded, id);
    this.words[word | 2] = other;
    this.words[word | 3] = tick;
    this.setQuantity(word, quantity);
  }

  /** `quantity` of `id` is cancelled; `reason` is one of `CANCEL_REASON`. */
  cancelled(reason: number, id: number, quantity: number): void {
    this.setQuantity(this.open((3 satisfies typeof REPORT.cancelled) | (reason << 8), id), quantity);
  }

  /** `quantity` of `id` expired. */
  expired(id: number, quantity: number): void {
    this.setQuantity(this.open(4 satisfies typeof REPORT.expired, id), quantity);
  }

  /** `id` now has `quantity` open at `tick`. */
  replaced(id: number, tick: number, quantity: number): void {
    const word = this.open(5 satisfies typeof REPORT.replaced, id);
    this.words[word | 3] = tick;
    this.setQuantity(word, quantity);
  }

  /** A command about `id` is refused; `reason` is one of `REJECT_REASON`. */
  rejected(reason: number, id: number): void {
    this.open((6 satisfies typeof REPORT.rejected) | (reason << 8), id);
  }

  /** Forgets all reports. */
  clear(): void {
    this.count = 0;
  }

  /** The report at `index`, 0 to `count` − 1. */
  read(index: number): Report {
    const word = index << 3;
    const [head = 0, id = 0, other = 0, tick = 0] = this.words.subarray(word, word + 4);
    const [kind, reason] = [head & 0xff, head >>> 8];
    return {
      kind,
      reason,
      id,
      other: kind === REPORT.traded ? other : 0,
      tick: hasTick(kind) ? tick : 0,
      quantity: kind === REPORT.rejected ? 0 : readWide(this.words, word | 4),
    };
  }

  /** Whether both logs hold the same reports. */
  equals(other: ReportLog): boolean {
    if (this.count !== other.count) return false;
    for (let index = 0; index < this.count; index++) if (!this.isSame(other.words, index << 3)) return false;
    return true;
  }

  private isSame(others: Int32Array, word: number): boolean {
    const { words } = this;
    const kind = (words[word] as number) & 0xff;
    if (words[word] !== others[word] || words[word | 1] !== others[word | 1]) return false;
    if (kind === REPORT.traded && words[word | 2] !== others[word | 2]) return false;
    if (hasTick(kind) && words[word | 3] !== others[word | 3]) return false;
    return kind === REPORT.rejected || readWide(words, word | 4) === readWide(others, word | 4);
  }

  /** Begins a record and returns its first word. */
  private open(head: number, id: number): number {
    const word = this.count << 3;
    if (word === this.words.length) this.grow();
    this.count = (this.count + 1) | 0;
    this.words[word] = head;
    this.words[word | 1] = id;
    return word;
  }

  private setQuantity(word: number, quantity: number): void {
    if (quantity <= 0x7fff_ffff) this.words[word | 4] = quantity;
    else writeWide(this.words, word | 4, quantity);
  }

  private grow(): void {
    const words = new Int32Array(this.words.length * 2);
    words.set(this.words);
    this.words = words;
  }
}

function hasTick(kind: number): boolean {
  return kind === REPORT.accepted || kind === REPORT.traded || kind === REPORT.replaced;
}
