import { describe, expect, test } from "@jest/globals";
import { apply, foundMarket } from "@micromarket/engine";
import { instantMs, MINUTE, randomStream, type InstantMs } from "@micromarket/kernel";
import { createMeterReader, createOperator, createTrader, createVirtualClock, NOON } from "@micromarket/testkit";
import { createReadModel, type PartyStatement, type ReadModel } from "@micromarket/api-http";
import { askJson, serve } from "./asking.ts";
import { RULES } from "./street.ts";

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
      expect(balance).toBe(state.ledger.money.get(`party:${party}`));
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
