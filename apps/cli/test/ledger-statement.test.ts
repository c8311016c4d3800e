/** Statements of a busy street's accounts: what they explain, and how exactly. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { formatDecimal, formatInstant } from "@micromarket/kernel";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { minuteOf, writeJournal } from "./busy-journal.ts";
import { runCommand } from "./memory-console.ts";

let folder = "";
let path = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "micromarket-statement-"));
  path = join(folder, "journal.db");
  writeJournal(path);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Books {
  readonly money: string;
  readonly energyWh: string;
}

interface Line extends Books {
  readonly sequence: number;
  readonly transfers: readonly number[];
  readonly at: string;
  readonly slot: string | null;
  readonly reason: string;
  readonly side: string | null;
  readonly counter: string;
  readonly pricePerKwh: string | null;
  readonly tender: string | null;
  readonly counterTender: string | null;
  readonly reading: { readonly party: string } | null;
  readonly reference: string | null;
  readonly balance: Books;
}

interface Statement {
  readonly since: { readonly sequence: number } | null;
  readonly opening: Books;
  readonly closing: Books;
  readonly lines: readonly Line[];
}

interface Transfer {
  readonly sequence: number;
  readonly transfer: number;
  readonly ledger: "money" | "energy";
  readonly debit: string;
  readonly credit: string;
  readonly amount: string;
  readonly reason: string;
}

async function statementOf(party: string, ...words: readonly string[]): Promise<Statement> {
  const { exitCode, out, err } = await runCommand(["ledger", "statement", path, party, "--json", "--quiet", ...words]);
  expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
  return JSON.parse(out) as Statement;
}

/** Exact: nano-currency. */
function nano(text: string): bigint {
  const [, sign = "", whole = "", rest = ""] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  return BigInt(`${sign}${whole}${rest.padEnd(9, "0")}`);
}

function sumOf({ lines }: Statement): Books {
  const money = lines.reduce((sum, line) => sum + nano(line.money), 0n);
  const energy = lines.reduce((sum, line) => sum + BigInt(line.energyWh), 0n);
  return { money: formatDecimal(money, 9), energyWh: String(energy) };
}

async function balances(): Promise<readonly { account: string; money: string; energyWh: string }[]> {
  const { out } = await runCommand(["ledger", "balance", path, "--json"]);
  return (JSON.parse(out) as { balances: { account: string; money: string; energyWh: string }[] }).balances;
}

describe("micromarket ledger statement", () => {
  test("each party's lines sum to its balance in both books, and each is one or two transfers of the export", async () => {
    const { out } = await runCommand(["ledger", "export", path, "--format", "json"]);
    const transfers = new Map(
      (JSON.parse(out) as Transfer[]).map((transfer) => [`${transfer.sequence}/${transfer.transfer}`, transfer]),
    );
    const reasons = new Set<string>();
    for (const { account, money, energyWh } of (await balances()).filter((row) => row.account.startsWith("party:"))) {
      const statement = await statementOf(account.slice("party:".length));
      expect(statement.opening).toEqual({ money: "0", energyWh: "0" });
      expect(statement.closing).toEqual({ money, energyWh });
      expect(sumOf(statement)).toEqual(statement.closing);
      const used = statement.lines.flatMap((line) => line.transfers.map((index) => `${line.sequence}/${index}`));
      expect(new Set(used).size).toBe(used.length);
      for (const line of statement.lines) {
        reasons.add(line.reason);
        const moved = { money: 0n, energy: 0n };
        for (const index of line.transfers) {
          const transfer = transfers.get(`${line.sequence}/${index}`);
          if (transfer === undefined) throw new Error("a line without its transfer");
          expect([transfer.debit, transfer.credit].sort()).toEqual([account, line.counter].sort());
          expect(transfer.reason).toBe(line.reason);
          moved[transfer.ledger] += BigInt(transfer.amount) * (transfer.credit === account ? 1n : -1n);
        }
        expect([nano(line.money), BigInt(line.energyWh)]).toEqual([moved.money, moved.energy]);
      }
      const own = [...transfers].filter(([, { debit, credit }]) => debit === account || credit === account);
      expect(own.map(([id]) => id).sort()).toEqual(used.sort());
    }
    expect([...reasons].sort()).toEqual(expect.arrayContaining(["credit", "delivery", "deviation", "trade"]));
  });

  test("lines say where they come from, and price × energy is the amount", async () => {
    const lines = (await Promise.all(["home-1", "home-2", "home-3"].map((party) => statementOf(party)))).flatMap(
      (statement) => statement.lines,
    );
    for (const line of lines.filter(({ reason }) => reason === "trade")) {
      expect([line.tender, line.counterTender, line.slot]).not.toContain(null);
      const value = BigInt(line.energyWh) * (nano(line.pricePerKwh ?? "") / 1_000n);
      expect(-nano(line.money)).toBe(value);
      expect(line.side).toBe(BigInt(line.energyWh) > 0n ? "buy" : "sell");
    }
    for (const line of lines.filter(({ reason }) => reason === "delivery" || reason === "deviation"))
      expect(line.reading).not.toBeNull();
    for (const line of lines.filter(({ reason }) => reason === "credit")) {
      expect(line.reference).not.toBeNull();
      expect(line.counter).toBe("outside");
    }
    expect(lines.filter(({ reason }) => reason === "trade").length).toBeGreaterThan(5);
  });

  test("ranges follow one another: each opens with what the one before closed with", async () => {
    const bounds = [30, 60, 61, 150, 200].map((minute) => formatInstant(minuteOf(minute)));
    const whole = await statementOf("home-1");
    const pages: Statement[] = [];
    for (const [index, bound] of [...bounds, null].entries()) {
      const from = index === 0 ? [] : ["--from", bounds[index - 1] ?? ""];
      pages.push(await statementOf("home-1", ...from, ...(bound === null ? [] : ["--to", bound])));
    }
    expect(pages.flatMap(({ lines }) => lines)).toEqual(whole.lines);
    for (const [index, page] of pages.entries()) {
      expect(page.opening).toEqual(index === 0 ? whole.opening : pages[index - 1]?.closing);
      expect(page.lines.at(-1)?.balance ?? page.opening).toEqual(page.closing);
    }
    expect(pages.at(-1)?.closing).toEqual(whole.closing);
  });

  test("as a table for spreadsheets, and for people", async () => {
    const { lines, closing } = await statementOf("home-1");
    const csv = await runCommand(["ledger", "statement", path, "home-1", "--csv"]);
    const [head, ...rows] = csv.out.split("\r\n").slice(0, -1);
    expect(head?.split(",").slice(0, 10)).toEqual(
      "sequence,transfers,posted,slot,reason,side,counter,energy_kwh,price_per_kwh,amount".split(","),
    );
    expect(rows.map((row) => row.split(",")[9])).toEqual(lines.map(({ money }) => money));
    const text = (await runCommand(["ledger", "statement", path, "home-1"])).out.trimEnd().split("\n");
    expect(text).toHaveLength(lines.length + 3);
    expect(text.at(-1)).toMatch(new RegExp(`closing balance .* ${closing.money.replace(".", "\\.")}$`));
  });

  test("of a party that is not there, with an instant that is none, and of both forms at once is refused", async () => {
    const unknown = await runCommand(["ledger", "statement", path, "nobody"]);
    expect([unknown.exitCode, unknown.out]).toEqual([3, ""]);
    expect(unknown.err).toContain("PARTY_UNKNOWN");
    expect((await runCommand(["ledger", "statement", path, "home-1", "--from", "yesterday"])).exitCode).toBe(2);
    expect((await runCommand(["ledger", "statement", path, "home-1", "--csv", "--json"])).exitCode).toBe(2);
  });

  test("of a pruned journal says from when on it speaks, and closes as before", async () => {
    const whole = await statementOf("home-1");
    const bound = formatInstant(minuteOf(100));
    const later = await statementOf("home-1", "--from", bound);
    expect((await runCommand(["ledger", "prune", path, "--before", bound])).exitCode).toBe(0);
    const pruned = await statementOf("home-1");
    expect(pruned.since?.sequence).toBeGreaterThan(0);
    expect({ ...pruned, since: null }).toMatchObject({ opening: later.opening, closing: whole.closing });
    expect(pruned.lines).toEqual(later.lines);
    const { err } = await runCommand(["ledger", "statement", path, "home-1"]);
    expect(err).toContain(`after entry ${pruned.since?.sequence ?? ""} of `);
  });
});
