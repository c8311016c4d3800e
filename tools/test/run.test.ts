/** The runner behind npm start, npm test and npm run check, in a folder where whatever it calls only takes notes. */
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { spawn, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { CHECK_STAGES } from "../stages.mjs";

const note = (name: string): string => `
  import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
  const words = ["${name}", ...process.argv.slice(2)].join(" ");
  appendFileSync("notes.txt", words + "\\n");
  if (words === process.env.FAILS) process.exit(3);
`;
const compiler = note("tsc");
const npm = `${note("npm")}
  if (process.argv[2] === "ci") {
    console.log("installed");
    mkdirSync("node_modules/typescript/bin", { recursive: true });
    writeFileSync("node_modules/typescript/bin/tsc", ${JSON.stringify(compiler)});
    writeFileSync("node_modules/.package-lock.json", "{}");
  }
`;
const demo = `${note("micromarket")}
  if (process.env.CALM) for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(0));
  console.log("trading");
  if (process.env.ENDLESS) setInterval(() => {}, 1000);
`;

let folder = "";
const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
};
/** What was called since the last look. */
const notes = (): string[] => {
  const path = join(folder, "notes.txt");
  const lines = existsSync(path) ? readFileSync(path, "utf8").trimEnd().split("\n") : [];
  rmSync(path, { force: true });
  return lines;
};
const environment = (more: Readonly<Record<string, string>>): NodeJS.ProcessEnv => ({
  ...process.env,
  npm_execpath: join(folder, "npm-cli.js"),
  ...more,
});
const run = (words: readonly string[], more: Readonly<Record<string, string>> = {}) =>
  spawnSync(process.execPath, ["tools/run.mjs", ...words], { cwd: folder, encoding: "utf8", env: environment(more) });

beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), "micromarket-run-"));
  for (const file of ["tools/run.mjs", "tools/stages.mjs"]) cpSync(file, join(folder, file));
  write("package.json", '{ "type": "module" }');
  write("package-lock.json", "{}");
  write("npm-cli.js", npm);
  write("apps/dashboard/build.mjs", note("page"));
  write("apps/cli/bin/micromarket.js", demo);
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("start", () => {
  test("installs, builds and runs the demo, whose output alone is on stdout", () => {
    const { stdout, status } = run(["start", "--seed", "7"]);
    expect([stdout, status]).toEqual(["trading\n", 0]);
    expect(notes()).toEqual(["npm ci --no-progress", "tsc -b", "page", "micromarket demo --seed 7"]);
  });

  test("installs again only when the lockfile has changed", () => {
    run(["start"]);
    notes();
    run(["start"]);
    expect(notes()).toEqual(["tsc -b", "page", "micromarket demo"]);
    write("package-lock.json", '{ "changed": true }');
    run(["start"]);
    expect(notes()).toEqual(["npm ci --no-progress", "tsc -b", "page", "micromarket demo"]);
  });

  test("takes an npm install that followed the change for one", () => {
    run(["start"]);
    notes();
    write("package-lock.json", '{ "changed": true }');
    const later = new Date(Date.now() + 60_000);
    utimesSync(join(folder, "node_modules/.package-lock.json"), later, later);
    run(["start"]);
    expect(notes()).toEqual(["tsc -b", "page", "micromarket demo"]);
  });

  test.each([
    ["npm ci --no-progress", 1],
    ["tsc -b", 2],
    ["page", 3],
    ["micromarket demo", 4],
  ])("ends with the exit code of %s", (fails, calls) => {
    expect(run(["start"], { FAILS: fails }).status).toBe(3);
    expect(notes()).toHaveLength(calls);
  });

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("passes %s on and exits with %i", async (signal, code) => {
    const child = spawn(process.execPath, ["tools/run.mjs", "start"], {
      cwd: folder,
      env: environment({ ENDLESS: "1" }),
    });
    child.stdout.once("data", () => child.kill(signal));
    const ended = new Promise((resolve) => child.once("close", resolve));
    expect(await ended).toBe(code);
  });
});

describe("a demo that stops when it is told to", () => {
  test.each(["SIGINT", "SIGTERM"] as const)("says itself how it ended after %s to the runner alone", async (signal) => {
    const child = spawn(process.execPath, ["tools/run.mjs", "start"], {
      cwd: folder,
      env: environment({ ENDLESS: "1", CALM: "1" }),
    });
    child.stdout.once("data", () => child.kill(signal));
    expect(await new Promise((resolve) => child.once("close", resolve))).toBe(0);
  });
});

test("no shell stands between npm and the runner, to keep signals to itself", () => {
  const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> };
  for (const name of ["start", "test", "check"]) expect(scripts[name]).toBe(`exec node tools/run.mjs ${name}`);
});

describe("test", () => {
  test("passes arguments on to jest", () => {
    expect(run(["test", "packages/kernel", "-t", "slots"]).status).toBe(0);
    expect(notes().slice(-3)).toEqual(["tsc -b", "page", "npm run --silent jest -- packages/kernel -t slots"]);
  });
});

describe("check", () => {
  test("runs every stage in order and says how long each took", () => {
    const { stderr, status } = run(["check"]);
    expect(status).toBe(0);
    expect(notes().slice(1)).toEqual(CHECK_STAGES.map((stage) => `npm run --silent ${stage}`));
    for (const stage of CHECK_STAGES)
      expect(stderr).toMatch(new RegExp(`micromarket: ${stage} passed after [0-9.]+ s`));
  });

  test("stops at the first stage that fails, with its exit code", () => {
    const { stderr, status } = run(["check"], { FAILS: "npm run --silent lint" });
    expect(status).toBe(3);
    expect(notes().slice(1)).toEqual(["npm run --silent build", "npm run --silent page", "npm run --silent lint"]);
    expect(stderr).toContain("micromarket: lint failed with exit code 3 after");
  });
});

test("a Node that is too old is told so, before anything else", () => {
  const older = `data:text/javascript,Object.defineProperty(process, "versions", { value: { node: "20.18.3" } })`;
  const { stderr, status } = spawnSync(process.execPath, ["--import", older, "tools/run.mjs", "start"], {
    cwd: folder,
    encoding: "utf8",
  });
  expect(stderr).toBe("micromarket: needs Node 20.19 or newer, this is 20.18.3: see https://nodejs.org/en/download\n");
  expect(status).toBe(1);
  expect(notes()).toEqual([]);
});

test("an unknown command is a usage error", () => {
  expect(run(["dance"]).status).toBe(2);
});
