import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  apply,
  decodeCommand,
  encodeCommand,
  fundsOf,
  restoreState,
  snapshotText,
  stateHash,
  violatedInvariants,
  type MarketRules,
} from "@micromarket/engine";
import { FundedBookkeeper } from "@micromarket/testkit";
import { anyFundedRules, commandsOf, fundedActions, fundedStreet, SETTLEMENT, slotStory } from "./funded-street.ts";
import { GRID, slot } from "./street.ts";
import { runActions as run } from "./traffic.ts";

const ignore = (): void => undefined;

const keeperOf = ({ settlement = SETTLEMENT }: MarketRules): FundedBookkeeper => new FundedBookkeeper(GRID, settlement);

describe("whatever a market with settlement is told", () => {
  test("everybody has what its own trades, readings and payments come to, to the last unit, after every command", () => {
    const seen = new Map<string, number>();
    const count = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);
    fc.assert(
      fc.property(anyFundedRules, fundedActions, (rules, list) => {
        const bookkeeper = keeperOf(rules);
        const state = fundedStreet(rules, (event, at) => void bookkeeper.note(event, at));
        run(state, list, ({ outcome }) => {
          for (const event of outcome.ok ? outcome.events : []) {
            bookkeeper.note(event, state);
            count(event.type);
          }
          if (!outcome.ok) count(outcome.refusal.code);
          const faults = [...violatedInvariants(state), ...bookkeeper.differences(state)];
          if (faults.length > 0) throw new Error(faults.join("\n"));
        });
      }),
      { numRuns: 2_000 },
    );
    // the traffic is worth something only if it gets far
    for (const what of [
      ...["SlotSettled", "DeliveryEstimated", "DeliveryTruedUp", "MeterRead", "CreditLineSet", "PaidOut"],
      ...["FUNDS_INSUFFICIENT", "TenderCancelled"],
    ]) {
      expect({ what, often: (seen.get(what) ?? 0) > 100 }).toEqual({ what, often: true });
    }
  });

  test("the same slot after slot, with trades that are not kept, readings that are late and some that never come", () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(anyFundedRules, fc.array(slotStory, { minLength: 1, maxLength: 6 }), (rules, stories) => {
        const bookkeeper = keeperOf(rules);
        const state = fundedStreet(rules, (event, at) => void bookkeeper.note(event, at));
        for (const [index, story] of stories.entries()) {
          for (const { command, at } of commandsOf(story, slot(index + 1))) {
            const outcome = apply(state, command, at);
            for (const event of outcome.ok ? outcome.events : []) {
              bookkeeper.note(event, state);
              const reasons = "transfers" in event ? new Set(event.transfers?.map(({ reason }) => reason)) : [];
              for (const reason of reasons) seen.set(reason, (seen.get(reason) ?? 0) + 1);
            }
            const faults = [...violatedInvariants(state), ...bookkeeper.differences(state)];
            if (faults.length > 0) throw new Error(faults.join("\n"));
          }
        }
      }),
      { numRuns: 1_000 },
    );
    for (const what of ["shortfall", "deviation", "adjustment", "levy", "penalty", "arrears", "trade"]) {
      expect({ what, often: (seen.get(what) ?? 0) > 100 }).toEqual({ what, often: true });
    }
  });

  test("a tender that would cost more than its party has is refused, whatever else happens", () => {
    fc.assert(
      fc.property(anyFundedRules, fundedActions, (rules, list) => {
        const state = fundedStreet(rules, ignore);
        run(state, list, ({ command, outcome }) => {
          const held = outcome.ok
            ? outcome.events.some((event) => event.type === "TenderAccepted" && event.held !== undefined)
            : false;
          if (!held || command.type !== "SubmitTender") return;
          const { party } = command.tender;
          if ((fundsOf(state, party) ?? 0n) < 0n) throw new Error(`${party} promised more than it has`);
        });
      }),
      { numRuns: 300 },
    );
  });

  test("a refusal changes nothing; replay and snapshot lead to the same state", () => {
    fc.assert(
      fc.property(anyFundedRules, fundedActions, fundedActions, (rules, first, second) => {
        const live = fundedStreet(rules, ignore);
        const replayed = fundedStreet(rules, ignore);
        let text = snapshotText(live);
        run(live, first, ({ command, at, outcome }) => {
          const now = snapshotText(live);
          if (!outcome.ok && now !== text) throw new Error(`${outcome.refusal.code} changed the state`);
          text = now;
          if (!outcome.ok) return;
          const read = decodeCommand(encodeCommand(command));
          expect(read.ok && apply(replayed, read.value, at)).toEqual(outcome);
        });
        expect(stateHash(replayed)).toBe(stateHash(live));
        const restored = restoreState(snapshotText(live));
        if (!restored.ok) throw new Error(JSON.stringify(restored.error));
        run(live, second, ({ command, at, outcome }) => {
          expect(apply(restored.value, command, at)).toEqual(outcome);
        });
        expect(snapshotText(restored.value)).toBe(snapshotText(live));
      }),
      { numRuns: 300 },
    );
  });
});
