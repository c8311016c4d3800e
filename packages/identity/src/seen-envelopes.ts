/** What was admitted, as long as it could be admitted again: an envelope counts once. */
import {
  compareText,
  decodeAs,
  decodeList,
  decodePair,
  type CanonicalValue,
  type Decoder,
  type HashHex,
  type InstantMs,
} from "@micromarket/kernel";
import { decodeHash, decodeInstant } from "./decode-signing.ts";

/** Ids by the instant from which on their envelopes are refused as expired. */
export class SeenEnvelopes {
  readonly #until = new Map<HashHex, InstantMs>();
  readonly #expiring = new Map<InstantMs, HashHex[]>();

  /** How many are remembered. */
  get size(): number {
    return this.#until.size;
  }

  /** Whether `id` is remembered; one that is not any more is refused as expired. */
  has(id: HashHex): boolean {
    return this.#until.has(id);
  }

  /** What still matters at `now`, by id. */
  remembered(now: InstantMs): readonly (readonly [HashHex, InstantMs])[] {
    return [...this.#until].filter(([, until]) => until > now).sort(([a], [b]) => compareText(a, b));
  }

  /** Remembers `id` until `until`; whether it is new. */
  add(id: HashHex, until: InstantMs, now: InstantMs): boolean {
    this.#forget(now);
    if (this.#until.has(id)) return false;
    this.#remember(id, until);
    return true;
  }

  /** Those of a record. */
  static of(entries: Iterable<readonly [HashHex, InstantMs]>): SeenEnvelopes {
    const seen = new SeenEnvelopes();
    for (const [id, until] of entries) seen.#remember(id, until);
    return seen;
  }

  #remember(id: HashHex, until: InstantMs): void {
    this.#until.set(id, until);
    const others = this.#expiring.get(until);
    if (others === undefined) this.#expiring.set(until, [id]);
    else others.push(id);
  }

  #forget(now: InstantMs): void {
    for (const [until, ids] of this.#expiring) {
      if (until > now) continue;
      for (const id of ids) this.#until.delete(id);
      this.#expiring.delete(until);
    }
  }
}

/** What still matters at `now`: ids with the instant from which on they are refused as expired. */
export function seenRecord(seen: Pick<SeenEnvelopes, "remembered">, now: InstantMs): CanonicalValue {
  return seen.remembered(now);
}

/** Restores what was seen. */
export const decodeSeen: Decoder<SeenEnvelopes> = decodeAs(
  decodeList(decodePair(decodeHash, decodeInstant)),
  (entries) => SeenEnvelopes.of(entries),
);
