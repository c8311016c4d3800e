/** What the trials of a round share: the scripts that they start, and a folder in which each has its own. */
import { openNode, stateHash, violatedInvariants, type JournalEntry } from "@micromarket/engine";
import { openSqliteJournal } from "@micromarket/store-sqlite";
import { cpSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { RULES, writePlan, type Plan } from "./plan.ts";
import { replayElsewhere, type ReplayAnswer } from "./replay.ts";

/** The bundled scripts, in one folder. */
export interface Scripts {
  readonly feed: string;
  readonly replay: string;
  readonly disk: string;
}

/** Where one round works. */
export interface Workshop {
  readonly folder: string;
  readonly scripts: Scripts;
  readonly plan: Plan;
  readonly planPath: string;
}

/** A journal that was opened again. */
export interface Reopened {
  readonly entries: readonly JournalEntry[];
  /** What the same entries lead to in a clean process. */
  readonly replayed: ReplayAnswer;
  readonly faults: readonly string[];
}

/** The scripts beside the bundle at `folder`. */
export function scriptsIn(folder: string): Scripts {
  const path = (name: string): string => join(folder, `${name}.mjs`);
  return { feed: path("feed-script"), replay: path("replay-script"), disk: path("disk-script") };
}

/** A workshop below `parent`. */
export function openWorkshop(parent: string, name: string, scripts: Scripts, plan: Plan): Workshop {
  const folder = join(parent, name);
  mkdirSync(folder, { recursive: true });
  const planPath = join(folder, "plan.json");
  writePlan(planPath, plan);
  return { folder, scripts, plan, planPath };
}

/** An empty folder for one trial. */
export function trialFolder({ folder }: Workshop, name: string): string {
  const path = join(folder, name);
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path);
  return path;
}

/**
 * Opens a copy of the journal at `path` as a start after a crash does, and holds it to a replay from the founding in a
 * clean process. The files themselves stay as the crash left them, for the process that goes on. Throws where the
 * journal does not open.
 */
export function reopenCopy({ folder, scripts }: Workshop, path: string): Reopened {
  const copy = join(folder, "copy");
  rmSync(copy, { recursive: true, force: true });
  mkdirSync(copy);
  for (const file of readdirSync(dirname(path))) {
    if (file.startsWith(basename(path))) cpSync(join(dirname(path), file), join(copy, file));
  }
  const journal = openSqliteJournal(join(copy, basename(path)));
  try {
    const opened = openNode(RULES, journal);
    if (!opened.ok) throw new Error(`the node does not open: ${JSON.stringify(opened.error)}`);
    const { head, state } = opened.value;
    const entries = [...journal.read(1)];
    const replayed = replayElsewhere(scripts.replay, join(folder, "entries.ndjson"), entries);
    const faults = [...violatedInvariants(state), ...replayed.violations];
    if (replayed.chainHash !== head.hash) faults.push("a replay from the founding has another chain hash");
    if (replayed.stateHash !== stateHash(state)) faults.push("a replay from the founding has another state hash");
    return { entries, replayed, faults };
  } finally {
    journal.close();
  }
}
