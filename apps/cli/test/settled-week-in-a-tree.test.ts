/** A week in two markets with settlement, one below the other: both ledgers tie to the last unit, and tell the same story. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { levyAccount, type StateView } from "@micromarket/engine";
import { formatDecimal, partyId, type PartyId } from "@micromarket/kernel";
import { balanceOf, balanceSheet } from "@micromarket/ledger";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runCommand } from "./memory-console.ts";
import { exportedSums, printedBalances, tellJournal, wealthOf, type ToldJournal } from "./settled-journal.ts";
import { DISTRICT, runWeek, STREET, type WeekRun } from "./settled-tree.ts";

const DATA = fileURLToPath(new URL("../../../../shared/data/citylearn-2022-fontana/", import.meta.url));
const SCENARIO = fileURLToPath(new URL("../../../simulations/citylearn-2022-settled.yaml", import.meta.url));
const describeWithData = existsSync(DATA) || process.env["CI"] === "true" ? describe : describe.skip;
const SUPPLIER = partyId("supplier");

let folder = "";
let week: WeekRun;
let told: ReadonlyMap<PartyId, ToldJournal>;
const pathOf = (market: PartyId): string => join(folder, `${market}.db`);
const toldOf = (market: PartyId): ToldJournal => {
  const journal = told.get(market);
  if (journal === undefined) throw new Error(`${market} has a journal`);
  return journal;
};
const money = ({ ledger }: StateView, account: string): bigint => balanceOf(ledger, "money", account) ?? 0n;
const energy = ({ ledger }: StateView, account: string): bigint => balanceOf(ledger, "energy", account) ?? 0n;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "micromarket-week-"));
  week = runWeek(SCENARIO, pathOf);
  told = new Map([STREET, DISTRICT].map((market) => [market, tellJournal(pathOf(market))]));
}, 600_000);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describeWithData("a street below a district, for a week with settlement", () => {
  test("gets far: limits that bind, losses, fees, penalties, readings that are missed", () => {
    const { state, counts } = toldOf(STREET);
    for (const account of ["rent", "fees", "penalties"])
      expect({ account, isThere: money(state, account) > 0n }).toEqual({ account, isThere: true });
    expect([money(state, "losses"), money(state, "imbalance"), energy(state, "losses")]).not.toContain(0n);
    for (const { counts: each } of [toldOf(STREET), toldOf(DISTRICT)])
      expect([each.get("SlotSettled"), (each.get("DeliveryTruedUp") ?? 0) > 20]).toEqual([168, true]);
    expect(counts.get("PositionFormed")).toBe(168);
    expect(week.refused).toBeGreaterThan(0);
  });

  test.each([STREET, DISTRICT])("%s: every account is what an independent bookkeeper has", (market) => {
    const { state, bookkeeper, differences } = toldOf(market);
    expect(differences).toEqual([]);
    let wealth = 0n;
    for (const party of state.parties) {
      if (party === state.rules.residual.party) continue;
      expect([party, wealthOf(state, party)]).toEqual([party, bookkeeper.wealthOf(party)]);
      wealth += wealthOf(state, party);
    }
    const levies = (state.rules.settlement?.levies ?? []).map(({ name }) => levyAccount(name));
    const own = ["outside", "fees", "rent", "losses", "imbalance", "penalties", ...levies];
    const rest = [...own, `party:${state.rules.residual.party}`].reduce((sum, name) => sum + money(state, name), 0n);
    expect(wealth + rest).toBe(0n);
    expect(balanceSheet(state.ledger, "money").total).toBe(0n);
  });

  test("what the street owes the district is what the district has booked, beside what the street paid in", () => {
    const [street, district] = [toldOf(STREET).state, toldOf(DISTRICT).state];
    const booked = wealthOf(district, STREET) - week.deposits(STREET);
    expect(money(street, `party:${DISTRICT}`)).toBe(-booked);
    expect(booked + week.awarded).toBeLessThan(0n); // its deviations at the tie, and the district's levy on its import
    expect(money(district, `party:${SUPPLIER}`)).toBeGreaterThan(0n);
  });

  test.each([STREET, DISTRICT])(
    "%s: slots add up to counters; delivered, unaccounted and lost are nothing",
    (market) => {
      const { state, energies } = toldOf(market);
      for (const [party, counter] of state.meters)
        expect([party, ...(energies.get(party) ?? [])]).toEqual([party, counter.imported, counter.exported]);
      expect([...state.meters.keys()].sort()).toEqual([...state.parties].sort());
      expect([state.cleared.size, state.estimated.size, state.waiting.size]).toEqual([0, 0, 0]);
      expect(energy(state, "delivered") + energy(state, "unaccounted") + energy(state, "losses")).toBe(0n);
      const net = [...energies].reduce((sum, [, [imported, exported]]) => sum + imported - exported, 0);
      expect(energy(state, "unaccounted") + energy(state, "losses")).toBe(BigInt(-net));
    },
  );

  test.each([STREET, DISTRICT])(
    "%s: the command finds its journal sound, with the live state and balances",
    async (market) => {
      const { state } = toldOf(market);
      const { exitCode, out } = await runCommand(["ledger", "verify", pathOf(market), "--json"]);
      expect(exitCode).toBe(0);
      expect(JSON.parse(out)).toMatchObject({ money: "0", energyWh: "0", stateHash: week.hashes.get(market) });
      const printed = await printedBalances(pathOf(market));
      const exported = await exportedSums(pathOf(market));
      for (const [account, { balance }] of state.ledger.money) {
        expect(printed.find((row) => row.account === account)?.money).toBe(formatDecimal(balance, 9));
        expect([account, exported.get(account) ?? 0n]).toEqual([account, balance]);
      }
    },
  );
});

describeWithData("micromarket ledger reconcile", () => {
  test("the command holds the two journals against each other", async () => {
    const names = [pathOf(DISTRICT), pathOf(STREET)];
    const { exitCode, out } = await runCommand(["ledger", "reconcile", ...names, "--party", STREET, "--json"]);
    const { slots, differing } = JSON.parse(out) as { slots: readonly { verdict: string }[]; differing: number };
    expect({ exitCode, differing, slots: slots.length }).toEqual({ exitCode: 0, differing: 0, slots: 168 });
    expect(new Set(slots.map(({ verdict }) => verdict))).toEqual(new Set(["agrees"]));
    const text = await runCommand(["ledger", "reconcile", ...names, "--party", STREET]);
    expect({ exitCode: text.exitCode, out: text.out }).toMatchObject({ exitCode: 0 });
    expect(text.out).toContain("168 slots agree");
    const wrong = await runCommand(["ledger", "reconcile", ...names.toReversed(), "--party", STREET]);
    expect(wrong).toMatchObject({ exitCode: 3 });
    expect(wrong.err).toContain("PARTY_UNKNOWN");
  });
});
