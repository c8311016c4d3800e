import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { canonicalText } from "@micromarket/kernel";
import { ledgerRecord, newLedger, openAccount, post, decodeLedger, type Ledger } from "@micromarket/ledger";

function ledgerOf(accounts: readonly string[]): Ledger {
  const ledger = newLedger();
  for (const account of accounts) openAccount(ledger, "money", account);
  return ledger;
}
const textOf = (ledger: Ledger): string => canonicalText(ledgerRecord(ledger));
const restore = (text: string) => decodeLedger(JSON.parse(text), "ledger");

describe("ledgerRecord", () => {
  test("lists accounts in order of name, not of opening", () => {
    expect(textOf(ledgerOf(["b", "a", "B"]))).toBe(`{"energy":[],"money":[["B","0"],["a","0"],["b","0"]]}`);
  });

  test("restores to a ledger with the same record", () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-zä:]{1,5}$/u), { minLength: 2, maxLength: 8 });
    const transfers = fc.array(fc.tuple(fc.nat(7), fc.nat(7), fc.bigInt({ min: 1n, max: 10n ** 24n })), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(names, transfers, (accounts, moves) => {
        const ledger = ledgerOf(accounts);
        for (const [from, to, amount] of moves) {
          const [debit, credit] = [accounts[from], accounts[to]];
          if (debit !== undefined && credit !== undefined)
            post(ledger, { ledger: "money", debit, credit, amount, reason: "credit" });
        }
        const text = textOf(ledger);
        const restored = restore(text);
        expect(restored.ok && textOf(restored.value)).toBe(text);
      }),
    );
  });
});

describe("decodeLedger", () => {
  test.each([
    ["ledger.money", "a value", `{"energy":[]}`],
    ["ledger.money[0][1]", "an integer of at most 40 digits, as a text", `{"energy":[],"money":[["a",0]]}`],
    ["ledger.money[0][0]", "the name of an account", `{"energy":[],"money":[["","0"]]}`],
    ["ledger.money", "accounts in order of name, each of them once", `{"energy":[],"money":[["b","0"],["a","0"]]}`],
    ["ledger.money", "accounts in order of name, each of them once", `{"energy":[],"money":[["a","0"],["a","0"]]}`],
    ["ledger", "books whose balances sum to 0", `{"energy":[["a","1"]],"money":[["a","-1"]]}`],
  ])("names %s: expected %s", (path, expected, text) => {
    expect(restore(text)).toMatchObject({ ok: false, error: { path, expected } });
  });
});
