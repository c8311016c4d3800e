/**
 * `npm start`, `npm test` and `npm run check` on a fresh clone with nothing but Node: installs what is missing, builds, and
 * goes on. Runs before anything is installed, so it imports nothing but Node. Its own words go to stderr; stdout
 * belongs to what was asked for.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";
import { CHECK_STAGES } from "./stages.mjs";

const NODE_LEAST = { major: 20, minor: 19 };
const ROOT = fileURLToPath(new URL("..", import.meta.url));
const LOCKFILE = `${ROOT}package-lock.json`;
/** npm writes it at the end of every install. */
const INSTALLED = `${ROOT}node_modules/.package-lock.json`;
/** What the last install here was for. */
const STAMP = `${ROOT}node_modules/.micromarket-install`;

const STDERR = 2;
const say = (text) => process.stderr.write(`micromarket: ${text}\n`);

/** @type {import("node:child_process").ChildProcess | null} */
let child = null;
/** @type {"SIGINT" | "SIGTERM" | null} */
let interruption = null;

/** Runs a program in the root and resolves to its exit code. `stdout` is where its standard output goes. */
function run(program, args, stdout = /** @type {"inherit" | number} */ ("inherit")) {
  return new Promise((resolve) => {
    const shell = process.platform === "win32" && program !== process.execPath;
    child = spawn(program, args, { cwd: ROOT, stdio: ["inherit", stdout, "inherit"], shell });
    child.on("error", (error) => {
      say(`cannot start ${program}: ${error.message}`);
      resolve(1);
    });
    child.on("close", (code, signal) => {
      child = null;
      resolve(code ?? exitCodeOf(signal));
    });
  });
}

const node = (args, stdout) => run(process.execPath, args, stdout);

/** The npm that started us, where there is one: on Windows it cannot be started by name without a shell. */
function npm(args, stdout) {
  const { npm_execpath: cli } = process.env;
  return cli?.endsWith("npm-cli.js") ? node([cli, ...args], stdout) : run("npm", args, stdout);
}

const exitCodeOf = (signal) => 128 + (constants.signals[signal] ?? 0);

function passOnInterruptions() {
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) {
    process.on(signal, () => {
      interruption = interruption ?? signal;
      child?.kill(signal); // from a terminal the child has had it already, from `kill` it has not: nobody can tell
    });
  }
}

/** The lockfile and the native interface of this Node: a change of either asks for another install. */
function wantedStamp() {
  return `${createHash("sha256").update(readFileSync(LOCKFILE)).digest("hex")} ${process.versions.modules}\n`;
}

function isInstalled() {
  const installed = statSync(INSTALLED, { throwIfNoEntry: false });
  if (installed === undefined) return false;
  const stamp = statSync(STAMP, { throwIfNoEntry: false });
  if (stamp !== undefined && readFileSync(STAMP, "utf8") === wantedStamp()) return true;
  // somebody ran npm install after the last change of the lockfile, and after us
  return installed.mtimeMs >= statSync(LOCKFILE).mtimeMs && installed.mtimeMs > (stamp?.mtimeMs ?? 0);
}

async function install() {
  if (!isInstalled()) {
    say("installing (npm ci); the first time takes a minute or two");
    const code = await npm(["ci", "--no-progress"], STDERR);
    if (code !== 0 || interruption !== null) return code;
  }
  writeFileSync(STAMP, wantedStamp());
  return 0;
}

const build = () => node(["node_modules/typescript/bin/tsc", "-b"], STDERR);

const bundlePage = () => node(["apps/dashboard/build.mjs"], STDERR);

/** Installs, builds, and runs what follows; the first failure ends it. */
async function afterBuild(next) {
  for (const step of [install, build, bundlePage]) {
    const code = await step();
    if (code !== 0 || interruption !== null) return code;
  }
  return next();
}

async function check() {
  for (const stage of ["install", ...CHECK_STAGES]) {
    const start = process.hrtime.bigint();
    say(`${stage} …`);
    const code = await (stage === "install" ? install() : npm(["run", "--silent", stage]));
    const seconds = (Number(process.hrtime.bigint() - start) / 1e9).toFixed(1);
    say(`${stage} ${code === 0 ? "passed" : `failed with exit code ${code}`} after ${seconds} s`);
    if (code !== 0 || interruption !== null) return code;
  }
  return 0;
}

function main(command, rest) {
  switch (command) {
    case "start":
      return afterBuild(async () => {
        const code = await node(["apps/cli/bin/micromarket.js", "demo", ...rest]);
        interruption = null; // how the demo was stopped is the demo's to say
        return code;
      });
    case "test":
      return afterBuild(() => npm(["run", "--silent", "jest", "--", ...rest]));
    case "check":
      return check();
    default:
      say("usage: node tools/run.mjs start|test|check [ARGUMENT …]");
      return 2;
  }
}

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < NODE_LEAST.major || (major === NODE_LEAST.major && minor < NODE_LEAST.minor)) {
  const least = `${NODE_LEAST.major}.${NODE_LEAST.minor}`;
  say(`needs Node ${least} or newer, this is ${process.versions.node}: see https://nodejs.org/en/download`);
  process.exitCode = 1;
} else {
  passOnInterruptions();
  const [command, ...rest] = process.argv.slice(2);
  const code = await main(command, rest);
  process.exitCode = interruption === null ? code : exitCodeOf(interruption);
}
