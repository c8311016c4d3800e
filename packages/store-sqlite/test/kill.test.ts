/**
 * The promise "acknowledged means durable", tried the hard way: a process that feeds a market through group commit is
 * killed at a random moment, again and again on one journal. Nothing that it acknowledged may be missing.
 *
 * A kill takes the process, not the disk's cache: that each group is flushed as well is shown in `disk-faults.test.ts`.
 */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { hashText, randomStream, type RandomStream } from "@micromarket/kernel";
import { openNode, replayFromZero, stateHash, violatedInvariants } from "@micromarket/engine";
import { openSqliteJournal } from "@micromarket/store-sqlite";
import { marketRules } from "@micromarket/testkit";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { bundleScript } from "./bundle-script.ts";
import { temporaryFolder } from "./journal-file.ts";

const SEED = Number(process.env["MICROMARKET_SEED"] ?? 20_260_701);
const ROUNDS = 50;
const rules = marketRules();

interface Round {
  /** Whether the process was alive when it was killed; else it had ended by itself. */
  readonly killed: boolean;
  /** "SEQUENCE COMMAND-HASH" of each acknowledged command. */
  readonly acknowledged: readonly string[];
  readonly complaint: string;
}

const folder = temporaryFolder();
let script = "";
beforeAll(() => {
  script = bundleScript(new URL("./feed-market-script.ts", import.meta.url), folder.path);
});
afterAll(() => folder.remove());

test(`nothing acknowledged is lost in ${ROUNDS} kills (MICROMARKET_SEED=${SEED})`, async () => {
  const path = join(folder.path, "journal.db");
  const acknowledged: string[] = [];
  let killsWhileFeeding = 0;
  let roundsFromSnapshot = 0;
  for (let number = 1; number <= ROUNDS; number++) {
    const round = await feedAndKill(path, number);
    expect({ number, complaint: round.complaint, killed: round.killed }).toEqual({
      number,
      complaint: "",
      killed: true,
    });
    if (round.acknowledged.length > 0) killsWhileFeeding += 1;
    acknowledged.push(...round.acknowledged);
    const { fromSnapshot } = checkJournal(path, acknowledged, number);
    if (fromSnapshot) roundsFromSnapshot += 1;
  }
  expect(killsWhileFeeding).toBeGreaterThan(ROUNDS * 0.7);
  expect(roundsFromSnapshot).toBeGreaterThan(ROUNDS * 0.7);
  expect(acknowledged.length).toBeGreaterThan(ROUNDS * 30);
}, 300_000);

/** Runs the feeding process and kills it: in one round of eight while it starts, otherwise while it feeds. */
async function feedAndKill(path: string, number: number): Promise<Round> {
  const stream = randomStream(SEED, "kill", String(number));
  const child = spawn(process.execPath, [script, path, String(SEED), String(number)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let complaint = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (complaint += text));
  const ended = new Promise<NodeJS.Signals | null>((resolve) => child.on("close", (_, signal) => resolve(signal)));
  await momentOfKill(stream, () => (child.exitCode === null ? linesOf(output).length : Infinity));
  child.kill("SIGKILL");
  const signal = await ended;
  return { killed: signal === "SIGKILL", acknowledged: linesOf(output), complaint };
}

async function momentOfKill(stream: RandomStream, acknowledged: () => number): Promise<void> {
  if (stream.below(8) === 0) return void (await delay(stream.between(20, 250)));
  const enough = stream.between(1, 150);
  while (acknowledged() < enough) await delay(1);
  await delay(stream.between(0, 5));
}

/** Whole lines only: the kill may have cut the last one. */
function linesOf(output: string): string[] {
  return output.split("\n").slice(0, -1);
}

function checkJournal(
  path: string,
  acknowledged: readonly string[],
  number: number,
): { readonly fromSnapshot: boolean } {
  const journal = openSqliteJournal(path);
  try {
    const journalled = new Set<string>();
    const replayed = replayFromZero(rules, journal.read(1), ({ sequence, command }) => {
      journalled.add(`${sequence} ${hashText(command)}`);
    });
    expect(acknowledged.filter((line) => !journalled.has(line))).toEqual([]);

    const restarted = openNode(rules, journal);
    if (!replayed.ok) throw new Error(`round ${number}, replay from zero: ${JSON.stringify(replayed.error)}`);
    if (!restarted.ok) throw new Error(`round ${number}, restart: ${JSON.stringify(restarted.error)}`);
    expect(restarted.value.head).toEqual(replayed.value.head);
    expect(stateHash(restarted.value.state)).toBe(stateHash(replayed.value.state));
    expect(violatedInvariants(restarted.value.state)).toEqual([]);
    return { fromSnapshot: journal.latestSnapshot() !== null };
  } finally {
    journal.close();
  }
}
