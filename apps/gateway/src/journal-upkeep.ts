/**
 * Backups of the journal, and what is left behind of it, while the market runs.
 *
 * Invariants: both go in small steps, between which the market has its turn; what fails is told and tried again, and stops
 * no trading; a backup is removed only when a newer one is there. Backups go by the machine's clock, retention by the
 * market's.
 */
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { CheckResult } from "@micromarket/api-http";
import { pruneJournal, verifiedBefore, type Journal, type MarketRules } from "@micromarket/engine";
import { sha256ByOpenssl } from "@micromarket/identity-node";
import { formatInstant, instantMs, parseInstant, type InstantMs } from "@micromarket/kernel";
import type { JournalConfig } from "./gateway-config.ts";
import type { GatewayLog } from "./gateway-log.ts";
import type { MachineTime } from "./machine-time.ts";
import { failureOf, type StartFailure } from "./start-failure.ts";

/** The journal is this gateway's own: it verified each signature before it wrote it. */
const OWN = { sha256: sha256ByOpenssl, verify: verifiedBefore };

/** What is kept up, and what with. */
export interface UpkeepInit {
  readonly config: JournalConfig;
  readonly rules: MarketRules;
  readonly journal: Journal;
  readonly time: MachineTime;
  /** The market's time. */
  readonly now: () => InstantMs;
  readonly log: GatewayLog;
  /** Writes a verified copy of the journal to a file that is not there yet. */
  readonly copy: (target: string) => Promise<unknown>;
}

/** The first round is left to a market that has begun to trade. */
const FIRST_MS = 60_000;
/** Between two rounds. */
const ROUND_MS = 900_000;
/** Entries that one round leaves behind: the rest is the next one's. */
const PRUNED_ENTRIES_MAX = 20_000;

const BACKUP_NAME = /^journal-(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)Z\.sqlite$/;
const UNFINISHED = /^journal-[\dT-]+Z\.sqlite\.part/;

/** Keeps one journal up, from its making until `stop`. */
export class JournalUpkeep {
  readonly #init: UpkeepInit;
  #failure: StartFailure | null = null;
  #round: Promise<void> = Promise.resolve();
  #cancel: () => void = () => undefined;
  #isStopped = false;

  constructor(init: UpkeepInit) {
    this.#init = init;
    const { backup, retentionMs } = init.config;
    if (backup !== null || retentionMs !== null) this.#schedule(Math.min(FIRST_MS, backup?.everyMs ?? FIRST_MS));
  }

  /** What is wrong with the last backup, without its path: this goes outward. */
  check(): CheckResult | null {
    if (this.#failure === null) return null;
    return { status: "warn", detail: `no backup was made (${this.#failure.code}): ${this.#failure.mend}` };
  }

  /** Ends after what is being done now. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel();
    await this.#round;
  }

  #schedule(delayMs: number): void {
    this.#cancel = this.#init.time.after(delayMs, () => {
      this.#round = this.#work().then(() => {
        if (!this.#isStopped) this.#schedule(Math.min(ROUND_MS, this.#init.config.backup?.everyMs ?? ROUND_MS));
      });
    });
  }

  /** The backup first: it holds what is left behind next. */
  async #work(): Promise<void> {
    const { backup, retentionMs } = this.#init.config;
    if (backup !== null) await this.#backUp(backup);
    if (retentionMs !== null && !this.#isStopped && this.#failure === null) await this.#prune(retentionMs);
  }

  async #backUp({ directory, everyMs, keep }: NonNullable<JournalConfig["backup"]>): Promise<void> {
    const { time, log, copy } = this.#init;
    try {
      mkdirSync(directory, { recursive: true });
      const wallMs: number = time.wallNow();
      const newest = backupsIn(directory).at(-1);
      const isDue = newest === undefined || wallMs - newest.atMs >= everyMs || newest.atMs > wallMs;
      if (!isDue) return;
      removeUnfinished(directory);
      const target = join(directory, backupName(wallMs));
      await copy(target);
      this.#failure = null;
      log.info({ file: target }, "the journal was backed up");
      for (const { name } of backupsIn(directory).slice(0, -keep)) rmSync(join(directory, name));
    } catch (cause) {
      this.#failure = failureOf(cause);
      log.error(this.#failure, "the journal was not backed up");
    }
  }

  async #prune(retentionMs: number): Promise<void> {
    const { rules, journal, now, log } = this.#init;
    try {
      const marketMs: number = now();
      const before = instantMs(Math.max(0, marketMs - retentionMs));
      const steps = pruneJournal(rules, journal, { before, entriesMax: PRUNED_ENTRIES_MAX, ...OWN });
      let step = steps.next();
      while (step.done !== true) {
        await setImmediate();
        if (this.#isStopped) return;
        step = steps.next();
      }
      if (!step.value.ok) log.error({ ...step.value.error }, "nothing was pruned: the journal does not hold");
      else if (step.value.value !== null) {
        const { entries, base, baseAt } = step.value.value;
        log.info({ entries, base: base.sequence, since: formatInstant(baseAt) }, "old entries were left behind");
      }
    } catch (cause) {
      log.error(failureOf(cause), "nothing was pruned");
    }
  }
}

/** What a crash cut short. */
function removeUnfinished(directory: string): void {
  const parts = readdirSync(directory).filter((name) => UNFINISHED.test(name));
  for (const name of parts) rmSync(join(directory, name));
}

/** In order of time. */
function backupsIn(directory: string): readonly { readonly name: string; readonly atMs: number }[] {
  return readdirSync(directory)
    .flatMap((name) => {
      const [, day = "", hour = "", minute = "", second = ""] = BACKUP_NAME.exec(name) ?? [];
      const at = parseInstant(`${day}T${hour}:${minute}:${second}Z`);
      return at.ok ? [{ name, atMs: at.value }] : [];
    })
    .sort((a, b) => a.atMs - b.atMs);
}

/** To the second; without colons, which not every file system takes. */
function backupName(wallMs: number): string {
  const text = new Date(wallMs).toISOString().slice(0, 19).replaceAll(":", "-");
  return `journal-${text}Z.sqlite`;
}
