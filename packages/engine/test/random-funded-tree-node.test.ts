import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { greatest } from "@micromarket/kernel";
import {
  apply,
  decodeCommand,
  encodeCommand,
  restoreState,
  snapshotText,
  stateHash,
  violatedInvariants,
} from "@micromarket/engine";
import { FundedBookkeeper } from "@micromarket/testkit";
import { anyFundedRules, fundedActions, fundedStreet, SETTLEMENT } from "./funded-street.ts";
import { GRID, slot } from "./street.ts";
import { timesOf } from "./traffic.ts";
import { withTree } from "./tree-traffic.ts";

test.each(["market", "tariff"] as const)(
  "whatever a market with settlement below a %s and above others is told, every account is the bookkeeper's",
  (above) => {
    const seen = new Map<string, number>();
    const node = { above, positionSteps: 4, membersMin: 2 };
    fc.assert(
      fc.property(anyFundedRules, withTree(fundedActions), (plain, list) => {
        const rules = { ...plain, node };
        const { settlement = SETTLEMENT } = rules;
        const bookkeeper = new FundedBookkeeper(GRID, settlement);
        const live = fundedStreet(rules, (event, at) => void bookkeeper.note(event, at));
        const replayed = fundedStreet(rules, () => undefined);
        const times = timesOf(list, greatest(live.at, slot(1)));
        for (const [index, action] of list.entries()) {
          const at = times[index] ?? live.at;
          const command = action.command(live, at);
          const outcome = apply(live, command, at);
          if (outcome.ok) {
            if (command.type === "ApplyAward") bookkeeper.noteAward(command);
            const read = decodeCommand(encodeCommand(command));
            expect(read.ok && apply(replayed, read.value, at)).toEqual(outcome);
          }
          for (const event of outcome.ok ? outcome.events : []) {
            bookkeeper.note(event, live);
            const name = event.type === "GateClosed" ? (event.node?.mode ?? "none") : event.type;
            seen.set(name, (seen.get(name) ?? 0) + 1);
          }
          const faults = [...violatedInvariants(live), ...bookkeeper.differences(live)];
          if (faults.length > 0) throw new Error(`${command.type}: ${faults.join("\n")}`);
        }
        expect(stateHash(replayed)).toBe(stateHash(live));
        const restored = restoreState(snapshotText(live));
        expect(restored.ok && stateHash(restored.value)).toBe(stateHash(live));
      }),
      { numRuns: 400 },
    );
    const modes = above === "market" ? ["award", "islanded", "fallback-island", "fallback-tariff"] : ["tariff"];
    for (const name of [...modes, "PositionAccepted", "DeliveryEstimated", "DeliveryTruedUp", "SlotSettled"]) {
      expect({ name, often: (seen.get(name) ?? 0) > 20 }).toEqual({ name, often: true });
    }
  },
);
