/** Every check of tidy on a small tree in a temporary folder: one that it finds fault with, and one that it passes. */
import { afterEach, describe, expect, test } from "@jest/globals";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { tidy } from "../tidy/tidy.mjs";

/** Contents by path. */
type Files = Readonly<Record<string, string>>;

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function plant(files: Files): string {
  const folder = mkdtempSync(join(tmpdir(), "micromarket-tidy-"));
  folders.push(folder);
  execFileSync("git", ["init", "--quiet"], { cwd: folder });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

const repeated = (count: number, text = "x();"): string => `${text}\n`.repeat(count);
const kernelIndex = "packages/kernel/src/index.ts";
const inKernel = (files: Files): Files => ({
  [kernelIndex]: Object.keys(files)
    .map((path) => `export {} from "./${path.replace("packages/kernel/src/", "")}";\n`)
    .join(""),
  ...files,
});
/** Words that this file may not hold in one piece. */
const inPieces = (...parts: string[]): string => parts.join("");

interface Case {
  readonly what: string;
  readonly bad: Files;
  /** The start of the one finding: `file:line what`. */
  readonly finding: string;
  readonly good: Files;
}

const cases: readonly Case[] = [
  {
    what: "files of at most 400 lines",
    bad: { "tools/long.mjs": repeated(401) },
    finding: "tools/long.mjs:401 401 lines",
    good: { "tools/long.mjs": repeated(400), "notes.txt": repeated(500) },
  },
  {
    what: "functions of at most 70 lines",
    bad: { "a.ts": `\nexport const run = () => {\n${repeated(69)}};\n` },
    finding: "a.ts:2 function of 71 lines",
    good: { "a.ts": `export function run() {\n${repeated(68)}}\n` },
  },
  {
    what: "functions of at most 70 lines, but for what describe groups",
    bad: { "a.test.ts": `test("a", () => {\n${repeated(70)}});\n` },
    finding: "a.test.ts:1 function of 72 lines",
    good: { "a.test.ts": `describe.each([1])("a", () => {\n${repeated(70)}});\n` },
  },
  {
    what: "lines of at most 140 characters",
    bad: { "a.ts": `\n// ${"x".repeat(138)}\n` },
    finding: "a.ts:2 line of 141 characters",
    good: { "a.ts": `// ${"×".repeat(137)}\n`, "a.md": `# A\n\n${"x".repeat(500)}\n` },
  },
  {
    what: "file names that say something",
    bad: { "tools/price-utils.mjs": "" },
    finding: 'tools/price-utils.mjs:1 the name "price-utils"',
    good: { "tools/price-ladder.mjs": "" },
  },
  {
    what: "folder names that say something",
    bad: { "tools/common/price.mjs": "" },
    finding: 'tools/common/price.mjs:1 the name "common"',
    good: { "tools/point-of-common-coupling.mjs": "" },
  },
  {
    what: "interfaces without an I",
    bad: { "a.ts": "interface IClock {}\n" },
    finding: "a.ts:1 the type name IClock",
    good: { "a.ts": "interface Island {}\ninterface IEC61850 {}\n" },
  },
  {
    what: "classes named for what sets them apart",
    bad: { "a.ts": "\nclass ClockImpl {}\n" },
    finding: "a.ts:2 the type name ClockImpl",
    good: { "a.ts": "class VirtualClock {}\n" },
  },
  {
    what: "a doc comment on what the pure floors export",
    bad: inKernel({ "packages/kernel/src/slot.ts": "/** A. */\nexport const a = 1;\nexport type B = 1;\n" }),
    finding: "packages/kernel/src/slot.ts:3 B is exported and has no doc comment",
    good: {
      ...inKernel({
        "packages/kernel/src/slot.ts": "/** A. */\nexport function a(): void;\nexport function a(b?: 1): void {}\n",
      }),
      "packages/client/src/index.ts": "export const b = 2;\n",
    },
  },
  {
    what: "a doc comment on what the pure floors export in a list",
    bad: inKernel({ "packages/kernel/src/slot.ts": "const a = 1;\nexport { a as b };\n" }),
    finding: "packages/kernel/src/slot.ts:1 a is exported and has no doc comment",
    good: inKernel({ "packages/kernel/src/slot.ts": "const a = 1;\n/** B. */\nconst b = a;\nexport { b };\n" }),
  },
  {
    what: "exactly one title: none",
    bad: { "a.md": "## A\n" },
    finding: "a.md:1 no title",
    good: { "a.md": "# A\n\n```sh\n# comment\n```\n" },
  },
  {
    what: "exactly one title: two",
    bad: { "a.md": "# A\n\n# B\n" },
    finding: "a.md:3 2 titles",
    good: { "a.md": "# A\n\n## B\n" },
  },
  {
    what: "links to files that are there",
    bad: { "docs/a.md": "# A\n\n[b](../b.md)\n" },
    finding: "docs/a.md:3 the link ../b.md leads to no file",
    good: {
      "docs/a.md": "# A\n\n[b](../b.md), [folder](../docs/), [out](https://example.org/b.md), `[code](c.md)`\n",
      "b.md": "# B\n",
    },
  },
  {
    what: "reference links to files that are there",
    bad: { "a.md": "# A\n\n[b]\n\n[b]: b.md\n" },
    finding: "a.md:5 the link b.md leads to no file",
    good: { "a.md": "# A\n\n[b]\n\n[b]: b.md\n", "b.md": "# B\n" },
  },
  {
    what: "links to headings that are there",
    bad: { "a.md": "# A\n\n[b](b.md#the-third)\n", "b.md": "# B\n" },
    finding: "a.md:3 the link b.md#the-third names no heading of b.md",
    good: {
      "a.md": "# A\n\n[b](b.md#the-2nd-its-end) [again](b.md#again-1) [here](#a)\n",
      "b.md": "# B\n\n## The 2nd: *its* `end`\n\n## Again\n\n## Again\n",
    },
  },
  {
    what: "no source file that nothing leads to",
    bad: {
      [kernelIndex]: `export {} from "./a.ts";\n`,
      "packages/kernel/src/a.ts": "",
      "packages/kernel/src/b.ts": "",
    },
    finding: "packages/kernel/src/b.ts:1 nothing leads here",
    good: {
      [kernelIndex]: `export {} from "./a.ts";\n`,
      "packages/kernel/src/a.ts": `import type { B } from "./b.ts";\n`,
      "packages/kernel/src/b.ts": "",
    },
  },
  {
    what: "sources that a bin or a worker starts",
    bad: { "apps/cli/bin/run.js": `import("../dist/begin.js");\n`, "apps/cli/src/start.ts": "" },
    finding: "apps/cli/src/start.ts:1 nothing leads here",
    good: {
      "apps/cli/bin/run.js": `import("../dist/start.js");\n`,
      "apps/cli/src/start.ts": `new Worker(new URL("./work.js", import.meta.url));\n`,
      "apps/cli/src/work.ts": "",
    },
  },
  {
    what: "no paths of one machine",
    bad: { "a.txt": inPieces("\nsee /wo", "rk/main\n") },
    finding: "a.txt:2 a path of one machine",
    good: { "a.txt": inPieces("see docs/wo", "rk/main and https://example.org/wo", "rk/\n") },
  },
  {
    what: "no package registry's host",
    bad: { "a.json": inPieces('{ "resolved": "https://registry', '.npmjs.org/a" }\n') },
    finding: "a.json:1 a package registry's host",
    good: { "a.json": '{ "homepage": "https://www.npmjs.com/package/a" }\n' },
  },
  {
    what: "no test left out",
    bad: { "a.test.ts": inPieces("\ntest", '.skip("a", () => {});\n') },
    finding: "a.test.ts:2 a test that is left out or alone",
    good: { "a.test.ts": '(there ? test : test.skip)("a", () => {});\n' },
  },
  {
    what: "no test alone",
    bad: { "a.test.ts": inPieces("describe", '.only("a", () => {});\n') },
    finding: "a.test.ts:1 a test that is left out or alone",
    good: { "a.test.ts": 'describe("only", () => {});\n' },
  },
  {
    what: "no marks of unfinished work",
    bad: { "a.ts": inPieces("// TO", "DO: later\n") },
    finding: "a.ts:1 a mark of unfinished work",
    good: { "a.ts": "// todo lists are for plans\n" },
  },
  {
    what: "a README in every package",
    bad: { "apps/cli/package.json": "{}" },
    finding: "apps/cli/package.json:1 a package without README.md",
    good: { "apps/cli/package.json": "{}", "apps/cli/README.md": "# cli\n" },
  },
  {
    what: "a floor for every package",
    bad: { "packages/attic/package.json": "{}", "packages/attic/README.md": "# attic\n" },
    finding: "packages/attic/package.json:1 a package without a floor",
    good: { "packages/testkit/package.json": "{}", "packages/testkit/README.md": "# testkit\n" },
  },
];

describe("tidy wants", () => {
  test.each(cases)("$what", ({ bad, finding, good }) => {
    expect(tidy(plant(good)).lines).toEqual([]);

    const { lines } = tidy(plant(bad));
    expect(lines).toEqual([expect.stringContaining(" — ")]);
    expect(lines[0]?.slice(0, finding.length)).toBe(finding);
  });
});

describe("tidy looks at", () => {
  test("what git tracks or would track, and at nothing else", () => {
    const files = { ".gitignore": "dist/\n", "dist/a.ts": repeated(500), "a.ts": repeated(1) };
    expect(tidy(plant(files))).toEqual({ lines: [], summary: "0 findings in 2 files" });
  });
});

describe("the command", () => {
  const run = (folder: string): readonly [string, number | null] => {
    const { stdout, status } = spawnSync(process.execPath, ["tools/tidy/main.mjs", folder], { encoding: "utf8" });
    return [stdout, status];
  };

  test("prints findings and their number, and fails when there is one", () => {
    expect(run(plant({ "a.md": "# A\n" }))).toEqual(["0 findings in 1 files\n", 0]);
    expect(run(plant({ "a.md": "" }))).toEqual([
      expect.stringMatching(/^a\.md:1 no title — .+\n1 finding in 1 files\n$/),
      1,
    ]);
  });
});
