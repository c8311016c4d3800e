/** `micromarket device compare`: meters of pysunspec2 that count, beside each other and beside a display. */
import { expect, test } from "@jest/globals";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { instantMs } from "@micromarket/kernel";
import { agreementsOf, hintsOf, seePower, type Growth } from "../src/device/counter-growth.ts";
import { resolutionOf } from "../src/device/utility-reading.ts";
import { runProgram } from "../src/program.ts";
import { freePort, NEEDS_SUNSPEC, sunspecDevices, tempFolder, withSunspec } from "./device-peers.ts";
import { runCommand } from "./memory-console.ts";

const MANUAL = ["--clock", "manual"];

async function twoMeters(port: string): Promise<string> {
  const file = (await runCommand(["init", tempFolder(), "--quiet"])).out.trim();
  const meter = (id: string, unit: number): string =>
    `  - id: ${id}\n    modbus: { host: 127.0.0.1, port: ${port}, unit: ${unit}, profile: sunspec-meter }\n`;
  const devices = `${meter("grid", 1)}${meter("utility", 2)}`;
  writeFileSync(
    file,
    readFileSync(file, "utf8").replace(/^devices:.*\n/m, (line) => `${line}${devices}`),
  );
  return file;
}

withSunspec.each([
  ["agrees", "meter@2:load_w=495", "agrees", []],
  ["differs", "meter@2:load_w=450", "differs", []],
  ["turned", "meter@2:load_w=-500", "differs", [expect.stringContaining("turn the clamps")]],
])(`two devices of a file: %s (${NEEDS_SUNSPEC})`, async (_, other, verdict, hints) => {
  const { port, tell } = await sunspecDevices(["meter@1:load_w=500", other], MANUAL);
  const file = await twoMeters(port);
  let out = "";
  const hear = async (text: string): Promise<void> => {
    if (!text.includes("answer; watched")) return;
    await tell({ tick: 36_000 });
    process.emit("SIGINT"); // what flowed is enough
  };
  const words = ["device", "compare", "--config", file, "grid", "--against", "utility", "--for", "1h", "--json"];
  const console = {
    out: (text: string) => void (out += text),
    err: (text: string) => void hear(text),
    interactive: false,
  };
  const exitCode = await runProgram([...words, "--timeout", "60"], {
    ...console,
    readStandardInput: () => Promise.resolve(""),
  });
  expect(exitCode).toBe(130);
  expect(JSON.parse(out)).toMatchObject({ names: ["grid", "utility"], verdict, hints });
  expect(JSON.parse(out)).toMatchObject({
    agreements: [
      { direction: "imported", a: 5_000 },
      { direction: "exported", a: 0 },
    ],
  });
});

withSunspec(`a display that is read off twice: 0, 1 and 4 (${NEEDS_SUNSPEC})`, async () => {
  const { port, tell } = await sunspecDevices(["meter@1:load_w=500"], MANUAL);
  const state = tempFolder();
  const compare = async (reading: string, more: readonly string[] = []) =>
    runCommand([
      ...["device", "compare", "--host", "127.0.0.1", "--port", port, "--profile", "sunspec-meter", "--timeout", "60"],
      ...["--state", state, "--reading", reading, ...more],
    ]);
  expect(await compare("imported=700.0kWh")).toMatchObject({ exitCode: 0, out: expect.stringContaining("Kept.") });
  const early = await compare("imported=700.0kWh");
  expect(early).toMatchObject({ exitCode: 1, out: expect.stringContaining("UNDECIDED") });
  await tell({ tick: 72_000 });
  const same = await compare("imported=710.1kWh");
  expect(same).toMatchObject({
    exitCode: 0,
    out: expect.stringMatching(/imported +10 kWh +10\.1 kWh +0\.9901 % +agrees/),
  });
  expect(same.out).toContain("AGREES");
  const other = await compare("imported=709.0kWh");
  expect(other).toMatchObject({ exitCode: 4, out: expect.stringContaining("DIFFERS") });
  const generous = await compare("imported=709.0kWh", ["--tolerance", "15"]);
  expect(generous.exitCode).toBe(0);
  expect(await compare("imported=1kWh", ["--restart"])).toMatchObject({ exitCode: 0 });
  writeFileSync(join(state, "comparisons.json"), "[1]");
  expect(await compare("imported=1kWh")).toMatchObject({
    exitCode: 3,
    err: expect.stringContaining("(RECORDS_DAMAGED)"),
  });
});

test("refused: with nothing, with itself, with what is no reading, with somebody who is silent", async () => {
  const nobody = ["--host", "127.0.0.1", "--port", await freePort(), "--profile", "sunspec-meter", "--timeout", "1"];
  const compare = async (...words: readonly string[]) => runCommand(["device", "compare", ...words]);
  const refused = (code: string) => ({ exitCode: 3, err: expect.stringContaining(`(${code})`) });
  expect(await compare(...nobody)).toMatchObject(refused("COMPARE_WITH"));
  expect(await compare(...nobody, "--against", "other")).toMatchObject(refused("COMPARE_WITH"));
  const file = await twoMeters("1");
  expect(await compare("--config", file, "grid", "--against", "grid")).toMatchObject(refused("COMPARE_WITH"));
  expect(await compare("--config", file, "grid", "--against", "no")).toMatchObject(refused("DEVICE_UNKNOWN"));
  expect(await compare(...nobody, "--reading", "imported=5")).toMatchObject(refused("READING_MALFORMED"));
  expect(await compare(...nobody, "--reading", "imported=5 A")).toMatchObject(refused("UNIT_UNFIT"));
  const silent = await compare(...nobody, "--state", tempFolder(), "--reading", "imported=5kWh");
  expect(silent).toMatchObject({ exitCode: 1, err: expect.stringContaining("(DEVICE_SILENT)") });
  expect(await compare(...nobody, "--tolerance", "0")).toMatchObject({ exitCode: 2 });
});

const growth = (imported: number | null, exported: number | null, resolutionWh = 1): Growth => ({
  ...{ imported, exported, resolutionWh },
});

test.each([
  ["the same", growth(1_000, 0), growth(1_000, 0), "agrees", "undecided"],
  ["within 2 %", growth(1_000, 0), growth(981, 0), "agrees", "undecided"],
  ["a step beyond it", growth(1_000, 0), growth(977, 0), "differs", "undecided"],
  ["steps too coarse for what flowed", growth(100, 0, 100), growth(100, 0), "undecided", "undecided"],
  ["far apart in spite of coarse steps", growth(1_000, 0, 100), growth(0, 0), "differs", "undecided"],
  ["one counts back", growth(-5, 0), growth(1_000, 0), "differs", "undecided"],
  ["one does not count export", growth(1_000, 5), growth(1_000, null), "agrees", "absent"],
])("growth: %s", (_, a, b, imported, exported) => {
  expect(agreementsOf(a, b, 20_000).map(({ verdict }) => verdict)).toEqual([imported, exported]);
});

test("hints: power against counters, phases summed one by one, phases in opposite directions", () => {
  const names = ["a", "b"] as const;
  const look = (point: "power_w" | "power_l1_w" | "power_l2_w", value: number) => ({
    ...{ point, value: { kind: "value" as const, value }, at: instantMs(0) },
  });
  const seen = seePower({ meanW: null, looks: 0, mixedLooks: 0 }, [
    ...[look("power_w", -500), look("power_l1_w", 300), look("power_l2_w", -800)],
  ]);
  expect(seen).toEqual({ meanW: -500, looks: 1, mixedLooks: 1 });
  const pair = [growth(1_000, 0), growth(1_400, 400)] as const;
  const hints = hintsOf(names, pair, [seen, null], agreementsOf(...pair, 20_000));
  expect(hints).toEqual([
    expect.stringContaining("a: its power is negative and its counters say the opposite"),
    expect.stringContaining("sums them one by one"),
    expect.stringContaining("opposite directions in 1 of 1 looks"),
  ]);
});

test("the step of a display is that of its last digit", () => {
  expect(resolutionOf("imported=12345.6kWh,exported=99kWh")).toBe(1_000);
  expect(resolutionOf("imported=12345.67 kWh")).toBe(10);
  expect(resolutionOf("imported=12345678Wh")).toBe(1);
});
