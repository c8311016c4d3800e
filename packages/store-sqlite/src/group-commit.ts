/**
 * Commands that arrive together become durable together: one group, one flush of the disk.
 *
 * Everything submitted in one turn of the event loop is executed at its end as one group, in order of arrival. While
 * the disk flushes, the next commands wait in the sockets and form the next group, so groups grow with the load.
 *
 * Invariants: a promise resolves only after `execute` returned, i.e. after the durable append; after the first failure
 * every waiting and every later command is rejected, because the node's state is unknown until it is opened anew.
 */
import { assert, type InstantMs } from "@micromarket/kernel";
import type { Command } from "@micromarket/engine";

/** What executes a group of commands and makes it durable before it returns: one outcome per command, in order. */
export interface CommandExecutor<Outcome> {
  execute(commands: readonly Command[], at: InstantMs): readonly Outcome[];
}

/** How commands are gathered. */
export interface GroupCommitOptions {
  /** Most commands that may wait for the end of the turn; one more is refused with `QueueFull`. @default 4096 */
  readonly waitingMax?: number;
}

/** More commands came at once than may wait. Nothing happened to the refused one: it may be sent again. */
export class QueueFull extends Error {
  override readonly name = "QueueFull";
}

/** No command is taken any more. Nothing happened to the refused one. */
export class GroupCommitClosed extends Error {
  override readonly name = "GroupCommitClosed";
}

interface Waiting<Outcome> {
  readonly command: Command;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (failure: Error) => void;
}

/** Gathers commands for one market node. The only writer of that node. */
export class GroupCommit<Outcome> {
  readonly #executor: CommandExecutor<Outcome>;
  readonly #now: () => InstantMs;
  readonly #waitingMax: number;
  #waiting: Waiting<Outcome>[] = [];
  #refusal: Error | null = null;

  constructor(executor: CommandExecutor<Outcome>, now: () => InstantMs, options: GroupCommitOptions = {}) {
    this.#executor = executor;
    this.#now = now;
    this.#waitingMax = options.waitingMax ?? 4_096;
    assert(Number.isSafeInteger(this.#waitingMax) && this.#waitingMax > 0, "waitingMax must be a positive integer");
  }

  /** Resolves with the command's outcome once it is durable. Rejects with the node's failure, `QueueFull` or `GroupCommitClosed`. */
  submit(command: Command): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      if (this.#refusal !== null) return reject(this.#refusal);
      if (this.#waiting.length >= this.#waitingMax) return reject(queueFull(this.#waitingMax));
      if (this.#waiting.length === 0) setImmediate(() => this.#commit());
      this.#waiting.push({ command, resolve, reject });
    });
  }

  /** Executes what waits, at once, and takes nothing more. */
  close(): void {
    this.#commit();
    this.#refusal ??= new GroupCommitClosed("the market node takes no more commands: it is closing");
  }

  #commit(): void {
    const group = this.#waiting;
    this.#waiting = [];
    if (group.length === 0) return;
    try {
      const outcomes = this.#execute(group);
      group.forEach(({ resolve }, index) => resolve(outcomes[index] as Outcome));
    } catch (cause) {
      const failure = cause instanceof Error ? cause : new Error("the market node failed", { cause });
      this.#refusal = failure;
      for (const { reject } of group) reject(failure);
    }
  }

  #execute(group: readonly Waiting<Outcome>[]): readonly Outcome[] {
    const commands = group.map(({ command }) => command);
    const outcomes = this.#executor.execute(commands, this.#now());
    assert(outcomes.length === commands.length, `${commands.length} commands had ${outcomes.length} outcomes`);
    return outcomes;
  }
}

function queueFull(waitingMax: number): QueueFull {
  return new QueueFull(`${waitingMax} commands wait already; send this one again in a moment`);
}
