import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { greatest, instantMs } from "@micromarket/kernel";
import { clearUniform } from "@micromarket/market";
import {
  apply,
  bookToClear,
  indicative,
  partiesTendering,
  restoreState,
  snapshotText,
  tariffInForce,
  type State,
} from "@micromarket/engine";
import { ANNE, BERT, FEED_IN, minute, obeyed, slot, START, street, submit, TARIFF, tender } from "./street.ts";
import { actions, anyRules, timesOf } from "./traffic.ts";

/** What clearing from scratch would say of a slot, in the indication's words. */
function fromScratch(state: State, number: number): object | null {
  const prices = tariffInForce(state.tariffs, slot(number));
  if (prices === null || (state.closedThrough !== null && slot(number) <= state.closedThrough)) return null;
  const { price, energy, interval } = clearUniform(bookToClear(state, slot(number), prices));
  return { price, energy, interval };
}

describe("the indicative price", () => {
  test("is the price at which the gate closes, however tenders came, went and were replayed", () => {
    let open = 0;
    fc.assert(
      fc.property(anyRules, actions, (rules, list) => {
        const state = street(rules);
        const times = timesOf(list, greatest(state.at, slot(1)));
        for (const [index, action] of list.entries()) {
          const at = times[index] ?? state.at;
          const command = action.command(state, at);
          const before = command.type === "CloseGate" ? indicative(state, command.slot) : null;
          const outcome = apply(state, command, at);
          const closed = outcome.ok ? outcome.events.find((event) => event.type === "GateClosed") : undefined;
          if (closed !== undefined) expect(closed.result).toMatchObject({ ...before });
        }
        const restored = restoreState(snapshotText(state));
        if (!restored.ok) throw new Error(JSON.stringify(restored.error));
        for (let number = 0; number < 12; number++) {
          const expected = fromScratch(state, number);
          expect(indicative(state, slot(number))).toEqual(expected);
          expect(indicative(restored.value, slot(number))).toEqual(expected);
          if ((state.books.get(slot(number))?.tenders.size ?? 0) > 0) open += 1;
        }
      }),
      { numRuns: 300 },
    );
    expect(open).toBeGreaterThan(100);
  });

  test("leaves no trace in the state", () => {
    const state = street();
    obeyed(state, submit(slot(4), tender("b", ANNE, "buy", [200_000, 500])), START);
    const text = snapshotText(state);
    expect(indicative(state, slot(4))).toEqual(indicative(state, slot(4)));
    expect(snapshotText(state)).toBe(text);
  });

  test("counts the residual counterparty at the tariff in force", () => {
    const state = street();
    expect(indicative(state, slot(4))).toEqual({ price: null, energy: 0, interval: { low: FEED_IN, high: TARIFF } });
    obeyed(state, submit(slot(4), tender("b", ANNE, "buy", [TARIFF, 500])), START);
    expect(indicative(state, slot(4))).toMatchObject({ price: TARIFF, energy: 500 });
    obeyed(state, submit(slot(4), tender("s", BERT, "sell", [FEED_IN, 500])), START);
    expect(indicative(state, slot(4))).toMatchObject({ energy: 500, interval: { low: FEED_IN, high: TARIFF } });
  });

  test("who tenders is counted once, and no further than asked", () => {
    const state = street();
    expect(partiesTendering(state, slot(4), 9)).toBe(0);
    obeyed(state, submit(slot(4), tender("b1", ANNE, "buy", [200_000, 500])), START);
    obeyed(state, submit(slot(4), tender("b2", ANNE, "buy", [210_000, 500])), START);
    expect(partiesTendering(state, slot(4), 9)).toBe(1);
    obeyed(state, submit(slot(4), tender("s", BERT, "sell", [FEED_IN, 500])), START);
    expect([9, 2, 1].map((most) => partiesTendering(state, slot(4), most))).toEqual([2, 2, 1]);
    expect(partiesTendering(state, slot(5), 9)).toBe(0);
  });

  test("there is none where no gate is open or no tariff is in force", () => {
    const state = street();
    expect(indicative(state, instantMs(slot(4) + 1))).toBeNull();
    expect(indicative({ ...state, tariffs: [] }, slot(4))).toBeNull();
    obeyed(state, { type: "CloseGate", slot: slot(4) }, minute(55));
    expect(indicative(state, slot(4))).toBeNull();
    expect(indicative(state, slot(5))).not.toBeNull();
  });
});
