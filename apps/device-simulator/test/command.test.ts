/** The built command, as a shell starts it. */
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { createInterface, type Interface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "@jest/globals";
import { formatInstant, instantMs, MINUTE, times } from "@micromarket/kernel";
import { parseCommandLine } from "../src/command-line.ts";
import { DEFAULT_EPOCH } from "../src/simulator.ts";
import { buildStreet } from "../src/street.ts";
import { modbusClient, readSdm630 } from "./started.ts";
import type { SimulatorDescription } from "@micromarket/device-simulator";

const COMMAND = fileURLToPath(new URL("../bin/device-simulator.js", import.meta.url));
const running = new Set<ChildProcessWithoutNullStreams>();

afterEach(() => {
  for (const child of running) child.kill("SIGKILL");
  running.clear();
});

function run(...words: readonly string[]): ChildProcessWithoutNullStreams {
  const child = spawn(process.execPath, [COMMAND, ...words], { stdio: "pipe" });
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
}

async function nextLine(lines: Interface): Promise<unknown> {
  const [line] = (await once(lines, "line")) as [string];
  return JSON.parse(line) as unknown;
}

describe("the command", () => {
  test("prints what it simulates, answers each line, and leaves with 130 at Ctrl-C", async () => {
    const child = run("--homes", "2", "--seed", "2", "--json");
    const lines = createInterface({ input: child.stdout });
    const description = (await nextLine(lines)) as SimulatorDescription;
    expect(description.devices.map(({ id }) => id)).toEqual(["home-1-grid", "home-1-pv", "home-2-grid", "home-2-pv"]);
    expect(description.modbus.port).toBeGreaterThan(0);
    for (const [line, answer] of [
      ['{"fault":"silent","home":"home-1"}', { ok: true, value: { fault: "silent", home: "home-1" } }],
      ['{"fault":"clear","home":"home-9"}', { ok: false, error: { code: "HOME_UNKNOWN", home: "home-9" } }],
    ] as const) {
      const answered = nextLine(lines);
      child.stdin.write(`${line}\n`);
      await expect(answered).resolves.toEqual(answer);
    }
    child.kill("SIGINT");
    await expect(once(child, "exit")).resolves.toEqual([130, null]);
  });

  test("goes on when standard input ends, and is text without --json", async () => {
    const child = run("--homes", "1");
    child.stdin.end();
    const [page] = (await once(child.stdout, "data")) as [Buffer];
    expect(page.toString()).toMatch(
      /^Modbus TCP 127\.0\.0\.1:\d+\nMQTT {7}mqtt:\/\/127\.0\.0\.1:\d+ \(embedded broker\)/,
    );
    child.kill("SIGTERM");
    await expect(once(child, "exit")).resolves.toEqual([130, null]);
  });

  test("says what it cannot do: exit 1", async () => {
    const child = run("--broker", "mqtt://127.0.0.1:1");
    const [said] = (await once(child.stderr, "data")) as [Buffer];
    expect(said.toString()).toContain("ECONNREFUSED");
    await expect(once(child, "exit")).resolves.toEqual([1, null]);
  });
});

describe("killed and started again", () => {
  test("with the same epoch, anchor and speed, the meters go on as if nothing had happened", async () => {
    const anchor = formatInstant(instantMs(Date.now() - 3_600_000));
    const clock = ["--epoch", "2026-06-01T04:00Z", "--anchor", anchor, "--speed", "180"];
    const words = ["--homes", "2", "--seed", "2", "--json", ...clock];
    const options = { homes: 2, seed: 2, epoch: DEFAULT_EPOCH, slotLength: times(MINUTE, 15) };
    const street = buildStreet(options);
    const read = async (): Promise<{ kill: () => Promise<unknown>; clock: object; importedWh: number }> => {
      const child = run(...words);
      const description = (await nextLine(createInterface({ input: child.stdout }))) as SimulatorDescription;
      const client = await modbusClient({ description }, 20_000);
      const virtual = (slackMs: number) =>
        street.read(
          "home-1",
          "grid",
          instantMs(DEFAULT_EPOCH + 180 * Math.round(Date.now() + slackMs - Date.parse(anchor))),
        );
      const before = virtual(-100); // the process may see the machine's clock a little differently
      const { importedWh } = await readSdm630(client, 1);
      expect(importedWh).toBeGreaterThanOrEqual(before.imported);
      expect(importedWh).toBeLessThanOrEqual(virtual(100).imported);
      const kill = (): Promise<unknown> => {
        const gone = once(child, "exit");
        child.kill("SIGKILL");
        return gone;
      };
      return { kill, clock: description.clock, importedWh };
    };
    const first = await read();
    await first.kill();
    const second = await read();
    expect(second.clock).toEqual(first.clock);
    expect(second.importedWh).toBeGreaterThanOrEqual(first.importedWh);
    expect(first.importedWh).toBeGreaterThan(1_000);
    await second.kill();
  });
});

describe("a command line", () => {
  test("has a default for everything", () => {
    expect(parseCommandLine([])).toMatchObject({
      ok: true,
      value: { simulator: { homes: 8, seed: 1, speed: 180, host: "127.0.0.1", modbusPort: 0, mqttPort: 0 } },
    });
  });

  test("names epoch, anchor and broker", () => {
    const words = [
      "--epoch",
      "2026-01-01T00:00Z",
      "--anchor",
      "2026-11-01T12:00:01Z",
      "--broker",
      "mqtt://broker:1883",
    ];
    expect(parseCommandLine(words)).toMatchObject({
      ok: true,
      value: { simulator: { epoch: 1_767_225_600_000, anchor: 1_793_534_401_000, broker: "mqtt://broker:1883" } },
    });
  });

  test.each([
    [["--homes", "0"], "--homes takes an integer from 1 to 246"],
    [["--homes", "1e2"], "--homes takes an integer"],
    [["--seed", "x"], "--seed takes an integer"],
    [["--speed", "0"], "--speed takes a positive number"],
    [["--speed", "-3"], "--speed"],
    [["--modbus-port", "65536"], "--modbus-port takes an integer from 0 to 65535"],
    [["--epoch", "tomorrow"], "--epoch takes an instant"],
    [["--epoch", "2026-01-01T00:01Z"], "start of a quarter hour"],
    [["--broker", "http://x"], "--broker takes a URL"],
    [["--nonsense"], "--nonsense"],
    [["stray"], "stray"],
  ])("is refused with %j", (words, message) => {
    expect(parseCommandLine(words)).toEqual({ ok: false, error: expect.stringContaining(message) });
  });
});
