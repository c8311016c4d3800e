import { describe, expect, test } from "@jest/globals";
import { apply, foundMarket } from "@micromarket/engine";
import { instantMs, MINUTE, randomStream, type InstantMs } from "@micromarket/kernel";
import {
  creditAccount,
  createMeterReader,
  createOperator,
  createTrader,
  createVirtualClock,
  NOON,
} from "@micromarket/testkit";
import { createReadModel, type PartyStatement, type ReadModel } from "@micromarket/api-http";
import { ask, askJson, serve } from "./asking.ts";
import { RULES, street, tradedStreet } from "./street.ts";

const FROM = "2026-07-01T00:00Z";

/** Six busy hours of a street; what its ledger holds at the end is what statements have to explain. */
function busyStreet(seed: number, model: (since: InstantMs) => ReadModel) {
  const state = foundMarket(RULES);
  const clock = createVirtualClock(NOON);
  const fed = model(instantMs(NOON - 86_400_000));
  const senders = [
    createOperator("operator", RULES, randomStream(seed, "operator")),
    createTrader("trader", RULES, randomStream(seed, "trader")),
    createTrader("other", RULES, randomStream(seed, "other")),
    createMeterReader(RULES, randomStream(seed, "meters")),
  ];
  for (let turn = 0; turn < 3_000; turn += 1) {
    const command = senders[turn % senders.length]?.next(clock.now()) ?? null;
    const outcome = command === null ? null : apply(state, command, clock.now());
    if (outcome?.ok === true) fed.record(outcome.events, clock.now());
    if (turn % 8 === 7) clock.advance(MINUTE);
  }
  return { state, clock, model: fed };
}

async function wholeStatement(
  server: Parameters<typeof askJson>[0],
  party: string,
  limit: number,
): Promise<readonly PartyStatement[]> {
  const pages: PartyStatement[] = [];
  let from: string | null = FROM;
  while (from !== null) {
    const path = `/parties/${encodeURIComponent(party)}/statement?from=${from}&limit=${limit}`;
    const page = (await askJson(server, path)) as PartyStatement;
    pages.push(page);
    from = page.next;
  }
  return pages;
}

describe("statements", () => {
  test.each([1, 2])("tie to the ledger to the last unit, page by page, seed %i", async (seed) => {
    const { state, clock, model } = busyStreet(seed, (since) => createReadModel({ rules: RULES, since }));
    const server = await serve({ model, clock });
    expect(model.slots({ from: null, to: null, limit: 100, order: "newest-first" }).length).toBeGreaterThan(10);
    const kinds = new Set<string>();
    for (const { party, balance } of model.parties()) {
      expect(balance).toBe(state.ledger.money.get(`party:${party}`)?.balance);
      const pages = await wholeStatement(server, party, 3);
      const lines = pages.flatMap((page) => page.lines);
      expect(pages.every(({ complete }) => complete)).toBe(true);
      expect(lines.reduce((sum, line) => sum + BigInt(line.amount_nano), 0n)).toBe(balance);
      expect(pages.reduce((sum, { totals }) => sum + BigInt(totals.total_nano), 0n)).toBe(balance);
      expect((await wholeStatement(server, party, 672)).flatMap((page) => page.lines)).toEqual(lines);
      for (const { kind } of lines) kinds.add(kind);
    }
    expect([...kinds].sort()).toEqual(["credit", "deviation", "trade"]);
  });

  test("say so where older slots are no longer kept", async () => {
    const { clock, model } = busyStreet(1, (since) => createReadModel({ rules: RULES, since, slotsKept: 4 }));
    const server = await serve({ model, clock });
    const [first] = await wholeStatement(server, "home-1", 672);
    expect(first?.complete).toBe(false);
    const kept = new Date(model.completeFrom()).toISOString();
    expect(await askJson(server, `/parties/home-1/statement?from=${kept}`)).toMatchObject({ complete: true });
    expect(await askJson(server, "/parties/home-1/statement")).toMatchObject({ complete: false });
  });
});

describe("a statement as CSV", () => {
  test("has the lines of the statement as exact decimals", async () => {
    const { status, headers, text } = await ask(await serve(tradedStreet()), "/api/v1/parties/anne/statement.csv");
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      "content-type": "text/csv; charset=utf-8; header=present",
      "content-disposition": 'attachment; filename="statement-anne.csv"',
      "cache-control": "no-store",
    });
    expect(headers["link"]).toBeUndefined();
    expect(text.split("\r\n")).toEqual([
      "slot,posted,kind,side,counterparty,energy_kwh,price_per_kwh,amount,currency," +
        "metered_import_kwh,metered_export_kwh,tender,counter_tender,reference",
      ",2026-07-01T11:00Z,credit,,,,,5,EUR,,,,,payment of anne",
      "2026-07-01T12:00Z,2026-07-01T11:55Z,trade,buy,carl,0.65,0.15,-0.0975,EUR,,,a,c,",
      "2026-07-01T12:00Z,2026-07-01T12:15Z,deviation,buy,supplier,0.25,0.3,-0.075,EUR,0.9,0,,,",
      "2026-07-01T12:30Z,2026-07-01T12:25Z,trade,buy,carl,0.65,0.15,-0.0975,EUR,,,a,c,",
      "",
    ]);
  });

  test.each([1, 2])("sums to the balance, whatever the file's length, seed %i", async (seed) => {
    const { clock, model } = busyStreet(seed, (since) => createReadModel({ rules: RULES, since }));
    const server = await serve({ model, clock });
    for (const { party, balance } of model.parties()) {
      const whole = await ask(server, `/api/v1/parties/${encodeURIComponent(party)}/statement.csv`);
      expect(sumOf(whole.text)).toBe(balance);
      const part = await ask(server, `/api/v1/parties/${encodeURIComponent(party)}/statement.csv?limit=2`);
      const [, from = ""] = /^<statement\.csv\?from=(.*)>; rel="next"$/.exec(String(part.headers["link"])) ?? [];
      const rest = await ask(server, `/api/v1/parties/${encodeURIComponent(party)}/statement.csv?from=${from}`);
      expect(sumOf(part.text) + sumOf(rest.text)).toBe(balance);
    }
  });

  test("a text from outside is quoted, and never a formula", async () => {
    const market = street();
    market.obey(creditAccount("anne", 1n, '=HYPERLINK("http://evil.example"),1'));
    market.obey(creditAccount("anne", 1n, "@sum"));
    const { text } = await ask(await serve(market), "/api/v1/parties/anne/statement.csv");
    expect(text).toContain(`,"'=HYPERLINK(""http://evil.example""),1"\r\n`);
    expect(text).toContain(",'@sum\r\n");
  });

  test("is named for any party, and refused like the statement", async () => {
    const market = street();
    market.obey({ type: "RegisterParty", party: 'home "7"/家' as never });
    const server = await serve(market);
    const { headers } = await ask(server, `/api/v1/parties/${encodeURIComponent('home "7"/家')}/statement.csv`);
    expect(headers["content-disposition"]).toBe('attachment; filename="statement-home_7_.csv"');
    const refused = await ask(server, "/api/v1/parties/nobody/statement.csv");
    expect([refused.status, JSON.parse(refused.text)]).toMatchObject([404, { code: "PARTY_UNKNOWN" }]);
    expect(refused.headers["content-type"]).toMatch(/^application\/problem\+json/);
  });
});

/** Nano-currency in the amounts of a table. */
function sumOf(csv: string): bigint {
  return csv
    .split("\r\n")
    .slice(1, -1)
    .map((line) => /^(?:[^,]*,){7}(-?)(\d+)(?:\.(\d+))?,/.exec(line) ?? [])
    .reduce((sum, [, sign, whole = "", rest = ""]) => sum + BigInt(`${sign}${whole}${rest.padEnd(9, "0")}`), 0n);
}
