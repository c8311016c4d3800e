import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  balanceOf,
  balanceSheet,
  isBalanced,
  newLedger,
  openAccount,
  post,
  type Ledger,
  type Transfer,
  type TransferRefusal,
} from "@micromarket/ledger";

const transfer = (debit: string, credit: string, amount: bigint): Transfer => ({
  ledger: "money",
  debit,
  credit,
  amount,
  reason: "trade",
});

function ledgerOf(...accounts: readonly string[]): Ledger {
  const ledger = newLedger();
  for (const account of accounts) {
    openAccount(ledger, "money", account);
    openAccount(ledger, "energy", account);
  }
  return ledger;
}

describe("post", () => {
  // by descending precedence: each line has the faults of the lines below it, too, as far as they go together
  test.each<[TransferRefusal["code"], Transfer]>([
    ["ACCOUNTS_SAME", transfer("nobody", "nobody", 0n)],
    ["AMOUNT_NOT_POSITIVE", transfer("nobody", "no one", 0n)],
    ["AMOUNT_NOT_POSITIVE", transfer("nobody", "no one", -1n)],
    ["DEBIT_ACCOUNT_UNKNOWN", transfer("nobody", "no one", 1n)],
    ["CREDIT_ACCOUNT_UNKNOWN", transfer("a", "no one", 1n)],
  ])("refuses with %s", (code, faulty) => {
    const ledger = ledgerOf("a", "b");
    expect(post(ledger, faulty)).toMatchObject({ ok: false, error: { code } });
    expect(ledger).toEqual(ledgerOf("a", "b"));
  });

  test("an account of the other book does not count", () => {
    const ledger = ledgerOf("a");
    openAccount(ledger, "energy", "b");
    expect(post(ledger, transfer("a", "b", 1n))).toMatchObject({ error: { code: "CREDIT_ACCOUNT_UNKNOWN" } });
  });

  test("moves the amount from debit to credit, in its own book only", () => {
    const ledger = ledgerOf("a", "b");
    expect(post(ledger, transfer("a", "b", 5n)).ok).toBe(true);
    expect(balanceSheet(ledger, "money")).toEqual({
      ledger: "money",
      balances: [
        ["a", -5n],
        ["b", 5n],
      ],
      total: 0n,
    });
    expect(balanceOf(ledger, "energy", "b")).toBe(0n);
  });

  test("whatever is posted, each book sums to 0 and each balance is credits less debits", () => {
    const accounts = ["a", "b", "c", "d"];
    const transfers = fc.record({
      ledger: fc.constantFrom("money" as const, "energy" as const),
      debit: fc.constantFrom(...accounts, "nobody"),
      credit: fc.constantFrom(...accounts, "nobody"),
      amount: fc.bigInt({ min: -2n, max: 10n ** 25n }),
      reason: fc.constant("trade" as const),
    });
    fc.assert(
      fc.property(fc.array(transfers, { maxLength: 40 }), (list) => {
        const ledger = ledgerOf(...accounts);
        const posted = list.filter((each) => post(ledger, each).ok);
        expect(isBalanced(ledger)).toBe(true);
        for (const name of ["money", "energy"] as const) {
          for (const account of accounts) {
            const mine = posted.filter((each) => each.ledger === name);
            const credits = mine.filter((each) => each.credit === account).reduce((sum, each) => sum + each.amount, 0n);
            const debits = mine.filter((each) => each.debit === account).reduce((sum, each) => sum + each.amount, 0n);
            expect(balanceOf(ledger, name, account)).toBe(credits - debits);
          }
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
