import { describe, expect, test } from "@jest/globals";
import { accountOf, balanceOf, isAccountName, isBalanced, newLedger, openAccount } from "@micromarket/ledger";

describe("openAccount", () => {
  test.each([
    ["ACCOUNT_NAME_MALFORMED", ""],
    ["ACCOUNT_NAME_MALFORMED", " a"],
    ["ACCOUNT_NAME_MALFORMED", "a\n"],
    ["ACCOUNT_NAME_MALFORMED", "\ud800"],
    ["ACCOUNT_NAME_MALFORMED", "a".repeat(161)],
    ["ACCOUNT_ALREADY_OPEN", "a"],
  ])("refuses with %s: %j", (code, account) => {
    const ledger = newLedger();
    openAccount(ledger, "money", "a");
    expect(openAccount(ledger, "money", account)).toMatchObject({ ok: false, error: { code } });
    expect([...ledger.money.keys()]).toEqual(["a"]);
  });

  test("opens with the balance 0, in one book", () => {
    const ledger = newLedger();
    expect(openAccount(ledger, "money", "party:home 3")).toEqual({ ok: true, value: "party:home 3" });
    expect(balanceOf(ledger, "money", "party:home 3")).toBe(0n);
    expect(balanceOf(ledger, "energy", "party:home 3")).toBeNull();
    expect(isBalanced(ledger)).toBe(true);
  });

  test("the longest identifier with a prefix is a name", () => {
    expect(isAccountName(`party:${"x".repeat(128)}`)).toBe(true);
  });
});

test("isBalanced sees a unit that came from nowhere", () => {
  const ledger = newLedger();
  openAccount(ledger, "energy", "a");
  ledger.energy.set("a", accountOf(1n));
  expect(isBalanced(ledger)).toBe(false);
});
