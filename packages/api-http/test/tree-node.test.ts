/** A market below another one: its tie, its positions and its local price are there to be read. */
import { describe, expect, test } from "@jest/globals";
import { apply, foundMarket, type Command, type MarketRules } from "@micromarket/engine";
import { instantMs, minus, partsPerMillion, priceMicro, wattHours } from "@micromarket/kernel";
import {
  closeGate,
  createVirtualClock,
  marketRules,
  NOON,
  registerParty,
  setTariff,
  submitTender,
  tender,
} from "@micromarket/testkit";
import { createReadModel, Health, MarketView, PartyStatement, SlotDetail, type SlotPage } from "@micromarket/api-http";
import { ask, askJson, expectShape, serve } from "./asking.ts";
import { slotNo, street, tradedStreet, type Street } from "./street.ts";

const RULES: MarketRules = marketRules({ node: { above: "market", positionSteps: 64, membersMin: 0 } });
const TIE = {
  importLimit: wattHours(1_000),
  exportLimit: null,
  feeIn: priceMicro(20_000),
  feeOut: priceMicro(10_000),
  loss: partsPerMillion(100_000),
};
const first = slotNo(0).startMs;
const second = slotNo(1).startMs;

/** A house below a street: Anne wants 900 Wh at up to 0.25, Bert sells 450 from 0.20. */
function house(): Street {
  const state = foundMarket(RULES);
  const clock = createVirtualClock(instantMs(NOON - 3_600_000));
  const model = createReadModel({ rules: RULES, since: clock.now() });
  const obey = (command: Command) => {
    const outcome = apply(state, command, clock.now());
    if (!outcome.ok) throw new Error(`refused: ${JSON.stringify(outcome.refusal)}`);
    model.record(outcome.events, clock.now());
    return outcome.events;
  };
  for (const home of ["anne", "bert"]) obey(registerParty(home));
  obey(setTariff(instantMs(0), 300_000, 80_000));
  obey({ type: "SetTie", from: instantMs(0), tie: TIE });
  return { model, state, clock, obey };
}

function close({ obey, clock }: Street, slot = first): void {
  obey(submitTender(slot, tender("a", "anne", "buy", [250_000, 900])));
  obey(submitTender(slot, tender("b", "bert", "sell", [200_000, 450])));
  clock.set(minus(slot, instantMs(RULES.gateLead)));
  obey(closeGate(slot));
}

function award(slot: typeof first, number: number): Command {
  return { type: "ApplyAward", slot, number, price: priceMicro(150_000), energy: wattHours(1_000) };
}

describe("a market below another one", () => {
  test("shows its tie, and which positions wait for an award", async () => {
    const market = house();
    const server = await serve(market);
    const before = await askJson(server, "/market");
    expectShape(MarketView, before);
    expect(before).toMatchObject({
      tie: {
        state: "connected",
        import_limit_wh: 1_000,
        export_limit_wh: null,
        fee_in_micro_per_kwh: 20_000,
        fee_out_micro_per_kwh: 10_000,
        loss_per_million: 100_000,
        awaiting_award: [],
      },
    });
    close(market);
    const waiting = (await askJson(server, "/market")) as MarketView;
    expect(waiting.tie?.awaiting_award).toEqual([{ slot: "2026-07-01T12:00Z", slot_ms: first, number: 1 }]);
    expect(waiting.closed_through).toBe("2026-07-01T12:00Z");
    const { status, text } = await ask(server, "/api/v1/slots/2026-07-01T12:00Z");
    expect([status, JSON.parse(text)]).toMatchObject([404, { code: "SLOT_NOT_CLEARED" }]);
    expect(text).toContain("waits for the award of the market above");
    market.obey({ type: "SetTie", from: slotNo(3).startMs, tie: null });
    market.clock.set(slotNo(3).startMs);
    expect(await askJson(server, "/market")).toMatchObject({ tie: { state: "islanded", import_limit_wh: null } });
  });

  test("shows what it presented, what crossed its tie and what its price is made of", async () => {
    const market = house();
    close(market);
    const formed = market.model.awaiting()[0]?.event;
    market.obey(award(first, 1));
    const detail = (await askJson(await serve(market), "/slots/2026-07-01T12:00Z")) as SlotDetail;
    expectShape(SlotDetail, detail);
    expect(detail.node).toMatchObject({
      mode: "award",
      position: { number: 1, top_wh: formed?.curve.top, cost_max_nano: "0" },
      tie: { above_wh: 1_000, below_wh: 900, sent_wh: 1_000, lost_wh: 100, fees_nano: "20000000" },
      awards: [],
    });
    const { price_micro_per_kwh: price, parts, position } = detail.node ?? {};
    expect(Object.values(parts ?? {}).reduce((sum, part) => sum + part, 0)).toBe(price);
    expect(position?.steps.map(({ side, energy_wh }) => [side, energy_wh])).toEqual(
      Array.from(formed?.curve.drops ?? [], (energy, at) => [formed?.curve.kinds[at] === 0 ? "buy" : "sell", energy]),
    );
    expect(market.model.awaiting()).toEqual([]);
  });

  test("its tie's statement has fee, rent and loss beside the trades, and sums to what it holds", async () => {
    const market = house();
    close(market);
    market.obey(award(first, 1));
    const server = await serve(market);
    const statement = (await askJson(server, `/parties/${RULES.residual.party}/statement`)) as PartyStatement;
    expectShape(PartyStatement, statement);
    expect(new Set(statement.lines.map(({ kind }) => kind))).toEqual(new Set(["trade", "fee", "rent", "loss"]));
    expect(statement.lines.find(({ kind }) => kind === "fee")).toMatchObject({
      counterparty: "fees",
      side: null,
      energy_wh: null,
    });
    expect(statement.totals.total_nano).toBe(statement.balance_nano);
  });

  test("keeps slots in their order, whichever award comes first", async () => {
    const market = house();
    close(market);
    close(market, second);
    market.obey(award(second, 2));
    expect(market.model.closedThrough()).toBe(second);
    const server = await serve(market);
    expect(await askJson(server, "/market")).toMatchObject({ tie: { awaiting_award: [{ number: 1 }] } });
    expect((await ask(server, "/api/v1/slots/2026-07-01T12:00Z")).text).toContain("SLOT_NOT_CLEARED");
    market.obey(award(first, 1));
    const { slots } = (await askJson(server, "/slots")) as SlotPage;
    expect(slots.map(({ start_ms }) => start_ms)).toEqual([second, first]);
    expect(market.model.closedThrough()).toBe(second);
  });

  test("starts from its state as if it had heard all before", () => {
    const heard = house();
    close(heard);
    const late = createReadModel({ rules: RULES, since: heard.clock.now(), state: heard.state });
    expect(late.tieAt(first)).toEqual(heard.model.tieAt(first));
    expect(late.awaiting()).toEqual(
      heard.model.awaiting().map(({ at, event }) => ({ at, event: { ...event, costMax: null } })),
    );
  });

  test("is well while it is answered; late awards and fallbacks are warnings", async () => {
    const market = house();
    const server = await serve(market);
    const tie = async (): Promise<unknown> => {
      const health = JSON.parse((await ask(server, "/api/v1/health")).text) as Health;
      expectShape(Health, health);
      return health.checks.find(({ name }) => name === "tie");
    };
    expect(await tie()).toMatchObject({ status: "pass", detail: "connected to the market above" });
    close(market);
    expect(await tie()).toMatchObject({ status: "pass" });
    market.clock.set(first);
    expect(await tie()).toMatchObject({
      status: "warn",
      detail: "delivery has begun without an award in 1 of its slots",
    });
    market.obey({ type: "FallBack", slot: first, to: "island" });
    expect(await tie()).toMatchObject({ status: "warn", detail: "no award came for the last slot: fallback-island" });
    close(market, second);
    market.obey(award(second, 2));
    market.obey({ type: "SetTie", from: slotNo(2).startMs, tie: null });
    market.clock.set(slotNo(2).startMs);
    expect(await tie()).toMatchObject({ status: "pass", detail: "islanded: nothing crosses" });
  });
});

test("a market below a supplier has nothing of all this", async () => {
  const server = await serve(tradedStreet());
  expect(await askJson(server, "/market")).not.toHaveProperty("tie");
  expect(await askJson(server, "/slots/2026-07-01T12:00Z")).not.toHaveProperty("node");
  expect((await ask(server, "/api/v1/health")).text).not.toContain('"tie"');
  expect(street().model.awaiting()).toEqual([]);
});
