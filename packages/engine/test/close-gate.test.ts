import { describe, expect, test } from "@jest/globals";
import { instantMs, priceMicro, wattHours, type InstantMs, type PriceMicro } from "@micromarket/kernel";
import type { Tender } from "@micromarket/market";
import {
  foundMarket,
  type Command,
  type GateClosed,
  type MarketRules,
  type RefusalCode,
  type State,
} from "@micromarket/engine";
import {
  ANNE,
  BERT,
  drawn,
  FEED_IN,
  GRID,
  LATER,
  minute,
  obeyed,
  only,
  refused,
  RULES,
  rulesWith,
  slot,
  START,
  street,
  submit,
  TARIFF,
  tender,
} from "./street.ts";

const close = (at: InstantMs): Command => ({ type: "CloseGate", slot: at });

interface Setting {
  readonly rules?: MarketRules;
  readonly tariff?: PriceMicro;
  readonly feedIn?: PriceMicro;
}

/** Clears slot 4 with these tenders. */
function cleared(
  tenders: readonly Tender[],
  { rules = RULES, tariff = TARIFF, feedIn = FEED_IN }: Setting = {},
): GateClosed & { readonly state: State } {
  const state = street(rules, tariff, feedIn);
  for (const placed of tenders) obeyed(state, submit(slot(4), placed), START);
  return { ...only(obeyed(state, close(slot(4)), minute(55)), "GateClosed"), state };
}

function traded({ state }: { readonly state: State }): object {
  return Object.fromEntries(state.cleared.get(slot(4))?.traded ?? []);
}

describe("CloseGate", () => {
  // by descending precedence: every line has the faults of the lines below it as well, as far as they go together
  test.each<[RefusalCode, InstantMs, object]>([
    ["SLOT_MISALIGNED", instantMs(slot(3) + 1), {}],
    ["SLOT_MISALIGNED", instantMs(-900_000), {}],
    ["GATE_ALREADY_CLOSED", slot(3), { closedThrough: slot(4) }],
    ["GATE_ALREADY_CLOSED", slot(4), { closedThrough: slot(4) }],
    ["GATE_NOT_DUE", slot(8), { gate: minute(115) }],
    ["GATE_OUT_OF_ORDER", slot(7), { earlier: slot(5) }],
  ])("refuses with %s: slot %d", (code, at, payload) => {
    const state = street();
    obeyed(state, submit(slot(6), tender("b", ANNE, "buy", [null, 1])), START);
    obeyed(state, submit(slot(5), tender("a", ANNE, "buy", [null, 1])), START);
    obeyed(state, close(slot(4)), minute(55));
    expect(refused(state, close(at), minute(100))).toMatchObject({ code, ...payload });
  });

  test("refuses with TARIFF_MISSING where no prices are in force, and clears once there are", () => {
    const state = foundMarket(RULES);
    obeyed(state, { type: "SetTariff", from: slot(6), tariff: TARIFF, feedIn: FEED_IN }, START);
    expect(refused(state, close(slot(5)), LATER)).toEqual({ code: "TARIFF_MISSING", slot: slot(5) });
    obeyed(state, { type: "SetTariff", from: slot(5), tariff: TARIFF, feedIn: FEED_IN }, START);
    obeyed(state, close(slot(5)), LATER);
  });

  test("is due at the gate and not before", () => {
    const state = street();
    expect(refused(state, close(slot(4)), instantMs(minute(55) - 1))?.code).toBe("GATE_NOT_DUE");
    obeyed(state, close(slot(4)), minute(55));
  });

  test("passes over slots without tenders, also those whose tenders were all taken back", () => {
    const state = street();
    obeyed(state, submit(slot(5), tender("a", ANNE, "buy", [null, 1])), START);
    obeyed(state, { type: "CancelTender", slot: slot(5), party: ANNE, tender: tender("a", ANNE, "buy").id }, START);
    obeyed(state, close(slot(6)), LATER);
    expect(refused(state, close(slot(5)), LATER)?.code).toBe("GATE_ALREADY_CLOSED");
    expect(state.books.size).toBe(0);
    expect([...state.cleared.keys()]).toEqual([slot(6)]);
  });

  test("an empty book clears to nothing; all parties' deliveries are expected", () => {
    const { result, transfers, state } = cleared([]);
    expect(result).toMatchObject({ price: null, energy: 0, interval: { low: FEED_IN, high: TARIFF } });
    expect(transfers).toEqual([]);
    expect([...(state.cleared.get(slot(4))?.awaiting ?? [])]).toEqual([GRID, ANNE, BERT]);
  });
});

describe("trades are posted", () => {
  test("neighbours trade between feed-in price and tariff", () => {
    const closed = cleared([tender("b", BERT, "buy", [250_000, 500]), tender("s", ANNE, "sell", [90_000, 500])]);
    expect(closed.result).toMatchObject({ price: 170_000, energy: 500 });
    expect(drawn(closed.transfers)).toEqual(["money bert>anne 85000000 trade", "energy anne>bert 500 trade"]);
    expect(traded(closed)).toEqual({ grid: 0, anne: -500, bert: 500 });
    expect(closed).toMatchObject({ tariff: TARIFF, feedIn: FEED_IN });
    expect([...closed.owners]).toEqual([
      ["b", BERT],
      ["s", ANNE],
      ["residual:buy", GRID],
      ["residual:sell", GRID],
    ]);
  });

  test("what is short comes from the grid, at the tariff for all", () => {
    const closed = cleared([tender("b", BERT, "buy", [null, 700]), tender("s", ANNE, "sell", [90_000, 500])]);
    expect(closed.result).toMatchObject({ price: 300_000, energy: 700, scarcity: null });
    expect(drawn(closed.transfers)).toEqual([
      "money bert>anne 150000000 trade",
      "energy anne>bert 500 trade",
      "money bert>grid 60000000 trade",
      "energy grid>bert 200 trade",
    ]);
    expect(traded(closed)).toEqual({ grid: -200, anne: -500, bert: 700 });
  });

  test("what is left goes to the grid, at the feed-in price for all", () => {
    const closed = cleared([tender("b", BERT, "buy", [null, 100]), tender("s", ANNE, "sell", [0, 500])]);
    expect(closed.result).toMatchObject({ price: 80_000, energy: 500 });
    expect(traded(closed)).toEqual({ grid: 400, anne: -500, bert: 100 });
  });

  test("at a negative price the seller pays", () => {
    const closed = cleared([tender("s", ANNE, "sell", [-500_000, 500])], { feedIn: priceMicro(-100_000) });
    expect(closed.result.price).toBe(-100_000);
    expect(drawn(closed.transfers)).toEqual(["money anne>grid 50000000 trade", "energy anne>grid 500 trade"]);
  });

  test("at the price 0 no money moves", () => {
    const closed = cleared([tender("s", ANNE, "sell", [-500_000, 500])], { feedIn: priceMicro(0) });
    expect(drawn(closed.transfers)).toEqual(["energy anne>grid 500 trade"]);
  });

  test("beyond the import limit the price is the cap and demand is curtailed pro rata", () => {
    const rules = rulesWith({ residual: { party: GRID, importLimit: wattHours(90), exportLimit: wattHours(0) } });
    const closed = cleared([tender("a", ANNE, "buy", [null, 100]), tender("b", BERT, "buy", [null, 200])], { rules });
    expect(closed.result).toMatchObject({ price: 1_000_000, energy: 90, scarcity: "demand" });
    expect(traded(closed)).toEqual({ grid: -90, anne: 30, bert: 60 });
    expect([...closed.owners.keys()]).toEqual(["a", "b", "residual:sell"]);
  });

  test("a party's trade with itself posts nothing", () => {
    const closed = cleared([
      tender("b", ANNE, "buy", [250_000, 500]),
      tender("s", ANNE, "sell", [90_000, 500]),
      tender("t", BERT, "sell", [90_000, 200]),
      tender("c", BERT, "buy", [250_000, 200]),
    ]);
    expect(closed.result).toMatchObject({ energy: 700, selfTrades: [ANNE, BERT] });
    expect(closed.transfers).toEqual([]);
    expect(traded(closed)).toEqual({ grid: 0, anne: 0, bert: 0 });
  });

  test("under time priority the book keeps the order of arrival and the grid comes last", () => {
    const rules = rulesWith({}, { rationing: "time-priority" });
    const tenders = [
      tender("late", BERT, "sell", [300_000, 100]),
      tender("early", ANNE, "sell", [300_000, 100]),
      tender("b", ANNE, "buy", [null, 150]),
    ];
    expect(traded(cleared(tenders, { rules }))).toEqual({ grid: 0, anne: 100, bert: -100 });
    expect(cleared(tenders, { rules }).result.fills.map(({ id, energy }) => `${id} ${energy}`)).toEqual([
      "b 150",
      "early 50",
      "late 100",
    ]);
  });

  test("what remains in the state is the record of the slot and nothing of its book", () => {
    const { state } = cleared([tender("b", BERT, "buy", [250_000, 500])]);
    expect(state.books.size).toBe(0);
    expect(state.closedThrough).toBe(slot(4));
  });
});
