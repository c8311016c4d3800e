/**
 * Putting a key in the place of another one; both count for a while.
 *
 * Precedence: KEY_UNKNOWN, KEYS_TOO_MANY, KEY_REVOKED, KEY_ROTATED, PARTY_LEFT, DID_MALFORMED, KEY_TAKEN.
 */
import { rotateKey as rotateInRegistry } from "@micromarket/identity";
import type { RotateKey } from "./command.ts";
import { refuseMoreKeys } from "./enrol-key.ts";
import { accept, refuse, type Outcome } from "./outcome.ts";
import type { State } from "./state.ts";

/** Rotates the key; the next one has its party and its role. */
export function rotateKey({ registry }: State, { did, next, from, until }: RotateKey): Outcome {
  const party = registry.keys.get(did)?.party;
  if (party === undefined) return refuse({ code: "KEY_UNKNOWN", did });
  const crowded = refuseMoreKeys(registry, party);
  if (crowded !== null) return refuse(crowded);
  const rotated = rotateInRegistry(registry, did, { did: next, from, until });
  return rotated.ok
    ? accept({ type: "KeyRotated", party, did, next: rotated.value.did, from, until })
    : refuse(rotated.error);
}
