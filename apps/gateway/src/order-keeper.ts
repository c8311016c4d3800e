/**
 * The archive of orders and private events beside the journal: opened, brought up to the journal, fed in the journal's
 * order, and written before anything is done by which the journal could do without its entries.
 *
 * Invariants: what the archive knows is durable in the journal; no command waits for the archive's disk; an archive that
 * fails stops no trading, is told once, and is brought up at the next start.
 */
import type { CheckResult } from "@micromarket/api-http";
import { verifiedBefore, type Command, type Executed, type Journal, type MarketNode } from "@micromarket/engine";
import { sha256ByOpenssl } from "@micromarket/identity-node";
import type { InstantMs } from "@micromarket/kernel";
import { catchUp, type OrderArchiveView } from "@micromarket/protocol";
import type { CommandExecutor, OrderArchiveOptions, StoredArchive } from "@micromarket/store-sqlite";
import type { GatewayLog } from "./gateway-log.ts";

/** What the keeper needs from outside. */
export interface OrderKeeperPorts {
  /** Errors of the disk pass through. */
  readonly openArchive: (path: string, options: OrderArchiveOptions) => StoredArchive;
  readonly log: GatewayLog;
}

/** Entries that are replayed for an archive that is made anew: eight days of a hundred homes. */
const ENTRIES_MAX = 500_000;

/** Keeps one archive beside one journal. */
export class OrderKeeper {
  readonly #log: GatewayLog;
  readonly #archive: StoredArchive | null;
  #isTrouble = false;
  /** The journal, which writes the archive before it saves a snapshot or drops entries, and closes it with itself. */
  readonly journal: Journal;

  constructor(journal: Journal, path: string, { openArchive, log }: OrderKeeperPorts) {
    this.#log = log;
    this.#archive = this.#open(() => {
      return openArchive(path, { sha256: sha256ByOpenssl, onFailure: (failure) => this.#hear(failure) });
    });
    this.journal = this.#guard(journal);
  }

  /** What there is to ask; `null` while there is nothing that could be relied on. */
  get archive(): OrderArchiveView | null {
    return this.#isTrouble ? null : this.#archive;
  }

  /** What is wrong, without a path: this goes outward. */
  check(): CheckResult | null {
    if (!this.#isTrouble) return null;
    const detail = "the archive of orders has failed: orders cannot be asked for until the next start; trading goes on";
    return { status: "warn", detail };
  }

  /** Records what the journal has and the archive has not. */
  catchUp(rules: MarketNode["state"]["rules"]): void {
    this.#with((archive) => {
      const options = { entriesMax: ENTRIES_MAX, sha256: sha256ByOpenssl, verify: verifiedBefore };
      const caughtUp = catchUp(archive, rules, this.journal, options);
      if (!caughtUp.ok) throw new Error(`the journal was not followed (${caughtUp.error.code})`);
      const { anew, recorded } = caughtUp.value;
      const { found } = archive;
      if (anew === null || archive.through === 0) return;
      const facts = { because: found === "unusable" ? "FILE_UNUSABLE" : anew.because, since: anew.since, recorded };
      const gap =
        anew.since === 1 ? "nothing is missing" : "earlier orders and events are gone, and numbers begin anew";
      this.#log.warn(facts, `the archive of orders was made anew from the journal: ${gap}`);
    });
  }

  /** `executor` of `node`, whose accepted commands are recorded as soon as they are durable. */
  recording(node: MarketNode, executor: CommandExecutor<Executed>): CommandExecutor<Executed> {
    return {
      execute: (commands: readonly Command[], at: InstantMs) => {
        const before = node.head.sequence;
        const outcomes = executor.execute(commands, at);
        this.#with((archive) => record(archive, node, before, commands, outcomes));
        return outcomes;
      },
    };
  }

  #guard(journal: Journal): Journal {
    const flush = (): void => this.#with((archive) => archive.flush());
    return {
      append: (entries) => journal.append(entries),
      read: (from) => journal.read(from),
      last: () => journal.last(),
      latestSnapshot: () => journal.latestSnapshot(),
      base: () => journal.base(),
      saveSnapshot: (snapshot) => {
        flush();
        journal.saveSnapshot(snapshot);
      },
      prune: (base) => {
        flush();
        journal.prune(base);
      },
      close: () => {
        this.#close();
        journal.close();
      },
    };
  }

  #open(open: () => StoredArchive): StoredArchive | null {
    try {
      return open();
    } catch (cause) {
      this.#hear(cause);
      return null;
    }
  }

  #close(): void {
    try {
      this.#archive?.close();
    } catch (cause) {
      this.#hear(cause);
    }
  }

  /** Nothing more once it has failed: it would lack an entry. */
  #with(work: (archive: StoredArchive) => void): void {
    if (this.#archive === null || this.#isTrouble) return;
    try {
      work(this.#archive);
    } catch (cause) {
      this.#hear(cause);
    }
  }

  #hear(cause: unknown): void {
    if (this.#isTrouble) return;
    this.#isTrouble = true;
    const error = cause instanceof Error ? cause.message : String(cause);
    this.#log.error({ error }, "the archive of orders has failed: trading goes on without it until the next start");
  }
}

/** Records the accepted ones of `commands`, which are the entries after `before`. */
function record(
  archive: StoredArchive,
  node: MarketNode,
  before: number,
  commands: readonly Command[],
  outcomes: readonly Executed[],
): void {
  const { head } = node;
  const { at } = node.state;
  let sequence = before;
  for (const [index, command] of commands.entries()) {
    const outcome = outcomes[index];
    if (outcome?.ok !== true) continue;
    sequence += 1;
    const hash = sequence === head.sequence ? head.hash : null;
    archive.record({ sequence, at, hash, command, events: outcome.events });
  }
}
