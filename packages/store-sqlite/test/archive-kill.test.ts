/**
 * A process that feeds a market and its archive of orders is killed again and again on one journal: from outside, or by
 * itself between the journal's flush and the answer. After each kill every order that the journal has gives its answer
 * under its own id, acknowledged or not, and the streams are those of an archive that saw everything.
 */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { partyId, randomStream, type PartyId } from "@micromarket/kernel";
import { decodeCommand, replayFromZero, verifiedBefore } from "@micromarket/engine";
import { catchUp, clientOrderId, orderFingerprint } from "@micromarket/protocol";
import { openOrderArchive, openSqliteJournal } from "@micromarket/store-sqlite";
import { contentOf, createArchiveDisk, createMemoryArchive, HOMES, marketRules, textOf } from "@micromarket/testkit";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { bundleScript } from "./bundle-script.ts";
import { temporaryFolder } from "./journal-file.ts";

const SEED = Number(process.env["MICROMARKET_SEED"] ?? 20_260_729);
const ROUNDS = Number(process.env["MICROMARKET_KILLS"] ?? 12);
const MOMENTS = ["durable", "recorded", "outside"] as const;
const rules = marketRules();

const folder = temporaryFolder();
let script = "";
beforeAll(() => {
  script = bundleScript(new URL("./feed-archive-script.ts", import.meta.url), folder.path);
});
afterAll(() => folder.remove());

test(`the same id gives the original answer after ${ROUNDS} kills (MICROMARKET_SEED=${SEED})`, async () => {
  const files = { journal: join(folder.path, "journal.sqlite"), archive: join(folder.path, "orders.sqlite") };
  const acknowledged: string[] = [];
  let behind = 0;
  for (let number = 1; number <= ROUNDS; number += 1) {
    const moment = MOMENTS[number % MOMENTS.length] ?? "outside";
    acknowledged.push(...(await feedAndKill(files, number, moment)));
    if (check(files, acknowledged, number)) behind += 1;
  }
  expect(acknowledged.length).toBeGreaterThan(ROUNDS * 5);
  expect(behind).toBeGreaterThan(0); // kills did take what was not written
}, 600_000);

type Files = Record<"journal" | "archive", string>;

async function feedAndKill(files: Files, number: number, moment: string): Promise<readonly string[]> {
  const args = [script, files.journal, files.archive, String(SEED), String(number), moment];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  let [output, complaint] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (complaint += text));
  const ended = new Promise<NodeJS.Signals | null>((resolve) => child.on("close", (_, signal) => resolve(signal)));
  if (moment === "outside") {
    const enough = randomStream(SEED, "kill", String(number)).between(1, 80);
    while (child.exitCode === null && linesOf(output).length < enough) await delay(1);
    child.kill("SIGKILL");
  }
  const signal = await ended;
  expect({ number, signal, complaint }).toEqual({ number, signal: "SIGKILL", complaint: "" });
  return linesOf(output);
}

/** Whole lines only: the kill may have cut the last one. */
function linesOf(output: string): readonly string[] {
  return output.split("\n").slice(0, -1);
}

/** Whether the archive lacked entries. */
function check(files: Files, acknowledged: readonly string[], number: number): boolean {
  const journal = openSqliteJournal(files.journal);
  const archive = openOrderArchive(files.archive);
  try {
    expect(archive.found).toBe("archive");
    const wasEmpty = archive.kept.sequence === 0;
    const isBehind = archive.through < (journal.last()?.sequence ?? 0);
    const caughtUp = catchUp(archive, rules, journal, { entriesMax: Infinity, verify: verifiedBefore });
    expect(caughtUp).toMatchObject({ ok: true, value: { anew: wasEmpty ? { because: "EMPTY" } : null } });
    expect(archive.since).toBe(1);

    const whole = createMemoryArchive({ disk: createArchiveDisk() });
    const placed = new Map<string, { readonly sequence: number; readonly bodyHash: string }>();
    const parties: ReadonlySet<PartyId> = new Set([...HOMES, rules.residual.party].map(partyId));
    const replayed = replayFromZero(rules, journal.read(1), ({ sequence, at, hash, command: text }, events) => {
      const command = decodeCommand(text);
      if (!command.ok) throw new Error(text);
      whole.record({ sequence, at, hash, command: command.value, events });
      if (command.value.type !== "SubmitTender") return;
      const { slot, tender } = command.value;
      placed.set(`${tender.party} ${clientOrderId(tender)}`, {
        sequence,
        bodyHash: orderFingerprint({ slot, tender }),
      });
    });
    expect(replayed.ok).toBe(true);
    for (const line of acknowledged) {
      const [party = "", id = "", sequence = ""] = line.split(" ");
      expect({ line, known: placed.get(`${party} ${id}`)?.sequence }).toEqual({ line, known: Number(sequence) });
    }
    for (const [name, { sequence, bodyHash }] of placed) {
      const [party = "", id = ""] = name.split(" ");
      expect(archive.order(partyId(party), id)).toMatchObject({ marketOrderId: String(sequence), bodyHash });
    }
    const [found, expected] = [contentOf(archive, parties), contentOf(whole, parties)];
    if (textOf(found) !== textOf(expected)) expect({ number, found }).toEqual({ number, found: expected });
    return isBehind;
  } finally {
    archive.close();
    journal.close();
  }
}
