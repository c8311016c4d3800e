import { describe, expect, test } from "@jest/globals";
import { amountNano, partsPerMillion, type PartyId } from "@micromarket/kernel";
import {
  AMOUNT_MAX,
  collateralAccount,
  partyAccount,
  type Command,
  type RefusalCode,
  type State,
} from "@micromarket/engine";
import { balance, free, funded, fundedRules, money } from "./funded-street.ts";
import {
  ANNE,
  BERT,
  CLEO,
  GRID,
  minute,
  obeyed,
  refused,
  report,
  slot,
  START,
  street,
  submit,
  tender,
} from "./street.ts";

const close: Command = { type: "CloseGate", slot: slot(4) };
const lend = (party: PartyId, limit: bigint): Command => ({ type: "SetCreditLine", party, limit: amountNano(limit) });

describe("SetCreditLine", () => {
  const lending = (): State => funded({ funding: { kind: "credit-line", collateral: partsPerMillion(250_000) } });

  test.each<[RefusalCode, State, Command]>([
    ["CREDIT_NOT_RULED", street(), lend(CLEO, -1n)],
    ["CREDIT_NOT_RULED", funded(), lend(CLEO, -1n)],
    ["PARTY_UNKNOWN", lending(), lend(CLEO, -1n)],
    ["PARTY_RESERVED", lending(), lend(GRID, -1n)],
    ["AMOUNT_NEGATIVE", lending(), lend(ANNE, -1n)],
    ["AMOUNT_TOO_LARGE", lending(), lend(ANNE, AMOUNT_MAX + 1n)],
    ["FUNDS_INSUFFICIENT", lending(), lend(ANNE, 4_000_000_001n)],
  ])("refuses with %s", (code, state, command) => {
    expect(refused(state, command, START)).toMatchObject({ code });
  });

  test("keeps a share aside, lets the account fall below 0, and gives back what backs nothing any more", () => {
    const state = lending();
    obeyed(state, lend(ANNE, 2_000_000_000n), START);
    expect(balance(state, collateralAccount(ANNE))).toBe(500_000_000n);
    expect(free(state, ANNE)).toBe(2_500_000_000n);
    obeyed(state, submit(slot(4), tender("b", ANNE, "buy", [1_000_000, 2_000])), START);
    // 2.04 are held, 1.54 of them lent: no new promise, and the collateral of the part in use stays
    obeyed(state, lend(ANNE, 0n), START);
    expect(balance(state, collateralAccount(ANNE))).toBe(385_000_000n);
    expect(refused(state, submit(slot(4), tender("c", ANNE, "buy", [80_000, 1])), START)).toMatchObject({
      code: "FUNDS_INSUFFICIENT",
    });
    expect(refused(state, money("PayOut", ANNE, 1n, "out"), START)).toMatchObject({ code: "FUNDS_INSUFFICIENT" });
    obeyed(state, { type: "CancelTender", slot: slot(4), party: ANNE, tender: tender("b", ANNE, "buy").id }, START);
    obeyed(state, lend(ANNE, 0n), START);
    expect(free(state, ANNE)).toBe(1_000_000_000n);
  });
});

test("mutual credit: nobody pays in, everybody may owe as much, and the members' money sums to 0", () => {
  const rules = fundedRules({ funding: { kind: "mutual", limit: amountNano(100_000_000n) }, levies: [] });
  const state = street(rules);
  obeyed(state, submit(slot(4), tender("s", ANNE, "sell", [80_000, 500])), START);
  expect(refused(state, submit(slot(4), tender("b", BERT, "buy", [300_000, 500])), START)).toMatchObject({
    code: "FUNDS_INSUFFICIENT",
    available: 100_000_000n,
  });
  obeyed(state, submit(slot(4), tender("b", BERT, "buy", [200_000, 500])), START);
  obeyed(state, close, minute(55));
  obeyed(state, report(slot(4), ANNE, 0, 500), minute(75));
  obeyed(state, report(slot(4), BERT, 500, 0), minute(75));
  obeyed(state, report(slot(4), GRID, 0, 0), minute(75));
  expect(balance(state, partyAccount(BERT))).toBe(-70_000_000n);
  expect((balance(state, partyAccount(ANNE)) ?? 0n) + (balance(state, partyAccount(BERT)) ?? 0n)).toBe(0n);
});

describe("PayOut", () => {
  test.each<[RefusalCode, Command]>([
    ["PARTY_UNKNOWN", money("PayOut", CLEO, 0n, " ")],
    ["AMOUNT_NOT_POSITIVE", money("PayOut", ANNE, 0n, " ")],
    ["AMOUNT_TOO_LARGE", money("PayOut", ANNE, AMOUNT_MAX + 1n, " ")],
    ["REFERENCE_MALFORMED", money("PayOut", ANNE, 1_000_000_001n, " ")],
    ["REFERENCE_ALREADY_USED", money("PayOut", ANNE, 1_000_000_001n, `for ${ANNE}`)],
    ["FUNDS_INSUFFICIENT", money("PayOut", ANNE, 1_000_000_001n, "out")],
  ])("refuses with %s", (code, command) => {
    expect(refused(funded(), command, START)).toMatchObject({ code });
  });

  test("pays what is a party's own, and nothing that is held", () => {
    const state = funded();
    obeyed(state, submit(slot(4), tender("b", ANNE, "buy", [80_000, 500])), START);
    obeyed(state, money("PayOut", ANNE, 950_000_000n, "out"), START);
    expect(refused(state, money("PayOut", ANNE, 1n, "more"), START)).toMatchObject({ available: 0n });
    expect(balance(state, "outside")).toBe(-1_050_000_000n);
  });
});
