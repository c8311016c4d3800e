/**
 * A street's month from the tender to the bill, by the command: seventeen measured homes, money held and settled by meters
 * that err and are not always read, over a journal in SQLite. Every account is held against an independent bookkeeper.
 */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { openNode, stateHash } from "@micromarket/engine";
import { amountNano, formatDecimal, parseDecimal, partyId } from "@micromarket/kernel";
import { balanceOf, balanceSheet } from "@micromarket/ledger";
import { openSqliteJournal } from "@micromarket/store-sqlite";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runCommand } from "./memory-console.ts";
import { exportedSums, printedBalances, tellJournal, wealthOf, type ToldJournal } from "./settled-journal.ts";

const DATA = fileURLToPath(new URL("../../../../shared/data/citylearn-2022-fontana/", import.meta.url));
const SCENARIO = fileURLToPath(new URL("../../../simulations/citylearn-2022-settled.yaml", import.meta.url));
const describeWithData = existsSync(DATA) || process.env["CI"] === "true" ? describe : describe.skip;
const SUPPLIER = partyId("supplier");

type Figures = Record<string, Record<string, number | string | null>>;

let folder = "";
let journal = "";
let figures: Figures = {};
let bills: readonly Record<string, string>[] = [];
let manifest: { readonly stateHash?: string } = {};
let told: ToldJournal;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "micromarket-month-"));
  journal = join(folder, "journal.db");
  const out = join(folder, "out");
  const run = await runCommand(["simulate", SCENARIO, "--journal", journal, "--out", out, "--json", "--quiet"]);
  expect({ exitCode: run.exitCode, err: run.err }).toEqual({ exitCode: 0, err: "" });
  figures = JSON.parse(run.out) as Figures;
  bills = rowsOf(readFileSync(join(out, "bills.csv"), "utf8"));
  manifest = JSON.parse(readFileSync(join(out, "manifest.json"), "utf8")) as typeof manifest;
  told = tellJournal(journal);
}, 600_000);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describeWithData("the CityLearn street over a month with settlement", () => {
  test("gets far: tenders without funds, readings that are missed, estimated and set right, levies, arrears", () => {
    const settlement = figures["settlement"] ?? {};
    for (const name of ["tenders_without_funds", "readings_missed", "estimated", "trued_up", "levies_nano"])
      expect({ name, isThere: Number(settlement[name]) > 0 }).toEqual({ name, isThere: true });
    expect(told.counts.get("SlotSettled")).toBe(744);
    expect(told.counts.get("DeliveryEstimated")).toBe(settlement["estimated"]);
    expect(told.counts.get("DeliveryTruedUp")).toBe(settlement["trued_up"]);
    expect(settlement["unaccounted_wh"]).not.toBe(0);
  });

  test("every home has, to the last unit, what its own trades, meter and payments come to; so do levies and the grid", () => {
    const { state, bookkeeper, differences } = told;
    expect(differences).toEqual([]);
    expect(balanceSheet(state.ledger, "money").total).toBe(0n);
    let homes = 0n;
    for (const bill of bills) {
      const party = partyId(bill["party"] ?? "");
      const wealth = wealthOf(state, party);
      homes += wealth;
      expect([party, wealth]).toEqual([party, bookkeeper.wealthOf(party)]);
      expect([party, depositOf(party) - wealth]).toEqual([party, BigInt(bill["bill_market_amount_nano"] ?? "")]);
    }
    const money = (account: string): bigint => balanceOf(state.ledger, "money", account) ?? 0n;
    const levies = money("levy:grid-fee") + money("levy:public-purpose");
    expect(bills).toHaveLength(17);
    expect(String(levies)).toBe(figures["settlement"]?.["levies_nano"]);
    expect(money(`party:${SUPPLIER}`) + levies + homes + money("outside")).toBe(0n);
  });

  test("the slots add up to the counters; what the tie counted beyond them is unaccounted, and nothing else is", () => {
    const { state, energies } = told;
    for (const [party, counter] of state.meters)
      expect([party, ...(energies.get(party) ?? [])]).toEqual([party, counter.imported, counter.exported]);
    expect(state.meters.size).toBe(18);
    expect([state.cleared.size, state.estimated.size]).toEqual([0, 0]);
    const energy = (account: string): bigint => balanceOf(state.ledger, "energy", account) ?? 0n;
    expect(energy("delivered") + energy("unaccounted")).toBe(0n);
    const net = [...energies].reduce((sum, [, [imported, exported]]) => sum + imported - exported, 0);
    expect(energy("unaccounted")).toBe(BigInt(-net));
  });
});

describeWithData("the journal of that month", () => {
  test("ledger verify finds the journal sound, and replay leads to the live state", async () => {
    const { exitCode, out } = await runCommand(["ledger", "verify", journal, "--json"]);
    expect(exitCode).toBe(0);
    const verified = JSON.parse(out) as Record<string, unknown>;
    expect(verified).toMatchObject({ currency: "USD", money: "0", energyWh: "0", stateHash: manifest.stateHash });
    expect(stateHash(told.state)).toBe(manifest.stateHash);
  });

  test("ledger balance and export say the same", async () => {
    const [balances, exported] = [await printedBalances(journal), await exportedSums(journal)];
    const { ledger } = told.state;
    const wanted = [...ledger.money].map(([account, { balance }]) => [account, formatDecimal(balance, 9)]);
    const printed = balances.flatMap(({ account, money }) => (money === null ? [] : [[account, money]]));
    expect(new Map(printed as [string, string][])).toEqual(new Map(wanted as [string, string][]));
    for (const [account, { balance }] of ledger.money)
      expect([account, exported.get(account) ?? 0n]).toEqual([account, balance]);
    expect(balances.reduce((sum, { money }) => sum + nanoOf(money ?? "0"), 0n)).toBe(0n);
  });

  test("when what is owed is paid, and what is there is paid out, everything still ties", async () => {
    const [debtor, rich] = [partyId("home-5"), partyId("home-12")];
    const owed = -wealthOf(told.state, debtor);
    const credit = wealthOf(told.state, rich);
    expect([owed > 0n, credit > 0n]).toEqual([true, true]);
    const file = openSqliteJournal(journal);
    const opened = openNode(told.state.rules, file);
    if (!opened.ok) throw new Error(opened.error.code);
    const node = opened.value;
    const outcomes = node.execute(
      [
        { type: "CreditAccount", party: debtor, amount: amountNano(owed + 1n), reference: "bank 1" },
        { type: "PayOut", party: rich, amount: amountNano(credit), reference: "bank 2" },
      ],
      told.state.at,
    );
    node.snapshot();
    file.close();
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, true]);
    const after = tellJournal(journal);
    expect(after.differences).toEqual([]);
    expect([wealthOf(after.state, debtor), wealthOf(after.state, rich)]).toEqual([1n, 0n]);
    const exported = await exportedSums(journal);
    for (const [account, { balance }] of after.state.ledger.money)
      expect([account, exported.get(account) ?? 0n]).toEqual([account, balance]);
  });

  test("every line of a statement traces to slot, tenders, reading or payment, and the lines sum to the balance", async () => {
    const kinds = new Set<string>();
    const { state } = tellJournal(journal); // the debt is paid by now
    for (const account of ["home-1", "home-5", "home-12", "supplier"]) {
      const { exitCode, out } = await runCommand(["ledger", "statement", journal, account, "--json"]);
      expect(exitCode).toBe(0);
      const { opening, closing, lines } = JSON.parse(out) as Statement;
      const sum = lines.reduce((total, line) => total + nanoOf(line.money), nanoOf(opening.money));
      expect([account, sum]).toEqual([account, nanoOf(closing.money)]);
      expect(sum).toBe(balanceOf(state.ledger, "money", `party:${account}`));
      for (const line of lines) {
        kinds.add(line.reason);
        if (tracesOf(line, account).includes(null)) throw new Error(JSON.stringify(line));
      }
    }
    for (const kind of ["credit", "trade", "shortfall", "deviation", "levy", "adjustment", "arrears", "payout"])
      expect(kinds).toContain(kind);
  });
});

interface Statement {
  readonly opening: { readonly money: string };
  readonly closing: { readonly money: string };
  readonly lines: readonly {
    readonly reason: string;
    readonly slot: string | null;
    readonly money: string;
    readonly tender: string | null;
    readonly counterTender: string | null;
    readonly reading: object | null;
    readonly reference: string | null;
  }[];
}

/** Reasons whose lines have a slot, and of those whose lines have the reading of the account's own meter. */
const SETTLED = new Set(["trade", "shortfall", "deviation", "levy", "adjustment", "delivery"]);
const TRADED = new Set(["trade", "shortfall"]);
const METERED = new Set(["trade", "shortfall", "deviation", "levy", "adjustment"]);

/** What a line of this reason must name. */
function tracesOf(line: Statement["lines"][number], account: string): readonly (string | object | null)[] {
  const hasSteppedIn = account === "supplier" && line.reason === "shortfall"; // for a member, whose tender is nobody else's business
  return [
    ...(line.reason === "credit" || line.reason === "payout" ? [line.reference] : []),
    ...(SETTLED.has(line.reason) ? [line.slot] : []),
    ...(TRADED.has(line.reason) && !hasSteppedIn ? [line.tender, line.counterTender] : []),
    ...(METERED.has(line.reason) && account !== "supplier" ? [line.reading] : []),
  ];
}

function nanoOf(text: string): bigint {
  const parsed = parseDecimal(text, 9);
  if (!parsed.ok) throw new Error(`${text} is no amount`);
  return parsed.value;
}

function depositOf(party: string): bigint {
  return party === "home-5" ? 20_000_000_000n : 600_000_000_000n;
}

function rowsOf(csv: string): readonly Record<string, string>[] {
  const [head = "", ...lines] = csv.trimEnd().split(/\r?\n/);
  const names = head.split(",");
  return lines.map((line) => Object.fromEntries(line.split(",").map((cell, index) => [names[index] ?? "", cell])));
}
