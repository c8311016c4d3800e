/**
 * How long things take, measured at the edges: around the journal and around the node, in no pure floor.
 *
 * Invariant: what is measured changes nothing of what is done.
 */
import type { Command, Journal, JournalEntry, MarketNode, Executed } from "@micromarket/engine";
import type { InstantMs } from "@micromarket/kernel";
import type { CommandExecutor } from "@micromarket/store-sqlite";

/** Hears of durations, in seconds. */
export interface Timekeeper {
  readonly clearingTook: (seconds: number) => void;
  readonly ledgerWriteTook: (seconds: number) => void;
}

/** Times one node and its journal. */
export class Stopwatch {
  readonly #elapsedMs: () => number;
  #listener: Timekeeper | null = null;
  #writtenMs = 0;

  /** @param elapsedMs milliseconds on a timer that never goes back */
  constructor(elapsedMs: () => number) {
    this.#elapsedMs = elapsedMs;
  }

  /** From now on `listener` is told. */
  report(listener: Timekeeper): void {
    this.#listener = listener;
  }

  /** `journal`, whose groups are timed until they are durable. */
  journal(journal: Journal): Journal {
    return {
      append: (entries: readonly JournalEntry[]) => {
        const startedMs = this.#elapsedMs();
        journal.append(entries);
        const tookMs = this.#elapsedMs() - startedMs;
        this.#writtenMs += tookMs;
        this.#listener?.ledgerWriteTook(tookMs / 1_000);
      },
      read: (from) => journal.read(from),
      last: () => journal.last(),
      saveSnapshot: (snapshot) => journal.saveSnapshot(snapshot),
      latestSnapshot: () => journal.latestSnapshot(),
      base: () => journal.base(),
      prune: (base) => journal.prune(base),
      close: () => journal.close(),
    };
  }

  /** `node`, which is timed where it clears a book; the writing is not counted. */
  node(node: MarketNode): CommandExecutor<Executed> {
    return {
      execute: (commands: readonly Command[], at: InstantMs) => {
        const [startedMs, writtenMs] = [this.#elapsedMs(), this.#writtenMs];
        const outcomes = node.execute(commands, at);
        const isClearing = commands.length === 1 && commands[0]?.type === "CloseGate" && outcomes[0]?.ok === true;
        const tookMs = this.#elapsedMs() - startedMs - (this.#writtenMs - writtenMs);
        if (isClearing) this.#listener?.clearingTook(tookMs / 1_000);
        return outcomes;
      },
    };
  }
}
