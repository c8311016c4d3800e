/**
 * The orders at rest, on typed arrays: queues of records at price levels, and a bitmap that finds the next level.
 *
 * - A record is 32 bytes, two to a cache line: next and previous in its queue, key (tick, post-only, side), owner, id, a
 *   free word, and a 64-bit quantity. Queues link slots by number; slot 0 stands for "none", so that fresh memory reads
 *   as empty. Freed slots are linked through `next`.
 * - A level is 8 bytes: head and tail of its queue. Buy and sell orders never rest at one tick, so one table serves both.
 * - Ids are dense: 4 bytes each lead to the slot, 0 once the order is gone.
 *
 * The arrays are public because matching reads them in place; only this file changes the links.
 */
import { BUY } from "./order-book.ts";
import { TickBitmap } from "./tick-bitmap.ts";

/** Words of a record. Word 5 is free, 6 and 7 hold the quantity. */
export const NEXT = 0;
/** See `NEXT`. */
export const PREVIOUS = 1;
/** Tick × 4 + post-only × 2 + side. */
export const KEY = 2;
/** See `NEXT`. */
export const OWNER = 3;
/** See `NEXT`. */
export const ID = 4;
/** The quantity's double in a record. */
export const QUANTITY = 3;
/** A record is 2^3 words, */
export const WORDS = 3;
/** or 2^2 doubles. */
export const DOUBLES = 2;

/** Parts of a key. */
export const TICK_SHIFT = 2;
/** See `TICK_SHIFT`. */
export const POST_ONLY_BIT = 2;
/** See `TICK_SHIFT`. */
export const SIDE_BIT = 1;

/** How much room a book has before it has to grow. */
export interface Room {
  /** Orders at rest. @default 1024 */
  readonly orders?: number;
  /** Ids given out over its life. @default 4096 */
  readonly ids?: number;
}

/** See the head of this file. */
export class RestingOrders {
  words: Int32Array;
  quantities: Float64Array;
  readonly levels: Int32Array;
  /** Highest tick with a buy order; −1 where there is none. */
  bid = -1;
  /** Lowest tick with a sell order; the number of ticks where there is none. */
  ask: number;
  live = 0;
  private readonly occupied: TickBitmap;
  private slotOfId: Int32Array;
  private freeSlot = 0;
  private usedSlots = 1;

  constructor(ticks: number, { orders = 1_024, ids = 4_096 }: Room) {
    this.ask = ticks;
    this.levels = new Int32Array(2 * ticks);
    this.occupied = new TickBitmap(ticks);
    this.words = new Int32Array((orders + 1) << WORDS);
    this.quantities = new Float64Array(this.words.buffer);
    this.slotOfId = new Int32Array(ids);
  }

  /** Bytes of all tables. */
  get bytes(): number {
    return this.words.byteLength + this.levels.byteLength + this.slotOfId.byteLength + this.occupied.bytes;
  }

  /** Makes room for the id; ids come one by one. */
  admit(id: number): void {
    if (id === this.slotOfId.length) this.growIds();
  }

  /** The slot of an id that was admitted; 0 where it does not rest. */
  slotOf(id: number): number {
    return this.slotOfId[id] as number;
  }

  /** Puts an order at the end of the queue at `tick`. */
  rest(key: number, tick: number, id: number, owner: number, quantity: number): void {
    const slot = this.takeSlot();
    const { words, levels } = this;
    const tail = levels[(tick << 1) | 1] as number;
    const word = slot << WORDS;
    words[word + NEXT] = 0;
    words[word + PREVIOUS] = tail;
    words[word + KEY] = key;
    words[word + OWNER] = owner;
    words[word + ID] = id;
    this.quantities[(slot << DOUBLES) + QUANTITY] = quantity;
    this.slotOfId[id] = slot;
    this.live += 1;
    levels[(tick << 1) | 1] = slot;
    if (tail !== 0) {
      words[(tail << WORDS) + NEXT] = slot;
      return;
    }
    levels[tick << 1] = slot;
    this.occupied.add(tick);
    if ((key & SIDE_BIT) === BUY) {
      if (tick > this.bid) this.bid = tick;
    } else if (tick < this.ask) this.ask = tick;
  }

  /** Takes an order out of its queue. */
  remove(slot: number, id: number): void {
    const { words, levels } = this;
    const word = slot << WORDS;
    const next = words[word + NEXT] as number;
    const previous = words[word + PREVIOUS] as number;
    const key = words[word + KEY] as number;
    const tick = key >> TICK_SHIFT;
    if (previous === 0) levels[tick << 1] = next;
    else words[(previous << WORDS) + NEXT] = next;
    if (next === 0) levels[(tick << 1) | 1] = previous;
    else words[(next << WORDS) + PREVIOUS] = previous;
    this.release(slot, id);
    if (previous !== 0 || next !== 0) return;
    const side = key & SIDE_BIT;
    if (tick === this.best(side)) this.closeLevel(side, tick);
    else this.occupied.delete(tick);
  }

  private takeSlot(): number {
    const slot = this.freeSlot;
    if (slot !== 0) {
      this.freeSlot = this.words[slot << WORDS] as number;
      return slot;
    }
    if (this.usedSlots << WORDS === this.words.length) this.growOrders();
    return this.usedSlots++;
  }

  /** Frees the slot of an order that its queue no longer holds. */
  release(slot: number, id: number): void {
    this.words[slot << WORDS] = this.freeSlot;
    this.freeSlot = slot;
    this.slotOfId[id] = 0;
    this.live -= 1;
  }

  private growOrders(): void {
    const words = new Int32Array((this.words.length + (this.words.length >> 1) + (1 << WORDS)) & ~7);
    words.set(this.words);
    this.words = words;
    this.quantities = new Float64Array(words.buffer);
  }

  private growIds(): void {
    const slots = new Int32Array(this.slotOfId.length + (this.slotOfId.length >> 1) + 1);
    slots.set(this.slotOfId);
    this.slotOfId = slots;
  }

  /** The level at `tick` is empty: the side's best price is the next one. */
  closeLevel(side: number, tick: number): void {
    this.occupied.delete(tick);
    if (side === BUY) this.bid = this.occupied.below(tick);
    else this.ask = this.occupied.above(tick);
  }

  /** The side's best tick; outside of the ticks where it has none. */
  best(side: number): number {
    return side === BUY ? this.bid : this.ask;
  }

  /** The side's next tick after `tick`. */
  nextTick(side: number, tick: number): number {
    return side === BUY ? this.occupied.below(tick) : this.occupied.above(tick);
  }

  /** The first slot at `tick`; 0 where it is empty. */
  head(tick: number): number {
    return this.levels[tick << 1] as number;
  }

  /** The slot behind `slot`; 0 where it is the last. */
  next(slot: number): number {
    return this.words[(slot << WORDS) + NEXT] as number;
  }

  /** Open quantity of the order in `slot`. */
  quantityOf(slot: number): number {
    return this.quantities[(slot << DOUBLES) + QUANTITY] as number;
  }

  /** Changes it. */
  setQuantity(slot: number, quantity: number): void {
    this.quantities[(slot << DOUBLES) + QUANTITY] = quantity;
  }
}
