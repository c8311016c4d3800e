/** Registry, grants and what was seen as canonical values, and back; signers that follow from one another. */
import { describe, expect, test } from "@jest/globals";
import {
  amountNano,
  canonicalText,
  DAY,
  hashText,
  instantMs,
  partyId,
  wattHours,
  type CanonicalValue,
  type Decoder,
} from "@micromarket/kernel";
import {
  admitParty,
  checkSignature,
  countGrantUse,
  decodeGrants,
  decodeRegistry,
  decodeSeen,
  enrolKey,
  grantsRecord,
  makeGrant,
  newRegistry,
  registryRecord,
  revokeKey,
  rotateKey,
  SeenEnvelopes,
  seenRecord,
  setStanding,
  verifyInJavaScript,
  type Grants,
} from "@micromarket/identity";
import { signer } from "./keys.ts";

const [ANN, BOB] = [partyId("ann"), partyId("bob")];
const at = (ms: number) => instantMs(ms);

/** What `decoder` makes of the text of `record`. */
function reread<Value>(record: CanonicalValue, decoder: Decoder<Value>): Value {
  const read = decoder(JSON.parse(canonicalText(record)), "");
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value;
}

test("a registry comes back, keys that count no more included, and its text does not tell who came first", () => {
  const registry = newRegistry();
  for (const party of [BOB, ANN]) admitParty(registry, party);
  for (const [party, name] of [[BOB, "b"] as const, [ANN, "a"] as const, [ANN, "c"] as const])
    enrolKey(registry, { party, did: signer(name).key.did, role: "gateway", from: at(1) });
  rotateKey(registry, signer("a").key.did, { did: signer("next").key.did, from: at(2), until: at(3) });
  revokeKey(registry, signer("c").key.did, at(4));
  setStanding(registry, BOB, "suspended");
  const again = reread(registryRecord(registry), decodeRegistry);
  expect(again.keys).toEqual(registry.keys);
  expect(again.parties).toEqual(registry.parties);
  const turned = { parties: new Map([...registry.parties].reverse()), keys: new Map([...registry.keys].reverse()) };
  expect(canonicalText(registryRecord(turned))).toBe(canonicalText(registryRecord(registry)));
});

describe("grants", () => {
  const made = (): Grants => {
    const grants: Grants = new Map();
    const limits = { energyPerSlot: wattHours(9), priceMax: null, spendPerDay: amountNano(9n) };
    const grant = { id: "g", party: ANN, grantee: signer("b").key.did, parent: null, types: ["order"], ...limits };
    makeGrant(grants, { ...grant, from: at(0), expires: at(5 * 86_400_000) }, null);
    return grants;
  };
  const use = (slot: number) => ({
    ...{ type: "order", slot: at(slot), price: null },
    ...{ energy: wattHours(2), spend: amountNano(3n) },
  });

  test("come back with what was used of them", () => {
    const grants = made();
    countGrantUse(grants, "g", use(900_000), at(1));
    countGrantUse(grants, "g", use(1_800_000), at(1));
    expect(reread(grantsRecord(grants), decodeGrants)).toEqual(grants);
  });

  test("forget what was used in slots that have begun and on days that are over", () => {
    const grants = made();
    countGrantUse(grants, "g", use(900_000), at(1));
    countGrantUse(grants, "g", use(1_800_000), at(900_000));
    expect([...(grants.get("g")?.energy ?? [])]).toEqual([[1_800_000, 2]]);
    expect([...(grants.get("g")?.spent ?? [])]).toEqual([[0, 6n]]);
    countGrantUse(grants, "g", use(DAY + 900_000), at(DAY));
    expect([...(grants.get("g")?.energy.keys() ?? [])]).toEqual([DAY + 900_000]);
    expect([...(grants.get("g")?.spent ?? [])]).toEqual([[DAY, 3n]]);
  });
});

test("what was seen comes back as far as it still matters", () => {
  const seen = new SeenEnvelopes();
  seen.add(hashText("a"), at(10), at(1));
  seen.add(hashText("b"), at(20), at(1));
  const again = reread(seenRecord(seen, at(10)), decodeSeen);
  expect([again.has(hashText("a")), again.has(hashText("b")), again.size]).toEqual([false, true, 1]);
  expect(again.add(hashText("b"), at(20), at(12))).toBe(false);
  again.add(hashText("c"), at(30), at(20));
  expect(again.size).toBe(1);
});

test("a derived signer is the same each time, another for each label, and signs as itself", () => {
  const house = signer("house");
  const [home, again, other] = [house.derive("home-1"), house.derive("home-1"), house.derive("home-2")];
  expect(home.key.did).toBe(again.key.did);
  expect(new Set([house, home, other, home.derive("home-1")].map(({ key }) => key.did)).size).toBe(4);
  const message = new TextEncoder().encode("noon");
  expect(checkSignature(verifyInJavaScript, message, home.sign(message), home.key).ok).toBe(true);
  expect(checkSignature(verifyInJavaScript, message, home.sign(message), house.key).ok).toBe(false);
});
