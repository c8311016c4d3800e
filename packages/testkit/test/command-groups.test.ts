import { expect, test } from "@jest/globals";
import { apply, foundMarket, snapshotText, stateHash, violatedInvariants, type Command } from "@micromarket/engine";
import { COMMAND_TABLE, drawGroups, nestedMarketRules } from "@micromarket/testkit";

const SEEDS = [1, 2, 3, 4, 5, 6];
const rules = nestedMarketRules();
const runOf = (seed: number) => drawGroups(seed, rules, 150, 8);

test("every type of command is accepted, and most types are refused as well", () => {
  const accepted = new Map<Command["type"], number>();
  const refused = new Set<Command["type"]>();
  for (const { commands, refusals } of SEEDS.flatMap((seed) => runOf(seed).groups)) {
    commands.forEach(({ type }, index) => {
      if (refusals[index] === null) accepted.set(type, (accepted.get(type) ?? 0) + 1);
      else refused.add(type);
    });
  }
  for (const type of Object.keys(COMMAND_TABLE) as Command["type"][]) {
    expect({ type, often: (accepted.get(type) ?? 0) > 5 }).toEqual({ type, often: true });
  }
  expect(refused.size).toBeGreaterThan(6);
});

test("a group that is sent again does not happen twice", () => {
  for (const seed of SEEDS) {
    const run = runOf(seed);
    const state = foundMarket(rules);
    for (const { at, commands, refusals, again } of run.groups) {
      for (const [index, command] of commands.entries()) {
        const outcome = apply(state, command, at);
        expect(outcome.ok ? null : outcome.refusal.code).toBe(refusals[index]);
      }
      const once = snapshotText(state);
      for (const [index, command] of commands.entries()) {
        const { type } = command;
        const second = apply(state, command, at);
        expect(second.ok ? null : second.refusal.code).toBe(again[index]);
        if (second.ok) expect({ type, met: COMMAND_TABLE[type].sentAgain }).toEqual({ type, met: "accepted" });
      }
      expect(snapshotText(state)).toBe(once);
    }
    expect(violatedInvariants(state)).toEqual([]);
    expect(stateHash(state)).toBe(stateHash(run.state));
  }
});

test("one seed, one run", () => {
  expect(runOf(4).groups).toEqual(runOf(4).groups);
  expect(stateHash(runOf(4).state)).not.toBe(stateHash(runOf(5).state));
});
