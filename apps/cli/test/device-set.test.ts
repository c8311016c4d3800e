/** `micromarket device set` and `release`, on a SunSpec inverter that obeys, with timers of its own; and every refusal. */
import { describe, expect, test } from "@jest/globals";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openSqliteJournal } from "@micromarket/store-sqlite";
import { freePort, NEEDS_SUNSPEC, sunspecDevices, tempFolder, withSunspec } from "./device-peers.ts";
import { runCommand } from "./memory-console.ts";

const COMMAND = fileURLToPath(new URL("../bin/micromarket.js", import.meta.url));
const LIMIT = "limit_generation_ppm";

async function inverter(): Promise<{
  words: string[];
  port: string;
  active: () => Promise<unknown>;
  writes: () => Promise<unknown>;
}> {
  const { port, tell } = await sunspecDevices(["inverter@1:serial=S42"]);
  const words = ["--host", "127.0.0.1", "--port", port, "--profile", "sunspec-inverter", "--timeout", "60"];
  const active = async (): Promise<unknown> => [
    await tell({ get: [1, 123, "WMaxLim_Ena"] }),
    await tell({ get: [1, 123, "WMaxLimPct"] }),
  ];
  return { words, port, active, writes: () => tell({ writes: true }) };
}

const codesOf = (out: string): string[] =>
  out
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as { code: string }).code);

/** A file whose inverter may be limited. */
async function fileOf(port: string, { enabled = true, allowed = [LIMIT] } = {}): Promise<string> {
  const file = (await runCommand(["init", tempFolder(), "--quiet"])).out.trim();
  const control = `[${allowed.join(", ")}]`;
  const roof = `  - id: roof\n    control: ${control}\n    modbus: { host: 127.0.0.1, port: ${port}, profile: sunspec-inverter }\n`;
  const text = readFileSync(file, "utf8").replace(/^devices:.*\n/m, (line) => `${line}${roof}`);
  writeFileSync(file, `${text}\ncontrol: { enabled: ${enabled} }\n`);
  return file;
}

withSunspec(`without --confirm: says what would be written, and writes nothing (${NEEDS_SUNSPEC})`, async () => {
  const { words, writes } = await inverter();
  const { exitCode, out } = await runCommand(["device", "set", ...words, LIMIT, "30%"]);
  expect(exitCode).toBe(0);
  expect(out).toMatch(/holds now +100 %, not obeyed now/);
  expect(out).toMatch(/would write +30 %/);
  expect(out).toMatch(/in the way .*\(CONTROL_LOCKED\)/);
  expect(out).toContain("Nothing was written");
  const json = JSON.parse((await runCommand(["device", "set", ...words, LIMIT, "0%", "--json"])).out) as unknown;
  expect(json).toMatchObject({ wish: 0, value: 10_000, written: false, obstacles: [{ code: "CONTROL_LOCKED" }] });
  expect(await writes()).toEqual([]);
});

withSunspec(`with --confirm: held, verified, given back (${NEEDS_SUNSPEC})`, async () => {
  const { words, active, writes } = await inverter();
  const state = tempFolder();
  const lock = ["--confirm", "--unlock", LIMIT, "--state", state, "--for", "2s", "--json"];
  const { exitCode, out } = await runCommand(["device", "set", ...words, LIMIT, "30%", ...lock]);
  expect([exitCode, codesOf(out)]).toEqual([0, ["TAKEN", "VERIFIED", "RELEASED"]]);
  expect(await active()).toEqual([0, 10_000]);
  expect(await writes()).toMatchObject([
    [1, 16, expect.any(Number), [3_000, 0, 90, 0, 1]],
    [1, 16, expect.any(Number), expect.any(Array)],
  ]);
  expect(readFileSync(join(state, "controls.json"), "utf8")).toContain('\\"hold\\":null');
});

withSunspec(`Ctrl-C: given back, exit 130 (${NEEDS_SUNSPEC})`, async () => {
  const { words, active } = await inverter();
  const lock = ["--confirm", "--unlock", LIMIT, "--state", tempFolder(), "--for", "1h", "--json"];
  const child = spawn(process.execPath, [COMMAND, "device", "set", ...words, LIMIT, "30%", ...lock]);
  const { said, ended } = listen(child);
  await said("VERIFIED");
  expect(await active()).toEqual([1, 3_000]);
  child.kill("SIGINT");
  expect(await ended).toEqual([130, null]);
  await said("RELEASED");
  expect(await active()).toEqual([0, 10_000]);
});

withSunspec(`killed: what was found is on disk, and release puts it back (${NEEDS_SUNSPEC})`, async () => {
  const { words, active } = await inverter();
  const state = ["--unlock", LIMIT, "--state", tempFolder()];
  const child = spawn(process.execPath, [COMMAND, "device", "set", ...words, LIMIT, "30%", ...state, "--confirm"]);
  const { said, ended } = listen(child);
  await said("VERIFIED");
  const rival = await runCommand(["device", "set", ...words, LIMIT, "20%", ...state, "--confirm"]);
  expect(rival).toMatchObject({ exitCode: 3, err: expect.stringContaining("(STATE_IN_USE)") });
  child.kill("SIGKILL");
  await ended;
  expect(await active()).toEqual([1, 3_000]);
  const told = await runCommand(["device", "release", ...words, ...state]);
  expect(told).toMatchObject({ exitCode: 0, out: expect.stringContaining(`${LIMIT}: 100 % was found`) });
  expect(await active()).toEqual([1, 3_000]);
  const { exitCode, out } = await runCommand(["device", "release", ...words, ...state, "--confirm", "--json"]);
  expect([exitCode, codesOf(out)]).toEqual([0, ["RELEASED"]]);
  expect(await active()).toEqual([0, 10_000]);
  const again = await runCommand(["device", "release", ...words, ...state, "--confirm"]);
  expect(again).toMatchObject({ exitCode: 0, out: "nothing of it is held\n" });
});

withSunspec(
  `a device of a gateway file: with both locks open, in the gateway's data folder (${NEEDS_SUNSPEC})`,
  async () => {
    const { port, writes } = await inverter();
    const file = await fileOf(port);
    const words = ["device", "set", "--config", file, "roof", LIMIT, "50%", "--for", "1s", "--confirm", "--json"];
    const { exitCode, out } = await runCommand(words);
    expect([exitCode, codesOf(out)]).toEqual([0, ["TAKEN", "VERIFIED", "RELEASED"]]);
    expect(await writes()).toHaveLength(2);
    const data = /^data: (.*)$/m.exec(readFileSync(file, "utf8"))?.[1] ?? "";
    expect(existsSync(join(file, "..", data, "controls.json"))).toBe(true);
  },
);

test("a device that does not answer: exit 1, nothing is said to be written", async () => {
  const words = ["--host", "127.0.0.1", "--port", await freePort(), "--profile", "sunspec-inverter", "--timeout", "1"];
  const lock = ["--confirm", "--unlock", LIMIT, "--state", tempFolder(), "--for", "1s", "--json"];
  const { exitCode, out } = await runCommand(["device", "set", ...words, LIMIT, "50%", ...lock]);
  expect([exitCode, codesOf(out)]).toEqual([1, ["READ_FAILED"]]);
  const dry = await runCommand(["device", "set", ...words, LIMIT, "50%"]);
  expect(dry.exitCode).toBe(1);
});

describe("refused before anything is asked of the device", () => {
  const NOBODY = ["--host", "127.0.0.1", "--port", "1", "--profile", "sunspec-inverter", "--confirm"];
  test.each([
    ["CAPABILITY_UNKNOWN", ["limit_generation", "50%"], []],
    ["UNIT_UNFIT", [LIMIT, "50 W"], []],
    ["VALUE_MALFORMED", [LIMIT, "half"], []],
    ["CONTROL_LOCKED", [LIMIT, "50%"], []],
    ["CONTROL_LOCKED", [LIMIT, "50%"], ["--unlock", "limit_generation_w"]],
    ["CAPABILITY_MISSING", ["switch", "on"], ["--unlock", "switch"]],
    ["STATE_UNWRITABLE", [LIMIT, "50%"], ["--unlock", LIMIT, "--state", COMMAND]],
  ])("%s: %j %j", async (code, words, more) => {
    const { exitCode, out, err } = await runCommand(["device", "set", ...NOBODY, ...words, ...more, "--json"]);
    expect([exitCode, out]).toEqual([3, ""]);
    expect(JSON.parse(err)).toMatchObject({ problems: [{ code }] });
  });

  test("STATE_DAMAGED: nothing is written where nobody knows what was held", async () => {
    const state = tempFolder();
    writeFileSync(join(state, "controls.json"), "no text of ours");
    const words = ["device", "set", ...NOBODY, LIMIT, "50%", "--unlock", LIMIT, "--state", state];
    expect(await runCommand(words)).toMatchObject({ exitCode: 3, err: expect.stringContaining("(STATE_DAMAGED)") });
  });

  test("CONTROL_DISABLED, CONTROL_LOCKED: what the gateway file does not open stays closed", async () => {
    const set = async (file: string) =>
      runCommand(["device", "set", "--config", file, "roof", LIMIT, "50%", "--confirm"]);
    const disabled = await set(await fileOf("1", { enabled: false }));
    expect(disabled).toMatchObject({ exitCode: 3, err: expect.stringContaining("(CONTROL_DISABLED)") });
    const locked = await set(await fileOf("1", { allowed: ["limit_generation_w"] }));
    expect(locked).toMatchObject({ exitCode: 3, err: expect.stringContaining("(CONTROL_LOCKED)") });
  });

  test("GATEWAY_RUNS: a gateway has the file's journal open", async () => {
    const file = await fileOf("1");
    const data = join(file, "..", /^data: (.*)$/m.exec(readFileSync(file, "utf8"))?.[1] ?? "");
    mkdirSync(data, { recursive: true });
    const journal = openSqliteJournal(join(data, "journal.sqlite"));
    const set = await runCommand(["device", "set", "--config", file, "roof", LIMIT, "50%", "--confirm"]);
    const release = await runCommand(["device", "release", "--config", file, "roof"]);
    journal.close();
    for (const { exitCode, err } of [set, release])
      expect([exitCode, err]).toEqual([3, expect.stringContaining("(GATEWAY_RUNS)")]);
  });

  test("too few words, or too many, are a usage error", async () => {
    expect(await runCommand(["device", "set", ...NOBODY, LIMIT])).toMatchObject({ exitCode: 2 });
    expect(await runCommand(["device", "set", ...NOBODY, "a", "b", LIMIT, "50%"])).toMatchObject({ exitCode: 2 });
  });
});

function listen(child: ReturnType<typeof spawn>): { said: (text: string) => Promise<void>; ended: Promise<unknown[]> } {
  let out = "";
  child.stdout?.on("data", (chunk: Buffer) => void (out += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => void (out += chunk.toString()));
  const ended = once(child, "exit");
  const said = async (text: string): Promise<void> => {
    while (!out.includes(text)) {
      if (child.exitCode !== null) throw new Error(`it ended without ${text}: ${out}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return { said, ended };
}
