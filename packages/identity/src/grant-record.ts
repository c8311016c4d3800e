/** Grants as canonical values, and back: they stand in commands and in the market's snapshot. */
import {
  amountNano,
  compareText,
  decodeAs,
  decodeBigint,
  decodeInteger,
  decodeList,
  decodeNullable,
  decodeObject,
  decodePair,
  priceMicro,
  wattHours,
  type CanonicalValue,
  type Decoder,
} from "@micromarket/kernel";
import { decodeDid, decodeIdentifier, decodeInstant, decodeParty } from "./decode-signing.ts";
import type { Grant, GrantRecord, Grants } from "./grant.ts";

/** A grant that may be read only. */
type GrantView = Readonly<Grant>;

/** What may be read of a grant and its use. */
interface GrantRecordView extends Pick<Readonly<GrantRecord>, "revokedAt"> {
  readonly grant: GrantView;
  readonly energy: ReadonlyMap<number, number>;
  readonly spent: ReadonlyMap<number, bigint>;
}

/** The record of a grant. */
export function grantRecord(grant: GrantView): CanonicalValue {
  const { id, party, grantee, parent, types, from, expires, energyPerSlot, priceMax, spendPerDay } = grant;
  return { id, party, grantee, parent, types: [...types], from, expires, energyPerSlot, priceMax, spendPerDay };
}

/** Restores a grant. Whether it may be made, `makeGrant` knows. */
export const decodeGrant: Decoder<Grant> = decodeObject({
  id: decodeIdentifier,
  party: decodeParty,
  grantee: decodeDid,
  parent: decodeNullable(decodeIdentifier),
  types: decodeList(decodeIdentifier),
  from: decodeInstant,
  expires: decodeInstant,
  energyPerSlot: decodeNullable(decodeAs(decodeInteger, wattHours)),
  priceMax: decodeNullable(decodeAs(decodeInteger, priceMicro)),
  spendPerDay: decodeNullable(decodeAs(decodeBigint, amountNano)),
});

/** The record of all grants with what was used of them, by id. */
export function grantsRecord(grants: ReadonlyMap<string, GrantRecordView>): CanonicalValue {
  return [...grants.values()]
    .sort((a, b) => compareText(a.grant.id, b.grant.id))
    .map(({ grant, revokedAt, energy, spent }) => {
      return { grant: grantRecord(grant), revokedAt, energy: byTime(energy), spent: byTime(spent) };
    });
}

/** Restores grants. */
export const decodeGrants: Decoder<Grants> = decodeAs(
  decodeList(
    decodeObject({
      grant: decodeGrant,
      revokedAt: decodeNullable(decodeInstant),
      energy: decodeList(decodePair(decodeInstant, decodeAs(decodeInteger, wattHours))),
      spent: decodeList(decodePair(decodeInstant, decodeAs(decodeBigint, amountNano))),
    }),
  ),
  (records) =>
    new Map(
      records.map(({ energy, spent, ...record }) => [
        record.grant.id,
        { ...record, energy: new Map(energy), spent: new Map(spent) },
      ]),
    ),
);

function byTime<Value extends number | bigint>(
  used: ReadonlyMap<number, Value>,
): readonly (readonly [number, Value])[] {
  return [...used].sort(([a], [b]) => a - b);
}
