/** A market's journal with what came of each entry, as an archive of orders is fed with it. */
import { openNode, type Journal, type MarketNode, type MarketRules, type Snapshot } from "@micromarket/engine";
import type { ArchivedEntry } from "@micromarket/protocol";
import { instantMs, randomStream } from "@micromarket/kernel";
import { drawGroups, type CommandGroup } from "./command-groups.ts";
import { nestedMarketRules } from "./command-table.ts";
import { marketRules, NOON, registerParty, setTariff } from "./market-builders.ts";
import { createMeterReader, createOperator, createTrader, HOMES } from "./market-traffic.ts";
import { createMemoryDisk, createMemoryJournal, type MemoryDisk } from "./memory-journal.ts";
import { pick } from "./random-book.ts";

/** Executes the group on the node; its accepted commands as entries. */
export function executeGroup(
  node: MarketNode,
  { commands, at }: Pick<CommandGroup, "commands" | "at">,
): readonly ArchivedEntry[] {
  let { sequence } = node.head;
  const outcomes = node.execute(commands, at);
  const { head } = node;
  return commands.flatMap((command, index): readonly ArchivedEntry[] => {
    const outcome = outcomes[index];
    if (outcome?.ok !== true) return [];
    sequence += 1;
    const hash = sequence === head.sequence ? head.hash : null;
    return [{ sequence, at: node.state.at, hash, command, events: outcome.events }];
  });
}

/** A market that was run. */
export interface ArchivedMarket {
  readonly rules: MarketRules;
  readonly disk: MemoryDisk;
  readonly journal: Journal;
  /** The state after each group, by its last entry. */
  readonly snapshots: ReadonlyMap<number, Snapshot>;
  /** Group by group. */
  readonly groups: readonly (readonly ArchivedEntry[])[];
}

/** Runs a market with every type of command for `count` groups of at most `most`. */
export function runArchivedMarket(seed: number, count: number, most: number): ArchivedMarket {
  const rules = nestedMarketRules();
  return execute(rules, drawGroups(seed, rules, count, most).groups);
}

/** Runs a street that trades, clears and delivers for `count` groups of at most `most`. */
export function runArchivedStreet(seed: number, count: number, most: number): ArchivedMarket {
  const rules = marketRules();
  const stream = randomStream(seed, "archived street");
  const sources = [
    createOperator("office", rules, stream),
    createMeterReader(rules, stream),
    ...["red", "blue"].map((name) => createTrader(name, rules, stream)),
  ];
  let now = NOON;
  const groups = Array.from({ length: count }, () => {
    now = instantMs(now + stream.below(120_000));
    const commands = Array.from({ length: stream.between(1, most) }, () => pick(stream, sources).next(now));
    return { at: now, commands: commands.filter((command) => command !== null) };
  });
  const founding = { at: NOON, commands: [...HOMES.map(registerParty), setTariff(NOON, 300_000, 80_000)] };
  return execute(rules, [founding, ...groups]);
}

function execute(rules: MarketRules, groups: readonly Pick<CommandGroup, "commands" | "at">[]): ArchivedMarket {
  const disk = createMemoryDisk();
  const journal = createMemoryJournal(disk);
  const opened = openNode(rules, journal);
  if (!opened.ok) throw new Error(opened.error.code);
  const node = opened.value;
  const snapshots = new Map<number, Snapshot>();
  const archived = groups.map((group) => {
    const entries = executeGroup(node, group);
    const snapshot = node.snapshot();
    snapshots.set(snapshot.sequence, snapshot);
    return entries;
  });
  disk.snapshots = []; // who opens the journal takes its own
  return { rules, disk, journal, snapshots, groups: archived.filter((group) => group.length > 0) };
}
