/** `micromarket device set` and `release` on devices behind a broker, and on a serial line; none of them is ours. */
import { expect, jest, test } from "@jest/globals";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { NEEDS_BROKER, pymodbusPeer, tempFolder, withBroker } from "./device-peers.ts";
import {
  currentControl,
  every,
  NEEDS_SOCAT,
  profileFile,
  serialLine,
  topicDevice,
  withSocat,
  type TopicDevice,
} from "./line-peers.ts";
import { runCommand } from "./memory-console.ts";

/** The commands wait for devices, and a busy machine for itself. */
jest.setTimeout(300_000);

const COMMAND = fileURLToPath(new URL("../bin/micromarket.js", import.meta.url));

const codesOf = (out: string): string[] =>
  out
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as { code: string }).code);

/** A go-e charger's keys: stored by the broker, said anew when they change; that it lives is said again and again. */
async function charger(acl?: string): Promise<TopicDevice> {
  const key = (name: string): string => `go-eCharger/123456/${name}`;
  const device = await topicDevice(
    [key("amp/set"), key("frc/set")],
    (topic, payload, say) => say(topic.replace(/\/set$/, ""), payload, true),
    acl,
  );
  const keys = { mcc: "true", car: "2", amp: "16", frc: "0", psm: "2", eto: "12345", wh: "10" };
  for (const [name, value] of Object.entries(keys)) device.say(key(name), value, true);
  device.say(key("nrg"), "[230,230,230,0,16,16,16,3680,3680,3680,0,11040,100,100,100,0]", true);
  let boot = 1_000;
  every(200, () => device.say(key("rbt"), String((boot += 200))));
  return device;
}

const GO_E = "evse_current_ma";
const goE = ({ url }: TopicDevice): readonly string[] => [
  ...["--broker", url, "--id", "123456", "--profile", "go-e", "--timeout", "60"],
];
const locked = (capability: string, state = tempFolder()): readonly string[] => [
  ...["--confirm", "--unlock", capability, "--state", state, "--for", "1s", "--json"],
];

withBroker(`go-e: told, read back and given back; without --confirm nothing is said (${NEEDS_BROKER})`, async () => {
  const device = await charger();
  const plan = await runCommand(["device", "set", ...goE(device), GO_E, "10 A"]);
  expect(plan).toMatchObject({ exitCode: 0, out: expect.stringMatching(/holds now +16 A/) });
  expect(plan.out).toMatch(/would write +10 A/);
  expect(plan.out).toContain("what ends it  nothing: the device keeps the value when nobody refreshes it");
  expect(device.heard).toEqual([]);
  const { exitCode, out } = await runCommand(["device", "set", ...goE(device), GO_E, "10 A", ...locked(GO_E)]);
  expect([exitCode, codesOf(out)]).toEqual([0, ["TAKEN", "VERIFIED", "RELEASED"]]);
  expect(device.heard).toEqual(["go-eCharger/123456/amp/set 10", "go-eCharger/123456/amp/set 16"]);
});

withBroker(`go-e: killed, and given back by release (${NEEDS_BROKER})`, async () => {
  const device = await charger();
  const state = tempFolder();
  const words = ["device", "set", ...goE(device), "evse_enable", "off", ...locked("evse_enable", state)];
  const child = spawn(process.execPath, [COMMAND, ...words.slice(0, -1), "--for", "1h"]);
  let said = "";
  child.stdout.on("data", (text: Buffer) => (said += text.toString()));
  while (!said.includes("VERIFIED")) {
    if (child.exitCode !== null) throw new Error(said);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(device.heard).toEqual(["go-eCharger/123456/frc/set 1"]);
  const lock = ["--unlock", "evse_enable", "--state", state, "--confirm", "--json"];
  const { exitCode, out } = await runCommand(["device", "release", ...goE(device), ...lock]);
  expect([exitCode, codesOf(out).at(-1)]).toEqual([0, "RELEASED"]);
  expect(device.heard.at(-1)).toBe("go-eCharger/123456/frc/set 0");
});

withBroker(`what a broker does not let through is said, and nothing is held (${NEEDS_BROKER})`, async () => {
  const device = await charger("topic read #\ntopic write peer/#\ntopic write go-eCharger/123456/+\n");
  const { exitCode, out } = await runCommand(["device", "set", ...goE(device), GO_E, "10 A", ...locked(GO_E)]);
  expect([exitCode, codesOf(out).at(-1)]).toEqual([1, "RELEASED"]);
  expect(out).toContain("Not authorized");
  expect(device.heard).toEqual([]);
});

withBroker(`a switch as Home Assistant has it (${NEEDS_BROKER})`, async () => {
  let state = "off";
  const device = await topicDevice(["home/pump/set"], (_, payload) => (state = payload === "PRESS" ? "on" : "off"));
  every(200, () => device.say("home/pump/state", state));
  const words = ["--broker", device.url, "--id", "home/pump/state", "--profile", "generic-switch", "--timeout", "60"];
  const params = ["command=home/pump/set", "on=PRESS", "off=LEAVE", "max_age_s=60"].flatMap((pair) => [
    "--param",
    pair,
  ]);
  const set = ["device", "set", ...words, ...params, "switch", "on", ...locked("switch")];
  const { exitCode, out } = await runCommand(set);
  expect([exitCode, codesOf(out)]).toEqual([0, ["TAKEN", "VERIFIED", "RELEASED"]]);
  expect(device.heard).toEqual(["home/pump/set PRESS", "home/pump/set LEAVE"]);
  const bare = await runCommand([
    "device",
    "set",
    ...words,
    "--param",
    "max_age_s=60",
    "switch",
    "on",
    ...locked("switch"),
  ]);
  expect(bare).toMatchObject({ exitCode: 3, err: expect.stringContaining("CAPABILITY_MISSING") });
});

withBroker(`a device that says nothing: exit 1, where and what to look at (${NEEDS_BROKER})`, async () => {
  const { url } = await topicDevice([], () => undefined);
  const words = ["--broker", url, "--id", "123456", "--profile", "go-e", "--timeout", "1"];
  const plan = await runCommand(["device", "set", ...words, GO_E, "10 A"]);
  expect(plan.exitCode).toBe(1);
  expect(plan.err).toMatch(
    /^device at mqtt:.* 123456: the device publishes nothing — check its power, .*\(DEVICE_SILENT\)/,
  );
  const { exitCode, out } = await runCommand(["device", "set", ...words, GO_E, "10 A", ...locked(GO_E)]);
  expect([exitCode, codesOf(out)]).toEqual([1, ["READ_FAILED"]]);
});

const SERIAL = `link: { framing: [rtu], baud: 19200, unit: 9, word_order: big, max_registers: 20 }
max_age_s: 60
points:
  offered_current_ma: { function: 3, address: 200, type: uint16, pow10: 3 }
${currentControl(
  "{ kind: none }",
  `    readback: { function: 3, address: 200, type: uint16, pow10: 3 }
    write: [{ function: 16, address: 200, values: [$value] }]
`,
)}`;

withSocat(`a charger on a serial line: told, read back and given back (${NEEDS_SOCAT})`, async () => {
  const { near, far } = await serialLine();
  const { tell } = await pymodbusPeer({ framing: "rtu", serial: far, unit: 9, holding: { 200: 16 } });
  const words = ["--serial", near, "--profile", profileFile("serial-charger", SERIAL), "--timeout", "60"];
  const { exitCode, out } = await runCommand(["device", "set", ...words, GO_E, "6 A", ...locked(GO_E)]);
  expect([exitCode, codesOf(out)]).toEqual([0, ["TAKEN", "VERIFIED", "RELEASED"]]);
  expect(await tell({ writes: true })).toEqual([
    [16, 200, [6]],
    [16, 200, [16]],
  ]);
  const silent = ["--serial", near, "--unit", "3", ...words.slice(2, 4), "--timeout", "1"];
  const plan = await runCommand(["device", "set", ...silent, GO_E, "6 A"]);
  expect([plan.exitCode, plan.err]).toEqual([1, expect.stringMatching(/unit 3: .*TIMEOUT|unit 3 does not answer/)]);
});

test("a serial line that is not there: exit 1, and what the system says", async () => {
  const words = ["--serial", "/dev/micromarket-none", "--profile", "eastron-sdm630", "--timeout", "1"];
  const { exitCode, err } = await runCommand(["device", "read", ...words]);
  expect([exitCode, err]).toEqual([1, expect.stringMatching(/micromarket-none.*No such file.* — .*\(DEVICE_SILENT\)/)]);
});
