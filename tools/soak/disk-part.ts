/** A disk that gets full: a small file system, most of it taken, in a mount namespace that ends with the trial. */
import { spawnSync } from "node:child_process";
import { isWanted, streamOf, type Round, type Tell } from "./round.ts";
import type { DiskCall } from "./trace.ts";
import type { TrialReport } from "./trial.ts";

/** What the script in the namespace is told. */
export interface DiskOrder {
  readonly folder: string;
  readonly planPath: string;
  /** Bytes left for the journal. */
  readonly room: number;
}

const PAGE = 4_096;

/** How a command runs in a mount namespace of its own, as whoever runs it may. */
export function inNamespace(command: readonly string[]): readonly string[] {
  const asRoot = process.getuid?.() === 0 ? [] : ["--map-root-user"];
  return ["unshare", ...asRoot, "--mount", "--propagation", "private", ...command];
}

/** Runs the full disks of a round. */
export function runDisks(round: Round, tell: Tell): void {
  const { number, options, workshop } = round;
  // without a trace: every group takes a page at least
  const most = round.calls.length === 0 ? workshop.plan.groups.length : Math.floor(needOf(round.calls) / PAGE);
  for (let trial = 0; trial < Math.ceil(options.points / 10); trial++) {
    if (!isWanted(round, trial)) continue;
    const room = PAGE * streamOf(round, "disk", String(trial)).between(3, Math.floor((most * 4) / 5));
    const order: DiskOrder = { folder: workshop.folder, planPath: workshop.planPath, room };
    const [program = "", ...args] = inNamespace([process.execPath, workshop.scripts.disk, JSON.stringify(order)]);
    const { status, stdout, stderr } = spawnSync(program, args, { encoding: "utf8" });
    if (status !== 0) throw new Error(`the script of the full disk ended with ${status}: ${stderr}`);
    const report = JSON.parse(stdout) as TrialReport;
    tell({ part: "disk", round: number, trial, point: `ENOSPC after ${room} bytes`, ...report });
  }
}

/** Bytes that the write-ahead log grows to before anything of it goes into the database. */
function needOf(calls: readonly DiskCall[]): number {
  const checkpoint = calls.findIndex(({ target, phase }) => target === "db" && phase !== "opening");
  const logged = calls.slice(0, checkpoint < 0 ? calls.length : checkpoint).filter(({ target }) => target === "db-wal");
  return logged.reduce((sum, { bytes }) => sum + bytes, 0);
}
