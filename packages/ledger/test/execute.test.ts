/** What a ledger answers, in the order of precedence; after the tables of TigerBeetle's `create_transfers`. */
import { describe, expect, test } from "@jest/globals";
import { canonicalText, instantMs } from "@micromarket/kernel";
import {
  availableOf,
  balanceOf,
  closeAccount,
  decodeLedger,
  execute,
  forgetRequests,
  ledgerRecord,
  newLedger,
  openAccount,
  setLimits,
  violatedLedgerInvariants,
  TRANSFER_AMOUNT_MAX,
  type HoldRequest,
  type Ledger,
  type PostRequest,
  type RequestRefusal,
  type TransferRequest,
} from "@micromarket/ledger";

const NOW = instantMs(1_000);
const NOW_1 = instantMs(1_001);
const LATER = instantMs(2_000);

/** Two prepaid accounts with 100 and 0, a full one, a closed one, and where money comes from. */
function street(): Ledger {
  const ledger = newLedger();
  for (const account of ["outside", "gone", "gone-too"]) openAccount(ledger, "money", account);
  for (const account of ["ann", "bob"]) openAccount(ledger, "money", account, { floor: 0n, ceiling: null });
  openAccount(ledger, "money", "full", { floor: null, ceiling: 5n });
  for (const account of ["gone", "gone-too"]) closeAccount(ledger, "money", account);
  execute(ledger, [post("p-1", { amount: 100n }), hold("h-open"), hold("h-posted"), hold("h-voided")], NOW);
  execute(ledger, [hold("h-expired", { expires: instantMs(1_001) })], NOW);
  execute(ledger, [postHold("e-1", "h-posted", 3n), voidHold("e-2", "h-voided")], instantMs(1_001));
  return ledger;
}

function post(id: string, change: Partial<PostRequest> = {}): PostRequest {
  return {
    kind: "post",
    id,
    ledger: "money",
    debit: "outside",
    credit: "ann",
    amount: 1n,
    reason: "credit",
    ...change,
  };
}

function hold(id: string, change: Partial<HoldRequest> = {}): HoldRequest {
  const transfer = {
    ledger: "money",
    debit: "ann",
    credit: "bob",
    amount: 10n,
    reason: "trade",
    expires: LATER,
  } as const;
  return { kind: "hold", id, ...transfer, ...change };
}

function postHold(id: string, held: string, amount: bigint | null = null): TransferRequest {
  return { kind: "post-hold", id, hold: held, amount };
}

function reduceHold(id: string, held: string, amount: bigint): TransferRequest {
  return { kind: "reduce-hold", id, hold: held, amount };
}

function voidHold(id: string, held: string): TransferRequest {
  return { kind: "void-hold", id, hold: held };
}

const text = (ledger: Ledger): string => canonicalText(ledgerRecord(ledger));
const only = (ledger: Ledger, request: TransferRequest, at = instantMs(1_001)) =>
  execute(ledger, [request], at).results[0];

/** Faults in order of descending precedence: each line has those of the lines below it, as far as they go together. */
const REFUSED: readonly (readonly [RequestRefusal["code"], TransferRequest])[] = [
  ["CHAIN_OPEN", { ...post("", { amount: 0n }), linked: true }],
  ["ID_MALFORMED", post("", { debit: "x", credit: "x", amount: 0n })],
  ["ID_MALFORMED", post("a\n", { debit: "x", credit: "x", amount: 0n })],
  ["EXISTS_DIFFERENT", post("p-1", { debit: "x", credit: "x", amount: 0n })],
  ["EXISTS_DIFFERENT", hold("p-1")],
  ["EXISTS_DIFFERENT", hold("h-open", { expires: null })],
  ["EXISTS_DIFFERENT", postHold("e-1", "h-posted", 2n)],
  ["EXISTS", post("p-1", { amount: 100n })],
  ["EXISTS", hold("h-expired", { expires: instantMs(1_001) })],
  ["EXISTS", postHold("e-1", "h-posted", 3n)],
  ["ACCOUNTS_SAME", post("n", { debit: "x", credit: "x", amount: 0n })],
  ["AMOUNT_NOT_POSITIVE", post("n", { debit: "x", credit: "y", amount: 0n })],
  ["AMOUNT_NOT_POSITIVE", post("n", { debit: "x", credit: "y", amount: -1n })],
  ["AMOUNT_TOO_LARGE", post("n", { debit: "x", credit: "y", amount: TRANSFER_AMOUNT_MAX + 1n })],
  ["DEBIT_ACCOUNT_UNKNOWN", post("n", { debit: "x", credit: "y" })],
  ["DEBIT_ACCOUNT_UNKNOWN", post("n", { ledger: "energy" })],
  ["CREDIT_ACCOUNT_UNKNOWN", post("n", { debit: "gone", credit: "y" })],
  ["DEBIT_ACCOUNT_CLOSED", post("n", { debit: "gone", credit: "gone-too" })],
  ["CREDIT_ACCOUNT_CLOSED", post("n", { debit: "ann", credit: "gone", amount: 1_000n })],
  ["FUNDS_INSUFFICIENT", post("n", { debit: "ann", credit: "full", amount: 1_000n })],
  ["FUNDS_INSUFFICIENT", post("n", { debit: "ann", credit: "bob", amount: 88n })], // 97 there, 10 held
  ["CEILING_EXCEEDED", post("n", { credit: "full", amount: 6n })],
  ["EXPIRY_PAST", hold("n", { debit: "x", credit: "x", expires: instantMs(1_001) })],
  ["FUNDS_INSUFFICIENT", hold("n", { amount: 88n })],
  ["CEILING_EXCEEDED", hold("n", { credit: "full", amount: 6n })],
  ["HOLD_UNKNOWN", postHold("n", "h-none", -1n)],
  ["HOLD_UNKNOWN", postHold("n", "n")],
  ["HOLD_IS_NONE", postHold("n", "p-1", -1n)],
  ["HOLD_IS_NONE", voidHold("n", "e-1")],
  ["AMOUNT_NEGATIVE", postHold("n", "h-posted", -1n)],
  ["AMOUNT_EXCEEDS_HOLD", postHold("n", "h-posted", 11n)],
  ["AMOUNT_EXCEEDS_HOLD", postHold("n", "h-open", 11n)],
  ["HOLD_UNKNOWN", reduceHold("n", "h-none", 0n)],
  ["HOLD_IS_NONE", reduceHold("n", "p-1", 0n)],
  ["AMOUNT_NOT_POSITIVE", reduceHold("n", "h-posted", 0n)],
  ["AMOUNT_EXCEEDS_HOLD", reduceHold("n", "h-posted", 10n)],
  ["AMOUNT_EXCEEDS_HOLD", reduceHold("n", "h-open", 10n)],
  ["HOLD_POSTED", reduceHold("n", "h-posted", 1n)],
  ["HOLD_VOIDED", reduceHold("n", "h-voided", 1n)],
  ["HOLD_EXPIRED", reduceHold("n", "h-expired", 1n)],
  ["HOLD_POSTED", postHold("n", "h-posted")],
  ["HOLD_POSTED", voidHold("n", "h-posted")],
  ["HOLD_VOIDED", postHold("n", "h-voided", 1n)],
  ["HOLD_VOIDED", voidHold("n", "h-voided")],
  ["HOLD_EXPIRED", postHold("n", "h-expired", 0n)],
  ["HOLD_EXPIRED", voidHold("n", "h-expired")],
];

describe("execute", () => {
  test.each(REFUSED)("refuses with %s, and nothing has changed: %j", (code, request) => {
    const ledger = street();
    const before = text(ledger);
    expect(only(ledger, request)).toMatchObject({ ok: false, error: { code } });
    expect(text(ledger)).toBe(before);
  });

  test("names the first field that differs, and what came of the same request", () => {
    const ledger = street();
    expect(only(ledger, post("p-1", { debit: "x", amount: 0n }))).toMatchObject({ error: { field: "debit" } });
    expect(only(ledger, { ...post("p-1", { amount: 100n }), linked: false })).toMatchObject({
      error: { fate: "done" },
    });
    expect(only(ledger, hold("h-voided"))).toMatchObject({ error: { code: "EXISTS", fate: "voided", at: NOW } });
  });

  test("holds, posts a part and releases the rest", () => {
    const ledger = street(); // 3 of 10 of h-posted went from ann to bob; 10 of h-open are held
    expect([balanceOf(ledger, "money", "ann"), balanceOf(ledger, "money", "bob")]).toEqual([97n, 3n]);
    expect([availableOf(ledger, "money", "ann"), availableOf(ledger, "money", "bob")]).toEqual([87n, 3n]);
    expect(only(ledger, postHold("n", "h-open"))).toEqual({ ok: true, value: "n" });
    expect([availableOf(ledger, "money", "ann"), availableOf(ledger, "money", "bob")]).toEqual([87n, 13n]);
    expect(violatedLedgerInvariants(ledger)).toEqual([]);
  });

  test("a reduced hold sets aside what is left, also where its account stands below its floor, and comes back from its text", () => {
    const ledger = street(); // 97 there, 10 of h-open held
    setLimits(ledger, "money", "ann", { floor: 200n, ceiling: null });
    expect(only(ledger, reduceHold("n", "h-open", 4n))).toEqual({ ok: true, value: "n" });
    expect(ledger.money.get("ann")).toMatchObject({ balance: 97n, debitsHeld: 6n });
    const restored = decodeLedger(JSON.parse(text(ledger)), "ledger");
    if (!restored.ok) throw new Error(JSON.stringify(restored.error));
    for (const each of [ledger, restored.value]) {
      expect(only(each, postHold("m", "h-open", 7n))).toMatchObject({
        error: { code: "AMOUNT_EXCEEDS_HOLD", held: 6n },
      });
      expect(only(each, postHold("m", "h-open"))).toEqual({ ok: true, value: "m" });
      expect(each.money.get("ann")).toMatchObject({ balance: 91n, debitsHeld: 0n });
      expect(violatedLedgerInvariants(each)).toEqual([]);
    }
    expect(text(restored.value)).toBe(text(ledger));
  });

  test("what expires does so before the batch, by time and then by id", () => {
    const ledger = street();
    const at = (ms: number) => ({ expires: instantMs(ms), amount: 1n });
    execute(
      ledger,
      [hold("c", at(1_900)), hold("b", at(1_900)), hold("a", at(1_950)), hold("never", { ...at(0), expires: null })],
      NOW_1,
    );
    const { expired, results } = execute(ledger, [postHold("n", "h-open")], LATER);
    expect(expired).toEqual(["b", "c", "a", "h-open"]);
    expect(results).toMatchObject([{ error: { code: "HOLD_EXPIRED" } }]);
    expect(availableOf(ledger, "money", "ann")).toBe(96n);
  });

  test("linked requests are done all or none; the others of the batch do not care", () => {
    const ledger = street();
    const link = (request: TransferRequest): TransferRequest => ({ ...request, linked: true });
    const chain = [
      link(postHold("l-1", "h-open")),
      link(hold("l-2")),
      post("l-3", { debit: "ann", credit: "bob", amount: 88n }),
    ];
    const before = balanceOf(ledger, "money", "ann");
    const { results } = execute(ledger, [post("s-1"), ...chain, post("s-2")], NOW_1);
    expect(results.map((result) => (result.ok ? "ok" : result.error.code))).toEqual([
      "ok",
      "LINKED_FAILED",
      "LINKED_FAILED",
      "FUNDS_INSUFFICIENT",
      "ok",
    ]);
    expect(balanceOf(ledger, "money", "ann")).toBe((before ?? 0n) + 2n);
    expect(ledger.known.get("h-open")?.fate).toBe("open");
    expect(ledger.known.has("l-2")).toBe(false);
    expect(violatedLedgerInvariants(ledger)).toEqual([]);
    const again = [...chain.slice(0, 2), post("l-3", { debit: "ann", credit: "bob", amount: 1n })];
    expect(execute(ledger, again, NOW_1).results.every(({ ok }) => ok)).toBe(true);
    expect(execute(ledger, again, NOW_1).results).toMatchObject([
      { error: { code: "EXISTS" } },
      { error: { code: "LINKED_FAILED" } },
      { error: { code: "LINKED_FAILED" } },
    ]);
  });

  test("a chain may post a hold that it placed", () => {
    const ledger = street();
    const { results } = execute(ledger, [{ ...hold("n-1"), linked: true }, postHold("n-2", "n-1", 4n)], NOW_1);
    expect(results.every(({ ok }) => ok)).toBe(true);
    expect(balanceOf(ledger, "money", "ann")).toBe(93n);
  });

  test("time that goes back is a bug of the caller", () => {
    expect(() => execute(street(), [], NOW)).toThrow("the ledger's time does not go back");
  });
});

describe("limits and closing", () => {
  test("a line of credit that is withdrawn binds new debits alone", () => {
    const ledger = street();
    setLimits(ledger, "money", "bob", { floor: -50n, ceiling: null });
    expect(only(ledger, post("n-1", { debit: "bob", credit: "ann", amount: 53n }))).toMatchObject({ ok: true });
    setLimits(ledger, "money", "bob", { floor: 0n, ceiling: null });
    expect(availableOf(ledger, "money", "bob")).toBe(-50n);
    expect(only(ledger, post("n-2", { debit: "bob", credit: "ann" }))).toMatchObject({ error: { available: -50n } });
    expect(only(ledger, post("n-3", { credit: "bob" }))).toMatchObject({ ok: true });
  });

  test.each([
    ["ACCOUNT_UNKNOWN", "nobody", { floor: 1n, ceiling: 0n }],
    ["ACCOUNT_CLOSED", "gone", { floor: 1n, ceiling: 0n }],
    ["LIMITS_CROSSED", "ann", { floor: 1n, ceiling: 0n }],
  ])("limits are refused with %s", (code, account, limits) => {
    const ledger = street();
    expect(setLimits(ledger, "money", account, limits)).toMatchObject({ ok: false, error: { code } });
    expect(text(ledger)).toBe(text(street()));
  });

  test.each([
    ["ACCOUNT_UNKNOWN", "nobody"],
    ["ACCOUNT_CLOSED", "gone"],
    ["ACCOUNT_HAS_HOLDS", "ann"],
    ["ACCOUNT_NOT_EMPTY", "outside"],
  ])("closing is refused with %s", (code, account) => {
    const ledger = street();
    expect(closeAccount(ledger, "money", account)).toMatchObject({ ok: false, error: { code } });
    expect(text(ledger)).toBe(text(street()));
  });

  test("an account is not opened with crossed limits", () => {
    expect(openAccount(street(), "money", "new", { floor: 1n, ceiling: 0n })).toMatchObject({
      error: { code: "LIMITS_CROSSED" },
    });
  });
});

test("what is forgotten may be asked for again, open holds are not forgotten", () => {
  const ledger = street();
  forgetRequests(ledger, NOW);
  expect(ledger.known.size).toBe(7);
  forgetRequests(ledger, instantMs(1_001));
  expect([...ledger.known.keys()]).toEqual(["h-open", "e-1", "e-2"]);
  expect(only(ledger, post("p-1"))).toMatchObject({ ok: true });
  expect(violatedLedgerInvariants(ledger)).toEqual([]);
});
