/** What a round feeds to a node: seeded groups as a text that a child process reads, and the state that they must lead to. */
import { instantMs, randomStream, type InstantMs } from "@micromarket/kernel";
import { encodeCommand, stateHash, type RefusalCode } from "@micromarket/engine";
import { drawGroups, nestedMarketRules } from "@micromarket/testkit";
import { readFileSync, writeFileSync } from "node:fs";

/** The market of every round. */
export const RULES = nestedMarketRules();

const GROUP_MOST = 8;
/** One group of so many is followed by a snapshot. */
const SNAPSHOT_EVERY = 5;

/** A command as its text in the journal. */
export interface PlannedCommand {
  readonly text: string;
  /** `null` where it is accepted. */
  readonly refusal: RefusalCode | null;
  /** The same of a second copy; one that is accepted changes nothing. */
  readonly again: RefusalCode | null;
}

/** Commands that are executed as one group. */
export interface PlannedGroup {
  readonly at: InstantMs;
  readonly commands: readonly PlannedCommand[];
  /** Whether a snapshot is taken after it. */
  readonly snapshot: boolean;
}

/** All groups of a round. */
export interface Plan {
  readonly groups: readonly PlannedGroup[];
  /** Of the state after the last one. */
  readonly stateHash: string;
}

/** The plan of `count` groups that `seed` and `round` name. */
export function planOf(seed: number, round: number, count: number): Plan {
  const stream = randomStream(seed, "soak", String(round));
  const run = drawGroups(stream.nextUint32(), RULES, count, GROUP_MOST);
  const groups = run.groups.map(({ at, commands, refusals, again }) => ({
    at,
    snapshot: stream.below(SNAPSHOT_EVERY) === 0,
    commands: commands.map((command, index) => ({
      text: encodeCommand(command),
      refusal: refusals[index] ?? null,
      again: again[index] ?? null,
    })),
  }));
  return { groups, stateHash: stateHash(run.state) };
}

export function writePlan(path: string, plan: Plan): void {
  writeFileSync(path, JSON.stringify(plan));
}

export function readPlan(path: string): Plan {
  const plan = JSON.parse(readFileSync(path, "utf8")) as Plan;
  return { ...plan, groups: plan.groups.map((group) => ({ ...group, at: instantMs(group.at) })) };
}
