/** Reads who trades without a meter. */
import { complain, identifierAt } from "@micromarket/data-files";
import type { MarketRules } from "@micromarket/engine";
import { PublicKey } from "@micromarket/identity";
import { isIdentifier, partyId } from "@micromarket/kernel";
import type { GatewayReading } from "./clock-section.ts";
import { readCreditLine } from "./funds-section.ts";
import type { UnmeteredConfig } from "./gateway-config.ts";

/** The entries of `parties`; a name is one party's, a key too. */
export function readParties(reading: GatewayReading, rules: MarketRules | null): readonly UnmeteredConfig[] {
  const { homes, parties = [], supplier } = reading.file;
  const taken = new Map<string, string>(homes.map(({ id }) => [id, "a home"]));
  taken.set(supplier.id ?? "supplier", "the supplier");
  const keys = new Set<string>();
  return parties.flatMap(({ id, delivery = "financial", key, creditLine }, index) => {
    const path = ["parties", index];
    const other = taken.get(id);
    if (other !== undefined) {
      const what = `"${id}" is ${other}, whose deliveries are counted by a meter or at the tie`;
      const mend = "rename one of them; who trades without a meter is a party of its own";
      complain(reading, [...path, "id"], { code: "PARTY_TWICE", what, mend });
    }
    taken.set(id, "another party");
    if (key !== undefined && !PublicKey.fromDid(key).ok) {
      const what = `"${key}" is no key that orders can be signed with`;
      const mend = "write the did:key of a secp256k1 key: it begins with did:key:zQ3s";
      complain(reading, [...path, "key"], { code: "KEY_MALFORMED", what, mend });
    }
    if (key !== undefined && keys.has(key)) {
      const what = "the key is another party's already: nobody could say who signed";
      complain(reading, [...path, "key"], { code: "KEY_TWICE", what, mend: "give each party a key of its own" });
    }
    if (key !== undefined) keys.add(key);
    const line = creditLine === undefined ? null : readCreditLine(reading, [...path, "creditLine"], creditLine, rules);
    if (identifierAt(reading, [...path, "id"], id) === null || !isIdentifier(id)) return [];
    return [{ party: partyId(id), delivery, creditLine: line, key: key ?? null }];
  });
}
