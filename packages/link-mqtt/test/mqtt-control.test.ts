/** Controls over a real broker: what is published, what is read back, and what never goes out. */
import { spawn, type ChildProcess } from "node:child_process";
import { afterEach, describe, expect, test } from "@jest/globals";
import type { Capability } from "@micromarket/control";
import type { Control } from "@micromarket/device-profiles";
import { formatProblem } from "@micromarket/kernel";
import { mqttControl, MqttDevice, readProfile, type MqttControlOptions } from "@micromarket/link-mqtt";
import { encodeValue } from "../src/encode-value.ts";
import { brokerTest } from "./broker-test.ts";
import { closeLinks, now, openLink } from "./link-probe.ts";
import { message, profileNamed } from "./message.ts";
import { Mosquitto } from "./mosquitto.ts";
import { JSON_POWER, profileText } from "./profile-of.ts";

const { withBroker, remark } = brokerTest();
const brokers: Mosquitto[] = [];
const devices: ChildProcess[] = [];
const untold = { revertAfterMs: null, fallback: null };

afterEach(async () => {
  await closeLinks();
  for (const device of devices.splice(0)) device.kill();
  await Promise.all(brokers.splice(0).map((broker) => broker.remove()));
});

/** A device of the profile behind a broker, one control of it, and somebody who hears all commands. */
async function openControl(profile: string, id: string, capability: Capability, options: MqttControlOptions = {}) {
  const broker = await Mosquitto.start();
  brokers.push(broker);
  const device = new MqttDevice(profileNamed(profile), id, now);
  const probe = openLink({ port: broker.port, filters: device.topics() }, (one) => void device.accept(one));
  const heard = openLink({ port: broker.port, filters: ["#"] });
  await Promise.all([probe.untilState("connected"), heard.untilState("connected")]);
  const control = mqttControl(device, capability, probe.link, options);
  if (!control.ok) throw new Error(control.error.detail);
  const commands = (): string[] =>
    heard.messages
      .filter(({ topic }) => /^W\/|^cmnd\/|\/set$/.test(topic))
      .map(({ topic, payload }) => `${topic} ${Buffer.from(payload).toString()}`);
  const report = async (topic: string, payload: string): Promise<void> => {
    const before = probe.messages.length;
    await broker.publish(["-t", topic, "-m", payload, "-q", "1"]);
    await probe.until(() => probe.messages.length > before);
  };
  return { broker, device, probe, heard, control: control.value, commands, report };
}

async function stateOf(control: Control): Promise<unknown> {
  const state = await control.read();
  return state.ok ? state.value.value : state.error.code;
}

describe(`with Mosquitto${remark}`, () => {
  withBroker("a plug is read, switched, and put back as it was found", async () => {
    const { control, commands, heard, report } = await openControl("tasmota-plug", "washer", "switch");
    expect(await stateOf(control)).toBe("UNREADABLE");
    await report("tele/washer/STATE", '{"POWER":"OFF"}');
    const found = await control.read();
    expect(found).toMatchObject({ ok: true, value: { value: 0, isActive: null, objections: [] } });
    expect(await control.write(1, untold)).toEqual({ ok: true, value: null });
    await report("tele/washer/STATE", '{"POWER":"ON"}');
    expect(await stateOf(control)).toBe(1);
    expect(await control.restore(found.ok ? found.value.snapshot : "")).toEqual({ ok: true, value: null });
    await heard.until(() => commands().length === 2);
    expect(commands()).toEqual(["cmnd/washer/POWER ON", "cmnd/washer/POWER OFF"]);
    expect(heard.messages.every(({ retained }) => !retained)).toBe(true);
  });

  withBroker("what goes out is QoS 1, not retained, and expires; the broker stores nothing of it", async () => {
    const { broker, control } = await openControl("tasmota-plug", "p", "switch", { validForMs: 7_000 });
    const properties = ["-V", "mqttv5", "-q", "1", "-C", "1", "-F", "%q %r %E %p"];
    const listener = spawn("mosquitto_sub", [
      "-h",
      "127.0.0.1",
      "-p",
      String(broker.port),
      "-t",
      "cmnd/#",
      ...properties,
    ]);
    devices.push(listener);
    let said = "";
    listener.stdout.on("data", (text: Buffer) => (said += text.toString()));
    const ended = new Promise((resolve) => listener.once("exit", resolve));
    // Nobody says when mosquitto_sub has subscribed, so the value is written until it is heard.
    while (said === "") {
      await control.write(1, untold);
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 50))]);
    }
    await ended;
    expect(said).toMatch(/^1 0 7 ON/);
    const late = openLink({ port: broker.port, filters: ["#"] });
    await late.untilState("connected");
    await broker.publish(["-t", "end", "-m", "x", "-q", "1"]);
    await late.until(() => late.messages.length > 0);
    expect(late.messages.map(({ topic }) => topic)).toEqual(["end"]);
  });

  withBroker("a charger's current goes out in ampere; what is no value of it does not go out at all", async () => {
    const { control, commands, heard, probe, report } = await openControl("go-e", "1", "evse_current_ma");
    await report("go-eCharger/1/amp", "16");
    expect(await stateOf(control)).toBe(16_000);
    for (const value of [5_000, 6_500, 17_000, 0, -6_000, Number.NaN, Number.POSITIVE_INFINITY, 6_000.5]) {
      expect(await control.write(value, untold)).toMatchObject({ ok: false, error: { code: "VALUE_REFUSED" } });
    }
    expect(probe.link.metrics.commandsSent).toBe(0);
    expect(await control.write(6_000, untold)).toMatchObject({ ok: true });
    await heard.until(() => commands().length === 1);
    expect(commands()).toEqual(["go-eCharger/1/amp/set 6"]);
  });

  withBroker("a set-point is written to where Victron wants it", async () => {
    const { control, commands, heard, report } = await openControl("victron-gx-battery", "c0", "setpoint_power_w");
    await report("N/c0/vebus/276/Hub4/L1/AcPowerSetpoint", '{"value":0}');
    expect(await control.read()).toMatchObject({
      ok: true,
      value: { value: 0, objections: ["ESS mode is External control: not known, device-silent"] },
    });
    await report("N/c0/settings/0/Settings/CGwacs/Hub4Mode", '{"max":0,"min":0,"value":1}');
    expect(await control.read()).toMatchObject({
      value: { objections: ["ESS mode is External control: the device says 1, not 3"] },
    });
    await report("N/c0/settings/0/Settings/CGwacs/Hub4Mode", '{"value":3}');
    expect(await control.read()).toMatchObject({ value: { value: 0, objections: [] } });
    expect(await control.write(-200, untold)).toMatchObject({ ok: true });
    await heard.until(() => commands().length === 1);
    expect(commands()).toEqual(['W/c0/vebus/276/Hub4/L1/AcPowerSetpoint {"value":-200}']);
  });

  withBroker("a locked device is told nothing, and still read", async () => {
    const lock = { isLocked: true };
    const isLocked = { isLocked: () => lock.isLocked };
    const { control, probe, report } = await openControl("tasmota-plug", "p", "switch", isLocked);
    await report("tele/p/STATE", '{"POWER":"ON"}');
    expect(await stateOf(control)).toBe(1);
    expect(await control.write(99, untold)).toMatchObject({ ok: false, error: { code: "LOCKED" } });
    expect(await control.restore("switch=1")).toMatchObject({ ok: false, error: { code: "LOCKED" } });
    expect(probe.link.metrics).toMatchObject({ commandsSent: 0, commandsRefused: 0 });
    lock.isLocked = false;
    expect(await control.write(1, untold)).toMatchObject({ ok: true });
  });

  withBroker("while the broker is away nothing is kept for later, and what is unanswered is unknown", async () => {
    const { broker, control, probe } = await openControl("tasmota-plug", "p", "switch", { validForMs: 100 });
    broker.signal("SIGSTOP");
    expect(await control.write(1, untold)).toEqual({ ok: false, error: { code: "UNKNOWN", detail: "NO_ANSWER" } });
    await broker.kill();
    await probe.untilState("waiting");
    expect(await control.write(1, untold)).toEqual({ ok: false, error: { code: "NOT_DONE", detail: "OFFLINE" } });
    await broker.start();
    const plug = openLink({ port: broker.port, filters: ["cmnd/#", "end"] });
    await Promise.all([plug.untilState("connected"), probe.untilState("connected")]);
    await broker.publish(["-t", "end", "-m", "x", "-q", "1"]);
    await plug.until(() => plug.messages.length > 0);
    expect(plug.messages.map(({ topic }) => topic)).toEqual(["end"]);
  });

  withBroker("a device that nobody says is there: unknown", async () => {
    const broker = await Mosquitto.start();
    brokers.push(broker);
    const probe = openLink({ port: broker.port, filters: [] });
    await probe.untilState("connected");
    const control = mqttControl(new MqttDevice(profileNamed("tasmota-plug"), "p", now), "switch", probe.link);
    expect(control.ok ? await control.value.write(1, untold) : control).toEqual({
      ok: false,
      error: { code: "UNKNOWN", detail: "NOBODY_LISTENS" },
    });
  });

  withBroker("a forbidden write is not done; after an earlier step of the same write it is unknown", async () => {
    const acl = { acl: "topic read #\ntopic write a/one\n" };
    const broker = await Mosquitto.start(["allow_anonymous true", "acl_file FOLDER/acl"], acl);
    brokers.push(broker);
    const [probe, heard] = [[], ["#"]].map((filters) => openLink({ port: broker.port, filters })) as [
      ReturnType<typeof openLink>,
      ReturnType<typeof openLink>,
    ];
    await Promise.all([probe.untilState("connected"), heard.untilState("connected")]);
    const outcomes = ["{id}/two", "{id}/one"].map(async (first) => {
      const steps = [first, "{id}/two"].map((topic) => `{ topic: "${topic}", payload: "$value" }`);
      const profile = readProfile(controlText(`write: [${steps.join(", ")}]`), "test.yaml");
      if (!profile.ok) throw new Error(profile.error.map(formatProblem).join("\n"));
      const control = mqttControl(new MqttDevice(profile.value, "a", now), "setpoint_power_w", probe.link);
      return control.ok ? control.value.write(5, untold) : control;
    });
    expect(await Promise.all(outcomes)).toMatchObject([
      { error: { code: "NOT_DONE", detail: expect.stringContaining("Not authorized") } },
      { error: { code: "UNKNOWN", detail: expect.stringContaining("Not authorized") } },
    ]);
    await heard.until(() => heard.messages.length === 1);
    expect(heard.messages.map(({ topic }) => topic)).toEqual(["a/one"]);
  });

  withBroker("a device is kept obeying from the first write until it is given back", async () => {
    const broker = await Mosquitto.start();
    brokers.push(broker);
    const probe = openLink({ port: broker.port, filters: [] });
    const heard = openLink({ port: broker.port, filters: ["#"], limits: { messagesPerSecondMax: 1_000 } });
    await Promise.all([probe.untilState("connected"), heard.untilState("connected")]);
    const profile = readProfile(controlText('keep: { topic: "{id}/beat", payload: "1", every_s: 1 }'), "test.yaml");
    if (!profile.ok) throw new Error(profile.error.map(formatProblem).join("\n"));
    const control = mqttControl(new MqttDevice(profile.value, "a", now), "setpoint_power_w", probe.link);
    if (!control.ok) throw new Error(control.error.detail);
    const beats = (): number => heard.messages.filter(({ topic }) => topic === "a/beat").length;
    expect(probe.link.metrics.wakesSent).toBe(0);
    await control.value.write(5, untold);
    await control.value.write(6, untold);
    await heard.until(() => beats() === 2);
    await control.value.restore("setpoint_power_w=0");
    const sent = probe.link.metrics.wakesSent;
    await new Promise((resolve) => setTimeout(resolve, 1_100)); // a beat that still ran would come in this time
    expect(probe.link.metrics.wakesSent).toBe(sent);
  });

  withBroker("a sleeping device is woken at each connection: first in full, then without", async () => {
    const broker = await Mosquitto.start();
    brokers.push(broker);
    const probe = openLink({ port: broker.port, filters: ["R/#"] });
    const stop = probe.link.keepAwake({ topic: "R/c0/keepalive", payload: "", again: "later", everyMs: 20 });
    await probe.until(() => probe.messages.length >= 3);
    expect(probe.texts().slice(0, 3)).toEqual(["", "later", "later"]);
    await broker.kill();
    await probe.untilState("waiting");
    const before = probe.messages.length;
    await broker.start();
    await probe.until(() => probe.messages.length >= before + 2);
    expect(probe.texts().slice(before, before + 2)).toEqual(["", "later"]);
    stop();
    const sent = probe.link.metrics.wakesSent;
    await broker.publish(["-t", "R/end", "-m", "end", "-q", "1"]);
    await probe.until(() => probe.texts().includes("end"));
    expect(probe.link.metrics.wakesSent).toBe(sent);
  });
});

function controlText(more: string): string {
  const has = (key: string): boolean => more.includes(`${key}:`);
  const write = has("write") ? "" : 'write: [{ topic: "{id}/set", payload: "$value" }]';
  const state = has("state") ? "" : "state: power_w";
  return profileText(`${JSON_POWER}controls:
  setpoint_power_w:
    range: { min: -10, max: 10, step: 1 }
    min_interval_s: 5
    persistence: volatile
    verify: { tolerance: 1, within_s: 5 }
    reversion: { kind: none }
    release: { mode: restore }
    on_gateway_loss: hold
    ${write}
    ${state}
    ${more}
`);
}

describe("what is wrong with a control", () => {
  const problemsOf = (text: string): string => {
    const profile = readProfile(text, "test.yaml");
    return profile.ok ? "" : profile.error.map(formatProblem).join("\n");
  };

  test("nothing is wrong with this one", () => {
    expect(problemsOf(controlText(""))).toBe("");
  });

  test.each([
    ["state: voltage_mv", "voltage_mv is no point of this profile — read it under topics (POINT_UNKNOWN)"],
    ["state: switch_state", "switch_state is in another unit than setpoint_power_w"],
    ["state: { topic: s, payload: json, max_age_s: 5 }", "state has no path — add path"],
    ["state: { topic: s/+, payload: number, max_age_s: 5 }", '"s/+" is no topic of a profile'],
    ['state: { topic: s, payload: json, path: ["{x}"], max_age_s: 5 }', '"{x}" names no parameter'],
    ["state: soc", "use one of: power_w"],
    ['write: [{ topic: "{id}/#", payload: $value }]', '"{id}/#" is no topic of a profile'],
    ["write: [{ topic: w, payload: off }]", "no payload holds $value — write $value where the value stands"],
    ["write: [{ topic: w, payload: $value, map: { 0: off } }]", "the map has no word for -10 — add -10"],
    ["write: [{ topic: w, payload: $value, map: { x: off } }]", 'unknown key "x"'],
    ["write: []", '"write" is a list — it must NOT have fewer than 1 items'],
    ['keep: { topic: "+", payload: "", every_s: 5 }', '"+" is no topic of a profile'],
    ["effect: { point: voltage_mv, tolerance: 1, within_s: 5 }", "voltage_mv is no point of this profile"],
    ["requires: [{ about: x, topic: s, payload: json, max_age_s: 5, equals: 1 }]", "what must hold has no path"],
    ['requires: [{ about: x, topic: "#", payload: number, max_age_s: 5, equals: 1 }]', '"#" is no topic of a profile'],
    ["keeps: 5", 'unknown key "keeps" — did you mean "keep"?'],
  ])("%s", (more, expected) => {
    expect(problemsOf(controlText(more))).toContain(expected);
  });

  test("a profile without it does not support it", () => {
    const probe = openLink({ port: 1 });
    const control = mqttControl(new MqttDevice(profileNamed("go-e"), "1", now), "switch", probe.link);
    expect(control).toMatchObject({ ok: false, error: { code: "UNSUPPORTED" } });
  });

  test.each(["", "switch", "switch=", "switch=x", "evse_enable=1", "switch=1;DROP", "switch=7"])(
    "%j is no snapshot that can be put back",
    async (snapshot) => {
      const probe = openLink({ port: 1 });
      const control = mqttControl(new MqttDevice(profileNamed("tasmota-plug"), "p", now), "switch", probe.link);
      expect(control.ok ? await control.value.restore(snapshot) : control).toMatchObject({
        error: { code: "VALUE_REFUSED" },
      });
      expect(probe.link.metrics.commandsSent).toBe(0);
    },
  );

  test("a stored word of the device is not read as what it holds now", async () => {
    const device = new MqttDevice(profileNamed("tasmota-plug"), "p", now);
    device.accept(message("tele/p/STATE", { POWER: "ON" }, true));
    const control = mqttControl(device, "switch", openLink({ port: 1 }).link);
    expect(control.ok ? await control.value.read() : control).toMatchObject({
      error: { code: "UNREADABLE", detail: "p does not tell what it holds of switch: stale" },
    });
  });
});

test.each([
  [0, "as-is", 5, "5"],
  [-3, "as-is", 6_000, "6"],
  [-3, "as-is", -6_500, "-6.5"],
  [2, "invert", 5, "-500"],
  [-1, "invert", 0, "0"],
] as const)("× 10^%d, %s: %d is %s", (pow10, sign, value, text) => {
  const step = { topic: "t", payload: "$value $value", pow10, sign, map: null };
  expect(encodeValue(step, value)).toBe(`${text} ${text}`);
  expect(encodeValue(step, Number.NaN)).toBeNull();
});
