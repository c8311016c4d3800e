/** `micromarket device prove-reversion` on SunSpec inverters with timers, and on one that has none. */
import { expect, test } from "@jest/globals";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ControlRules } from "@micromarket/control";
import { harmlessValue, isFallbackRight } from "../src/device/watch-reversion.ts";
import { NEEDS_SUNSPEC, sunspecDevices, tempFolder, withSunspec } from "./device-peers.ts";
import { runCommand } from "./memory-console.ts";

const LIMIT = "limit_generation_ppm";
const SHIPPED = "../../../packages/link-modbus/profiles/sunspec/sunspec-inverter.yaml";

/** The shipped profile with another word on reversion. */
function profileOf(reversion: string): string {
  const text = readFileSync(fileURLToPath(new URL(SHIPPED, import.meta.url)), "utf8");
  const file = join(tempFolder(), "inverter.yaml");
  writeFileSync(file, text.replaceAll("{ kind: timer, after_s: 90, refresh_s: 30 }", reversion));
  return file;
}

const proof = (port: string, profile: string, state: string, more: readonly string[] = []): readonly string[] => [
  ...["device", "prove-reversion", "--host", "127.0.0.1", "--port", port, "--profile", profile, "--timeout", "60"],
  ...["--unlock", LIMIT, "--state", state, ...more, LIMIT],
];

const recordsIn = (state: string): object[] =>
  JSON.parse(readFileSync(join(state, "reversions.json"), "utf8")) as object[];

withSunspec(`proven: the device's own timer ends it; the record stays (${NEEDS_SUNSPEC})`, async () => {
  const { port, tell } = await sunspecDevices(["inverter@1:serial=S42"], ["--speed", "15"]); // its 90 s take 6
  const state = tempFolder();
  const { exitCode, out, err } = await runCommand(proof(port, "sunspec-inverter", state, ["--confirm"]));
  expect(out).toMatch(/VERIFIED +90 %/);
  expect(out).toMatch(/PROVEN: let go after [\d.]+ s, and obeys no value any more; its profile says 90 s/);
  expect(err).toMatch(/^0 s: 90 %/);
  expect(exitCode).toBe(0);
  expect(recordsIn(state)).toMatchObject([
    {
      ...{ device: "device", capability: LIMIT, verdict: "proven", declaredMs: 90_000, writtenValue: 900_000 },
      ...{ identity: { serial: "S42" }, measuredMs: expect.any(Number), fellBackTo: { isActive: false } },
    },
  ]);
  expect(await tell({ get: [1, 123, "WMaxLim_Ena"] })).toBe(0);
  await runCommand(proof(port, "sunspec-inverter", state, ["--confirm", "--json", "--quiet"]));
  expect(recordsIn(state)).toHaveLength(2);
});

withSunspec(`exit 4: a device that keeps the value, and is given back all the same (${NEEDS_SUNSPEC})`, async () => {
  const { port, tell } = await sunspecDevices(["still@1"]);
  const profile = profileOf("{ kind: timer, after_s: 3, refresh_s: 1 }");
  const state = tempFolder();
  const { exitCode, out } = await runCommand(proof(port, profile, state, ["--confirm", "--quiet"]));
  expect([exitCode, out]).toEqual([4, expect.stringContaining("NOT REVERTED within 6 s")]);
  expect(recordsIn(state)).toMatchObject([
    { verdict: "not-reverted", measuredMs: null, fellBackTo: { isActive: true } },
  ]);
  expect(out).toContain("RELEASED");
  expect(await tell({ get: [1, 123, "WMaxLim_Ena"] })).toBe(0);
});

withSunspec(`without --confirm nothing is written; a damaged record is not replaced (${NEEDS_SUNSPEC})`, async () => {
  const { port, tell } = await sunspecDevices(["inverter@1"]);
  const state = tempFolder();
  const plan = await runCommand(proof(port, "sunspec-inverter", state));
  expect(plan).toMatchObject({ exitCode: 0, out: expect.stringMatching(/would write +90 %/) });
  writeFileSync(join(state, "reversions.json"), "{}");
  const damaged = await runCommand(proof(port, "sunspec-inverter", state, ["--confirm"]));
  expect(damaged).toMatchObject({ exitCode: 3, err: expect.stringContaining("(RECORDS_DAMAGED)") });
  const none = await runCommand(proof(port, profileOf("{ kind: none }"), state, ["--confirm"]));
  expect(none).toMatchObject({ exitCode: 3, err: expect.stringContaining("(REVERSION_NONE)") });
  const closed = proof(port, "sunspec-inverter", state, ["--confirm"]).filter((word) => word !== "--unlock");
  expect(await runCommand(closed.filter((word, at) => word !== LIMIT || at === closed.length - 1))).toMatchObject({
    exitCode: 3,
    err: expect.stringContaining("(CONTROL_LOCKED)"),
  });
  expect(await tell({ writes: true })).toEqual([]);
});

withSunspec(`VALUE_NEEDED: nobody knows a harmless reserve (${NEEDS_SUNSPEC})`, async () => {
  const { port } = await sunspecDevices(["storage@1"]);
  const words = ["--host", "127.0.0.1", "--port", port, "--profile", "sunspec-storage", "--timeout", "60"];
  const { exitCode, err } = await runCommand(["device", "prove-reversion", ...words, "setpoint_power_w"]);
  expect([exitCode, err]).toEqual([3, expect.stringContaining("(VALUE_NEEDED)")]);
});

const RULES = {
  capability: LIMIT,
  range: { min: 0, max: 1_000_000, step: 10_000 },
  verify: { tolerance: 10_000, withinMs: 5_000 },
} as unknown as ControlRules;
const state = (value: number | null, isActive: boolean | null) => ({
  ...{ value, isActive, revertsInMs: null, objections: [], snapshot: "" },
});

test.each([
  ["no fallback told, and nothing is obeyed", state(900_000, false), null, true],
  ["no fallback told, and what was found is back", state(600_000, true), null, true],
  ["no fallback told, and something else is there", state(300_000, true), null, false],
  ["the fallback", state(505_000, true), 500_000, true],
  ["another value than the fallback", state(900_000, true), 500_000, false],
  ["no limit where all power is the fallback", state(900_000, false), 1_000_000, true],
  ["no limit where half the power is the fallback", state(900_000, false), 500_000, false],
])("what a device fell back to: %s", (_, seen, fallback, isRight) => {
  expect(isFallbackRight(RULES, seen, fallback, state(600_000, true))).toBe(isRight);
});

test("a harmless value is a little less than what is in force", () => {
  expect(harmlessValue(RULES, state(600_000, true))).toBe(540_000);
  expect(harmlessValue(RULES, state(1_000_000, false))).toBe(900_000);
  expect(harmlessValue(RULES, state(null, false))).toBe(900_000);
  expect(harmlessValue(RULES, state(null, true))).toBeNull();
  expect(harmlessValue({ ...RULES, capability: "switch" }, state(1, true))).toBeNull();
});
