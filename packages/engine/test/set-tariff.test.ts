import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { instantMs, priceMicro } from "@micromarket/kernel";
import {
  foundMarket,
  PRICE_MAX,
  tariffInForce,
  TARIFFS_MAX,
  type Command,
  type RefusalCode,
} from "@micromarket/engine";
import { minute, obeyed, only, refused, RULES, rulesWith, slot, street } from "./street.ts";

const setTariff = (from: number, tariff: number, feedIn: number): Command => ({
  type: "SetTariff",
  from: instantMs(from),
  tariff: priceMicro(tariff),
  feedIn: priceMicro(feedIn),
});
const close = (count: number): Command => ({ type: "CloseGate", slot: slot(count) });

describe("SetTariff", () => {
  // by descending precedence: every line has the faults of the lines below it as well, as far as they go together
  test.each<[RefusalCode, object, Command]>([
    ["SLOT_MISALIGNED", { slot: slot(4) + 1 }, setTariff(slot(4) + 1, 1_000_001, 1_000_002)],
    ["TARIFF_BELOW_FEED_IN", {}, setTariff(slot(4), 1_000_001, 1_000_002)],
    ["TARIFF_OUT_OF_BAND", { price: 1_000_001 }, setTariff(slot(4), 1_000_001, -500_001)],
    ["TARIFF_OUT_OF_BAND", { price: -500_001 }, setTariff(slot(4), 300_001, -500_001)],
    ["TARIFF_OFF_TICK", { price: 300_001 }, setTariff(slot(4), 300_001, 79_999)],
    ["TARIFF_OFF_TICK", { price: 79_999 }, setTariff(slot(4), 300_000, 79_999)],
    ["TARIFF_IN_THE_PAST", { closedThrough: slot(4) }, setTariff(slot(4), 300_000, 80_000)],
  ])("refuses with %s %j", (code, payload, command) => {
    const state = street();
    obeyed(state, close(4), minute(55));
    expect(refused(state, command, minute(55))).toMatchObject({ code, ...payload });
  });

  test("refuses one change more than the list may hold, but replaces one that is there", () => {
    const state = street();
    const prices = { tariff: priceMicro(300_000), feedIn: priceMicro(80_000) };
    for (let count = 5; state.tariffs.length < TARIFFS_MAX; count++)
      state.tariffs.push({ from: slot(count), ...prices });
    const last = state.tariffs.at(-1)?.from ?? 0;
    const beyond = setTariff(last + (slot(5) - slot(4)), 300_000, 80_000);
    expect(refused(state, beyond, minute(0))).toEqual({ code: "TARIFFS_TOO_MANY", most: TARIFFS_MAX });
    obeyed(state, setTariff(last, 400_000, 80_000), minute(0));
  });

  test("a market without a band still has a highest and a lowest price", () => {
    const state = foundMarket(rulesWith({}, { priceFloor: null, priceCap: null }));
    const beyond = PRICE_MAX + 10_000;
    expect(refused(state, setTariff(0, beyond, 0), minute(0))).toMatchObject({
      code: "TARIFF_OUT_OF_BAND",
      price: beyond,
    });
    expect(refused(state, setTariff(0, 0, -beyond), minute(0))).toMatchObject({
      code: "TARIFF_OUT_OF_BAND",
      price: -beyond,
    });
    obeyed(state, setTariff(0, PRICE_MAX, -PRICE_MAX), minute(0));
  });

  test("holds from its instant until a later entry takes over; the same instant is set anew", () => {
    const state = foundMarket(RULES);
    obeyed(state, setTariff(slot(4), 300_000, 80_000), minute(0));
    obeyed(state, setTariff(slot(6), 400_000, 80_000), minute(0));
    obeyed(state, setTariff(slot(5), 350_000, 80_000), minute(0));
    obeyed(state, setTariff(slot(6), 500_000, 90_000), minute(0));
    const tariffs = [4, 5, 6, 7].map((count) => only(obeyed(state, close(count), minute(300)), "GateClosed").tariff);
    expect(tariffs).toEqual([300_000, 350_000, 500_000, 500_000]);
    expect(state.tariffs).toEqual([{ from: slot(6), tariff: 500_000, feedIn: 90_000 }]);
  });

  test("the list answers like a search through all that was ever set, and forgets only what is past", () => {
    const entries = fc.array(fc.tuple(fc.nat(20), fc.integer({ min: 0, max: 20 })), { maxLength: 12 });
    fc.assert(
      fc.property(entries, fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 5 }), (list, gates) => {
        const state = foundMarket(RULES);
        const ever = new Map<number, number>();
        for (const [count, price] of list) {
          obeyed(state, setTariff(slot(count), price * 10_000, 0), minute(0));
          ever.set(count, price * 10_000);
        }
        let next = 0;
        for (const step of gates) {
          next += step;
          const froms = [...ever.keys()].filter((from) => from <= next);
          const wanted = froms.length === 0 ? null : (ever.get(Math.max(...froms)) ?? null);
          expect(tariffInForce(state.tariffs, slot(next))?.tariff ?? null).toBe(wanted);
          if (wanted === null) expect(refused(state, close(next), minute(1_000))?.code).toBe("TARIFF_MISSING");
          else obeyed(state, close(next), minute(1_000));
        }
        expect(
          state.tariffs.filter(({ from }) => state.closedThrough !== null && from <= state.closedThrough).length,
        ).toBeLessThanOrEqual(1);
      }),
    );
  });
});
