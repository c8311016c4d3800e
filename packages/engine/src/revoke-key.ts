/**
 * Revoking a key: it counts no more from this very instant on. What it signed before stands.
 *
 * Precedence: KEY_UNKNOWN, KEY_REVOKED, OPERATOR_KEY_LAST.
 */
import { revokeKey as revokeInRegistry } from "@micromarket/identity";
import { assert, type InstantMs } from "@micromarket/kernel";
import type { RevokeKey } from "./command.ts";
import { accept, refuse, type Outcome } from "./outcome.ts";
import type { State } from "./state.ts";

/** Revokes the key. In a signed market one operator's key stays. */
export function revokeKey({ registry, rules }: State, { did }: RevokeKey, now: InstantMs): Outcome {
  const record = registry.keys.get(did);
  if (record === undefined) return refuse({ code: "KEY_UNKNOWN", did });
  if (record.revokedAt !== null) return refuse({ code: "KEY_REVOKED", did });
  const isOther = [...registry.keys.values()].some(
    (other) => other !== record && other.role === "operator" && other.revokedAt === null && other.until === null,
  );
  if (rules.identity === "signed" && record.role === "operator" && !isOther)
    return refuse({ code: "OPERATOR_KEY_LAST", did });

  const revoked = revokeInRegistry(registry, did, now);
  assert(revoked.ok, "a key that is known can be revoked");
  return accept({ type: "KeyRevoked", party: record.party, did, at: now });
}
