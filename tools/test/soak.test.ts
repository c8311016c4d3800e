/** A seeded part of the soak, as `npm run soak` does all of it; and that its witness sees what it is there to see. */
import { describe, expect, test } from "@jest/globals";
import { hashHex, hashText, instantMs } from "@micromarket/kernel";
import type { JournalEntry } from "@micromarket/engine";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { requestOf } from "../soak/arguments.ts";
import type { Plan } from "../soak/plan.ts";
import { progressLine, reportOf, reportTable, type SoakReport } from "../soak/soak-report.ts";
import type { SoakOptions, Trialled } from "../soak/round.ts";
import { callsIn } from "../soak/trace.ts";
import { Witness } from "../soak/witness.ts";

const SOAK = fileURLToPath(new URL("../soak.mjs", import.meta.url));
const SEED = process.env["MICROMARKET_SEED"] ?? "20260701";

test(`a node that is killed, or whose disk fails, loses and doubles nothing (MICROMARKET_SEED=${SEED})`, () => {
  const parts = ["kill", "fsync", "disk", "determinism"]; // the devices' day has a test of its own
  const only = parts.flatMap((part) => ["--only", part]);
  const args = ["--seed", SEED, "--rounds", "1", "--points", "6", ...only, "--json"];
  const { status, stdout, stderr } = spawnSync(process.execPath, [SOAK, ...args], { encoding: "utf8" });
  const report = JSON.parse(stdout) as SoakReport;
  expect(report).toMatchObject({ lost: 0, doubled: 0, violations: [] });
  const missing = new Set(report.skipped.filter(({ isPartial }) => !isPartial).map(({ part }) => part));
  for (const [part, least] of Object.entries({ kill: 6, fsync: 2, disk: 1, determinism: 3 })) {
    if (!missing.has(part as Trialled["part"]))
      expect({ part, enough: (report.trials[part] ?? 0) >= least }).toEqual({ part, enough: true });
  }
  expect(stderr).toContain(`soak: seed ${SEED} determinism 1.0`);
  expect({ status, skipped: report.skipped }).toEqual({
    status: 0,
    skipped: process.env["CI"] === "true" ? [] : report.skipped,
  });
}, 180_000);

test.each([
  [[], "--seed takes a whole number"],
  [["--seed", "1", "--only", "flood"], "--only takes one of kill, fsync, disk, determinism, devices"],
  [["--seed", "1", "--only", "kill", "--only", "flood"], "--only takes one of"],
  [["--seed", "1", "--slots", "all"], "--slots takes a whole number"],
  [["--seed", "1", "--at", "2"], "--at takes a whole number"],
  [["--seed", "1", "--sead", "2"], "--sead"],
])("called with %j it says what is wrong", (args, what) => {
  expect(() => requestOf(args, {})).toThrow(what);
});

describe("the witness", () => {
  const at = instantMs(0);
  const group = (...texts: readonly string[]) => ({
    at,
    snapshot: false,
    commands: texts.map((text) => ({ text, refusal: null, again: "REFERENCE_ALREADY_USED" as const })),
  });
  const plan: Plan = { groups: [group("a", "b"), group("c", "d"), group("e")], stateHash: "" };
  const journal = (...commands: readonly string[]): JournalEntry[] =>
    commands.map((command, index) => {
      return { sequence: index + 1, at, rulesVersion: 1, command, hash: hashHex("0".repeat(64)) };
    });
  const answer = (index: number, first: number, ...texts: readonly string[]): string => {
    const answers = texts.map((text, place) => ({ sequence: first + place, hash: hashText(text) }));
    return `${JSON.stringify({ group: index, answers })}\n`;
  };
  const first = answer(0, 1, "a", "b");

  test("is content with what was acknowledged, and with the whole of the next group", () => {
    const witness = new Witness(plan);
    expect(witness.examine(`ready\n${first}`, journal("a", "b"))).toBe("absent");
    expect(witness.examine("ready\n", journal("a", "b", "c", "d"))).toBe("whole");
    const again = `${JSON.stringify({ group: 1, answers: ["REFERENCE_ALREADY_USED", "REFERENCE_ALREADY_USED"] })}\n`;
    expect(witness.examine(`${again}${answer(2, 5, "e")}{"group":3,"ans`, journal("a", "b", "c", "d", "e"))).toBe(
      "absent",
    );
    expect(witness).toMatchObject({ faults: [], lost: 0, doubled: 0, acknowledged: 3, next: 3 });
  });

  test.each([
    ["a lost command", [first], ["a"], { lost: 1 }, "not where they were"],
    ["another order", [first], ["b", "a"], { lost: 2 }, "not where they were"],
    ["half of a group", [first], ["a", "b", "c"], {}, "1 of its 2 commands are there"],
    ["a group too many", [first], ["a", "b", "c", "d", "e"], {}, "3 of its 2 commands are there"],
    ["a command there twice", [first], ["a", "b", "c", "c"], { doubled: 1 }, "1 commands are there twice"],
    [
      "an answer for another group",
      [answer(1, 1, "c", "d")],
      ["c", "d"],
      {},
      "group 1 was acknowledged where 0 was due",
    ],
    ["an answer for another place", [answer(0, 2, "a", "b")], ["a", "b"], {}, "the place 2 was acknowledged"],
    ["a group that happens twice", [first, answer(0, 3, "a", "b")], ["a", "b", "a", "b"], { doubled: 2 }, "twice"],
    ["an answer of refusal", ['{"group":0,"answers":["PARTY_UNKNOWN","X"]}\n'], [], {}, "was answered"],
  ])("sees %s", (_, output, texts, counts, fault) => {
    const witness = new Witness(plan);
    witness.examine(output.join(""), journal(...texts));
    expect(witness).toMatchObject(counts);
    expect(witness.faults.join("\n")).toContain(fault);
  });

  test("takes what was planned twice for no double, and the third copy of it for one", () => {
    const twice: Plan = { groups: [group("a"), group("b", "a")], stateHash: "" };
    const witness = new Witness(twice);
    witness.examine(answer(0, 1, "a"), journal("a", "b", "a"));
    expect(witness).toMatchObject({ faults: [], doubled: 0 });
    const other = new Witness(twice);
    other.examine(answer(0, 1, "a"), journal("a", "a", "b", "a"));
    expect(other).toMatchObject({ doubled: 1 });
  });

  test("sees that a later start has lost what an earlier one had", () => {
    const witness = new Witness(plan);
    witness.examine("ready\n", journal("a", "b"));
    witness.examine("ready\n", journal());
    expect(witness).toMatchObject({ lost: 2 });
  });
});

test("a trace is read call by call, with what strace counts", () => {
  const calls = callsIn(
    [
      '10 write(5<pipe:[1]>, ""..., 1)  = 1',
      '11 pwrite64(9</d/journal.db>, ""..., 4096, 0) = 4096',
      '10 pwrite64(9</d/journal.db>, ""..., 4096, 0) = 4096',
      "10 fsync(20</d>)          = 0",
      "10 writev(1<pipe:[2]>, [...], 2) = 6",
      '10 pwrite64(9</d/journal.db-wal>, ""..., 24, 0 <unfinished ...>',
      "10 writev(1<pipe:[2]>, [...], 2) = 6",
      "10 writev(1<pipe:[2]>, [...], 2) = 8",
      '10 unlink("/d/journal.db-wal") = 0',
      "10 writev(1<pipe:[2]>, [...], 2) = 7",
    ].join("\n"),
  );
  expect(calls.map(({ name, target, ordinal, phase }) => `${name} ${target} ${ordinal} ${phase}`)).toEqual([
    "pwrite64 db 1 opening",
    "pwrite64 db 1 opening",
    "fsync folder 1 opening",
    "writev answer 1 opening",
    "pwrite64 db-wal 2 running",
    "writev answer 2 running",
    "writev answer 3 running",
    "unlink db-wal 1 closing",
    "writev answer 4 closing",
  ]);
});

test("what did not hold is told with the command that brings it about again", () => {
  const options: SoakOptions = {
    seed: 7,
    rounds: 2,
    points: 9,
    parts: ["kill"],
    only: null,
    nodes: [],
    homes: 16,
    slots: 96,
    frames: 500,
    connections: 30,
    orders: 700,
    cuts: 5,
  };
  const faults = ["1 commands are there twice"];
  const counts = { acknowledged: 5, lost: 0, doubled: 1, story: "5 acknowledged" };
  const trialled: Trialled = {
    part: "kill",
    round: 2,
    trial: 3,
    point: "there",
    before: "x",
    after: "y",
    faults,
    ...counts,
  };
  const report = reportOf(options, [trialled], []);
  const again = "npm run soak -- --seed 7 --homes 16 --slots 96 --only devices";
  const command = "npm run soak -- --seed 7 --points 9 --only kill --at 2.3";
  expect(report).toMatchObject({ doubled: 1, violations: [{ where: "kill 2.3: there", faults, reproduce: command }] });
  expect(reportTable(report)).toContain(command);
  const figures = { devices: 31, files: "29 / 29 / 29" };
  const day = reportOf(options, [{ ...trialled, part: "devices", figures }], []);
  expect(day).toMatchObject({ figures: { devices: figures }, violations: [{ reproduce: again }] });
  expect(reportTable(day)).toMatch(/^devices files +29 \/ 29 \/ 29$/m);
  expect(progressLine(options, trialled)).toContain(`VIOLATED: ${faults.join("")}; again: ${command}`);
});
