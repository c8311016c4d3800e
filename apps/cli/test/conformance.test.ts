/** The conformance pack against the product, against engines that are wrong on purpose, and the command's own manners. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { loadConformancePack, type ConformanceProperty } from "@micromarket/data-files";
import { scoreOf, type Score } from "../src/conformance/score.ts";
import { tryCase, type TriedCase } from "../src/conformance/try-case.ts";
import { runCommand, type CommandRun } from "./memory-console.ts";

const PACK = fileURLToPath(new URL("../../../packages/market/conformance/", import.meta.url));
const BIN = fileURLToPath(new URL("../bin/micromarket.js", import.meta.url));
const ENGINE = fileURLToPath(new URL("engines/engine.mjs", import.meta.url));
/** Engines start slowly on a busy machine; nothing here waits this long for a right answer. */
const PATIENT = ["--time-limit", "120", "--quiet"];
const FEW = ["one-pair", "marginal-buyers", "ten-times-a-tenth", "must-run-short", "duplicate-id", "broken-no-side"];

let folder = "";
let fewCases = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "micromarket-conformance-"));
  fewCases = packOf("few", FEW);
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A pack of some of the shipped cases. */
function packOf(name: string, cases: readonly string[]): string {
  for (const part of ["books", "expected"]) {
    for (const entry of cases) {
      const path = join(part, "uniform", `${entry}.json`);
      mkdirSync(dirname(join(folder, name, path)), { recursive: true });
      cpSync(join(PACK, path), join(folder, name, path));
    }
  }
  return join(folder, name);
}

const words = (program: string, ...rest: string[]): string => [process.execPath, program, ...rest].join(" ");

async function scored(engine: string, pack: string, ...more: string[]): Promise<{ run: CommandRun; score: Score }> {
  const run = await runCommand(["conformance", "--engine", engine, "--pack", pack, "--json", ...PATIENT, ...more]);
  return { run, score: JSON.parse(run.out) as Score };
}

describe("the product", () => {
  test("answers every case of the pack as it should, or does not know the mechanism", async () => {
    const cases = loadConformancePack(PACK);
    const tried: TriedCase[] = [];
    for (const entry of cases.ok ? cases.value : []) {
      const ask = async (book: string) => {
        const { exitCode, out, err } = await runCommand(["clear"], book);
        return { kind: "ended", exitCode, output: out, complaint: err } as const;
      };
      tried.push(await tryCase(entry, ask));
    }
    const score = scoreOf("micromarket clear", tried);
    expect(score.failures).toEqual([]);
    expect(score).toMatchObject({ holds: true, permille: 1_000 });
    expect(score.unsupported).not.toHaveProperty("uniform");
    expect(score.cases).toBeGreaterThan(140);
  }, 300_000);

  test("through its own executable", async () => {
    const { run, score } = await scored(words(BIN, "clear"), fewCases);
    expect(score.failures).toEqual([]);
    expect(run.exitCode).toBe(0);
    expect(score).toMatchObject({ holds: true, cases: FEW.length, clean: FEW.length, permille: 1_000 });
  }, 300_000);
});

describe("another engine", () => {
  test("that is right holds, whatever it leaves unstated", async () => {
    const { run, score } = await scored(words(ENGINE), fewCases);
    expect(score.failures).toEqual([]);
    expect(run).toMatchObject({ exitCode: 0, err: "" });
    const interval = score.properties.find(({ property }) => property === "interval");
    expect(interval).toMatchObject({ passed: 0, failed: 0, notStated: FEW.length - 1 });
  }, 300_000);

  test.each<[string, string, ConformanceProperty[]]>([
    ["float", "ten-times-a-tenth", ["digits"]],
    ["arrival", "marginal-buyers", ["permutation"]],
    ["must-run", "must-run-short", ["scarcity"]],
    ["loss", "one-pair", ["price", "rational"]],
    ["overfill", "one-pair", ["feasible", "balance", "orders"]],
    ["surplus", "one-pair", ["statedSurplus"]],
    ["noise", "marginal-buyers", ["repetition"]],
    ["crash", "one-pair", ["answered"]],
    ["garbage", "one-pair", ["answered"]],
    ["credulous", "broken-no-side", ["refused"]],
  ])(
    "with the fault %s is caught on %s",
    async (fault, name, properties) => {
      const { run, score } = await scored(words(ENGINE, fault), fewCases, "--case", name);
      expect(run.exitCode).toBe(1);
      const found = new Set(score.failures.map(({ property }) => property));
      expect([...found]).toEqual(expect.arrayContaining(properties));
      for (const failure of score.failures) {
        expect(failure.reproduce).toContain(`--case uniform/${name} --engine '`);
      }
      expect(score.permille).toBeLessThan(1_000);
    },
    300_000,
  );

  test("that hangs is ended with all that it started", async () => {
    const mark = join(folder, "child");
    const engine = `sh -c '${process.execPath} ${ENGINE} hang & echo $! > ${mark}; wait'`;
    const run = await runCommand([
      ...["conformance", "--engine", engine, "--pack", fewCases, "--case", "one-pair"],
      ...["--time-limit", "2", "--quiet", "--json"],
    ]);
    const score = JSON.parse(run.out) as Score;
    expect(score).toMatchObject({ holds: false, permille: 0 });
    expect(score.failures).toMatchObject([{ property: "answered", found: "no answer in 2000 ms" }]);
    const child = Number(readFileSync(mark, "utf8"));
    for (let waited = 0; isRunning(child) && waited < 600; waited += 1) await setTimeout(100);
    expect(isRunning(child)).toBe(false);
  }, 300_000);

  test("that knows no mechanism at all has proved nothing", async () => {
    for (const engine of ["echo MECHANISM_UNKNOWN >&2; exit 1", "exit 3"]) {
      const { run, score } = await scored(engine, fewCases);
      expect(run.exitCode).toBe(1);
      expect(score).toMatchObject({ holds: false, unsupported: { uniform: FEW.length } });
    }
  }, 300_000);

  test("that is no command has failed", async () => {
    const { run, score } = await scored("no-such-engine-anywhere", fewCases, "--case", "one-pair");
    expect(run.exitCode).toBe(1);
    expect(score.failures).toMatchObject([{ property: "answered" }]);
    expect(score.failures[0]?.found).toContain("exit code 127");
  }, 300_000);
});

/** A zombie that nobody has waited for yet counts as ended. */
function isRunning(pid: number): boolean {
  const status = `/proc/${pid}/stat`;
  if (existsSync(status)) return !/\) [ZX] /.test(readFileSync(status, "utf8"));
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe("the command", () => {
  test("prints a table, the score and what to type to see a failure again", async () => {
    const engine = words(ENGINE, "loss");
    const run = await runCommand([
      "conformance",
      "--engine",
      engine,
      "--pack",
      fewCases,
      "--case",
      "one-pair",
      ...PATIENT,
    ]);
    expect(run.out).toMatch(/price in the competitive interval\s+│\s+0 │\s+1 │\s+0 │/);
    expect(run.out).toMatch(/score \d+(?:\.\d)? %: 0 of 1 cases hold/);
    expect(run.out).toContain(`again     micromarket conformance --case uniform/one-pair --engine '${engine}'`);
  }, 300_000);

  test("lists and shows the cases without an engine", async () => {
    const list = await runCommand(["conformance", "--list", "--mechanism", "mcafee"]);
    expect(list.exitCode).toBe(0);
    expect(list.out).toContain("mcafee/mcafee-reduction: ");
    const asJson = await runCommand(["conformance", "--list", "--json"]);
    expect((JSON.parse(asJson.out) as { cases: unknown[] }).cases.length).toBeGreaterThan(150);
    const shown = await runCommand(["conformance", "--show", "smith-1962-test-1"]);
    expect(shown.out).toBe(readFileSync(join(PACK, "books/uniform/smith-1962-test-1.json"), "utf8"));
    expect(shown.err).toContain("Journal of Political Economy");
  });

  test("writes its report to a file", async () => {
    const out = join(folder, "report.json");
    const { score } = await scored(words(ENGINE), fewCases, "--case", "one-pair", "--out", out);
    expect(JSON.parse(readFileSync(out, "utf8"))).toEqual(score);
    const nowhere = await runCommand([
      ...["conformance", "--engine", words(ENGINE), "--pack", fewCases, "--case", "one-pair", ...PATIENT],
      ...["--out", join(folder, "no", "such", "folder.json")],
    ]);
    expect(nowhere).toMatchObject({ exitCode: 3, out: "" });
    expect(nowhere.err).toContain("cannot be written");
  }, 300_000);

  test.each<[string[], number, string]>([
    [[], 2, "--engine is missing"],
    [["--engine", "true", "--case", "nothing"], 2, "no case"],
    [["--engine", "true", "--mechanism", "nothing"], 2, "no case of"],
    [["--show", "nothing"], 2, "no case"],
    [["--engine", "true", "--time-limit", "0"], 2, "positive number of seconds"],
    [["--engine", "true", "--time-limit", "soon"], 2, "positive number of seconds"],
    [["--engine", "true", "--parallel", "0"], 2, "whole number from 1"],
    [["--engine", "true", "--pack", "/no/such/pack"], 3, "PACK_UNREADABLE"],
  ])("%j is refused", async (options, exitCode, message) => {
    const run = await runCommand(["conformance", ...options]);
    expect(run).toMatchObject({ exitCode, out: "" });
    expect(run.err).toContain(message);
  });
});
