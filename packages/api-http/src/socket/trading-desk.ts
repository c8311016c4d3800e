/** Where orders go: a port. The gateway implements it over its one writer; the API asks it and nothing else. */
import type { Command, Executed, MarketRules } from "@micromarket/engine";
import type { OrderArchiveView } from "@micromarket/protocol";

/** Takes commands, durably. */
export interface TradingDesk {
  readonly rules: MarketRules;
  /** Whether the market takes orders now. */
  readonly isTrading: () => boolean;
  /**
   * Settles when all are durable and in the archive, with one outcome each, in order. Rejects with an error named
   * `QueueFull` (nothing happened to them), `GroupCommitClosed` (neither), or another one where the node has failed.
   */
  readonly submit: (commands: readonly Command[]) => Promise<readonly Executed[]>;
  /** The same for what the operator says: with the operator's signature where the market takes signed commands only. */
  readonly direct: (commands: readonly Command[]) => Promise<readonly Executed[]>;
  /** What became of orders, by party. */
  readonly archive: OrderArchiveView;
}
