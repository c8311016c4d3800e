import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { wattHours, type PartyId } from "@micromarket/kernel";
import {
  arrearsAccount,
  decodeCommand,
  encodeCommand,
  apply,
  partyAccount,
  restoreState,
  snapshotText,
  stateHash,
  violatedInvariants,
  type Command,
} from "@micromarket/engine";
import { balance, fundedRules } from "./funded-street.ts";
import { ANNE, BERT, GRID, minute, only, report, RULES, slot, START, submit, tender } from "./street.ts";
import { BOT, UTILITY, CENT, FUNDS, withBoth, traded, energyOf, moneyOf, imbalances } from "./unmetered-street.ts";

const order = fc.tuple(
  fc.constantFrom(ANNE, BERT, BOT, UTILITY),
  fc.constantFrom("buy" as const, "sell" as const),
  fc.integer({ min: -20, max: 60 }),
  fc.integer({ min: 1, max: 900 }),
);
const counted = fc.integer({ min: 0, max: 900 });
const anyStory = fc.record({
  orders: fc.array(order, { maxLength: 8 }),
  anne: fc.tuple(counted, counted),
  bert: fc.tuple(counted, counted),
  tie: fc.tuple(counted, counted),
});
const anyRules = fc
  .record({
    settled: fc.option(fc.constantFrom(...imbalances)),
    importLimit: fc.constantFrom(0, 300, 10_000).map(wattHours),
    exportLimit: fc.constantFrom(0, 300, 10_000).map(wattHours),
  })
  .map(({ settled, importLimit, exportLimit }) => {
    const base = settled === null ? RULES : fundedRules({ imbalance: settled });
    return { ...base, residual: { party: GRID, importLimit, exportLimit } };
  });

describe("whatever is traded and metered", () => {
  test("energy and money are conserved, every slot settles, no trader gains by an open position or owes anything", () => {
    const seen = { open: 0, scheduled: 0, scarce: 0 };
    fc.assert(
      fc.property(anyRules, anyStory, (rules, { orders, anne, bert, tie }) => {
        const state = withBoth(rules);
        const before = moneyOf(state, BOT);
        const events = traded(state, orders, [
          [ANNE, ...anne],
          [BERT, ...bert],
          [GRID, ...tie],
        ]);
        const { result, owners } = only(events, "GateClosed");
        const net = (party: PartyId): number =>
          result.trades.reduce((sum, { buy, sell, energy }) => {
            return sum + (owners.get(buy) === party ? energy : 0) - (owners.get(sell) === party ? energy : 0);
          }, 0);
        if (net(BOT) !== 0) seen.open += 1;
        if (net(UTILITY) !== 0) seen.scheduled += 1;
        if ((result.price ?? 0) > 300_000 && net(BOT) < 0) seen.scarce += 1;
        const gained = moneyOf(state, BOT) - before;
        expect(net(BOT) === 0 ? gained === 0n : gained <= 0n).toBe(true);
        expect(balance(state, arrearsAccount(BOT)) ?? 0n).toBe(0n);
        // a utility has the worth of its trades, to the last unit
        const funds = rules.settlement === undefined ? 0n : FUNDS;
        expect(moneyOf(state, UTILITY)).toBe(funds - BigInt(result.price ?? 0) * BigInt(net(UTILITY)));
        // what the tie brought is what the meters took, and what nobody accounts for: a schedule changes nothing of it
        const taken = anne[0] - anne[1] + bert[0] - bert[1];
        const unaccounted = tie[1] - tie[0] - taken;
        expect(only(events, "SlotSettled").unaccounted).toBe(unaccounted);
        expect(energyOf(state, partyAccount(BOT))).toBe(0n);
        expect(state.cleared.size).toBe(0);
        expect(violatedInvariants(state)).toEqual([]);
      }),
      { numRuns: 600 },
    );
    expect(Object.entries(seen).filter(([, often]) => often < 10)).toEqual([]);
  });

  test("a replay of the texts and a restored snapshot come to the same state at every point", () => {
    fc.assert(
      fc.property(anyRules, anyStory, (rules, { orders, anne, bert, tie }) => {
        const [live, replayed] = [withBoth(rules), withBoth(rules)];
        let restored = withBoth(rules);
        const tell = (command: Command, at: ReturnType<typeof minute>): void => {
          const outcome = apply(live, command, at);
          const read = decodeCommand(encodeCommand(command));
          expect(read.ok && apply(replayed, read.value, at)).toEqual(outcome);
          const again = restoreState(snapshotText(restored));
          if (!again.ok) throw new Error(JSON.stringify(again.error));
          restored = again.value;
          expect(apply(restored, command, at)).toEqual(outcome);
          expect([stateHash(replayed), stateHash(restored)]).toEqual([stateHash(live), stateHash(live)]);
        };
        for (const [index, [party, side, cents, energy]] of orders.entries())
          tell(submit(slot(1), tender(`${party}/${index}`, party, side, [cents * CENT, energy])), START);
        tell({ type: "CloseGate", slot: slot(1) }, minute(10));
        for (const [party, [imported, exported]] of [
          [ANNE, anne],
          [BERT, bert],
          [GRID, tie],
        ] as const)
          tell(report(slot(1), party, imported, exported), minute(30));
        expect(live.cleared.size).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});
