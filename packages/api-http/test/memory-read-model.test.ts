import { describe, expect, test } from "@jest/globals";
import { apply, foundMarket, type Command } from "@micromarket/engine";
import { instantMs, measured, minus, slotAfter } from "@micromarket/kernel";
import { NOON, registerParty, setTariff, submitTender, tender, closeGate, creditAccount } from "@micromarket/testkit";
import { createReadModel } from "@micromarket/api-http";
import { clear, deliver, RULES, slotNo, street } from "./street.ts";

describe("the read model in memory", () => {
  test("does not grow over 10 000 slots", () => {
    const market = street({ slotsKept: 20, newsKept: 50 });
    const { model, obey } = market;
    for (let count = 0; count < 10_000; count += 1) {
      if (count % 100 === 0) obey(setTariff(slotNo(2 * count + 1).startMs, 300_000 + count * 100, 80_000));
      clear(market, slotNo(2 * count));
      deliver(market, slotNo(2 * count));
      const at = market.clock.now();
      model.observe({ device: "meter", readings: [{ point: "power_w", value: measured(count), at }] }, at);
    }
    const everything = { from: null, to: null, limit: 100_000, order: "oldest-first" } as const;
    expect(model.slots(everything)).toHaveLength(20);
    expect(model.slots(everything)[0]?.closed.event.slot).toBe(slotNo(19_960).startMs);
    expect(model.slot(slotNo(19_958).startMs)).toBeNull();
    expect(model.completeFrom()).toBe(slotNo(19_959).startMs);
    expect(model.newsAfter(model.lastSequence() - 50)).toHaveLength(50);
    expect(model.newsAfter(model.lastSequence() - 51)).toBeNull();
    expect(model.devices()).toHaveLength(1);
    for (const { party, balance } of model.parties()) {
      expect(balance).toBe(market.state.ledger.money.get(`party:${party}`)?.balance);
    }
    expect(model.pricesAt(slotNo(20_000).startMs)).toMatchObject(market.state.tariffs.at(-1) ?? {});
  });

  test("forgets payments beyond ten thousand and says from when on it is complete", () => {
    const { model, obey, clock } = street();
    const before = clock.now();
    clock.set(instantMs(before + 1));
    for (let count = 0; count < 10_000; count += 1) obey(creditAccount("anne", 1n, `n${count}`));
    const party = model.party("anne");
    if (party === null) throw new Error("Anne is gone");
    expect(model.payments(party.party, { from: null, to: null })).toHaveLength(10_000);
    expect(model.completeFrom()).toBe(instantMs(before + 1));
    expect(party.balance).toBe(5_000_010_000n);
  });

  test("starts from a node's state as if it had heard all before", () => {
    const heard = street();
    clear(heard, slotNo(0));
    const late = createReadModel({ rules: RULES, since: heard.clock.now(), state: heard.state });
    expect(late.parties()).toEqual(heard.model.parties());
    expect(late.closedThrough()).toBe(slotNo(0).startMs);
    expect(late.pricesAt(slotNo(1).startMs)).toEqual(heard.model.pricesAt(slotNo(1).startMs));
    expect(late.slot(slotNo(0).startMs)).toBeNull();
  });

  test("prices are those in force for the slot", () => {
    const { model, obey } = street();
    obey(setTariff(slotNo(4).startMs, 400_000, 90_000));
    obey(setTariff(slotNo(2).startMs, 350_000, 85_000));
    obey(setTariff(slotNo(4).startMs, 410_000, 90_000));
    expect([1, 2, 3, 4, 9].map((count) => model.pricesAt(slotNo(count).startMs)?.tariff)).toEqual([
      300_000, 350_000, 350_000, 410_000, 410_000,
    ]);
  });

  test("nobody hears of an open book, and nobody hears anything after the end of a subscription", () => {
    const { model, obey } = street();
    const heard: string[] = [];
    const end = model.subscribe(({ event }) => heard.push(event.type));
    obey(submitTender(slotNo(0).startMs, tender("a", "anne", "buy", [250_000, 500])));
    obey(registerParty("dora"));
    end();
    obey(registerParty("emil"));
    expect(heard).toEqual(["PartyRegistered"]);
  });

  test("takes what an engine reports, for a market that never had a tariff as well", () => {
    const state = foundMarket(RULES);
    const model = createReadModel({ rules: RULES, since: NOON });
    const commands: readonly Command[] = [
      setTariff(slotNo(1).startMs, 300_000, 80_000),
      closeGate(slotAfter(slotNo(1)).startMs),
    ];
    for (const command of commands) {
      const at = minus(slotNo(2).startMs, instantMs(RULES.gateLead));
      const outcome = apply(state, command, at);
      if (outcome.ok) model.record(outcome.events, at);
    }
    expect(model.pricesAt(slotNo(0).startMs)).toBeNull();
    expect(model.slot(slotNo(2).startMs)?.closed.event.result.price).toBeNull();
  });
});
