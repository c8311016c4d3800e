/** Asks a clean process what a list of entries leads to. */
import type { JournalEntry } from "@micromarket/engine";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";

/** Where the execution of all entries ended. */
export interface ReplayAnswer {
  readonly sequence: number;
  readonly chainHash: string;
  readonly stateHash: string;
  readonly violations: readonly string[];
  /** Version of Node, time zone and locale, as the process saw them. */
  readonly where: string;
}

/** What else a clean process runs in. */
export interface ReplayPlace {
  /** @default this Node */
  readonly node?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Executes `entries` by `script` in a process of its own; `path` is where they are written for it. */
export function replayElsewhere(
  script: string,
  path: string,
  entries: readonly JournalEntry[],
  { node = process.execPath, env = {} }: ReplayPlace = {},
): ReplayAnswer {
  writeFileSync(path, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
  const answer = spawnSync(node, [script, path], { encoding: "utf8", env: { ...process.env, ...env } });
  if (answer.status !== 0) throw new Error(`a clean process cannot execute the journal: ${answer.stderr}`);
  return JSON.parse(answer.stdout) as ReplayAnswer;
}
