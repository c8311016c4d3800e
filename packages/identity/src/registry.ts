/**
 * Who may sign for whom: parties, the keys that are theirs, and the grants by which others act for them. A part of the
 * market's state: it changes by commands alone, and a check is a look-up.
 *
 * Invariants: a key is one party's for good; what was revoked stays revoked; a grant never allows more than the grant it
 * was made from.
 */
import { fail, ok, type InstantMs, type PartyId, type Result } from "@micromarket/kernel";
import { PublicKey, type Did } from "./public-key.ts";

/**
 * What a key is for: the owner's is kept away and rules over the others, a gateway trades, a device reports, and the
 * operator's says who takes part.
 */
export type KeyRole = (typeof KEY_ROLES)[number];

/** All of them. */
export const KEY_ROLES = ["owner", "gateway", "device", "operator"] as const;

/** A key and how long it counts. */
export interface KeyRecord {
  readonly did: Did;
  readonly key: PublicKey;
  readonly party: PartyId;
  readonly role: KeyRole;
  readonly from: InstantMs;
  /** It counts before this instant: it was rotated out; `null`: not yet. */
  until: InstantMs | null;
  /** It does not count from this instant on: whoever signs with it then is not its owner. */
  revokedAt: InstantMs | null;
}

/** Whether a party takes part. */
export type PartyStanding = (typeof STANDINGS)[number];

/** All of them. */
export const STANDINGS = ["active", "suspended", "left"] as const;

/** All that is known of who may sign. */
export interface Registry {
  readonly parties: Map<PartyId, PartyStanding>;
  readonly keys: Map<Did, KeyRecord>;
}

/** Why a change of the registry is refused, in the order in which it is checked. */
export type RegistryRefusal =
  | { readonly code: "PARTY_UNKNOWN"; readonly party: PartyId }
  | { readonly code: "PARTY_LEFT"; readonly party: PartyId }
  | { readonly code: "DID_MALFORMED"; readonly did: string }
  | { readonly code: "KEY_TAKEN"; readonly did: Did }
  | { readonly code: "KEY_UNKNOWN"; readonly did: Did }
  | { readonly code: "KEY_REVOKED"; readonly did: Did }
  | { readonly code: "KEY_ROTATED"; readonly did: Did };

/** Nobody. */
export function newRegistry(): Registry {
  return { parties: new Map(), keys: new Map() };
}

/** Admits a party, or readmits one that was suspended. One that left does not come back under its name. */
export function admitParty(registry: Registry, party: PartyId): Result<PartyId, RegistryRefusal> {
  return setStanding(registry, party, "active", true);
}

/** Suspends a party, or lets it go for good. */
export function setStanding(
  registry: Registry,
  party: PartyId,
  standing: PartyStanding,
  isNew = false,
): Result<PartyId, RegistryRefusal> {
  const known = registry.parties.get(party);
  if (known === undefined && !isNew) return fail({ code: "PARTY_UNKNOWN", party });
  if (known === "left") return fail({ code: "PARTY_LEFT", party });
  registry.parties.set(party, standing);
  return ok(party);
}

/** Makes a key the party's. */
export function enrolKey(
  registry: Registry,
  { party, did, role, from }: Readonly<Pick<KeyRecord, "party" | "role" | "from">> & { readonly did: string },
): Result<KeyRecord, RegistryRefusal> {
  const standing = registry.parties.get(party);
  if (standing === undefined) return fail({ code: "PARTY_UNKNOWN", party });
  if (standing === "left") return fail({ code: "PARTY_LEFT", party });
  const key = PublicKey.fromDid(did);
  if (!key.ok) return fail({ code: "DID_MALFORMED", did });
  if (registry.keys.has(did)) return fail({ code: "KEY_TAKEN", did });
  const record: KeyRecord = { did, key: key.value, party, role, from, until: null, revokedAt: null };
  registry.keys.set(record.did, record);
  return ok(record);
}

/** Puts `next` in the place of `did`: both count from `from` until `until`, the new one alone after that. */
export function rotateKey(
  registry: Registry,
  did: Did,
  next: { readonly did: string; readonly from: InstantMs; readonly until: InstantMs },
): Result<KeyRecord, RegistryRefusal> {
  const old = registry.keys.get(did);
  if (old === undefined) return fail({ code: "KEY_UNKNOWN", did });
  if (old.revokedAt !== null) return fail({ code: "KEY_REVOKED", did });
  if (old.until !== null) return fail({ code: "KEY_ROTATED", did });
  const enrolled = enrolKey(registry, { party: old.party, role: old.role, did: next.did, from: next.from });
  if (enrolled.ok) old.until = next.until;
  return enrolled;
}

/** Revokes a key from `at` on; an earlier revocation stands. */
export function revokeKey(registry: Registry, did: Did, at: InstantMs): Result<KeyRecord, RegistryRefusal> {
  const record = registry.keys.get(did);
  if (record === undefined) return fail({ code: "KEY_UNKNOWN", did });
  if (record.revokedAt === null || at < record.revokedAt) record.revokedAt = at;
  return ok(record);
}

/** Why a key does not count, in the order in which it is checked. */
export type SignerRefusal =
  | { readonly code: "SIGNER_UNKNOWN" | "SIGNER_REVOKED" | "SIGNER_ROTATED" | "SIGNER_NOT_YET"; readonly signer: Did }
  | { readonly code: "PARTY_UNKNOWN" | "PARTY_SUSPENDED" | "PARTY_LEFT"; readonly party: PartyId };

/** The record of a key that counts at `at`, of a party that takes part. Revocation wins over whatever else. */
export function countingKey(registry: Registry, signer: Did, at: InstantMs): Result<KeyRecord, SignerRefusal> {
  const record = registry.keys.get(signer);
  if (record === undefined) return fail({ code: "SIGNER_UNKNOWN", signer });
  if (record.revokedAt !== null && at >= record.revokedAt) return fail({ code: "SIGNER_REVOKED", signer });
  if (record.until !== null && at >= record.until) return fail({ code: "SIGNER_ROTATED", signer });
  if (at < record.from) return fail({ code: "SIGNER_NOT_YET", signer });
  const standing = checkStanding(registry, record.party);
  return standing.ok ? ok(record) : standing;
}

/** That a party takes part. */
export function checkStanding(registry: Registry, party: PartyId): Result<null, SignerRefusal> {
  const standing = registry.parties.get(party);
  if (standing === undefined) return fail({ code: "PARTY_UNKNOWN", party });
  if (standing === "suspended") return fail({ code: "PARTY_SUSPENDED", party });
  return standing === "left" ? fail({ code: "PARTY_LEFT", party }) : ok(null);
}
