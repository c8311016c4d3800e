import { describe, expect, test } from "@jest/globals";
import { amountNano, partyId, type PartyId } from "@micromarket/kernel";
import { balanceOf } from "@micromarket/ledger";
import { AMOUNT_MAX, PARTIES_MAX, partyAccount, type Command, type RefusalCode, type State } from "@micromarket/engine";
import { ANNE, CLEO, GRID, minute, obeyed, refused, street } from "./street.ts";

class CrowdedSet extends Set<PartyId> {
  override get size(): number {
    return PARTIES_MAX;
  }
}

const register = (party: PartyId): Command => ({ type: "RegisterParty", party });
const credit = (party: PartyId, amount: bigint, reference: string): Command => ({
  type: "CreditAccount",
  party,
  amount: amountNano(amount),
  reference,
});

describe("RegisterParty", () => {
  const crowded = (): State => ({ ...street(), parties: new CrowdedSet([GRID, ANNE]) });

  // by descending precedence
  test.each<[RefusalCode, PartyId]>([
    ["PARTY_RESERVED", GRID],
    ["PARTY_ALREADY_REGISTERED", ANNE],
    ["PARTIES_TOO_MANY", CLEO],
  ])("refuses with %s", (code, party) => {
    expect(refused(crowded(), register(party), minute(0))).toMatchObject({ code });
  });

  test("opens an account in both ledgers", () => {
    const state = street();
    expect(obeyed(state, register(CLEO), minute(0))).toEqual([{ type: "PartyRegistered", party: CLEO }]);
    expect(balanceOf(state.ledger, "money", partyAccount(CLEO))).toBe(0n);
    expect(balanceOf(state.ledger, "energy", partyAccount(CLEO))).toBe(0n);
  });

  test("takes every identifier, the names of other accounts included", () => {
    const state = street();
    for (const name of ["outside", "delivered", "party:anne", "x".repeat(128), "__proto__"]) {
      obeyed(state, register(partyId(name)), minute(0));
    }
  });
});

describe("CreditAccount", () => {
  // by descending precedence: every line has the faults of the lines below it as well, as far as they go together
  test.each<[RefusalCode, Command]>([
    ["PARTY_UNKNOWN", credit(CLEO, 0n, " ")],
    ["AMOUNT_NOT_POSITIVE", credit(ANNE, 0n, " ")],
    ["AMOUNT_NOT_POSITIVE", credit(ANNE, -1n, "used")],
    ["AMOUNT_TOO_LARGE", credit(ANNE, AMOUNT_MAX + 1n, " ")],
    ["REFERENCE_MALFORMED", credit(ANNE, 1n, " ")],
    ["REFERENCE_ALREADY_USED", credit(ANNE, 1n, "used")],
  ])("refuses with %s", (code, command) => {
    const state = street();
    obeyed(state, credit(ANNE, 1n, "used"), minute(0));
    expect(refused(state, command, minute(0))).toMatchObject({ code });
  });

  test("moves money from outside to the party", () => {
    const state = street();
    expect(obeyed(state, credit(ANNE, 25_000_000_000n, "bank 1"), minute(0))).toEqual([
      { type: "AccountCredited", party: ANNE, amount: 25_000_000_000n, reference: "bank 1" },
    ]);
    obeyed(state, credit(ANNE, 1n, "bank 2"), minute(0));
    expect(balanceOf(state.ledger, "money", partyAccount(ANNE))).toBe(25_000_000_001n);
    expect(balanceOf(state.ledger, "money", "outside")).toBe(-25_000_000_001n);
  });

  test("a reference serves once in the whole market", () => {
    const state = street();
    obeyed(state, credit(ANNE, 1n, "bank 1"), minute(0));
    expect(refused(state, credit(GRID, 1n, "bank 1"), minute(0))).toEqual({
      code: "REFERENCE_ALREADY_USED",
      reference: "bank 1",
    });
  });
});
