/** What was admitted, as long as it could be admitted again: an envelope counts once. */
import type { HashHex, InstantMs } from "@micromarket/kernel";

/** Ids by the instant from which on their envelopes are refused as expired. */
export class SeenEnvelopes {
  readonly #until = new Map<HashHex, InstantMs>();
  readonly #expiring = new Map<InstantMs, HashHex[]>();

  /** How many are remembered. */
  get size(): number {
    return this.#until.size;
  }

  /** Remembers `id` until `until`; whether it is new. */
  add(id: HashHex, until: InstantMs, now: InstantMs): boolean {
    this.#forget(now);
    if (this.#until.has(id)) return false;
    this.#until.set(id, until);
    const others = this.#expiring.get(until);
    if (others === undefined) this.#expiring.set(until, [id]);
    else others.push(id);
    return true;
  }

  #forget(now: InstantMs): void {
    for (const [until, ids] of this.#expiring) {
      if (until > now) continue;
      for (const id of ids) this.#until.delete(id);
      this.#expiring.delete(until);
    }
  }
}
