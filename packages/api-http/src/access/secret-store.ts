/**
 * Secrets that this server made: bearers and tickets. Told once; kept as a hash, in memory, with what they stand for.
 *
 * Invariants: 256 random bits, so that finding one by its hash says nothing that time could tell; a principal's number of
 * them is bounded, the oldest goes first; a restart forgets all.
 */
import { createHash, randomBytes } from "node:crypto";
import { instantMs, type InstantMs } from "@micromarket/kernel";
import type { IssuedSecret } from "./principal.ts";

interface Kept<Value> {
  readonly owner: string;
  readonly value: Value;
  readonly expires: InstantMs;
}

/** Secrets of one kind. */
export class SecretStore<Value> {
  readonly #prefix: string;
  readonly #mostPerOwner: number;
  readonly #kept = new Map<string, Kept<Value>>();

  /** `prefix` is in front of every secret, so that people and scanners see what has leaked. */
  constructor(prefix: string, mostPerOwner: number) {
    this.#prefix = prefix;
    this.#mostPerOwner = mostPerOwner;
  }

  /** Makes a secret that stands for `value` before `expires`. */
  issue(owner: string, value: Value, expires: InstantMs, now: InstantMs): IssuedSecret {
    this.#forget((kept) => kept.expires <= now);
    const own = [...this.#kept].filter(([, kept]) => kept.owner === owner);
    for (const [hash] of own.slice(0, Math.max(0, own.length + 1 - this.#mostPerOwner))) this.#kept.delete(hash);
    const secret = `${this.#prefix}${randomBytes(32).toString("base64url")}`;
    this.#kept.set(hashOf(secret), { owner, value, expires });
    return { secret, expires };
  }

  /** What the secret stands for; `expired` where it did; `null` where it never was one, or is forgotten. */
  find(secret: string, now: InstantMs): { readonly value: Value } | "expired" | null {
    const kept = this.#kept.get(hashOf(secret));
    if (kept === undefined) return null;
    return kept.expires <= now ? "expired" : { value: kept.value };
  }

  /** The same, once: from now on the secret is unknown. */
  take(secret: string, now: InstantMs): { readonly value: Value } | "expired" | null {
    const found = this.find(secret, now);
    this.#kept.delete(hashOf(secret));
    return found;
  }

  /** Whether it looks like one of these. */
  isOne(secret: string): boolean {
    return secret.startsWith(this.#prefix);
  }

  /** Forgets all secrets of `owner`. */
  forgetOwner(owner: string): void {
    this.#forget((kept) => kept.owner === owner);
  }

  #forget(isOver: (kept: Kept<Value>) => boolean): void {
    for (const [hash, kept] of this.#kept) if (isOver(kept)) this.#kept.delete(hash);
  }
}

/** The earlier of two ends; `null`: none. */
export function earlier(one: InstantMs, other: InstantMs | null): InstantMs {
  return other === null ? one : instantMs(Math.min(one, other));
}

function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("base64");
}
