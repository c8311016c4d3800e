/** The attacks that the gate before the engine has to withstand, each refused with its own code. */
import { describe, expect, test } from "@jest/globals";
import {
  amountNano,
  canonicalText,
  durationMs,
  hashText,
  instantMs,
  marketId,
  partyId,
  priceMicro,
  wattHours,
  type CanonicalValue,
} from "@micromarket/kernel";
import {
  admit,
  admitParty,
  checkGrant,
  countGrantUse,
  enrolKey,
  makeGrant,
  newRegistry,
  readEnvelope,
  revokeGrant,
  revokeKey,
  rotateKey,
  sealEnvelope,
  SeenEnvelopes,
  setStanding,
  verifyInJavaScript,
  type Admission,
  type Grant,
  type Grants,
  type Payload,
  type Registry,
  type Signer,
} from "@micromarket/identity";
import { signer } from "./keys.ts";

const [ANN, BOB] = [partyId("ann"), partyId("bob")];
const [OWNER, GATEWAY, METER, BOBS] = ["owner", "gateway", "meter", "bobs"].map(signer) as [
  Signer,
  Signer,
  Signer,
  Signer,
];
const NET = hashText("genesis");
const MARKET = marketId("street");
const at = (ms: number) => instantMs(ms);
const NOW = at(10_000);

function registry(): Registry {
  const made = newRegistry();
  for (const party of [ANN, BOB]) admitParty(made, party);
  enrolKey(made, { party: ANN, did: OWNER.key.did, role: "owner", from: at(0) });
  enrolKey(made, { party: ANN, did: GATEWAY.key.did, role: "gateway", from: at(0) });
  enrolKey(made, { party: ANN, did: METER.key.did, role: "device", from: at(0) });
  enrolKey(made, { party: BOB, did: BOBS.key.did, role: "gateway", from: at(0) });
  return made;
}

function admission(change: Partial<Admission> = {}): Admission {
  return {
    net: NET,
    market: MARKET,
    registry: registry(),
    seen: new SeenEnvelopes(),
    verify: verifyInJavaScript,
    types: new Map([
      ["order", ["gateway"]],
      ["quote", ["gateway"]],
      ["reading", ["gateway", "device"]],
    ]),
    skew: durationMs(500),
    windowMax: durationMs(60_000),
    ...change,
  };
}

const ORDER: Omit<Payload, "version" | "signer"> = {
  type: "order",
  net: NET,
  market: MARKET,
  party: ANN,
  notBefore: at(9_000),
  expires: at(20_000),
  salt: "1",
  body: { slot: 900_000, energy: 1_500, price: 182_000n },
};
const order = (change: Partial<Payload> = {}, by: Signer = GATEWAY): string =>
  sealEnvelope({ ...ORDER, ...change }, by);
const codeOf = (text: string, held = admission(), now = NOW): string => {
  const admitted = admit(text, held, now);
  return admitted.ok ? "ok" : admitted.error.code;
};
/** The envelope with its payload's text changed after it was signed. */
function forged(change: (payload: string) => string): string {
  const { payload, signature } = JSON.parse(order()) as { payload: string; signature: string };
  return canonicalText({ payload: change(payload), signature });
}

describe("admit", () => {
  test("admits what somebody signed who may, once", () => {
    const held = admission();
    const text = order();
    const read = readEnvelope(text);
    expect(admit(text, held, NOW)).toEqual(read);
    expect(codeOf(text, held)).toBe("REPLAYED");
    expect(codeOf(order({ salt: "2" }), held)).toBe("ok");
  });

  test("every flipped bit of the payload and of the signature is refused, and nothing is remembered of it", () => {
    const held = admission({ verify: (...all) => verifyInJavaScript(...all) });
    const text = order();
    const codes = new Map<string, number>();
    for (let index = 0; index < text.length; index++) {
      const flipped = String.fromCharCode(text.charCodeAt(index) ^ 1);
      const code = codeOf(text.slice(0, index) + flipped + text.slice(index + 1), held);
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
    expect(codes.has("ok")).toBe(false);
    expect(codes.get("SIGNATURE_WRONG")).toBeGreaterThan(100);
    expect(held.seen.size).toBe(0);
  });

  const high = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
  const twin = (): string => {
    const { payload, signature } = JSON.parse(order()) as { payload: string; signature: string };
    const s = (high - BigInt(`0x${signature.slice(64)}`)).toString(16).padStart(64, "0");
    return canonicalText({ payload, signature: signature.slice(0, 64) + s });
  };

  test.each<[string, string]>([
    ["ENVELOPE_TOO_LARGE", `{"payload":"${"x".repeat(10_000_000)}"}`],
    ["ENVELOPE_TOO_LARGE", order({ body: "€".repeat(2_800) })],
    ["ENVELOPE_NESTED_TOO_DEEP", "[".repeat(4_000)],
    ["ENVELOPE_NESTED_TOO_DEEP", order({ body: JSON.parse("[".repeat(16) + "]".repeat(16)) as CanonicalValue })],
    ["VALUE_MALFORMED", ""],
    ["VALUE_MALFORMED", "null"],
    ["VALUE_MALFORMED", `${order()} `],
    ["VALUE_MALFORMED", order().replace("{", '{"more":1,')],
    ["VALUE_MALFORMED", forged((payload) => payload.replace('"salt"', '"body":{},"salt"'))], // a key twice
    ["VALUE_MALFORMED", forged((payload) => payload.replace("1500", "1500.0"))],
    ["VALUE_MALFORMED", forged((payload) => payload.replace("1500", "1.5e3"))],
    ["VALUE_MALFORMED", forged((payload) => payload.replace("1500", "-0"))],
    ["VALUE_MALFORMED", forged((payload) => payload.replace("1500", "1e400"))],
    ["VALUE_MALFORMED", forged((payload) => payload.replace("1500", "9007199254740993"))],
    ["VALUE_MALFORMED", forged((payload) => payload.replace("1500", "0.5"))],
    ["VALUE_MALFORMED", forged((payload) => payload.replace('"182000"', '"\\ud800"'))],
    ["VALUE_MALFORMED", forged((payload) => payload.replace('"street"', '"str\\u0065et"'))],
    ["VALUE_MALFORMED", forged((payload) => payload.replace('"body":{', '"body":{"__proto__":1,'))],
    ["VALUE_MALFORMED", forged((payload) => payload.replace('"version":1', '"version":2'))],
    ["NET_MISMATCH", order({ net: hashText("another chain") })],
    ["MARKET_MISMATCH", order({ market: marketId("avenue") })],
    ["MARKET_MISMATCH", order({ market: marketId("strееt") })], // with Cyrillic letters
    ["TYPE_UNKNOWN", order({ type: "voucher" })],
    ["WINDOW_INVALID", order({ expires: at(9_000) })],
    ["WINDOW_INVALID", order({ expires: at(69_001) })],
    ["NOT_YET_VALID", order({ notBefore: at(10_501) })],
    ["EXPIRED", order({ expires: at(9_500) })],
    ["SIGNER_UNKNOWN", order({}, signer("stranger"))],
    ["SIGNER_NOT_OF_PARTY", order({}, BOBS)],
    ["PARTY_UNKNOWN", order({ party: partyId("nobody"), grant: "g" })],
    ["ROLE_MAY_NOT", order({}, METER)],
    ["ROLE_MAY_NOT", order({}, OWNER)],
    ["SIGNATURE_LENGTH", order().replace(/"signature":".*"/, '"signature":"00"')],
    ["SIGNATURE_HIGH_S", twin()],
    ["SIGNATURE_RANGE", order().replace(/"signature":".*"/, `"signature":"${"0".repeat(128)}"`)],
    ["SIGNATURE_WRONG", forged((payload) => payload.replace('"type":"order"', '"type":"quote"'))], // one kind as another
    ["SIGNATURE_WRONG", forged((payload) => payload.replace("1500", "1501"))],
  ])("refuses with %s", (code, text) => {
    expect(codeOf(text)).toBe(code);
  });

  test.each<[string, number]>([
    ["NOT_YET_VALID", 8_499],
    ["ok", 8_500],
    ["ok", 20_499],
    ["EXPIRED", 20_500],
  ])("the edges of time: %s at %i ms", (code, now) => {
    expect(codeOf(order(), admission(), at(now))).toBe(code);
  });

  test.each<[string, (held: Registry) => unknown]>([
    ["SIGNER_REVOKED", (held) => revokeKey(held, GATEWAY.key.did, NOW)],
    ["PARTY_SUSPENDED", (held) => setStanding(held, ANN, "suspended")],
    ["PARTY_LEFT", (held) => setStanding(held, ANN, "left")],
    [
      "SIGNER_ROTATED",
      (held) => rotateKey(held, GATEWAY.key.did, { did: signer("new").key.did, from: at(0), until: NOW }),
    ],
  ])("refuses with %s from the very instant on", (code, change) => {
    const held = admission();
    change(held.registry);
    expect(codeOf(order(), held)).toBe(code);
  });

  test("a rotation overlaps, and revocation wins over it", () => {
    const held = admission();
    const next = signer("new");
    rotateKey(held.registry, GATEWAY.key.did, { did: next.key.did, from: at(10_100), until: at(10_200) });
    expect(codeOf(order({}, next), held, at(10_099))).toBe("SIGNER_NOT_YET");
    expect(codeOf(order({}, next), held, at(10_100))).toBe("ok");
    expect(codeOf(order({ salt: "2" }), held, at(10_199))).toBe("ok");
    expect(codeOf(order({ salt: "3" }), held, at(10_200))).toBe("SIGNER_ROTATED");
    revokeKey(held.registry, GATEWAY.key.did, at(10_150));
    revokeKey(held.registry, GATEWAY.key.did, at(10_180));
    expect(codeOf(order({ salt: "4" }), held, at(10_150))).toBe("SIGNER_REVOKED");
  });

  test("what was seen is forgotten no sooner than it is refused as expired", () => {
    const held = admission();
    const text = order();
    expect(codeOf(text, held)).toBe("ok");
    expect(codeOf(text, held, at(20_499))).toBe("REPLAYED");
    expect(codeOf(order({ salt: "2", notBefore: at(20_000), expires: at(30_000) }), held, at(20_500))).toBe("ok");
    expect(held.seen.size).toBe(1);
    expect(codeOf(text, held, at(20_500))).toBe("EXPIRED");
  });
});

describe("the registry", () => {
  const DID = signer("new").key.did;
  test.each<[string, (held: Registry) => unknown]>([
    ["PARTY_UNKNOWN", (held) => enrolKey(held, { party: partyId("x"), did: "x", role: "device", from: at(0) })],
    [
      "PARTY_LEFT",
      (held) =>
        [setStanding(held, ANN, "left"), enrolKey(held, { party: ANN, did: "x", role: "device", from: at(0) })][1],
    ],
    ["PARTY_LEFT", (held) => [setStanding(held, ANN, "left"), admitParty(held, ANN)][1]],
    ["PARTY_UNKNOWN", (held) => setStanding(held, partyId("x"), "suspended")],
    ["DID_MALFORMED", (held) => enrolKey(held, { party: ANN, did: "x", role: "device", from: at(0) })],
    ["KEY_TAKEN", (held) => enrolKey(held, { party: ANN, did: BOBS.key.did, role: "device", from: at(0) })],
    ["KEY_UNKNOWN", (held) => revokeKey(held, DID, NOW)],
    ["KEY_UNKNOWN", (held) => rotateKey(held, DID, { did: DID, from: NOW, until: NOW })],
    [
      "KEY_REVOKED",
      (held) =>
        [revokeKey(held, METER.key.did, NOW), rotateKey(held, METER.key.did, { did: DID, from: NOW, until: NOW })][1],
    ],
    ["KEY_TAKEN", (held) => rotateKey(held, METER.key.did, { did: BOBS.key.did, from: NOW, until: NOW })],
    [
      "KEY_ROTATED",
      (held) => {
        rotateKey(held, METER.key.did, { did: DID, from: NOW, until: NOW });
        return rotateKey(held, METER.key.did, { did: signer("newer").key.did, from: NOW, until: NOW });
      },
    ],
  ])("refuses with %s", (code, change) => {
    expect(change(registry())).toMatchObject({ ok: false, error: { code } });
  });

  test("who was suspended comes back by a click", () => {
    const held = admission();
    setStanding(held.registry, ANN, "suspended");
    admitParty(held.registry, ANN);
    expect(codeOf(order(), held)).toBe("ok");
  });
});

describe("grants", () => {
  const GRANT: Grant = {
    id: "g",
    party: ANN,
    grantee: BOBS.key.did,
    parent: null,
    types: ["order"],
    from: at(0),
    expires: at(50_000),
    energyPerSlot: wattHours(2_000),
    priceMax: priceMicro(300_000),
    spendPerDay: amountNano(1_000n),
  };
  const CHILD: Grant = { ...GRANT, id: "c", parent: "g", grantee: METER.key.did, energyPerSlot: wattHours(1_000) };
  const USE = {
    type: "order",
    slot: at(900_000),
    energy: wattHours(600),
    price: priceMicro(200_000),
    spend: amountNano(400n),
  };
  const WHO = { signer: BOBS.key.did, party: ANN };

  function granted(): Grants {
    const grants: Grants = new Map();
    makeGrant(grants, GRANT, null);
    makeGrant(grants, CHILD, BOBS.key.did);
    return grants;
  }

  test.each<[string, Partial<Grant>, string | null]>([
    ["GRANT_EXISTS", {}, null],
    ["GRANT_PARENT_UNKNOWN", { id: "n", parent: "x" }, null],
    ["GRANT_NOT_PARENTS_TO_MAKE", { id: "n", parent: "g" }, null],
    ["GRANT_NOT_PARENTS_TO_MAKE", { id: "n" }, BOBS.key.did],
    ["GRANT_TIMELESS", { id: "n", expires: at(0) }, null],
  ])("are not made: %s", (code, change, maker) => {
    expect(makeGrant(granted(), { ...GRANT, ...change }, maker)).toMatchObject({ ok: false, error: { code } });
  });

  test.each<[string, Partial<Grant>]>([
    ["party", { party: BOB }],
    ["types", { types: ["order", "reading"] }],
    ["from", { from: at(-1) }],
    ["expires", { expires: at(50_001) }],
    ["energyPerSlot", { energyPerSlot: wattHours(2_001) }],
    ["energyPerSlot", { energyPerSlot: null }],
    ["priceMax", { priceMax: null }],
    ["spendPerDay", { spendPerDay: amountNano(1_001n) }],
  ])("are not made wider: %s", (what, change) => {
    const made = makeGrant(granted(), { ...CHILD, id: "n", ...change }, BOBS.key.did);
    expect(made).toMatchObject({ error: { code: "GRANT_WIDENS", what } });
  });

  test.each<[string, Partial<typeof USE>, Partial<typeof WHO>, number, string]>([
    ["GRANT_UNKNOWN", {}, {}, 1, "x"],
    ["GRANT_NOT_THE_SIGNERS", {}, { signer: METER.key.did }, 1, "g"],
    ["GRANT_OF_OTHER_PARTY", {}, { party: BOB }, 1, "g"],
    ["GRANT_NOT_YET", {}, {}, -1, "g"],
    ["GRANT_EXPIRED", {}, {}, 50_000, "g"],
    ["GRANT_TYPE", { type: "reading" }, {}, 1, "g"],
    ["GRANT_PRICE", { price: priceMicro(300_001) }, {}, 1, "g"],
    ["GRANT_ENERGY", { energy: wattHours(2_001) }, {}, 1, "g"],
    ["GRANT_SPEND", { spend: amountNano(1_001n) }, {}, 1, "g"],
  ])("do not cover: %s", (code, use, who, now, id) => {
    const checked = checkGrant(granted(), id, { ...WHO, ...who }, { ...USE, ...use }, at(now));
    expect(checked).toMatchObject({ ok: false, error: { code } });
  });

  test("an order without a limit is beyond every limit of price", () => {
    expect(checkGrant(granted(), "g", WHO, { ...USE, price: null }, at(1))).toMatchObject({
      error: { code: "GRANT_PRICE" },
    });
  });

  test("use counts by slot and by day, against the grant and against what it was made from", () => {
    const grants = granted();
    const meter = { signer: METER.key.did, party: ANN };
    countGrantUse(grants, "g", { ...USE, energy: wattHours(1_500), spend: amountNano(500n) }, at(1));
    expect(checkGrant(grants, "c", meter, USE, at(1))).toEqual({
      ok: false,
      error: { code: "GRANT_ENERGY", grant: "g" },
    });
    const later = { ...USE, slot: at(1_800_000) };
    expect(checkGrant(grants, "c", meter, later, at(1))).toMatchObject({ ok: true });
    countGrantUse(grants, "c", later, at(1));
    const third = { ...USE, slot: at(2_700_000) };
    expect(checkGrant(grants, "g", WHO, third, at(1))).toEqual({
      ok: false,
      error: { code: "GRANT_SPEND", grant: "g" },
    });
    expect(checkGrant(grants, "g", WHO, { ...USE, slot: at(86_400_000) }, at(1))).toMatchObject({ ok: true });
  });

  test("who revokes a grant revokes what was made from it", () => {
    const grants = granted();
    expect(revokeGrant(grants, "x", at(5))).toMatchObject({ error: { code: "GRANT_UNKNOWN" } });
    revokeGrant(grants, "g", at(5));
    revokeGrant(grants, "g", at(9));
    const meter = { signer: METER.key.did, party: ANN };
    expect(checkGrant(grants, "c", meter, USE, at(4))).toMatchObject({ ok: true });
    expect(checkGrant(grants, "c", meter, USE, at(5))).toEqual({
      ok: false,
      error: { code: "GRANT_REVOKED", grant: "g" },
    });
  });
});
