/** The registry as a canonical value, and back: a part of the market's snapshot. */
import {
  compareText,
  decodeAs,
  decodeList,
  decodeNullable,
  decodeObject,
  decodeOneOf,
  decodePair,
  malformed,
  ok,
  type CanonicalValue,
  type Decoder,
  type PartyId,
} from "@micromarket/kernel";
import { decodeInstant, decodeParty } from "./decode-signing.ts";
import { PublicKey, type Did } from "./public-key.ts";
import { KEY_ROLES, STANDINGS, type KeyRecord, type PartyStanding, type Registry } from "./registry.ts";

/** A registry that may be read only. */
export interface RegistryView {
  readonly parties: ReadonlyMap<PartyId, PartyStanding>;
  readonly keys: ReadonlyMap<Did, Readonly<KeyRecord>>;
}

/** The record: parties and keys, each in the order of their names. */
export function registryRecord({ parties, keys }: RegistryView): CanonicalValue {
  return {
    parties: [...parties].sort(([a], [b]) => compareText(a, b)),
    keys: [...keys.values()]
      .sort((a, b) => compareText(a.did, b.did))
      .map(({ did, party, role, from, until, revokedAt }) => ({ did, party, role, from, until, revokedAt })),
  };
}

/** What a key is for. */
export const decodeRole = decodeOneOf(...KEY_ROLES);
/** Whether a party takes part. */
export const decodeStanding = decodeOneOf(...STANDINGS);

const decodeKey: Decoder<PublicKey> = (value, path) => {
  const key = typeof value === "string" ? PublicKey.fromDid(value) : null;
  return key?.ok === true ? ok(key.value) : malformed(path, "the did:key of a point of secp256k1", value);
};

const decodeKeyRecord: Decoder<KeyRecord> = decodeAs(
  decodeObject({
    did: decodeKey,
    party: decodeParty,
    role: decodeRole,
    from: decodeInstant,
    until: decodeNullable(decodeInstant),
    revokedAt: decodeNullable(decodeInstant),
  }),
  ({ did: key, ...record }) => ({ did: key.did, key, ...record }),
);

/** Restores a registry. */
export const decodeRegistry: Decoder<Registry> = decodeAs(
  decodeObject({
    parties: decodeList(decodePair(decodeParty, decodeStanding)),
    keys: decodeList(decodeKeyRecord),
  }),
  ({ parties, keys }) => ({ parties: new Map(parties), keys: new Map(keys.map((record) => [record.did, record])) }),
);
