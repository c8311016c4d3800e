/** What the trials of a round share: the scripts that they start, and a folder in which each has its own. */
import {
  openNode,
  replayFromZero,
  stateHash,
  violatedInvariants,
  type JournalEntry,
  type MarketNode,
} from "@micromarket/engine";
import { openSqliteJournal } from "@micromarket/store-sqlite";
import { cpSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { DeviceScripts } from "./devices/devices-part.ts";
import { RULES, writePlan, type Plan } from "./plan.ts";
import { replayElsewhere, type ReplayAnswer, type ReplayPlace } from "./replay.ts";

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
  /** Hashes of chain and state: what a restart has to arrive at. */
  readonly hashes: string;
  readonly faults: readonly string[];
}

/** The scripts beside the bundle at `folder`. */
export function scriptsIn(folder: string): Scripts {
  const path = (name: string): string => join(folder, `${name}.mjs`);
  return { feed: path("feed-script"), replay: path("replay-script"), disk: path("disk-script") };
}

/** The scripts of the devices' day beside the bundle at `folder`. */
export function deviceScriptsIn(folder: string): DeviceScripts {
  const path = (name: string): string => join(folder, "devices", `${name}.mjs`);
  return { street: path("street-script"), gateway: path("gateway-script"), broker: path("broker-script") };
}

/** The script of a market that is traded over its socket, beside the bundle at `folder`. */
export function marketScriptIn(folder: string): string {
  return join(folder, "wire", "market-script.mjs");
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
 * Opens a copy of the journal at `path` as a start after a crash does, and holds it to a replay from the founding. The
 * files themselves stay as the crash left them, for the process that goes on. Throws where the journal does not open.
 */
export function reopenCopy({ folder }: Workshop, path: string): Reopened {
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
    const entries = [...journal.read(1)];
    const replayed = replayFromZero(RULES, entries);
    if (!replayed.ok) throw new Error(`the journal cannot be replayed: ${JSON.stringify(replayed.error)}`);
    const faults = [...violatedInvariants(opened.value.state)];
    const hashes = hashesOf(replayed.value);
    if (hashesOf(opened.value) !== hashes) faults.push("a replay from the founding has other hashes");
    return { entries, hashes, faults };
  } finally {
    journal.close();
  }
}

function hashesOf({ head, state }: Pick<MarketNode, "head" | "state">): string {
  return `${head.hash} ${stateHash(state)}`;
}

/** Executes `entries` from the founding on in a clean process. */
export function replayIn(
  { folder, scripts }: Workshop,
  entries: readonly JournalEntry[],
  place?: ReplayPlace,
): ReplayAnswer {
  return replayElsewhere(scripts.replay, join(folder, "entries.ndjson"), entries, place);
}
