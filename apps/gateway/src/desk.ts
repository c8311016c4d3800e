/**
 * Where commands go: the one writer of the market node, and the one that tells the read model what came of them.
 *
 * Invariant: what the read model knows is durable.
 */
import type { Command, MarketEvent, MarketNode, Outcome, StateView } from "@micromarket/engine";
import type { InstantMs } from "@micromarket/kernel";
import { GroupCommit } from "@micromarket/store-sqlite";

/** Takes commands for a market node. */
export interface Desk {
  readonly state: StateView;
  /** Settles when all are durable, with one outcome each; rejects when the node has failed. */
  submit(commands: readonly Command[]): Promise<readonly Outcome[]>;
  /** Executes what waits and takes nothing more. */
  close(): void;
}

/** Hears the events of an accepted command. */
export type EventListener = (events: readonly MarketEvent[], at: InstantMs) => void;

/** Two tenders and a delivery of as many homes as a file may have. */
const WAITING_MAX = 32_768;

/** The desk of `node`. */
export function openDesk(node: MarketNode, now: () => InstantMs, listen: EventListener): Desk {
  const commit = new GroupCommit(node, now, { waitingMax: WAITING_MAX });
  return {
    get state() {
      return node.state;
    },
    async submit(commands) {
      const outcomes = await Promise.all(commands.map((command) => commit.submit(command)));
      const { at } = node.state;
      for (const outcome of outcomes) {
        if (outcome.ok) listen(outcome.events, at);
      }
      return outcomes;
    },
    close: () => commit.close(),
  };
}
