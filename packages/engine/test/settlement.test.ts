import { describe, expect, test } from "@jest/globals";
import { instantMs, partsPerMillion, partyId, priceMicro, wattHours, type PartyId } from "@micromarket/kernel";
import { balanceOf } from "@micromarket/ledger";
import {
  arrearsAccount,
  decodeCommand,
  encodeCommand,
  ENERGY_MAX,
  levyAccount,
  partyAccount,
  PENALTIES,
  type Command,
  type ReadMeter,
  type RefusalCode,
  type SettlementRules,
  type State,
} from "@micromarket/engine";
import { balance, dueOf, free, funded, fundedRules, money, SETTLEMENT } from "./funded-street.ts";
import {
  ANNE,
  BERT,
  CLEO,
  drawn,
  GRID,
  minute,
  obeyed,
  only,
  refused,
  report,
  slot,
  START,
  street,
  submit,
  tender,
} from "./street.ts";

const close: Command = { type: "CloseGate", slot: slot(4) };
const estimate = (at = slot(4)): Command => ({ type: "EstimateDeliveries", slot: at });

/** Slot 4 is cleared at 0.19: Anne sold Bert 500 Wh. */
function traded(change: Partial<SettlementRules> = {}): State {
  const state = funded(change);
  obeyed(state, submit(slot(4), tender("b", BERT, "buy", [300_000, 500])), START);
  obeyed(state, submit(slot(4), tender("s", ANNE, "sell", [80_000, 500])), START);
  obeyed(state, close, minute(55));
  return state;
}

describe("a tender holds what it can cost", () => {
  // bond a tenth of the cap of 1.0: 0.1 per kWh; levy 0.02 per kWh
  test.each<[string, ReturnType<typeof tender>, bigint]>([
    ["a bid at its limit, with levies", tender("b", ANNE, "buy", [300_000, 500]), 150_000_000n + 10_000_000n],
    [
      "a bid of two steps at the dearer of both ways",
      tender("b", ANNE, "buy", [300_000, 100], [50_000, 400]),
      40_000_000n,
    ],
    ["… where the last step costs more", tender("b", ANNE, "buy", [300_000, 100], [200_000, 400]), 110_000_000n],
    ["a bid at any price at the cap", tender("b", ANNE, "buy", [null, 500]), 500_000_000n + 10_000_000n],
    ["a bid that wants to be paid holds its levies", tender("b", ANNE, "buy", [-10_000, 500]), 10_000_000n],
    ["an offer its bond", tender("s", ANNE, "sell", [80_000, 500]), 50_000_000n],
    ["an offer below 0 what it would pay as well", tender("s", ANNE, "sell", [-100_000, 500]), 100_000_000n],
    ["an offer at any price at the floor", tender("s", ANNE, "sell", [null, 100]), 50_000_000n + 10_000_000n],
  ])("%s", (_, placed, held) => {
    const state = funded();
    expect(only(obeyed(state, submit(slot(4), placed), START), "TenderAccepted").held).toBe(held);
    expect(free(state, ANNE)).toBe(1_000_000_000n - held);
  });

  test("one that costs more than there is left is refused, and says what is missing", () => {
    const state = funded({}, 200_000_000n);
    obeyed(state, submit(slot(4), tender("b1", ANNE, "buy", [200_000, 500])), START);
    expect(refused(state, submit(slot(5), tender("b2", ANNE, "buy", [200_000, 500])), START)).toEqual({
      code: "FUNDS_INSUFFICIENT",
      party: ANNE,
      needed: 110_000_000n,
      available: 90_000_000n,
    });
  });

  test("a tender that is taken back frees its money, and so does one that trades nothing", () => {
    const state = funded();
    obeyed(state, submit(slot(4), tender("b", ANNE, "buy", [70_000, 500])), START);
    obeyed(state, submit(slot(5), tender("b", ANNE, "buy", [70_000, 500])), START);
    obeyed(state, { type: "CancelTender", slot: slot(5), party: ANNE, tender: tender("b", ANNE, "buy").id }, START);
    expect(free(state, ANNE)).toBe(1_000_000_000n - 45_000_000n);
    obeyed(state, close, minute(55));
    expect(free(state, ANNE)).toBe(1_000_000_000n);
  });
});

describe("a trade is held from its clearing and settled by what was delivered", () => {
  test("the clearing moves no money: the buyer's price, its levies and the seller's bond are held", () => {
    const state = traded();
    expect(balance(state, partyAccount(BERT))).toBe(1_000_000_000n);
    expect(free(state, BERT)).toBe(1_000_000_000n - 95_000_000n - 10_000_000n);
    expect(free(state, ANNE)).toBe(1_000_000_000n - 50_000_000n);
    expect(state.ledger.known.get(`trade/${slot(4)}/0`)).toMatchObject({ fate: "open" });
  });

  const settled = (readings: Readonly<Record<string, readonly [number, number]>>, state = traded()) => {
    const events = Object.entries(readings).flatMap(([party, [imported, exported]]) =>
      obeyed(state, report(slot(4), partyId(party), imported, exported), minute(75)),
    );
    const { transfers } = only(events, "SlotSettled");
    return { state, moved: drawn(transfers.filter(({ ledger }) => ledger === "money")) };
  };

  test("kept: the price, and the levy", () => {
    const { state, moved } = settled({ anne: [0, 500], bert: [500, 0], grid: [0, 0] });
    expect(moved).toEqual(["bert>anne 95000000 trade", "bert>levy:grid 10000000 levy"].map((line) => `money ${line}`));
    expect(free(state, ANNE)).toBe(1_095_000_000n);
    expect(free(state, BERT)).toBe(895_000_000n);
    expect(state.ledger.known.size).toBeLessThan(10);
  });

  test("the seller fell short by 200 Wh: the grid delivers, the buyer pays its price, the seller the rest", () => {
    const { moved } = settled({ anne: [0, 300], bert: [500, 0], grid: [0, 200] });
    expect(moved).toEqual(
      [
        "bert>anne 57000000 trade",
        "bert>grid 38000000 shortfall",
        "anne>grid 22000000 shortfall",
        "bert>levy:grid 10000000 levy",
      ].map((line) => `money ${line}`),
    );
  });

  test("the buyer fell short by 200 Wh: the grid takes them, and the buyer makes up what they bring less", () => {
    const { moved } = settled({ anne: [0, 500], bert: [300, 0], grid: [200, 0] });
    expect(moved).toEqual(
      [
        "bert>anne 57000000 trade",
        "grid>anne 16000000 shortfall",
        "bert>anne 22000000 shortfall",
        "bert>levy:grid 6000000 levy",
      ].map((line) => `money ${line}`),
    );
  });

  test("both fell short of all of it: no energy, and each pays its failure", () => {
    const { moved } = settled({ anne: [0, 0], bert: [0, 0], grid: [0, 0] });
    expect(moved).toEqual(["money bert>grid 55000000 shortfall", "money anne>grid 55000000 shortfall"]);
  });

  test("what goes beyond the trade is bought and sold at the imbalance price", () => {
    const { moved } = settled({ anne: [0, 700], bert: [900, 0], grid: [0, 200] });
    expect(moved).toEqual(
      [
        "bert>anne 95000000 trade",
        "grid>anne 16000000 deviation",
        "bert>grid 120000000 deviation",
        "bert>levy:grid 18000000 levy",
      ].map((line) => `money ${line}`),
    );
  });

  test("at the parent's price, one for all: the market was short, so that its giver of energy gains", () => {
    const state = traded({ imbalance: { kind: "parent" }, levies: [] });
    const { moved } = settled({ anne: [0, 600], bert: [900, 0], grid: [0, 300] }, state);
    expect(moved).toEqual(
      ["bert>anne 95000000 trade", "grid>anne 30000000 deviation", "bert>grid 120000000 deviation"].map(
        (line) => `money ${line}`,
      ),
    );
  });

  test("at the slot's price with a penalty", () => {
    const state = traded({ imbalance: { kind: "penalty", share: partsPerMillion(100_000) }, levies: [] });
    settled({ anne: [0, 500], bert: [600, 0], grid: [0, 100] }, state);
    expect(balance(state, PENALTIES)).toBe(1_900_000n);
    expect(balance(state, partyAccount(BERT))).toBe(1_000_000_000n - 95_000_000n - 19_000_000n - 1_900_000n);
  });

  test("who cannot pay owes: its account stays at its floor, and what comes in goes to the arrears first", () => {
    const state = traded();
    obeyed(state, money("PayOut", BERT, 890_000_000n, "out"), minute(56));
    settled({ anne: [0, 500], bert: [900, 0], grid: [0, 400] }, state);
    // 95 for the trade, 120 for the deviation, 18 of levies; 110 were there
    expect(balance(state, partyAccount(BERT))).toBe(0n);
    expect(balance(state, arrearsAccount(BERT))).toBe(-123_000_000n);
    expect(refused(state, submit(slot(9), tender("b", BERT, "buy", [80_000, 1])), minute(80))).toMatchObject({
      code: "FUNDS_INSUFFICIENT",
      available: -123_000_000n,
    });
    const paid = obeyed(state, money("CreditAccount", BERT, 200_000_000n, "in"), minute(80));
    expect(drawn(only(paid, "AccountCredited").transfers ?? [])).toEqual(["money bert>arrears:bert 123000000 arrears"]);
    expect(free(state, BERT)).toBe(77_000_000n);
    expect(balance(state, levyAccount("grid"))).toBe(18_000_000n);
  });
});

describe("EstimateDeliveries", () => {
  test.each<[RefusalCode, State, Command, number]>([
    ["SETTLEMENT_NOT_RULED", street(), estimate(instantMs(slot(4) + 1)), 0],
    ["SLOT_MISALIGNED", traded(), estimate(instantMs(slot(4) + 1)), 0],
    ["SLOT_NOT_CLEARED", traded(), estimate(slot(5)), 0],
    ["SLOT_SETTLED", traded(), estimate(slot(3)), 0],
    ["READINGS_NOT_DUE", traded(), estimate(), 84],
  ])("refuses with %s", (code, state, command, at) => {
    expect(refused(state, command, minute(at))).toMatchObject({ code });
  });

  test("who is silent has kept its trades, the tie is what the meters add up to, and a late reading is trued up once", () => {
    const state = traded();
    obeyed(state, report(slot(4), BERT, 600, 0), minute(75));
    const events = obeyed(state, estimate(), dueOf(slot(4)));
    expect(events.slice(0, 2)).toMatchObject([
      { type: "DeliveryEstimated", party: ANNE, imported: 0, exported: 500 },
      { type: "DeliveryEstimated", party: GRID, imported: 0, exported: 100 },
    ]);
    expect(only(events, "SlotSettled").unaccounted).toBe(0);
    const late = obeyed(state, report(slot(4), ANNE, 40, 440), dueOf(slot(4)));
    // 100 Wh less were given: 30 for them, and a levy on what was drawn
    expect(drawn(only(late, "DeliveryTruedUp").transfers)).toEqual([
      "money anne>grid 30000000 adjustment",
      "money anne>levy:grid 800000 adjustment",
      "energy unaccounted>grid 100 adjustment",
      "energy grid>anne 100 adjustment",
      "energy anne>delivered 100 adjustment",
    ]);
    expect(refused(state, report(slot(4), ANNE, 0, 500), dueOf(slot(4)))).toMatchObject({ code: "SLOT_SETTLED" });
    obeyed(state, report(slot(4), GRID, 0, 200), dueOf(slot(4)));
    expect(balanceOf(state.ledger, "energy", "unaccounted")).toBe(0n);
    expect(state.estimated.size).toBe(0);
  });

  test("a reading after the last moment is refused, and the estimate forgotten with the next gate", () => {
    const state = traded();
    obeyed(state, estimate(), dueOf(slot(4)));
    const over = instantMs(slot(5) + SETTLEMENT.trueUp);
    expect(refused(state, report(slot(4), ANNE, 0, 0), over)).toMatchObject({ code: "SLOT_SETTLED" });
    obeyed(state, { type: "CloseGate", slot: slot(12) }, over);
    expect(state.estimated.size).toBe(0);
  });
});

describe("ReadMeter", () => {
  const read = (party: PartyId, at: number, imported: number, exported: number, isStart?: boolean): ReadMeter => ({
    type: "ReadMeter",
    party,
    at: instantMs(at),
    imported: wattHours(imported),
    exported: wattHours(exported),
    ...(isStart === undefined ? {} : { isStart }),
  });

  /** Bert's counters were read at the start of slot 4; slots 4 to 7 are cleared. */
  const counted = (): State => {
    const state = traded();
    obeyed(state, read(BERT, slot(4), 10_000, 50), minute(60));
    for (const count of [5, 6, 7]) obeyed(state, { type: "CloseGate", slot: slot(count) }, minute(120));
    return state;
  };

  test.each<[RefusalCode, Command, number]>([
    ["PARTY_UNKNOWN", read(CLEO, slot(4) + 1, -1, 0), 0],
    ["READING_MISALIGNED", read(BERT, slot(9) + 1, -1, 0), 0],
    ["READING_TOO_EARLY", read(BERT, slot(9), -1, 0), 121],
    ["READING_NEGATIVE", read(BERT, slot(4), -1, 0), 121],
    ["READING_NOT_NEWER", read(BERT, slot(4), 9_999, 0), 121],
    ["METER_WENT_BACK", read(BERT, slot(9), 9_999, 50), 150],
    ["METER_WENT_BACK", read(BERT, slot(9), 10_001, 49), 150],
    ["SLOT_NOT_CLEARED", read(BERT, slot(9), 10_000 + ENERGY_MAX + 1, 50), 150],
    ["DELIVERY_TOO_LARGE", read(BERT, slot(8), 10_000 + ENERGY_MAX + 1, 50), 150],
  ])("refuses with %s", (code, command, at) => {
    expect(refused(counted(), command, minute(at))).toMatchObject({ code });
  });

  test("a party that reports by its counters does not report otherwise", () => {
    expect(refused(counted(), report(slot(4), BERT, 0, 0), minute(121))).toMatchObject({ code: "DELIVERY_BY_COUNTER" });
  });

  test("where nothing waits for it a reading is refused, and a later one brings its energy along", () => {
    const state = traded();
    obeyed(state, read(BERT, slot(5), 10_000, 0), minute(76));
    obeyed(state, { type: "CloseGate", slot: slot(7) }, minute(120));
    expect(refused(state, read(BERT, slot(6), 10_300, 0), minute(120))).toMatchObject({
      code: "READING_COVERS_NOTHING",
    });
    const events = obeyed(state, read(BERT, slot(8), 10_500, 0), minute(120));
    expect(only(events, "DeliveryPosted")).toMatchObject({ slot: slot(7), imported: 500 });
  });

  test("the difference of two readings is the delivery of the slot between them", () => {
    const events = obeyed(counted(), read(BERT, slot(5), 10_499, 50), minute(121));
    expect(events).toMatchObject([
      { type: "MeterRead", imported: 10_499 },
      { type: "DeliveryPosted", slot: slot(4), imported: 499, exported: 0 },
    ]);
  });

  test("a reading between a coarse counter's steps counts like any other, and keeps its flag in the journal", () => {
    const flagged: ReadMeter = { ...read(BERT, slot(5), 10_499, 50), isEstimate: true };
    expect(decodeCommand(encodeCommand(flagged))).toEqual({ ok: true, value: flagged });
    expect(encodeCommand({ ...flagged, isEstimate: false })).toBe(encodeCommand(read(BERT, slot(5), 10_499, 50)));
    expect(obeyed(counted(), flagged, minute(121))).toMatchObject([
      { type: "MeterRead", imported: 10_499, isEstimate: true },
      { type: "DeliveryPosted", slot: slot(4), imported: 499 },
    ]);
  });

  test("after a gap the slots in between share the energy evenly, and estimates among them are set right", () => {
    const state = counted();
    obeyed(state, estimate(slot(4)), minute(121));
    const events = obeyed(state, read(BERT, slot(8), 10_602, 50), minute(121));
    const shares = events.flatMap((event) =>
      event.type === "DeliveryPosted" || event.type === "DeliveryTruedUp" ? [event.imported] : [],
    );
    expect(events.map(({ type }) => type)).toEqual([
      ...["MeterRead", "DeliveryTruedUp", "DeliveryPosted", "DeliveryPosted", "DeliveryPosted"],
    ]);
    expect([...shares].sort((a, b) => a - b)).toEqual([150, 150, 151, 151]);
  });

  test("a new meter starts anew", () => {
    const state = counted();
    expect(obeyed(state, read(BERT, slot(5), 7, 0, true), minute(121))).toHaveLength(1);
    expect(only(obeyed(state, read(BERT, slot(6), 107, 0), minute(121)), "DeliveryPosted").imported).toBe(100);
  });
});

test("a market with settlement needs a floor and a cap, and rules that make sense", () => {
  const levy = { name: "Grid!", price: priceMicro(1) };
  expect(() => street({ ...fundedRules(), auction: { ...fundedRules().auction, priceCap: null } })).toThrow(
    "SETTLEMENT_NEEDS_BAND",
  );
  expect(() => street(fundedRules({ levies: [levy] }))).toThrow("SETTLEMENT_RULES_OUT_OF_RANGE");
  const twice = SETTLEMENT.levies.concat(SETTLEMENT.levies);
  expect(() => street(fundedRules({ levies: twice }))).toThrow("SETTLEMENT_RULES_OUT_OF_RANGE");
});
