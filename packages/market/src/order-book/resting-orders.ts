/**
 * The orders at rest, on typed arrays: queues of records at price levels, and a bitmap that finds the next level.
 *
 * - A record is 8 words, two to a cache line: next (0) and previous (1) in its queue, key (2: tick × 4 + post-only × 2 +
 *   side), owner (3), id (4), quantity (5 and 6, see `wide-quantity.ts`), a free word. Queues link slots by number; slot 0
 *   stands for "none", so that fresh memory reads as empty. Freed slots are linked through `next`.
 * - A level is 8 bytes: head and tail of its queue. Buy and sell orders never rest at one tick, so one table serves both.
 * - Ids are dense: 4 bytes each lead to the slot, 0 once the order is gone.
 *
 * The arrays are public because matching reads them in place; only this file changes the links.
 *
 * Two habits of the files on this path, because they are asked millions of times a second:
 *
 * - Positions are written as numbers. A constant of a module is a load and a check at each use, not a number: bundlers
 *   make it a variable, and an import is a cell. Where such a number means something elsewhere, `satisfies` holds it to that.
 * - Fields that the constructor sets are only declared. Defined, they would begin as `undefined`, and the engine would
 *   then expect anything in them for ever.
 */
import { TickBitmap } from "./tick-bitmap.ts";
import { readWide, writeWide } from "./wide-quantity.ts";

/** How much room a book has before it has to grow. */
export interface Room {
  /** Orders at rest. @default 1024 */
  readonly orders?: number;
  /** Ids given out over its life. @default 4096 */
  readonly ids?: number;
}

/** See the head of this file. */
export class RestingOrders {
  declare words: Int32Array;
  declare readonly levels: Int32Array;
  /** Highest tick with a buy order (−1 where there is none), lowest with a sell order (the number of ticks). */
  readonly bests = new Int32Array([-1, 0]);
  live = 0;
  declare private readonly occupied: TickBitmap;
  declare private slotOfId: Int32Array;
  private freeSlot = 0;
  private usedSlots = 1;

  constructor(ticks: number, { orders = 1_024, ids = 4_096 }: Room) {
    this.bests[1] = ticks;
    this.levels = new Int32Array(2 * ticks);
    this.occupied = new TickBitmap(ticks);
    this.words = new Int32Array((orders + 1) << 3);
    this.slotOfId = new Int32Array(ids);
  }

  /** Bytes of all tables. */
  get bytes(): number {
    return this.words.byteLength + this.levels.byteLength + this.slotOfId.byteLength + this.occupied.bytes;
  }

  /** The slot of an id; 0 where it does not rest. */
  slotOf(id: number): number {
    return id >= 0 && id < this.slotOfId.length ? (this.slotOfId[id] as number) : 0;
  }

  /** Puts an order at the end of the queue at `tick`. */
  rest(key: number, tick: number, id: number, owner: number, quantity: number): void {
    const slot = this.takeSlot();
    const { words, levels } = this;
    const tail = levels[(tick << 1) | 1] as number;
    const word = slot << 3;
    words[word] = 0;
    words[word | 1] = tail;
    words[word | 2] = key;
    words[word | 3] = owner | 0; // else it travels as a double
    words[word | 4] = id;
    if (quantity <= 0x7fff_ffff) words[word | 5] = quantity;
    else writeWide(words, word | 5, quantity);
    if (id >= this.slotOfId.length) this.growIds(id);
    this.slotOfId[id] = slot;
    this.live = (this.live + 1) | 0;
    levels[(tick << 1) | 1] = slot;
    if (tail !== 0) words[tail << 3] = slot;
    else this.openLevel(key & 1, tick, slot);
  }

  /** The first order at `tick`. */
  private openLevel(side: number, tick: number, slot: number): void {
    this.levels[tick << 1] = slot;
    this.occupied.add(tick);
    if (side === 0 ? tick > this.best(0) : tick < this.best(1)) this.bests[side] = tick;
  }

  /** Takes an order out of its queue. */
  remove(slot: number, id: number): void {
    const { words, levels } = this;
    const word = slot << 3;
    const next = words[word] as number;
    const previous = words[word | 1] as number;
    const key = words[word | 2] as number;
    const tick = key >> 2;
    if (previous === 0) levels[tick << 1] = next;
    else words[previous << 3] = next;
    if (next === 0) levels[(tick << 1) | 1] = previous;
    else words[(next << 3) | 1] = previous;
    this.release(slot, id);
    if (previous !== 0 || next !== 0) return;
    const side = key & 1;
    if (tick === this.best(side)) this.closeLevel(side, tick);
    else this.occupied.delete(tick);
  }

  private takeSlot(): number {
    const slot = this.freeSlot;
    if (slot !== 0) {
      this.freeSlot = this.words[slot << 3] as number;
      return slot;
    }
    const fresh = this.usedSlots;
    this.usedSlots = (fresh + 1) | 0;
    if (fresh << 3 === this.words.length) this.growOrders();
    return fresh;
  }

  /** Frees the slot of an order that its queue no longer holds. */
  release(slot: number, id: number): void {
    this.words[slot << 3] = this.freeSlot;
    this.freeSlot = slot;
    this.slotOfId[id] = 0;
    this.live = (this.live - 1) | 0;
  }

  private growOrders(): void {
    const words = new Int32Array((this.words.length + (this.words.length >> 1) + 8) & ~7);
    words.set(this.words);
    this.words = words;
  }

  private growIds(id: number): void {
    const slots = new Int32Array(id + (id >> 1) + 1);
    slots.set(this.slotOfId);
    this.slotOfId = slots;
  }

  /** The level at `tick` is empty: the side's best price is the next one. */
  closeLevel(side: number, tick: number): void {
    this.occupied.delete(tick);
    this.bests[side] = this.nextTick(side, tick);
  }

  /** The side's best tick; outside of the ticks where it has none. */
  best(side: number): number {
    return this.bests[side] as number;
  }

  /**
   * Whether an order of `side` with `limit` meets the best order of the other side. It is asked for every order, and no
   * processor guesses a side: so the comparison turns around with the sign instead of branching.
   */
  meetsBest(side: number, limit: number): boolean {
    const turn = 0 - side; // "-side" would be -0, which is no integer
    return ((limit - (this.bests[side ^ 1] as number)) ^ turn) >= turn;
  }

  /** The side's next tick after `tick`. */
  nextTick(side: number, tick: number): number {
    return side === 0 ? this.occupied.below(tick) : this.occupied.above(tick);
  }

  /** The first slot at `tick`; 0 where it is empty. */
  head(tick: number): number {
    return this.levels[tick << 1] as number;
  }

  /** The slot behind `slot`; 0 where it is the last. */
  next(slot: number): number {
    return this.words[slot << 3] as number;
  }

  /** Open quantity of the order in `slot`. */
  quantityOf(slot: number): number {
    const low = this.words[(slot << 3) | 5] as number;
    return low >= 0 ? low : readWide(this.words, (slot << 3) | 5);
  }

  /** Tick × 4 + post-only × 2 + side of the order in `slot`. */
  keyOf(slot: number): number {
    return this.words[(slot << 3) | 2] as number;
  }

  /** Its party. */
  ownerOf(slot: number): number {
    return this.words[(slot << 3) | 3] as number;
  }

  /** Its id. */
  idOf(slot: number): number {
    return this.words[(slot << 3) | 4] as number;
  }

  /** Changes the open quantity. */
  setQuantity(slot: number, quantity: number): void {
    if (quantity <= 0x7fff_ffff) this.words[(slot << 3) | 5] = quantity;
    else writeWide(this.words, (slot << 3) | 5, quantity);
  }
}
