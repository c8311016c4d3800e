/** The trial of a full disk, inside its mount namespace. Usage: disk-script ORDER as JSON; prints a `TrialReport`. */
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { DiskOrder } from "./disk-part.ts";
import { readPlan } from "./plan.ts";
import { Trial } from "./trial.ts";
import { scriptsIn } from "./workshop.ts";

const BALLAST_BYTES = 24 * 1_048_576;

const { folder, planPath, room } = JSON.parse(process.argv[2] ?? "") as DiskOrder;
const disk = join(folder, "disk");
mkdirSync(disk, { recursive: true });
execFileSync("mount", ["-t", "tmpfs", "-o", `size=${BALLAST_BYTES + room}`, "tmpfs", disk]);
const ballast = join(disk, "ballast");
writeFileSync(ballast, Buffer.alloc(BALLAST_BYTES));

const scripts = scriptsIn(dirname(fileURLToPath(import.meta.url)));
const trial = new Trial({ folder, scripts, plan: readPlan(planPath), planPath }, disk);
const { status, stdout, stderr } = trial.run();
if (status === 70) trial.fault("the node handed out after it had failed");
if (status !== 1) trial.fault(`the node did not stop with an error: it ended with ${status}`);
if (!stderr.includes("the disk is full")) trial.fault(`the cause is not named: ${stderr.slice(0, 200)}`);
rmSync(ballast);
trial.examine(stdout);
trial.finish();
console.log(JSON.stringify(trial.report));
