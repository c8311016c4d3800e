/**
 * A running market node: the state, driven over a journal.
 *
 * Invariants: an outcome is handed out only after its entry is durable; the journal holds accepted commands only, in the
 * order in which they were applied; after any exception the state is unknown, so the node hands out nothing more until
 * it is opened anew.
 */
import { verifyInJavaScript, type Verify } from "@micromarket/identity";
import { sha256InJavaScript, type InstantMs, type Sha256 } from "@micromarket/kernel";
import { linkEntries, type ChainedFields, type ChainHead } from "@micromarket/ledger";
import { apply } from "./apply.ts";
import type { Command } from "./command.ts";
import { encodeCommand } from "./command-text.ts";
import type { Journal, Snapshot } from "./journal.ts";
import type { Libraries } from "./libraries.ts";
import type { Executed } from "./outcome.ts";
import type { NodePosition } from "./replay.ts";
import { hashOfSnapshot, snapshotText } from "./snapshot.ts";
import type { State, StateView } from "./state.ts";

/** Thrown by a node that has failed. `cause` is what made it fail; open the node anew from its journal. */
export class NodeFailure extends Error {
  override readonly name = "NodeFailure";
}

/** One microgrid's market. Made by `openNode`. The only writer of its journal. */
export class MarketNode {
  readonly #state: State;
  readonly #journal: Journal;
  readonly #sha256: Sha256;
  readonly #verify: Verify;
  #head: ChainHead;
  #failure: NodeFailure | null = null;

  constructor({ state, head }: NodePosition, journal: Journal, { sha256, verify }: Libraries = {}) {
    this.#state = state;
    this.#head = head;
    this.#journal = journal;
    this.#sha256 = sha256 ?? sha256InJavaScript;
    this.#verify = verify ?? verifyInJavaScript;
  }

  /** What the node knows, for reading; it changes with every command. */
  get state(): StateView {
    return this.#guard(() => this.#state);
  }

  /** The last entry of the chain. */
  get head(): ChainHead {
    return this.#guard(() => this.#head);
  }

  /** Whether the node has failed and must be opened anew. */
  get failed(): boolean {
    return this.#failure !== null;
  }

  /**
   * Executes commands as one group: applies each in turn, makes all accepted ones durable at once, and only then hands
   * out the outcomes, one per command, in order, those of accepted ones with the number of their entry.
   */
  execute(commands: readonly Command[], at: InstantMs): readonly Executed[] {
    return this.#guard(() => {
      const outcomes: Executed[] = [];
      const accepted: ChainedFields[] = [];
      for (const command of commands) {
        const outcome = apply(this.#state, command, at, this.#verify, this.#sha256);
        if (!outcome.ok) {
          outcomes.push(outcome);
          continue;
        }
        const fields = this.#fieldsOf(command, accepted.length + 1);
        accepted.push(fields);
        outcomes.push({ ok: true, events: outcome.events, sequence: fields.sequence });
      }
      if (accepted.length > 0) this.#append(accepted);
      return outcomes;
    });
  }

  /** Takes a snapshot of the state and saves it; the next start replays only what comes after it. */
  snapshot(): Snapshot {
    return this.#guard(() => {
      const state = snapshotText(this.#state);
      const { sequence, hash } = this.#head;
      const snapshot = { sequence, chainHash: hash, stateHash: hashOfSnapshot(state), state };
      this.#journal.saveSnapshot(snapshot);
      return snapshot;
    });
  }

  /** The entry of the command that was applied last, `place` entries after the head. */
  #fieldsOf(applied: Command, place: number): ChainedFields {
    const { at, rules } = this.#state;
    const sequence = this.#head.sequence + place;
    return { sequence, at, rulesVersion: rules.rulesVersion, command: encodeCommand(applied) };
  }

  #append(accepted: readonly ChainedFields[]): void {
    const { entries, head } = linkEntries(this.#head, accepted, this.#sha256);
    this.#journal.append(entries);
    this.#head = head;
  }

  #guard<Answer>(work: () => Answer): Answer {
    if (this.#failure !== null) throw this.#failure;
    try {
      return work();
    } catch (cause) {
      this.#failure = new NodeFailure("the market node has failed and its state is unknown: open it anew", { cause });
      throw this.#failure;
    }
  }
}
