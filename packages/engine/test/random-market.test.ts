import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  apply,
  decodeCommand,
  encodeCommand,
  restoreState,
  snapshotText,
  stateHash,
  violatedInvariants,
} from "@micromarket/engine";
import { Bookkeeper } from "./bookkeeper.ts";
import { GRID, street } from "./street.ts";
import { actions, anyRules, runActions as run } from "./traffic.ts";

const ignore = (): void => undefined;

describe("whatever a market is told", () => {
  test("money and energy are exact, to the last unit, after every command", () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(anyRules, actions, (rules, list) => {
        const state = street(rules);
        const bookkeeper = new Bookkeeper(GRID);
        run(state, list, ({ outcome }) => {
          const events = outcome.ok ? outcome.events : [];
          for (const event of events) bookkeeper.note(event);
          for (const { type } of events) seen.set(type, (seen.get(type) ?? 0) + 1);
          const faults = [...violatedInvariants(state), ...bookkeeper.differences(state)];
          if (faults.length > 0) throw new Error(faults.join("\n"));
        });
      }),
      { numRuns: 2_000 },
    );
    // the traffic is worth something only if it gets far
    for (const type of ["GateClosed", "TenderCancelled", "DeliveryPosted", "SlotSettled"]) {
      expect({ type, often: (seen.get(type) ?? 0) > 500 }).toEqual({ type, often: true });
    }
  });

  test("a refusal changes nothing", () => {
    fc.assert(
      fc.property(anyRules, actions, (rules, list) => {
        const state = street(rules);
        let text = snapshotText(state);
        run(state, list, ({ outcome }) => {
          const now = snapshotText(state);
          if (!outcome.ok && now !== text) throw new Error(`${outcome.refusal.code} changed the state`);
          text = now;
        });
      }),
      { numRuns: 500 },
    );
  });

  test("replaying the accepted commands, read back from their texts, gives the same state", () => {
    fc.assert(
      fc.property(anyRules, actions, (rules, list) => {
        const live = street(rules);
        const replayed = street(rules);
        for (const { command, at, outcome } of run(live, list, ignore)) {
          if (!outcome.ok) continue;
          const read = decodeCommand(encodeCommand(command));
          expect(read.ok && apply(replayed, read.value, at)).toEqual(outcome);
        }
        expect(stateHash(replayed)).toBe(stateHash(live));
      }),
      { numRuns: 300 },
    );
  });

  test("a state restored from its snapshot has the same hash and behaves the same from there on", () => {
    fc.assert(
      fc.property(anyRules, actions, actions, (rules, first, second) => {
        const live = street(rules);
        run(live, first, ignore);
        const restored = restoreState(snapshotText(live));
        if (!restored.ok) throw new Error(JSON.stringify(restored.error));
        expect(stateHash(restored.value)).toBe(stateHash(live));
        run(live, second, ({ command, at, outcome }) => {
          expect(apply(restored.value, command, at)).toEqual(outcome);
        });
        expect(snapshotText(restored.value)).toBe(snapshotText(live));
      }),
      { numRuns: 300 },
    );
  });
});
