/**
 * Soaks a market node over its journal: kills, I/O errors, full disks and foreign places; a gateway on flaky devices; and a
 * market behind a stormy socket. All is drawn from one seed.
 *
 * Usage: npm run soak -- --seed N [--rounds R] [--points P] [--homes H] [--slots S] [--frames F] [--connections C]
 * [--orders O] [--cuts B] [--only PART …] [--at ROUND.TRIAL] [--node PATH …] [--json]
 * Progress goes to stderr, the result to stdout. Ends with 0 when everything held, 1 when something did not or, where
 * `CI=true`, could not be tried; 2 when it was called wrongly.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { requestOf } from "./arguments.ts";
import { runDeterminism } from "./determinism-part.ts";
import { runDevices } from "./devices/devices-part.ts";
import { runDisks } from "./disk-part.ts";
import { runFaults } from "./fault-part.ts";
import { runKills } from "./kill-part.ts";
import { planOf } from "./plan.ts";
import { isTracerHere, missingHere } from "./privileges.ts";
import {
  observe,
  type JournalPart,
  type Part,
  type Round,
  type SoakOptions,
  type Tell,
  type Trialled,
} from "./round.ts";
import { progressLine, reportOf, reportTable, type SoakReport } from "./soak-report.ts";
import { runFrames } from "./wire/frames-part.ts";
import { runGate } from "./wire/gate-part.ts";
import { runOrders } from "./wire/orders-part.ts";
import { deviceScriptsIn, marketScriptIn, openWorkshop, scriptsIn } from "./workshop.ts";

const GROUPS = 120;
/** So many groups fill the log: it is carried into the database while the node runs. One round of four has them. */
const GROUPS_LONG = 560;

/** Where the bundled scripts are. */
const BUNDLE = dirname(fileURLToPath(import.meta.url));

const RUN: { readonly [Name in JournalPart]: (round: Round, tell: Tell) => void } = {
  kill: runKills,
  fsync: runFaults,
  disk: runDisks,
  determinism: runDeterminism,
};

const WIRE_PARTS = ["frames", "gate", "orders"] as const;

const RUN_ON_WIRE = { frames: runFrames, gate: runGate, orders: runOrders };

function isOfJournal(part: Part): part is JournalPart {
  return Object.hasOwn(RUN, part);
}

async function soak(options: SoakOptions): Promise<SoakReport> {
  const folder = mkdtempSync(join(tmpdir(), "micromarket-soak-"));
  const trials: Trialled[] = [];
  const skipped = missingHere(options);
  const parts = options.parts.filter((part) => !skipped.some((skip) => skip.part === part && !skip.isPartial));
  const say = (line: string): void => void process.stderr.write(`soak: ${line}\n`);
  for (const { part, reason } of skipped) say(`${part} is skipped: ${reason}`);
  const tell = (trialled: Trialled): void => {
    trials.push(trialled);
    say(progressLine(options, trialled));
  };
  const journalParts = parts.filter(isOfJournal);
  try {
    for (let number = 1; number <= (options.only?.round ?? options.rounds); number++) {
      if (journalParts.length === 0 || (options.only !== null && options.only.round !== number)) continue;
      const round = openRound(folder, number, options, isTracerHere());
      for (const part of journalParts) RUN[part](round, tell);
    }
    if (parts.includes("devices") && options.only === null)
      await runDevices(options, folder, deviceScriptsIn(BUNDLE), tell, say);
    for (const part of options.only === null ? WIRE_PARTS : []) {
      if (parts.includes(part)) await RUN_ON_WIRE[part](options, folder, marketScriptIn(BUNDLE), tell, say);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return reportOf(options, trials, skipped);
}

function openRound(folder: string, number: number, options: SoakOptions, isTraced: boolean): Round {
  const plan = planOf(options.seed, number, number % 4 === 2 ? GROUPS_LONG : GROUPS);
  const workshop = openWorkshop(folder, `round-${number}`, scriptsIn(BUNDLE), plan);
  return { number, options, workshop, ...observe(workshop, isTraced) };
}

try {
  const { options, json } = requestOf(process.argv.slice(2), process.env);
  const report = await soak(options);
  console.log(json ? JSON.stringify(report) : reportTable(report));
  const isMissing = report.skipped.length > 0 && process.env["CI"] === "true";
  process.exitCode = report.violations.length > 0 || isMissing ? 1 : 0;
} catch (failure) {
  console.error(`soak: ${failure instanceof Error ? failure.message : String(failure)}`);
  process.exitCode = 2;
}
