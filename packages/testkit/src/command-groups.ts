/**
 * A seeded run of command groups with what becomes of each command, for tests in which the sender does not hear the
 * answer and sends a group again.
 *
 * Invariant: a group that is executed twice at its instant changes nothing the second time. Its refused commands come
 * last for that reason: what refuses them is the state that the whole group leaves, so it refuses them again.
 */
import { durationMs, instantMs, randomStream, type InstantMs, type RandomStream } from "@micromarket/kernel";
import {
  apply,
  foundMarket,
  type Command,
  type MarketRules,
  type Outcome,
  type RefusalCode,
  type State,
} from "@micromarket/engine";
import { drawCommand } from "./command-table.ts";
import { NOON } from "./market-builders.ts";

/** Commands that arrive together. */
export interface CommandGroup {
  readonly at: InstantMs;
  readonly commands: readonly Command[];
  /** One per command: `null` where it is accepted. */
  readonly refusals: readonly (RefusalCode | null)[];
  /** The same for a second copy of the whole group. */
  readonly again: readonly (RefusalCode | null)[];
}

/** A run of groups and the state that it leads to. */
export interface GroupRun {
  readonly groups: readonly CommandGroup[];
  readonly state: State;
}

/** Draws `count` groups of one to `most` commands for a market founded on `rules`. */
export function drawGroups(seed: number, rules: MarketRules, count: number, most: number): GroupRun {
  const stream = randomStream(seed, "command groups");
  const state = foundMarket(rules);
  let [number, now] = [0, NOON];
  const fresh = (): number => (number += 1);
  const groups = Array.from({ length: count }, (): CommandGroup => {
    now = instantMs(now + durationMs(stream.below(180_000)));
    return drawGroup(state, now, stream, stream.between(1, most), fresh);
  });
  return { groups, state };
}

function drawGroup(state: State, at: InstantMs, stream: RandomStream, size: number, fresh: () => number): CommandGroup {
  const accepted: Command[] = [];
  let refused: { readonly command: Command; readonly code: RefusalCode }[] = [];
  while (accepted.length + refused.length < size) {
    const command = drawCommand({ state, now: at, stream, fresh });
    if (command === null) continue;
    const outcome = apply(state, command, at);
    if (outcome.ok) accepted.push(command);
    else refused.push({ command, code: outcome.refusal.code });
  }
  for (let moved = true; moved;) {
    moved = false;
    const before = refused;
    refused = [];
    for (const { command } of before) {
      const outcome = apply(state, command, at);
      if (!outcome.ok) refused.push({ command, code: outcome.refusal.code });
      else moved = accepted.push(command) > 0;
    }
  }
  const commands = [...accepted, ...refused.map(({ command }) => command)];
  return {
    at,
    commands,
    refusals: [...accepted.map(() => null), ...refused.map(({ code }) => code)],
    again: commands.map((command) => refusalOf(apply(state, command, at))),
  };
}

function refusalOf(outcome: Outcome): RefusalCode | null {
  return outcome.ok ? null : outcome.refusal.code;
}
