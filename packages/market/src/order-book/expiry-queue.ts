/**
 * When orders expire: a binary heap of (expiry, id) in typed arrays. An order that leaves the book earlier stays in the
 * heap until it is due, or until the heap is full: then those that are gone are dropped before it grows.
 */
export class ExpiryQueue {
  private count = 0;
  private times = new Float64Array(0);
  private ids = new Int32Array(0);

  /** Bytes that it takes: none before the first order with an expiry. */
  get bytes(): number {
    return this.times.byteLength + this.ids.byteLength;
  }

  /** Adds an order. `isLive` says which of those added before are still of interest. */
  add(expires: number, id: number, isLive: (id: number) => boolean): void {
    if (this.count === this.ids.length) this.makeRoom(isLive);
    this.siftUp(this.count, expires, id);
    this.count += 1;
  }

  /** Takes out and returns the order that expires first, at `at` or before (of equals the lowest id); −1 for none. */
  takeDue(at: number): number {
    if (this.count === 0 || (this.times[0] as number) > at) return -1;
    const first = this.ids[0] as number;
    this.count -= 1;
    if (this.count > 0) this.siftDown(this.times[this.count] as number, this.ids[this.count] as number);
    return first;
  }

  /** Every order in it, with its expiry. */
  entries(): Map<number, number> {
    const entries = new Map<number, number>();
    for (let index = 0; index < this.count; index++)
      entries.set(this.ids[index] as number, this.times[index] as number);
    return entries;
  }

  private makeRoom(isLive: (id: number) => boolean): void {
    const live = [...this.entries()].filter(([id]) => isLive(id)).sort((a, b) => a[1] - b[1] || a[0] - b[0]);
    const capacity = Math.max(64, live.length * 2);
    this.times = new Float64Array(capacity);
    this.ids = new Int32Array(capacity);
    this.count = live.length; // in order of expiry, which is a heap
    live.forEach(([id, expires], index) => {
      this.times[index] = expires;
      this.ids[index] = id;
    });
  }

  private siftUp(from: number, expires: number, id: number): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >>> 1;
      if (!isBefore(expires, id, this.times[parent] as number, this.ids[parent] as number)) break;
      this.move(parent, index);
      index = parent;
    }
    this.times[index] = expires;
    this.ids[index] = id;
  }

  private siftDown(expires: number, id: number): void {
    let index = 0;
    for (let child = 1; child < this.count; child = 2 * index + 1) {
      const right = child + 1;
      if (right < this.count && this.isBeforeAt(right, child)) child = right;
      if (!isBefore(this.times[child] as number, this.ids[child] as number, expires, id)) break;
      this.move(child, index);
      index = child;
    }
    this.times[index] = expires;
    this.ids[index] = id;
  }

  private isBeforeAt(a: number, b: number): boolean {
    const { times, ids } = this;
    return isBefore(times[a] as number, ids[a] as number, times[b] as number, ids[b] as number);
  }

  private move(from: number, to: number): void {
    this.times[to] = this.times[from] as number;
    this.ids[to] = this.ids[from] as number;
  }
}

function isBefore(expires: number, id: number, otherExpires: number, otherId: number): boolean {
  return expires < otherExpires || (expires === otherExpires && id < otherId);
}
