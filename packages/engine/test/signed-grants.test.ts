/** Acting for somebody by a grant, and what goes beyond it. */
import { describe, expect, test } from "@jest/globals";
import { amountNano, instantMs, priceMicro, wattHours } from "@micromarket/kernel";
import type { Grant } from "@micromarket/identity";
import type { BareCommand, Command, State } from "@micromarket/engine";
import { ANNE, BERT, GRID, minute, obeyed, refused, report, slot, submit, tender } from "./street.ts";
import type { envelope } from "./signed-street.ts";
import { ANNES, BERTS, codeOf, NOW, OPERATOR, signedBy, signedStreet, STRANGER } from "./signed-street.ts";

const bid = (id = "anne/load", energy = 500, at = slot(4)) =>
  submit(at, tender(id, ANNE, "buy", [200_000, energy])) as BareCommand;

describe("grants", () => {
  const GRANT: Grant = {
    id: "anne to bert",
    party: ANNE,
    grantee: BERTS.gateway.key.did,
    parent: null,
    types: ["order", "delegation"],
    from: NOW,
    expires: minute(50),
    energyPerSlot: wattHours(800),
    priceMax: priceMicro(300_000),
    spendPerDay: amountNano(200_000n * 1_000n),
  };
  const CHILD: Grant = { ...GRANT, id: "to his meter", parent: GRANT.id, grantee: BERTS.device.key.did };
  const made = (change: Partial<Grant> = {}): State => {
    const state = signedStreet();
    const grant: BareCommand = { type: "MakeGrant", grant: { ...GRANT, ...change } };
    obeyed(state, signedBy("admin", ANNE, ANNES.owner, grant), NOW);
    return state;
  };
  const byGrant = (command: BareCommand, change: Parameters<typeof envelope>[4] = {}) =>
    signedBy("order", ANNE, BERTS.gateway, command, { grant: GRANT.id, ...change });
  const buys = (name: string, price: number | null, energy: number) =>
    submit(slot(4), tender(`anne/${name}`, ANNE, "buy", [price, energy])) as BareCommand;
  const passOn = (grant: Grant, change = {}) =>
    signedBy("delegation", ANNE, BERTS.gateway, { type: "MakeGrant", grant }, { grant: GRANT.id, ...change });

  test("count what a tender takes at worst, and refuse what is over", () => {
    const state = made();
    expect(codeOf(byGrant(buys("1", 200_000, 500)), state)).toBe("ok");
    expect(codeOf(byGrant(buys("2", 200_000, 301)), state)).toBe("GRANT_ENERGY");
    expect(codeOf(byGrant(buys("2", 200_000, 300)), state)).toBe("ok");
    const sixth = submit(slot(6), tender("anne/3", ANNE, "buy", [210_000, 200])) as BareCommand;
    expect(codeOf(byGrant(sixth), state)).toBe("GRANT_SPEND");
    const sells = submit(slot(6), tender("anne/3", ANNE, "sell", [210_000, 200])) as BareCommand;
    expect(codeOf(byGrant(sells), state)).toBe("ok");
  });

  test("nothing is used up by a refused tender", () => {
    const state = made();
    for (const salt of ["1", "2", "3"]) {
      const bad = submit(slot(4), tender("anne/1", ANNE, "buy", [200_005, 500])) as BareCommand;
      expect(codeOf(byGrant(bad, { salt }), state)).toBe("PRICE_OFF_TICK");
      expect(codeOf(byGrant(bid("anne/1", 500, slot(40)), { salt }), state)).toBe("SLOT_BEYOND_HORIZON");
    }
    expect(codeOf(byGrant(buys("1", 200_000, 800)), state)).toBe("ok");
  });

  test.each<[string, () => Command, number?]>([
    ["GRANT_PRICE", () => byGrant(buys("1", 310_000, 1))],
    ["GRANT_PRICE", () => byGrant(buys("1", null, 1))], // it may cost the cap
    ["GRANT_PRICE", () => byGrant(submit(slot(4), tender("anne/1", ANNE, "sell", [-310_000, 1])) as BareCommand)],
    ["SLOT_MISALIGNED", () => byGrant(bid("anne/1", 1, instantMs(Number.MIN_SAFE_INTEGER)))],
    ["GRANT_UNKNOWN", () => byGrant(buys("1", 200_000, 1), { grant: "x" })],
    ["GRANT_NOT_THE_SIGNERS", () => signedBy("order", ANNE, BERTS.owner, buys("1", 200_000, 1), { grant: GRANT.id })],
    ["GRANT_EXPIRED", () => byGrant(buys("1", 200_000, 1)), 50],
    [
      "GRANT_TYPE",
      () => signedBy("reading", ANNE, BERTS.gateway, report(slot(0), ANNE, 1, 0) as BareCommand, { grant: GRANT.id }),
    ],
    [
      "GRANT_NOT_FOR_TYPE",
      () => signedBy("admin", ANNE, BERTS.owner, { type: "RevokeKey", did: ANNES.owner.key.did }, { grant: GRANT.id }),
    ],
    [
      "GRANT_NOT_FOR_TYPE",
      () => signedBy("operator", GRID, OPERATOR, { type: "RegisterParty", party: STRANGER }, { grant: GRANT.id }),
    ],
    [
      "ENERGY_TOO_LARGE",
      () =>
        byGrant(
          submit(
            slot(4),
            tender(
              "anne/1",
              ANNE,
              "buy",
              ...Array.from({ length: 9 }, () => [200_000, Number.MAX_SAFE_INTEGER] as const),
            ),
          ) as BareCommand,
        ),
    ],
    ["COMMAND_OF_OTHER_PARTY", () => byGrant(submit(slot(4), tender("anne/1", BERT, "buy", [1, 1])) as BareCommand)],
  ])("do not cover: %s", (code, attack, minutes = 10) => {
    expect(codeOf(attack(), made(), minute(minutes))).toBe(code);
  });

  test.each<[string, () => Command]>([
    ["GRANT_WIDENS", () => passOn({ ...CHILD, energyPerSlot: wattHours(801) })],
    ["GRANT_WIDENS", () => passOn({ ...CHILD, types: ["order", "delegation", "reading"] })],
    ["GRANT_WIDENS", () => passOn({ ...CHILD, expires: minute(51) })],
    ["GRANT_WIDENS", () => passOn({ ...CHILD, spendPerDay: null })],
    ["COMMAND_OF_OTHER_PARTY", () => passOn({ ...CHILD, party: BERT })],
    ["GRANT_NOT_PARENTS_TO_MAKE", () => passOn({ ...CHILD, parent: null })],
    [
      "GRANT_NOT_PARENTS_TO_MAKE",
      () => signedBy("delegation", ANNE, ANNES.gateway, { type: "MakeGrant", grant: CHILD }),
    ],
    ["GRANT_NOT_PARENTS_TO_MAKE", () => signedBy("admin", ANNE, ANNES.owner, { type: "MakeGrant", grant: CHILD })],
    [
      "GRANT_NOT_THE_SIGNERS",
      () => signedBy("delegation", ANNE, BERTS.owner, { type: "MakeGrant", grant: CHILD }, { grant: GRANT.id }),
    ],
    ["ROLE_MAY_NOT", () => signedBy("admin", ANNE, ANNES.gateway, { type: "MakeGrant", grant: { ...GRANT, id: "n" } })],
    ["GRANT_EXISTS", () => signedBy("admin", ANNE, ANNES.owner, { type: "MakeGrant", grant: GRANT }, { salt: "2" })],
  ])("are not passed on: %s", (code, attack) => {
    expect(codeOf(attack(), made())).toBe(code);
  });

  test("are passed on where they allow it, and use counts against both", () => {
    const state = made();
    const grantee = BERTS.owner;
    const child = { ...CHILD, grantee: grantee.key.did, energyPerSlot: wattHours(600) };
    expect(codeOf(passOn(child), made({ types: ["order"] }))).toBe("GRANT_TYPE");
    expect(codeOf(passOn({ ...child, types: ["order"] }), state)).toBe("ok");
    obeyed(state, byGrant(buys("1", 100_000, 500)), NOW);
    const byChild = (energy: number) =>
      signedBy("order", ANNE, grantee, buys("2", 100_000, energy), { grant: child.id });
    expect(refused(state, byChild(301), NOW)).toEqual({ code: "GRANT_ENERGY", grant: GRANT.id });
    expect(codeOf(byChild(300), state)).toBe("ok");
  });

  test("that are taken back cover nothing from the very instant on", () => {
    const state = made();
    const revoke = (by = ANNES.owner, party = ANNE) =>
      signedBy("admin", party, by, { type: "RevokeGrant", grant: GRANT.id });
    expect(codeOf(revoke(BERTS.owner, BERT), state)).toBe("COMMAND_OF_OTHER_PARTY");
    expect(codeOf(revoke(), state)).toBe("ok");
    expect(codeOf(byGrant(buys("1", 200_000, 1)), state)).toBe("GRANT_REVOKED");
    expect(
      codeOf(signedBy("admin", ANNE, ANNES.owner, { type: "RevokeGrant", grant: GRANT.id }, { salt: "2" }), state),
    ).toBe("GRANT_REVOKED");
  });
});
