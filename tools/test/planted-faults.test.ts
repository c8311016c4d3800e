/**
 * The guards can fail: in a copy of the tree each planted fault makes its stage of `npm run check` fail, naming file and
 * rule, and the twin without the fault passes. The commands are the root scripts; for speed all faults of a stage are
 * planted together, one to a file, lint looks at these files only, and build at one package.
 */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join, relative } from "node:path";
import { CHECK_STAGES } from "../stages.mjs";
import { buildFaults, layersFaults, lintFaults, type Fault } from "./faults.ts";
import { copyTree } from "./tree-copy.ts";

/** What a stage said about one file. */
interface Report {
  readonly file: string;
  readonly rule: string;
}

/** A stage of the check, and how its output is read. */
interface Stage {
  readonly name: "build" | "lint" | "layers";
  readonly faults: readonly Fault[];
  readonly command: (script: string, files: readonly string[]) => string;
  readonly read: (output: string, copy: string) => readonly Report[];
}

const stages: readonly Stage[] = [
  {
    name: "lint",
    faults: lintFaults,
    command: (script, files) => script.replace(/^eslint \. (.*?) && .*$/, `eslint ${files.join(" ")} $1 --format json`),
    read: (output, copy) => {
      const results = JSON.parse(output) as { filePath: string; messages: { ruleId: string | null }[] }[];
      return results.flatMap(({ filePath, messages }) =>
        messages.map(({ ruleId }) => ({ file: relative(copy, filePath), rule: String(ruleId) })),
      );
    },
  },
  {
    name: "layers",
    faults: layersFaults,
    command: (script) => script,
    read: (output) => matches(output, /^ *error (?<rule>\S+): (?<file>\S+) →/gm),
  },
  {
    name: "build",
    faults: buildFaults,
    command: (script) => `${script} packages/market`,
    read: (output) => matches(output, /^(?<file>[^\s(]+)\(\d+,\d+\): error (?<rule>TS\d+):/gm),
  },
];

function matches(output: string, pattern: RegExp): Report[] {
  return [...output.matchAll(pattern)].map(({ groups }) => ({
    file: groups?.["file"] ?? "",
    rule: groups?.["rule"] ?? "",
  }));
}

const root = process.cwd();
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: Record<string, string> };
let copy = "";

beforeAll(() => {
  copy = copyTree(root);
});
afterAll(() => {
  rmSync(copy, { recursive: true, force: true });
});

describe.each(stages)("the stage $name of npm run check", ({ name, faults, command, read }) => {
  const numbered = faults.map((fault, index) => ({
    wrongLine: fault.wrong.split("\n").at(-1),
    rightLine: fault.right.split("\n").at(-1),
    ...fault,
    file: `packages/${fault.room}/src/planted-${name}-${index}`,
  }));
  let reports: readonly Report[] = [];
  let status: number | null = null;

  beforeAll(() => {
    for (const { file, wrong, right } of numbered) {
      writeFileSync(join(copy, `${file}-wrong.ts`), `${wrong}\n`);
      writeFileSync(join(copy, `${file}-right.ts`), `${right}\n`);
    }
    const files = numbered.flatMap(({ file }) => [`${file}-wrong.ts`, `${file}-right.ts`]);
    const result = run(command(scripts[name] ?? "", files));
    reports = read(result.stdout, copy);
    status = result.status;
    for (const file of files) rmSync(join(copy, file));
  });

  const rulesNaming = (file: string): string[] =>
    reports.filter((report) => report.file === file).map(({ rule }) => rule);

  test("is one, and fails", () => {
    expect(CHECK_STAGES).toContain(name);
    expect(status).toBeGreaterThan(0);
  });

  test.each(numbered)("names $file and $rule: $wrongLine", ({ file, rule }) => {
    expect(rulesNaming(`${file}-wrong.ts`)).toContain(rule);
  });

  test.each(numbered)("has nothing against the twin of $file: $rightLine", ({ file }) => {
    expect(rulesNaming(`${file}-right.ts`)).toEqual([]);
  });
});

function run(command: string): { readonly stdout: string; readonly status: number | null } {
  const PATH = `${join(copy, "node_modules/.bin")}${delimiter}${process.env["PATH"] ?? ""}`;
  const env = { ...process.env, PATH, FORCE_COLOR: undefined, NO_COLOR: "1" };
  const { stdout, stderr, status } = spawnSync(command, {
    cwd: copy,
    shell: true,
    env,
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  if (stdout === "") throw new Error(`${command} said nothing but: ${stderr}`);
  return { stdout, status };
}
