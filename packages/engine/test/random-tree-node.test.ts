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
import { rulesWith, slot, street } from "./street.ts";
import { actions, timesOf } from "./traffic.ts";
import { withTree } from "./tree-traffic.ts";

test("whatever a market below a market is told, its books hold, and replay and snapshot say the same", () => {
  const seen = new Map<string, number>();
  const rules = rulesWith({ node: { above: "market", positionSteps: 4, membersMin: 2 } });
  fc.assert(
    fc.property(withTree(actions), (list) => {
      const [live, replayed] = [street(rules), street(rules)];
      const times = timesOf(list, greatest(live.at, slot(1)));
      for (const [index, action] of list.entries()) {
        const at = times[index] ?? live.at;
        const command = action.command(live, at);
        const outcome = apply(live, command, at);
        const faults = violatedInvariants(live);
        if (faults.length > 0) throw new Error(`${command.type}: ${faults.join("\n")}`);
        if (!outcome.ok) continue;
        const read = decodeCommand(encodeCommand(command));
        expect(read.ok && apply(replayed, read.value, at)).toEqual(outcome);
        for (const event of outcome.events) {
          const name = event.type === "GateClosed" ? (event.node?.mode ?? "none") : event.type;
          seen.set(name, (seen.get(name) ?? 0) + 1);
        }
      }
      expect(stateHash(replayed)).toBe(stateHash(live));
      const restored = restoreState(snapshotText(live));
      expect(restored.ok && stateHash(restored.value)).toBe(stateHash(live));
    }),
    { numRuns: 400 },
  );
  for (const name of ["award", "islanded", "fallback-island", "fallback-tariff", "PositionAccepted", "SlotSettled"]) {
    expect({ name, often: (seen.get(name) ?? 0) > 20 }).toEqual({ name, often: true });
  }
});
