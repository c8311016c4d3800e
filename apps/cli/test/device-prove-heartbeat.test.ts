/**
 * `micromarket device prove-reversion` of devices that obey for as long as somebody speaks to them: what we say by ourselves
 * must stop, or the proof keeps up what it waits for. The devices fall back well before the profiles say.
 */
import { expect, jest, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Control } from "@micromarket/device-profiles";
import { machineTime } from "@micromarket/gateway";
import { watchReversion } from "../src/device/watch-reversion.ts";
import { NEEDS_BROKER, NEEDS_PYMODBUS, pymodbusPeer, tempFolder, withBroker, withPymodbus } from "./device-peers.ts";
import { currentControl, every, profileFile, topicDevice, type TopicDevice } from "./line-peers.ts";
import { runCommand } from "./memory-console.ts";

/** The commands wait for devices, and a busy machine for itself. */
jest.setTimeout(300_000);

const CURRENT = "evse_current_ma";
const REVERSION = "{ kind: heartbeat, after_s: 8, refresh_s: 2 }";

const prove = async (place: readonly string[], state: string) =>
  runCommand([
    ...["device", "prove-reversion", ...place, "--timeout", "20", "--value", "10 A"],
    ...["--unlock", CURRENT, "--state", state, "--confirm", CURRENT],
  ]);

const recordIn = (state: string): unknown =>
  (JSON.parse(readFileSync(join(state, "reversions.json"), "utf8")) as unknown[]).at(-1);

/** A charger that falls back to 16 A when it has not heard `beat` for three seconds, or never. */
async function charger(beat: string, isStubborn: boolean): Promise<TopicDevice> {
  let [current, heardAt] = [16, performance.now()];
  const device = await topicDevice(["box/set", "box/beat", "box/wake"], (topic, payload) => {
    if (topic === beat) heardAt = performance.now();
    if (topic === "box/set") current = Number(payload);
  });
  every(100, () => {
    const isAlone = performance.now() - heardAt > 3_000;
    if (isAlone && !isStubborn) current = 16;
    if (beat === "box/beat" || !isAlone) device.say("box/amp", String(current)); // it sleeps where it is woken no more
  });
  return device;
}

const topics = (more: string, control: string): string => `${more}topics:
  - topic: "{id}/amp"
    payload: number
    points:
      offered_current_ma: { unit: A, sign: as-is, range: [0, 64000], max_age_s: 60 }
${currentControl(REVERSION, `    write: [{ topic: "{id}/set", payload: $value, pow10: -3 }]\n    state: offered_current_ma\n${control}`)}`;

const KEPT = topics("", '    keep: { topic: "{id}/beat", payload: "1", every_s: 1 }\n');
const WOKEN = topics('wake: { topic: "{id}/wake", payload: "1", every_s: 1 }\n', "");
const place = (url: string, text: string): readonly string[] => {
  return ["--broker", url, "--id", "box", "--profile", profileFile("box", text)];
};

withBroker(`proven: our heartbeat stops, and the device lets go (${NEEDS_BROKER})`, async () => {
  const device = await charger("box/beat", false);
  const state = tempFolder();
  const { exitCode, out } = await prove(place(device.url, KEPT), state);
  expect(out).toMatch(/VERIFIED[^]*PROVEN: let go after [\d.]+ s, and holds 16 A; its profile says 8 s/);
  expect(exitCode).toBe(0);
  expect(recordIn(state)).toMatchObject({ kind: "heartbeat", verdict: "proven", measuredMs: expect.any(Number) });
  const beats = device.heard.filter((line) => line.startsWith("box/beat"));
  expect(beats.length).toBeGreaterThan(0);
  const sets = device.heard.filter((line) => line.startsWith("box/set"));
  expect(sets[0]).toBe("box/set 10");
  const sent = device.heard.length;
  await new Promise((resolve) => setTimeout(resolve, 1_500)); // a beat that still ran would come in this time
  expect(device.heard.length).toBe(sent);
});

withBroker(`exit 4: without a heartbeat it keeps the value all the same (${NEEDS_BROKER})`, async () => {
  const device = await charger("box/beat", true);
  const { exitCode, out } = await prove(place(device.url, KEPT), tempFolder());
  expect([exitCode, out]).toEqual([4, expect.stringContaining("NOT REVERTED within 16 s")]);
  while (device.heard.at(-1) !== "box/set 16") await new Promise((resolve) => setTimeout(resolve, 20));
});

withBroker(`a device that is woken is not woken while it is to let go (${NEEDS_BROKER})`, async () => {
  const device = await charger("box/wake", false);
  const state = tempFolder();
  const { exitCode, out, err } = await prove(place(device.url, WOKEN), state);
  expect(err).toContain("nothing is said to it for 16 s: looking could keep the value up");
  expect(out).toContain("PROVEN: let go in time (not measured: looking would keep it up), and holds 16 A");
  expect(exitCode).toBe(0);
  expect(recordIn(state)).toMatchObject({ verdict: "proven", measuredMs: null });
});

const REGISTERS = `link: { framing: [tcp], port: 502, unit: 1, word_order: big, max_registers: 20 }
max_age_s: 60
points:
  offered_current_ma: { function: 3, address: 200, type: uint16, pow10: 3 }
${currentControl(
  REVERSION,
  `    readback: { function: 3, address: 200, type: uint16, pow10: 3 }
    write: [{ function: 16, address: 200, values: [$value] }]
`,
)}`;

withPymodbus(
  `a device that takes a question for a sign of life is asked at the end only (${NEEDS_PYMODBUS})`,
  async () => {
    const timer = { address: 200, seconds: 3, words: [16], read_feeds: true, real: true };
    const { port, tell } = await pymodbusPeer({ holding: { 200: 16 }, timer });
    const words = ["--host", "127.0.0.1", "--port", port, "--profile", profileFile("box", REGISTERS)];
    const { exitCode, out, err } = await prove(words, tempFolder());
    expect(err).toContain("nothing is said to it for 16 s");
    expect(out).toContain("PROVEN: let go in time");
    expect(exitCode).toBe(0);
    const [first] = (await tell({ writes: true })) as unknown[];
    expect(first).toEqual([16, 200, [10]]);
  },
);

withPymodbus(`VALUE_SAME: what it holds already is never seen to go (${NEEDS_PYMODBUS})`, async () => {
  const { port, tell } = await pymodbusPeer({ holding: { 200: 8 } });
  const words = ["--host", "127.0.0.1", "--port", port, "--profile", profileFile("box", REGISTERS)];
  const { exitCode, err } = await prove(words, tempFolder());
  expect([exitCode, err]).toEqual([
    3,
    expect.stringMatching(/holds 8 A already.*stricter one than it holds \(VALUE_SAME\)/),
  ]);
  expect(await tell({ writes: true })).toEqual([]);
});

test("a device that does not answer in the end proves nothing: it is waited for, and no state is made up", async () => {
  const held = { value: 10_000, isActive: null, revertsInMs: null, objections: [], snapshot: "" };
  const answers = [
    { ok: true, value: held },
    { ok: false, error: { code: "UNREADABLE", detail: "gone" } },
  ] as const;
  let looks = 0;
  const control = {
    rules: { reversion: { kind: "timer", afterMs: 50, refreshMs: 10, fallsBackTo: null }, verify: { tolerance: 0 } },
    read: () => Promise.resolve(answers[Math.min(looks++, 1)]),
  } as unknown as Control;
  const signals = { requests: 0, stop: () => undefined, onStop: () => () => undefined, close: () => undefined };
  const silence = {
    control,
    value: 10_000,
    sinceMs: machineTime.elapsedMs(),
    looks: "watch",
    wake: () => undefined,
  } as const;
  const result = await watchReversion({ ...silence, patienceMs: 1_500 }, signals, () => undefined);
  expect(result).toEqual({ isReverted: false, measuredMs: null, state: null });
  expect(looks).toBeGreaterThan(2);
});
