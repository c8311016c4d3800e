/**
 * Where commands go: the one writer of the market node, and the one that tells the read model what came of them.
 *
 * Invariant: what the read model knows is durable.
 */
import type { Command, Executed, MarketEvent, MarketNode, StateView } from "@micromarket/engine";
import type { InstantMs } from "@micromarket/kernel";
import { GroupCommit, type CommandExecutor } from "@micromarket/store-sqlite";

/** Takes commands for a market node. */
export interface Desk {
  readonly state: StateView;
  /** Settles when all are durable, with one outcome each, however many they are; rejects when the node has failed. */
  submit(commands: readonly Command[]): Promise<readonly Executed[]>;
  /** Executes what waits and takes nothing more. */
  close(): void;
}

/** Hears the events of an accepted command. */
export type EventListener = (events: readonly MarketEvent[], at: InstantMs) => void;

/** Commands of one group: enough for one flush of the disk to carry a street, few enough not to hold up the page. */
const GROUP_MAX = 2_048;

/** The desk of `node`, whose commands `executor` executes: the node itself, or who takes its time. */
export function openDesk(
  node: MarketNode,
  now: () => InstantMs,
  listen: EventListener,
  executor: CommandExecutor<Executed> = node,
): Desk {
  const commit = new GroupCommit(executor, now, { waitingMax: 2 * GROUP_MAX });
  const submitGroup = async (commands: readonly Command[]): Promise<readonly Executed[]> => {
    const outcomes = await Promise.all(commands.map((command) => commit.submit(command)));
    const { at } = node.state;
    for (const outcome of outcomes) {
      if (outcome.ok) listen(outcome.events, at);
    }
    return outcomes;
  };
  return {
    get state() {
      return node.state;
    },
    async submit(commands) {
      const outcomes: Executed[] = [];
      for (let from = 0; from < commands.length; from += GROUP_MAX) {
        outcomes.push(...(await submitGroup(commands.slice(from, from + GROUP_MAX))));
      }
      return outcomes;
    },
    close: () => commit.close(),
  };
}
