import { describe, expect, test } from "@jest/globals";
import { instantMs, tenderId, type InstantMs } from "@micromarket/kernel";
import { GateBook, type Tender } from "@micromarket/market";
import {
  ENERGY_MAX,
  foundMarket,
  PRICE_MAX,
  StandingTenders,
  TENDERS_MAX,
  type Command,
  type RefusalCode,
  type State,
} from "@micromarket/engine";
import {
  ANNE,
  BERT,
  CLEO,
  GRID,
  minute,
  obeyed,
  refused,
  rulesWith,
  slot,
  START,
  street,
  submit,
  tender,
} from "./street.ts";

class FullTenders extends StandingTenders {
  override get size(): number {
    return TENDERS_MAX;
  }
}

const steps = (count: number, price: number, energy: number): [number, number][] =>
  Array.from({ length: count }, () => [price, energy]);
const calendarEnd = instantMs(8_640_000_000_000_000);

describe("SubmitTender", () => {
  // gates: slot 4 starts at minute 60 and closes at minute 55; the horizon is two hours
  const at = minute(55);
  const ready = (): State => {
    const state = street();
    obeyed(state, submit(slot(5), tender("standing", ANNE, "buy", [300_000, 1])), minute(0));
    obeyed(state, submit(slot(5), tender("cancelled", ANNE, "buy", [300_000, 1])), minute(0));
    obeyed(state, { type: "CancelTender", slot: slot(5), party: ANNE, tender: tenderId("cancelled") }, minute(0));
    state.books.set(slot(6), {
      tenders: new FullTenders(),
      cancelled: new Set(),
      positions: new Map(),
      placed: new Map(),
      sums: new GateBook(state.rules.auction),
    });
    return state;
  };
  const conditional: Tender = { ...tender("x", ANNE, "buy", ...steps(65, 1_000_001, 0)), conditions: ["allOrNone"] };
  const bad: Tender = { ...tender("x", ANNE, "buy", [1_000_001, 0]), conditions: ["minQuantity"] };

  // by descending precedence: every line has the faults of the lines below it as well, as far as they go together
  test.each<[RefusalCode, InstantMs, Tender]>([
    ["PARTY_UNKNOWN", instantMs(1), { ...conditional, party: CLEO, id: tenderId("residual:sell") }],
    ["PARTY_RESERVED", instantMs(1), { ...conditional, party: GRID, id: tenderId("residual:sell") }],
    ["SLOT_MISALIGNED", instantMs(slot(20) + 1), { ...conditional, id: tenderId("residual:sell") }],
    ["SLOT_MISALIGNED", instantMs(-900_000), { ...conditional, id: tenderId("residual:sell") }],
    ["SLOT_MISALIGNED", instantMs(calendarEnd + 900_000), conditional],
    ["SLOT_BEYOND_HORIZON", slot(12), { ...conditional, id: tenderId("residual:sell") }],
    ["SLOT_BEYOND_HORIZON", calendarEnd, conditional],
    ["GATE_CLOSED", slot(4), { ...conditional, id: tenderId("residual:sell") }],
    ["GATE_CLOSED", instantMs(0), conditional],
    ["TENDER_ID_RESERVED", slot(6), { ...conditional, id: tenderId("residual:sell") }],
    ["TENDER_ID_RESERVED", slot(6), { ...conditional, id: tenderId("residual:buy") }],
    ["TENDER_ALREADY_EXISTS", slot(5), { ...conditional, id: tenderId("standing") }],
    ["TENDER_ALREADY_EXISTS", slot(5), { ...conditional, id: tenderId("cancelled") }],
    ["BOOK_FULL", slot(6), conditional],
    ["STEPS_TOO_MANY", slot(5), conditional],
    ["CONDITION_UNSUPPORTED", slot(5), bad],
    ["STEPS_EMPTY", slot(5), tender("x", ANNE, "buy")],
    ["QUANTITY_NOT_POSITIVE", slot(5), tender("x", ANNE, "buy", [1_000_001, ENERGY_MAX], [1, 0])],
    ["QUANTITY_NOT_POSITIVE", slot(5), tender("x", ANNE, "buy", [1, -1])],
    ["PRICE_OUT_OF_BAND", slot(5), tender("x", ANNE, "buy", [1_000_001, ENERGY_MAX + 1])],
    ["PRICE_OUT_OF_BAND", slot(5), tender("x", ANNE, "sell", [-500_001, ENERGY_MAX + 1])],
    ["PRICE_OFF_TICK", slot(5), tender("x", ANNE, "buy", [300_001, ENERGY_MAX + 1])],
    ["ENERGY_TOO_LARGE", slot(5), tender("x", ANNE, "buy", [300_000, ENERGY_MAX], [200_000, 1])],
  ])("refuses with %s: slot %d", (code, at2, faulty) => {
    expect(refused(ready(), submit(at2, faulty), at)).toMatchObject({ code });
  });

  test("without a band, prices still have an end; it comes after the tick and before the energy", () => {
    const state = street(rulesWith({}, { priceFloor: null, priceCap: null }));
    const placed = (price: number) => submit(slot(5), tender("x", ANNE, "sell", [price, ENERGY_MAX + 1]));
    expect(refused(state, placed(PRICE_MAX + 1), at)?.code).toBe("PRICE_OFF_TICK");
    expect(refused(state, placed(PRICE_MAX + 10_000), at)?.code).toBe("PRICE_TOO_LARGE");
    expect(refused(state, placed(-PRICE_MAX - 10_000), at)?.code).toBe("PRICE_TOO_LARGE");
    expect(refused(state, placed(PRICE_MAX), at)?.code).toBe("ENERGY_TOO_LARGE");
  });

  test("is taken until the gate and not at it, and up to the horizon", () => {
    const state = street();
    const placed = (id: string, count: number) => submit(slot(count), tender(id, ANNE, "buy", [null, 1]));
    expect(obeyed(state, placed("a", 4), instantMs(minute(55) - 1))).toEqual([
      { type: "TenderAccepted", slot: slot(4), party: ANNE, tender: "a" },
    ]);
    expect(refused(state, placed("b", 4), minute(55))).toEqual({
      code: "GATE_CLOSED",
      slot: slot(4),
      gate: minute(55),
    });
    obeyed(state, placed("c", 12), minute(60));
    expect(refused(state, placed("d", 13), minute(60))).toEqual({
      code: "SLOT_BEYOND_HORIZON",
      slot: slot(13),
      last: minute(180),
    });
  });

  test("an id serves once per slot, whoever uses it, and again in another slot", () => {
    const state = street();
    obeyed(state, submit(slot(4), tender("a", ANNE, "buy", [300_000, 1])), START);
    expect(refused(state, submit(slot(4), tender("a", BERT, "sell", [300_000, 1])), START)?.code).toBe(
      "TENDER_ALREADY_EXISTS",
    );
    obeyed(state, submit(slot(5), tender("a", BERT, "sell", [300_000, 1])), START);
  });

  test("needs no tariff", () => {
    const state = foundMarket(rulesWith({}));
    obeyed(state, { type: "RegisterParty", party: ANNE }, START);
    obeyed(state, submit(slot(4), tender("a", ANNE, "buy", [300_000, 1])), START);
  });
});

describe("CancelTender", () => {
  const cancel = (party: typeof ANNE, at: InstantMs, id = "a"): Command => ({
    type: "CancelTender",
    slot: at,
    party,
    tender: tenderId(id),
  });
  const ready = (): State => {
    const state = street();
    for (const count of [4, 5]) obeyed(state, submit(slot(count), tender("a", ANNE, "buy", [300_000, 1])), START);
    return state;
  };

  // by descending precedence: every line has the faults of the lines below it as well, as far as they go together
  test.each<[RefusalCode, Command]>([
    ["PARTY_UNKNOWN", cancel(CLEO, instantMs(slot(4) + 1), "none")],
    ["SLOT_MISALIGNED", cancel(BERT, instantMs(slot(4) + 1), "none")],
    ["SLOT_MISALIGNED", cancel(BERT, instantMs(-900_000), "none")],
    ["GATE_CLOSED", cancel(BERT, slot(4), "none")],
    ["TENDER_UNKNOWN", cancel(BERT, slot(5), "none")],
    ["TENDER_UNKNOWN", cancel(GRID, slot(6), "residual:sell")],
    ["TENDER_NOT_OWN", cancel(BERT, slot(5))],
    ["TENDER_NOT_OWN", cancel(GRID, slot(5))],
  ])("refuses with %s", (code, command) => {
    expect(refused(ready(), command, minute(55))).toMatchObject({ code });
  });

  test("takes the tender out of the book; it cannot be taken out twice, nor come back", () => {
    const state = ready();
    expect(obeyed(state, cancel(ANNE, slot(4)), minute(54))).toEqual([
      { type: "TenderCancelled", slot: slot(4), party: ANNE, tender: "a" },
    ]);
    expect(refused(state, cancel(ANNE, slot(4)), minute(54))?.code).toBe("TENDER_UNKNOWN");
    expect(refused(state, submit(slot(4), tender("a", ANNE, "buy", [300_000, 1])), minute(54))?.code).toBe(
      "TENDER_ALREADY_EXISTS",
    );
    expect(state.books.get(slot(4))?.tenders.size).toBe(0);
  });
});
