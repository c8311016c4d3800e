import { describe, expect, test } from "@jest/globals";
import {
  availableOf,
  balanceOf,
  isBalanced,
  isTransferId,
  newLedger,
  openAccount,
  postCovered,
  type AccountName,
  type Ledger,
  type Transfer,
} from "@micromarket/ledger";

const move = (debit: AccountName, credit: AccountName, amount: bigint): Transfer => ({
  ledger: "money",
  debit,
  credit,
  amount,
  reason: "trade",
});

/** `a` and `b` must not fall below 0; `a:cover` and `b:cover` may. */
function ledgerOf(): Ledger {
  const ledger = newLedger();
  for (const name of ["a", "b"]) openAccount(ledger, "money", name, { floor: 0n, ceiling: null });
  for (const name of ["a:cover", "b:cover", "outside"]) openAccount(ledger, "money", name);
  return ledger;
}

const cover = (account: AccountName): AccountName => `${account}:cover`;
const balances = (ledger: Ledger): (bigint | null)[] =>
  ["a", "a:cover", "b", "b:cover", "outside"].map((name) => balanceOf(ledger, "money", name));

describe("postCovered", () => {
  test("posts what the accounts bear, and no more", () => {
    const ledger = ledgerOf();
    const transfers = [move("outside", "a", 5n), move("a", "b", 5n)];
    expect(postCovered(ledger, transfers, cover)).toEqual({ ok: true, value: transfers });
    expect(balances(ledger)).toEqual([0n, 0n, 5n, 0n, -5n]);
  });

  test("lifts who ends below its floor, whatever came in between", () => {
    const ledger = ledgerOf();
    const transfers = [move("a", "outside", 7n), move("a", "b", 5n), move("outside", "a", 4n)];
    const posted = postCovered(ledger, transfers, cover);
    expect(posted).toEqual({ ok: true, value: [...transfers, { ...move("a:cover", "a", 8n), reason: "arrears" }] });
    expect(balances(ledger)).toEqual([0n, -8n, 5n, 0n, 3n]);
    expect(isBalanced(ledger)).toBe(true);
  });

  test("what was below its floor before is not this one's business", () => {
    const ledger = ledgerOf();
    const account = ledger.money.get("a");
    if (account === undefined) throw new Error("a is open");
    account.floor = 10n;
    postCovered(ledger, [move("a", "b", 3n)], cover);
    expect(balances(ledger)).toEqual([0n, -3n, 3n, 0n, 0n]);
    expect(availableOf(ledger, "money", "a")).toBe(-10n);
  });

  test("what is held is covered as if it were gone", () => {
    const ledger = ledgerOf();
    postCovered(ledger, [move("outside", "a", 5n)], cover);
    const account = ledger.money.get("a");
    if (account === undefined) throw new Error("a is open");
    account.debitsHeld = 4n;
    postCovered(ledger, [move("a", "b", 3n)], cover);
    expect(balances(ledger)).toEqual([4n, -2n, 3n, 0n, -5n]);
  });

  test.each([
    ["ACCOUNTS_SAME", move("a", "a", 1n)],
    ["AMOUNT_NOT_POSITIVE", move("a", "b", 0n)],
    ["DEBIT_ACCOUNT_UNKNOWN", move("x", "b", 1n)],
    ["CREDIT_ACCOUNT_UNKNOWN", move("a", "x", 1n)],
  ])("posts nothing at all where one transfer is refused with %s", (code, faulty) => {
    const ledger = ledgerOf();
    expect(postCovered(ledger, [move("outside", "a", 5n), faulty], cover)).toMatchObject({
      ok: false,
      error: { code },
    });
    expect(balances(ledger)).toEqual([0n, 0n, 0n, 0n, 0n]);
  });
});

test.each([
  ["a", true],
  ["tender/1782864000000/" + "x".repeat(128), true],
  ["x".repeat(320), true],
  ["x".repeat(321), false],
  ["", false],
  [" a", false],
  ["a\n", false],
  ["\ud800", false],
])("isTransferId(%j) is %p", (text, is) => {
  expect(isTransferId(text)).toBe(is);
});
