import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { instantMs, partyId, priceMicro, type InstantMs, type PartyId } from "@micromarket/kernel";
import { balanceOf } from "@micromarket/ledger";
import {
  DELIVERED,
  ENERGY_MAX,
  foundMarket,
  partyAccount,
  UNACCOUNTED,
  type Command,
  type RefusalCode,
  type State,
} from "@micromarket/engine";
import {
  ANNE,
  BERT,
  drawn,
  CLEO,
  FEED_IN,
  GRID,
  LATER,
  minute,
  obeyed,
  only,
  refused,
  report,
  RULES,
  slot,
  START,
  street,
  submit,
  TARIFF,
  tender,
} from "./street.ts";

const close = (at: InstantMs): Command => ({ type: "CloseGate", slot: at });

/** Slot 4 is cleared: Anne sold 500 Wh, Bert bought 700, 200 of them from the grid. */
function cleared(tariff = TARIFF, feedIn = FEED_IN): State {
  const state = street(RULES, tariff, feedIn);
  obeyed(state, submit(slot(4), tender("b", BERT, "buy", [null, 700])), START);
  obeyed(state, submit(slot(4), tender("s", ANNE, "sell", [-500_000, 500])), START);
  obeyed(state, close(slot(4)), minute(55));
  return state;
}

const energyOf = (state: State, party: PartyId): bigint | null =>
  balanceOf(state.ledger, "energy", partyAccount(party));

describe("ReportDelivery", () => {
  // Cleo came after gate closure. Slot 4 ends at minute 75, slot 2 was passed over, slot 3 is settled, slot 6 is open.
  const ready = (): State => {
    const state = street();
    obeyed(state, close(slot(3)), minute(50));
    obeyed(state, close(slot(4)), minute(55));
    obeyed(state, { type: "RegisterParty", party: CLEO }, minute(55));
    obeyed(state, close(slot(5)), minute(70));
    for (const party of [ANNE, BERT, GRID]) obeyed(state, report(slot(3), party, 0, 0), minute(70));
    obeyed(state, report(slot(4), ANNE, 0, 0), minute(75));
    return state;
  };

  // by descending precedence: every line has the faults of the lines below it as well, as far as they go together
  test.each<[RefusalCode, Command]>([
    ["PARTY_UNKNOWN", report(instantMs(slot(6) + 1), partyId("nobody"), -1, ENERGY_MAX + 1)],
    ["SLOT_MISALIGNED", report(instantMs(slot(6) + 1), CLEO, -1, ENERGY_MAX + 1)],
    ["SLOT_MISALIGNED", report(instantMs(-900_000), CLEO, -1, ENERGY_MAX + 1)],
    ["SLOT_NOT_CLEARED", report(slot(6), CLEO, -1, ENERGY_MAX + 1)],
    ["SLOT_SETTLED", report(slot(3), CLEO, -1, ENERGY_MAX + 1)],
    ["SLOT_SETTLED", report(slot(2), ANNE, -1, ENERGY_MAX + 1)],
    ["DELIVERY_NOT_EXPECTED", report(slot(4), CLEO, -1, ENERGY_MAX + 1)],
    ["DELIVERY_ALREADY_REPORTED", report(slot(4), ANNE, -1, ENERGY_MAX + 1)],
    ["DELIVERY_TOO_EARLY", report(slot(5), ANNE, -1, ENERGY_MAX + 1)],
    ["DELIVERY_NEGATIVE", report(slot(4), BERT, -1, ENERGY_MAX + 1)],
    ["DELIVERY_NEGATIVE", report(slot(4), GRID, ENERGY_MAX + 1, -1)],
    ["DELIVERY_TOO_LARGE", report(slot(4), BERT, ENERGY_MAX + 1, 0)],
    ["DELIVERY_TOO_LARGE", report(slot(4), GRID, 0, ENERGY_MAX + 1)],
  ])("refuses with %s", (code, command) => {
    expect(refused(ready(), command, minute(89))).toMatchObject({ code });
  });

  test("before any gate closed nothing is cleared", () => {
    expect(refused(street(), report(slot(4), ANNE, 0, 0), LATER)?.code).toBe("SLOT_NOT_CLEARED");
  });

  test("comes at the end of the slot and not before", () => {
    const state = cleared();
    expect(refused(state, report(slot(4), ANNE, 0, 500), instantMs(minute(75) - 1))).toEqual({
      code: "DELIVERY_TOO_EARLY",
      slot: slot(4),
      end: minute(75),
    });
    obeyed(state, report(slot(4), ANNE, 0, 500), minute(75));
  });

  test.each([
    ["as traded", report(slot(4), BERT, 700, 0), 0, ["energy bert>delivered 700 delivery"]],
    ["as traded, both ways", report(slot(4), BERT, 900, 200), 0, ["energy bert>delivered 700 delivery"]],
    [
      "more than bought: the rest at the tariff",
      report(slot(4), BERT, 1_000, 0),
      300,
      ["money bert>grid 90000000 deviation", "energy grid>bert 300 deviation", "energy bert>delivered 1000 delivery"],
    ],
    [
      "less than bought: the rest at the feed-in price",
      report(slot(4), BERT, 600, 0),
      -100,
      ["money grid>bert 8000000 deviation", "energy bert>grid 100 deviation", "energy bert>delivered 600 delivery"],
    ],
    [
      "nothing of what was bought",
      report(slot(4), BERT, 5, 5),
      -700,
      ["money grid>bert 56000000 deviation", "energy bert>grid 700 deviation"],
    ],
    [
      "less than sold: bought back at the tariff",
      report(slot(4), ANNE, 0, 400),
      100,
      ["money anne>grid 30000000 deviation", "energy grid>anne 100 deviation", "energy delivered>anne 400 delivery"],
    ],
    [
      "more than sold: at the feed-in price",
      report(slot(4), ANNE, 0, 550),
      -50,
      ["money grid>anne 4000000 deviation", "energy anne>grid 50 deviation", "energy delivered>anne 550 delivery"],
    ],
  ])("%s", (_, command, deviation, transfers) => {
    const state = cleared();
    const posted = only(obeyed(state, command, LATER), "DeliveryPosted");
    expect(posted.deviation).toBe(deviation);
    expect(drawn(posted.transfers)).toEqual(transfers);
    expect(energyOf(state, posted.party)).toBe(0n);
  });

  test("at negative prices money goes the other way, at 0 it stays", () => {
    const negative = cleared(priceMicro(-100_000), priceMicro(-200_000));
    expect(drawn(only(obeyed(negative, report(slot(4), BERT, 800, 0), LATER), "DeliveryPosted").transfers)[0]).toBe(
      "money grid>bert 10000000 deviation",
    );
    expect(drawn(only(obeyed(negative, report(slot(4), ANNE, 0, 600), LATER), "DeliveryPosted").transfers)[0]).toBe(
      "money anne>grid 20000000 deviation",
    );
    const free = cleared(priceMicro(0), priceMicro(-200_000));
    expect(drawn(only(obeyed(free, report(slot(4), BERT, 800, 0), LATER), "DeliveryPosted").transfers)[0]).toBe(
      "energy grid>bert 100 deviation",
    );
  });

  test("the prices are those of the gate closure, whatever was set since", () => {
    const state = cleared();
    obeyed(state, { type: "SetTariff", from: slot(5), tariff: priceMicro(900_000), feedIn: priceMicro(0) }, minute(60));
    obeyed(state, close(slot(6)), LATER);
    const { transfers } = only(obeyed(state, report(slot(4), BERT, 1_000, 0), LATER), "DeliveryPosted");
    expect(drawn(transfers)[0]).toBe("money bert>grid 90000000 deviation");
  });
});

describe("the last delivery settles the slot", () => {
  const settled = (tieIn: number, tieOut: number, order: readonly PartyId[] = [ANNE, BERT, GRID]) => {
    const state = cleared();
    const reports = new Map([
      [ANNE, report(slot(4), ANNE, 0, 400)],
      [BERT, report(slot(4), BERT, 1_000, 0)],
      [GRID, report(slot(4), GRID, tieOut, tieIn)],
    ]);
    const events = order.flatMap((party) => {
      const command = reports.get(party);
      return command === undefined ? [] : obeyed(state, command, LATER);
    });
    return {
      state,
      event: only(events, "SlotSettled"),
      tie: events.find((event) => "party" in event && event.party === GRID),
    };
  };

  test.each([
    ["the meters agree", 600, 0, 0, ["energy delivered>grid 600 delivery"]],
    ["losses", 650, 0, 50, ["energy delivered>grid 650 delivery", "energy grid>unaccounted 50 unaccounted"]],
    [
      "the tie metered less",
      640,
      60,
      -20,
      ["energy delivered>grid 580 delivery", "energy unaccounted>grid 20 unaccounted"],
    ],
    ["the tie metered nothing", 0, 0, -600, ["energy unaccounted>grid 600 unaccounted"]],
    [
      "the tie metered export",
      0,
      10,
      -610,
      ["energy grid>delivered 10 delivery", "energy unaccounted>grid 610 unaccounted"],
    ],
  ])("%s", (_, tieIn, tieOut, unaccounted, transfers) => {
    const { state, event, tie } = settled(tieIn, tieOut);
    expect(event).toMatchObject({ slot: slot(4), unaccounted });
    expect(drawn(event.transfers)).toEqual(transfers);
    expect(tie).toMatchObject({ deviation: 0, transfers: [], imported: tieOut, exported: tieIn });
    expect(state.cleared.size).toBe(0);
    for (const party of [ANNE, BERT, GRID]) expect(energyOf(state, party)).toBe(0n);
    expect(balanceOf(state.ledger, "energy", UNACCOUNTED)).toBe(BigInt(unaccounted));
    expect(balanceOf(state.ledger, "energy", DELIVERED)).toBe(BigInt(-unaccounted));
  });

  test("in whatever order the deliveries come", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([ANNE, BERT, GRID], { minLength: 3 }), (order) => {
        expect(settled(650, 0, order).state.ledger).toEqual(settled(650, 0).state.ledger);
      }),
    );
  });

  test("a market of nobody but the supplier settles on the tie alone", () => {
    const state = foundMarket(RULES);
    obeyed(state, { type: "SetTariff", from: slot(4), tariff: TARIFF, feedIn: FEED_IN }, START);
    obeyed(state, close(slot(4)), LATER);
    expect(only(obeyed(state, report(slot(4), GRID, 0, 7), LATER), "SlotSettled").unaccounted).toBe(7);
  });
});
