/** The real demo as a process: it trades, stops cleanly, goes on, and mixes no two streets. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadGatewayFile } from "@micromarket/gateway";
import { openSqliteJournal } from "@micromarket/store-sqlite";
import { runCommand } from "./memory-console.ts";

const COMMAND = fileURLToPath(new URL("../bin/micromarket.js", import.meta.url));

interface Facts {
  readonly url: string;
  readonly ports: { readonly http: number; readonly modbus: number; readonly mqtt: number };
  readonly data: string;
  readonly config: string;
}

interface Slot {
  readonly start_ms: number;
  readonly price_micro_per_kwh: number | null;
}

interface Demo {
  readonly child: ChildProcess;
  readonly facts: Facts;
  readonly err: () => string;
  readonly ended: Promise<unknown>;
}

/** Slots of a market that runs as it does for people, on a machine that may have other work. */
const LONG_MS = 300_000;

let root = "";
const children: ChildProcess[] = [];
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "micromarket-demo-"));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

function launch(words: readonly string[]): {
  child: ChildProcess;
  out: () => string;
  err: () => string;
  ended: Promise<unknown>;
} {
  const child = spawn(process.execPath, [COMMAND, "demo", ...words], { stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => void (out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => void (err += chunk.toString()));
  const ended = once(child, "close").then(([code]: unknown[]) => code);
  return { child, out: () => out, err: () => err, ended };
}

async function start(words: readonly string[]): Promise<Demo> {
  const { child, out, err, ended } = launch(["--json", "--port", "0", ...words]);
  await Promise.race([until(() => Promise.resolve(out().includes("\n"))), ended]);
  return { child, facts: JSON.parse(out()) as Facts, err, ended };
}

async function refused(words: readonly string[]): Promise<{ code: unknown; err: string }> {
  const { err, ended } = launch(words);
  return { code: await ended, err: err() };
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 50));
}

async function get<Answer>({ facts }: Demo, path: string): Promise<Answer> {
  return (await (await fetch(`${facts.url}/api/v1/${path}`)).json()) as Answer;
}

const slots = async (demo: Demo): Promise<readonly Slot[]> => (await get<{ slots: Slot[] }>(demo, "slots")).slots;
const hasTraded = ({ price_micro_per_kwh: price }: Slot): boolean => price !== null;

/** In the newest book. */
async function partiesThatTendered(demo: Demo): Promise<ReadonlySet<string>> {
  const [newest] = (await slots(demo)).map(({ start_ms: startMs }) => startMs).sort((a, b) => b - a);
  const newestStart = new Date(newest ?? 0).toISOString();
  const { tenders = [] } = await get<{ tenders?: { party: string }[] }>(demo, `slots/${newestStart}/book`);
  return new Set(tenders.map(({ party }) => party));
}

/** What is controlled, and where it stands. */
async function phases(demo: Demo): Promise<readonly string[]> {
  const { controls } = await get<{ controls: { device: string; phase: string }[] }>(demo, "controls");
  return controls.map(({ device, phase }) => `${device} ${phase}`);
}

/** What the log tells of controls. */
function codesIn(data: string): readonly string[] {
  const lines = readFileSync(join(data, "gateway.log"), "utf8").trimEnd().split("\n");
  return lines.flatMap((line) => {
    const { capability, code } = JSON.parse(line) as { capability?: string; code?: string };
    return capability === undefined || code === undefined ? [] : [code];
  });
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((answer) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("connect", () => {
      socket.destroy();
      answer(true);
    });
    socket.once("error", () => answer(false));
  });
}

function lastEntry(data: string): { readonly sequence: number; readonly at: number } {
  const journal = openSqliteJournal(join(data, "journal.sqlite"));
  const last = journal.last();
  journal.close();
  return { sequence: last?.sequence ?? 0, at: last?.at ?? 0 };
}

test(
  "trades, stops at Ctrl-C with nothing left, and goes on: no slot missed, no time lost, no other street",
  async () => {
    const data = join(root, "street");
    const first = await start(["--data", data]);
    await until(async () => (await slots(first)).filter(hasTraded).length >= 2);
    expect(await get(first, "market")).toMatchObject({ clock: { factor: 180 } });
    const { parties } = await get<{ parties: { party: string }[] }>(first, "parties");
    expect(parties.length).toBeGreaterThanOrEqual(8);
    await until(async () => (await partiesThatTendered(first)).size > 8); // all homes, and the supplier
    expect(first.err()).toMatch(/8 neighbours[^]*http:[^]*180 times faster[^]*gateway\.yaml[^]*Ctrl-C/);
    expect(loadGatewayFile(first.facts.config)).toMatchObject({ ok: true, value: { dataDirectory: data } });

    expect(first.err()).toMatch(/battery in home-1[^]*All three locks are open, because these devices are simulated/);
    await until(async () => (await phases(first)).includes("home-1-battery holding"));
    first.child.kill("SIGINT");
    expect(await first.ended).toBe(0);
    expect(codesIn(data)).toContain("RELEASED");
    const { http, modbus, mqtt } = first.facts.ports;
    expect(await Promise.all([http, modbus, mqtt].map(isOpen))).toEqual([false, false, false]);
    expect(existsSync(join(data, "running.json"))).toBe(false);
    const stopped = lastEntry(data);

    for (const [words, what] of [
      [["--seed", "2"], "seed 1, not 2"],
      [["--homes", "9"], "8 homes, not 9"],
    ] as const) {
      const { code, err } = await refused(["--data", data, "--port", "0", ...words]);
      expect(code).toBe(3);
      expect(err).toContain(what);
      expect(err).toContain("DATA_FOLDER_OTHER_STREET");
    }

    const second = await start(["--data", data, "--speed", "90"]); // the pace may change, the time goes on
    const before = await slots(second);
    expect(before.filter(hasTraded).length).toBeGreaterThanOrEqual(2);
    await until(async () => (await slots(second)).length >= before.length + 2);
    const starts = (await slots(second)).map(({ start_ms: startMs }) => startMs).sort((a, b) => a - b);
    const gaps = starts.slice(1).map((startMs, index) => startMs - (starts[index] ?? 0));
    expect(new Set(gaps)).toEqual(new Set([900_000]));
    expect(readFileSync(join(data, "gateway.log"), "utf8")).not.toContain("slots-missed");

    const third = await refused(["--data", data, "--port", "0"]);
    expect(third.code).toBe(1);
    expect(third.err).toContain(second.facts.url);
    expect(third.err).toContain("DEMO_RUNS");

    second.child.kill("SIGKILL");
    await second.ended;
    const killed = lastEntry(data);
    expect(killed.sequence).toBeGreaterThan(stopped.sequence);
    expect(killed.at).toBeGreaterThan(stopped.at);

    const fourth = await start(["--data", data]);
    const { clock } = await get<{ clock: { server_ms: number } }>(fourth, "market");
    expect(clock.server_ms).toBeGreaterThanOrEqual(killed.at);
    fourth.child.kill("SIGTERM");
    await until(() => Promise.resolve(fourth.err().includes("stopping")));
    expect(await fourth.ended).toBe(0);
    expect(lastEntry(data).sequence).toBeGreaterThanOrEqual(killed.sequence);
    // the devices went on as well, over the stop and the kill: no counter went back, and nobody else seems to have changed one
    const failures = codesIn(data).filter((code) => /FAILED|FOREIGN|REFUSED|EXHAUSTED/.test(code));
    expect(failures).toEqual([]);
    expect(readFileSync(join(data, "gateway.log"), "utf8")).not.toContain("counter-reset");
  },
  LONG_MS,
);

test(
  "a second Ctrl-C stops at once",
  async () => {
    const { child, err, ended } = launch(["--port", "0", "--speed", "20", "--data", join(root, "slow")]);
    await until(() => Promise.resolve(err().includes("Ctrl-C")));
    child.kill("SIGINT");
    await until(() => Promise.resolve(err().includes("stopping")));
    await new Promise((resolve) => setTimeout(resolve, 700)); // what comes sooner is the same key, by way of npm
    child.kill("SIGINT");
    expect(await ended).toBe(130);
  },
  LONG_MS,
);

describe("refuses", () => {
  test("a port that is taken, and says how to mend it", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    const { code, err } = await refused(["--port", String(port), "--data", join(root, "port"), "--json"]);
    other.close();
    expect(code).toBe(1);
    const { problems } = JSON.parse(err) as { problems: { code: string; what: string; mend: string }[] };
    expect(problems).toMatchObject([
      { code: "PORT_TAKEN", what: expect.stringContaining(String(port)), mend: expect.stringContaining("--port") },
    ]);
  });

  test("a folder that holds something else, with --reset too, and touches nothing in it", async () => {
    const data = join(root, "other");
    mkdirSync(data);
    writeFileSync(join(data, "journal.sqlite"), "a market of somebody's");
    const { code, err } = await refused(["--data", data, "--reset"]);
    expect(code).toBe(3);
    expect(err).toContain("DATA_FOLDER_FOREIGN");
    expect(readFileSync(join(data, "journal.sqlite"), "utf8")).toBe("a market of somebody's");
  });

  test(
    "a description that cannot be read, until --reset",
    async () => {
      const data = join(root, "torn");
      mkdirSync(data);
      writeFileSync(join(data, "demo.json"), "{");
      expect(await refused(["--data", data])).toMatchObject({
        code: 3,
        err: expect.stringContaining("DATA_FOLDER_UNREADABLE"),
      });
      const demo = await start(["--data", data, "--reset", "--homes", "3", "--quiet"]);
      expect(demo.facts).toMatchObject({ homes: 3, data });
      demo.child.kill("SIGINT");
      expect(await demo.ended).toBe(0);
      expect(demo.err()).toBe("");
    },
    LONG_MS,
  );

  test("a data folder that is a file", async () => {
    const data = join(root, "file");
    writeFileSync(data, "");
    expect(await refused(["--data", data])).toMatchObject({
      code: 1,
      err: expect.stringContaining("DATA_FOLDER_UNUSABLE"),
    });
  });

  test.each([
    ["--speed", "0"],
    ["--speed", "fast"],
    ["--homes", "1"],
    ["--homes", "247"],
    ["--port", "65536"],
    ["--seed", "1.5"],
  ])("%s %s", async (...words) => {
    expect(await runCommand(["demo", ...words])).toMatchObject({ exitCode: 2, out: "" });
  });
});
