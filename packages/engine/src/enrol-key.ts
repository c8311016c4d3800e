/**
 * Making a key a party's.
 *
 * Precedence: PARTY_UNKNOWN, ROLE_RESERVED, KEYS_TOO_MANY, PARTY_LEFT, DID_MALFORMED, KEY_TAKEN.
 */
import { admitParty, enrolKey as enrolInRegistry, type Registry } from "@micromarket/identity";
import type { PartyId } from "@micromarket/kernel";
import type { EnrolKey } from "./command.ts";
import { KEYS_MAX } from "./limits.ts";
import { accept, refuse, type Outcome } from "./outcome.ts";
import type { IdentityRefusal } from "./refusal.ts";
import type { State } from "./state.ts";

/** Enrols the key. With its first key the registry knows the party. */
export function enrolKey(state: State, { party, did, role, from }: EnrolKey): Outcome {
  const { registry, parties, rules } = state;
  if (!parties.has(party)) return refuse({ code: "PARTY_UNKNOWN", party });
  if (role === "operator" && party !== rules.residual.party) return refuse({ code: "ROLE_RESERVED", party });
  const crowded = refuseMoreKeys(registry, party);
  if (crowded !== null) return refuse(crowded);
  const isNew = !registry.parties.has(party);
  if (isNew) admitParty(registry, party);
  const enrolled = enrolInRegistry(registry, { party, did, role, from });
  if (!enrolled.ok && isNew) registry.parties.delete(party);
  return enrolled.ok
    ? accept({ type: "KeyEnrolled", party, did: enrolled.value.did, role, from })
    : refuse(enrolled.error);
}

/** Whether the party has as many keys as anybody may have. */
export function refuseMoreKeys({ keys }: Registry, party: PartyId): IdentityRefusal | null {
  const count = [...keys.values()].filter((record) => record.party === party).length;
  return count >= KEYS_MAX ? { code: "KEYS_TOO_MANY", party, most: KEYS_MAX } : null;
}
