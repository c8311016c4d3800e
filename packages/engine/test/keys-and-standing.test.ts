/** Enrolling, rotating and revoking keys; suspending parties and letting them go. */
import { describe, expect, test } from "@jest/globals";
import { amountNano, instantMs, wattHours } from "@micromarket/kernel";
import type { Grant } from "@micromarket/identity";
import { apply, GRANTS_MAX, KEYS_MAX, type BareCommand, type Command } from "@micromarket/engine";
import { ANNE, BERT, GRID, minute, obeyed, refused, report, slot, street, submit, tender } from "./street.ts";
import {
  ANNES,
  BERTS,
  codeOf,
  NOW,
  OPERATOR,
  signedBy,
  signedStreet,
  signer,
  STRANGER,
  told,
} from "./signed-street.ts";

const NEXT = signer("next");
const enrol = (change: Partial<Extract<BareCommand, { type: "EnrolKey" }>> = {}): BareCommand => ({
  type: "EnrolKey",
  party: ANNE,
  did: NEXT.key.did,
  role: "device",
  from: NOW,
  ...change,
});
const rotate = (did: string, from = NOW, until = NOW): BareCommand => ({
  type: "RotateKey",
  did,
  next: NEXT.key.did,
  from,
  until,
});
const standing = (party: typeof ANNE, to: "active" | "suspended" | "left"): BareCommand => ({
  type: "SetStanding",
  party,
  standing: to,
});
const byAnne = (command: BareCommand, salt = "1") => signedBy("admin", ANNE, ANNES.owner, command, { salt });
const order = (by = ANNES.gateway, salt = "1", at = slot(4)) =>
  signedBy("order", ANNE, by, submit(at, tender(`anne/${salt}`, ANNE, "buy", [null, 5])) as BareCommand, { salt });

describe("EnrolKey", () => {
  test("makes a key the party's", () => {
    const state = signedStreet();
    expect(codeOf(order(NEXT), state)).toBe("SIGNER_UNKNOWN");
    expect(obeyed(state, told(enrol({ role: "gateway" })), NOW)).toEqual([
      { type: "KeyEnrolled", party: ANNE, did: NEXT.key.did, role: "gateway", from: NOW },
    ]);
    expect(codeOf(order(NEXT), state)).toBe("ok");
  });

  const crowded = signedStreet();
  for (let count = 3; count < KEYS_MAX; count++) {
    const record = crowded.registry.keys.get(ANNES.device.key.did);
    if (record !== undefined) crowded.registry.keys.set(`did ${count}`, { ...record });
  }

  test.each<[string, BareCommand]>([
    ["PARTY_UNKNOWN", enrol({ party: STRANGER, role: "operator" })],
    ["ROLE_RESERVED", enrol({ role: "operator" })],
    ["DID_MALFORMED", enrol({ did: "did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH" })],
    ["DID_MALFORMED", enrol({ did: "" })],
    ["KEY_TAKEN", enrol({ did: BERTS.device.key.did })],
    ["KEY_TAKEN", enrol({ did: ANNES.device.key.did })],
  ])("is refused with %s", (code, command) => {
    expect(refused(signedStreet(), told(command), NOW)?.code).toBe(code);
  });

  test("is refused with KEYS_TOO_MANY, and so is a rotation", () => {
    expect(apply(crowded, told(enrol({ did: "" })), NOW)).toEqual({
      ok: false,
      refusal: { code: "KEYS_TOO_MANY", party: ANNE, most: KEYS_MAX },
    });
    expect(apply(crowded, byAnne(rotate(ANNES.device.key.did)), NOW)).toMatchObject({
      refusal: { code: "KEYS_TOO_MANY" },
    });
  });

  test("of a party that left is refused, and a refused first key makes nobody known", () => {
    const state = street();
    expect(refused(state, enrol({ did: "x" }), NOW)?.code).toBe("DID_MALFORMED");
    obeyed(state, standing(ANNE, "left"), NOW);
    expect(refused(state, enrol(), NOW)).toEqual({ code: "PARTY_LEFT", party: ANNE });
  });
});

describe("RotateKey", () => {
  test("lets both keys count for a while, then the next one alone", () => {
    const state = signedStreet();
    obeyed(state, byAnne(rotate(ANNES.gateway.key.did, minute(12), minute(14))), NOW);
    expect(codeOf(order(NEXT, "2"), state, instantMs(minute(12) - 1))).toBe("SIGNER_NOT_YET");
    expect(codeOf(order(NEXT, "2"), state, minute(12))).toBe("ok");
    expect(codeOf(order(ANNES.gateway, "3"), state, instantMs(minute(14) - 1))).toBe("ok");
    expect(codeOf(order(ANNES.gateway, "4"), state, minute(14))).toBe("SIGNER_ROTATED");
  });

  test.each<[string, BareCommand]>([
    ["KEY_UNKNOWN", rotate(signer("nobody's").key.did)],
    ["COMMAND_OF_OTHER_PARTY", rotate(BERTS.gateway.key.did)],
    ["DID_MALFORMED", { ...rotate(ANNES.gateway.key.did), next: "x" } as BareCommand],
    ["KEY_TAKEN", { ...rotate(ANNES.gateway.key.did), next: BERTS.gateway.key.did } as BareCommand],
  ])("is refused with %s", (code, command) => {
    expect(codeOf(byAnne(command), signedStreet())).toBe(code);
  });

  test("of a key that was rotated or revoked is refused", () => {
    const state = signedStreet();
    obeyed(state, byAnne(rotate(ANNES.gateway.key.did)), NOW);
    const again = { ...rotate(ANNES.gateway.key.did), next: signer("later").key.did } as BareCommand;
    expect(codeOf(byAnne(again, "2"), state)).toBe("KEY_ROTATED");
    obeyed(state, byAnne({ type: "RevokeKey", did: ANNES.gateway.key.did }, "3"), NOW);
    expect(codeOf(byAnne(again, "4"), state)).toBe("KEY_REVOKED");
  });

  test("of the operator's key hands the market over; the operator rotates no other", () => {
    const state = signedStreet();
    expect(codeOf(told(rotate(ANNES.gateway.key.did)), state)).toBe("COMMAND_OF_OTHER_PARTY");
    obeyed(state, told(rotate(OPERATOR.key.did, NOW, minute(11))), NOW);
    const byNext = signedBy("operator", GRID, NEXT, { type: "RegisterParty", party: STRANGER });
    expect(codeOf(told({ type: "RegisterParty", party: STRANGER }), state, minute(11))).toBe("SIGNER_ROTATED");
    expect(codeOf(byNext, state, minute(11))).toBe("ok");
  });
});

describe("RevokeKey", () => {
  const revoke = (did: string): BareCommand => ({ type: "RevokeKey", did });

  test("is the party's own, or the operator's", () => {
    const state = signedStreet();
    expect(obeyed(state, byAnne(revoke(ANNES.gateway.key.did)), NOW)).toEqual([
      { type: "KeyRevoked", party: ANNE, did: ANNES.gateway.key.did, at: NOW },
    ]);
    expect(codeOf(byAnne(revoke(ANNES.gateway.key.did), "2"), state)).toBe("KEY_REVOKED");
    expect(codeOf(byAnne(revoke(BERTS.gateway.key.did)), state)).toBe("COMMAND_OF_OTHER_PARTY");
    expect(codeOf(byAnne(revoke(signer("x").key.did)), state)).toBe("KEY_UNKNOWN");
    expect(codeOf(told(revoke(BERTS.gateway.key.did)), state)).toBe("ok");
  });

  test("leaves a signed market one operator's key", () => {
    const state = signedStreet();
    expect(codeOf(told(revoke(OPERATOR.key.did)), state)).toBe("OPERATOR_KEY_LAST");
    obeyed(state, told(enrol({ party: GRID, role: "operator" })), NOW);
    expect(codeOf(told(revoke(OPERATOR.key.did)), state)).toBe("ok");
    expect(codeOf(signedBy("operator", GRID, NEXT, revoke(NEXT.key.did)), state)).toBe("OPERATOR_KEY_LAST");
  });
});

describe("SetStanding", () => {
  test("suspends a party, whose orders are refused until it is readmitted", () => {
    const state = signedStreet();
    expect(obeyed(state, told(standing(ANNE, "suspended")), NOW)).toEqual([
      { type: "StandingSet", party: ANNE, standing: "suspended" },
    ]);
    expect(codeOf(order(), state)).toBe("PARTY_SUSPENDED");
    obeyed(state, told(standing(ANNE, "active"), minute(11)), minute(11));
    expect(codeOf(order(), state, minute(11))).toBe("ok");
  });

  test("lets a party go: its tenders are taken back, and later slots expect nothing of it", () => {
    const state = signedStreet();
    obeyed(state, order(), NOW);
    obeyed(state, { type: "CloseGate", slot: slot(1) }, NOW);
    expect(obeyed(state, byAnne(standing(ANNE, "left")), NOW)).toEqual([
      { type: "StandingSet", party: ANNE, standing: "left" },
      { type: "TenderCancelled", slot: slot(4), party: ANNE, tender: "anne/1" },
    ]);
    expect(codeOf(order(ANNES.gateway, "2"), state)).toBe("PARTY_LEFT");
    obeyed(state, { type: "CloseGate", slot: slot(4) }, minute(55));
    expect([...(state.cleared.get(slot(4))?.awaiting ?? [])]).toEqual([GRID, BERT]);
    expect([...(state.cleared.get(slot(1))?.awaiting ?? [])]).toEqual([GRID, ANNE, BERT]);
    obeyed(state, told(report(slot(1), ANNE, 7, 0) as BareCommand), minute(55));
    expect(state.cleared.get(slot(1))?.awaiting.has(ANNE)).toBe(false);
  });

  test.each<[string, Command]>([
    ["PARTY_UNKNOWN", told(standing(STRANGER, "left"))],
    ["PARTY_RESERVED", told(standing(GRID, "suspended"))],
    ["STANDING_NOT_OWN_TO_SET", byAnne(standing(ANNE, "suspended"))],
    ["COMMAND_OF_OTHER_PARTY", byAnne(standing(BERT, "left"))],
    ["ROLE_MAY_NOT", signedBy("admin", ANNE, ANNES.gateway, standing(ANNE, "left"))],
  ])("is refused with %s", (code, command) => {
    expect(codeOf(command, signedStreet())).toBe(code);
  });

  test("in an open market holds for bare commands, too, and who left does not come back", () => {
    const state = street();
    const bid = submit(slot(4), tender("a", ANNE, "buy", [null, 5]));
    obeyed(state, bid, NOW);
    obeyed(state, standing(BERT, "suspended"), NOW);
    const bertsBid = submit(slot(4), tender("b", BERT, "buy", [null, 5]));
    expect(refused(state, bertsBid, NOW)).toEqual({ code: "PARTY_SUSPENDED", party: BERT });
    obeyed(state, standing(BERT, "active"), NOW);
    obeyed(state, bertsBid, NOW);
    obeyed(state, standing(ANNE, "left"), NOW);
    expect(refused(state, bid, NOW)).toEqual({ code: "PARTY_LEFT", party: ANNE });
    expect(refused(state, standing(ANNE, "active"), NOW)).toEqual({ code: "PARTY_LEFT", party: ANNE });
  });
});

describe("MakeGrant and RevokeGrant, told by the operator of an open market", () => {
  const grant: Grant = {
    id: "g",
    party: ANNE,
    grantee: BERTS.gateway.key.did,
    parent: null,
    types: ["order"],
    from: NOW,
    expires: minute(50),
    energyPerSlot: wattHours(800),
    priceMax: null,
    spendPerDay: amountNano(5n),
  };

  test("make grants, from grants as well, and take them back", () => {
    const state = street();
    const child = { ...grant, id: "c", parent: "g", grantee: BERTS.owner.key.did };
    expect(obeyed(state, { type: "MakeGrant", grant }, NOW)).toEqual([{ type: "GrantMade", grant }]);
    obeyed(state, { type: "MakeGrant", grant: child }, NOW);
    expect(refused(state, { type: "MakeGrant", grant: { ...child, id: "d", expires: minute(51) } }, NOW)).toEqual({
      code: "GRANT_WIDENS",
      grant: "d",
      what: "expires",
    });
    expect(refused(state, { type: "MakeGrant", grant }, NOW)?.code).toBe("GRANT_EXISTS");
    expect(refused(state, { type: "MakeGrant", grant: { ...child, id: "d", parent: "x" } }, NOW)?.code).toBe(
      "GRANT_PARENT_UNKNOWN",
    );
    expect(refused(state, { type: "MakeGrant", grant: { ...grant, id: "d", expires: NOW } }, NOW)?.code).toBe(
      "GRANT_TIMELESS",
    );
    expect(refused(state, { type: "MakeGrant", grant: { ...grant, party: STRANGER } }, NOW)?.code).toBe(
      "PARTY_UNKNOWN",
    );
    expect(refused(state, { type: "RevokeGrant", grant: "x" }, NOW)).toEqual({ code: "GRANT_UNKNOWN", grant: "x" });
    expect(obeyed(state, { type: "RevokeGrant", grant: "g" }, NOW)).toEqual([
      { type: "GrantRevoked", party: ANNE, grant: "g" },
    ]);
    expect(refused(state, { type: "RevokeGrant", grant: "g" }, NOW)).toEqual({ code: "GRANT_REVOKED", grant: "g" });
  });

  test("no party has more than so many", () => {
    const state = street();
    obeyed(state, { type: "MakeGrant", grant }, NOW);
    const [record] = state.grants.values();
    if (record === undefined) throw new Error("a grant was made");
    for (let count = 1; count < GRANTS_MAX; count++) state.grants.set(`g${count}`, record);
    expect(apply(state, { type: "MakeGrant", grant: { ...grant, id: "one more" } }, NOW)).toEqual({
      ok: false,
      refusal: { code: "GRANTS_TOO_MANY", party: ANNE, most: GRANTS_MAX },
    });
    expect(apply(state, { type: "MakeGrant", grant: { ...grant, id: "b", party: BERT } }, NOW).ok).toBe(true);
  });
});
