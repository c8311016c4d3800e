/** One read of every device: against the simulator's sockets, and against what does not answer. */
import { afterEach, expect, test } from "@jest/globals";
import { createServer, type Server } from "node:net";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { startSimulator, type Simulator } from "@micromarket/device-simulator";
import { assert, durationMs, instantMs } from "@micromarket/kernel";
import { tryDevices, type DeviceTrial } from "../src/device-trial.ts";
import type { DeviceConfig } from "../src/gateway-config.ts";
import { loadGatewayFile } from "../src/gateway-file.ts";
import { machineTime } from "../src/machine-time.ts";
import { GATEWAY, gatewayFile } from "./gateway-text.ts";

const TIMEOUT_MS = 1_500;

let simulator: Simulator | null = null;
let server: Server | null = null;
afterEach(async () => {
  await simulator?.stop();
  server?.close();
  [simulator, server] = [null, null];
});

/** The file's three devices, at the simulator's addresses. */
async function devices(changes: Readonly<Record<string, string>> = {}): Promise<readonly DeviceConfig[]> {
  simulator = await startSimulator({ homes: 4, seed: 2, publishEvery: durationMs(100) });
  const { modbus, mqtt } = simulator.description;
  let text = GATEWAY.replaceAll("1502", String(modbus.port))
    .replace("mqtt://127.0.0.1:1883", mqtt.url)
    .replace("shellypro3em-2", "shellypro3em-home-2");
  for (const [from, to] of Object.entries(changes)) text = text.replace(from, to);
  const loaded = loadGatewayFile(gatewayFile(text), { env: {} });
  assert(loaded.ok, loaded.ok ? "" : JSON.stringify(loaded.error));
  return loaded.value.devices;
}

const codes = (trials: readonly DeviceTrial[]): readonly (string | null)[] =>
  trials.map(({ complaint }) => complaint?.code ?? null);

test("devices that answer say which points they gave", async () => {
  const all = await devices();
  const trials = await tryDevices(
    all.filter(({ id }) => id !== "pv-1"),
    60_000,
    machineTime,
  );
  expect(codes(trials)).toEqual([null, null]);
  for (const { readings } of trials) {
    expect(readings.map(({ point }) => point)).toEqual(expect.arrayContaining(["imported_wh", "exported_wh"]));
    expect(readings.every(({ value }) => value.kind === "value")).toBe(true);
  }
});

interface SunspecPlace {
  readonly host: string;
  readonly port: number;
  readonly unit: number;
  readonly profile: string;
}

/** What comes of one try of each, in this order. */
function trySunspec(places: readonly SunspecPlace[]): Promise<readonly DeviceTrial[]> {
  const lines = places.map(({ host, port, unit, profile }, index) => {
    return `  - { id: tried-${index}, modbus: { host: ${host}, port: ${port}, unit: ${unit}, profile: ${profile} } }\n`;
  });
  const loaded = loadGatewayFile(gatewayFile(GATEWAY.replace("homes:\n", `${lines.join("")}homes:\n`)), { env: {} });
  assert(loaded.ok, loaded.ok ? "" : JSON.stringify(loaded.error));
  return tryDevices(loaded.value.devices.slice(-places.length), 60_000, machineTime);
}

/** A battery by models 103 to 802, one by 701 to 715, and a PV inverter; at noon, when its counter has left 0. */
async function sunspecDevices(): Promise<readonly SunspecPlace[]> {
  const epoch = instantMs(Date.UTC(2026, 5, 1));
  const noon = instantMs(Date.UTC(2026, 5, 1, 12));
  const options = { epoch, anchor: epoch, speed: 1, realNow: (): number => noon };
  simulator = await startSimulator({ homes: 2, seed: 2, batteries: 2, inverters: 1, ...options });
  return (simulator.description.controlled ?? []).flatMap((device) => (device.link === "modbus" ? [device] : []));
}

const absentIn = ({ readings }: DeviceTrial): readonly string[] =>
  readings.flatMap(({ point, value }) => (value.kind === "missing" ? [`${point} ${value.reason}`] : []));

test("of a SunSpec device nothing is missing but what its models have a place for", async () => {
  const places = await sunspecDevices();
  expect(places.map(({ profile }) => profile)).toEqual(["sunspec-storage", "sunspec-inverter", "sunspec-storage"]);
  const [storage, inverter, der] = await trySunspec(places);
  assert(storage !== undefined && inverter !== undefined && der !== undefined, "all three were tried");
  expect(codes([storage, inverter, der])).toEqual([null, null, null]);
  expect(absentIn(storage)).toEqual(["exported_wh not-provided", "imported_wh not-provided"]);
  const ofInverter = ["power_l1_w", "power_l2_w", "power_l3_w", "imported_wh", "available_w"];
  expect(absentIn(inverter)).toEqual(ofInverter.map((point) => `${point} not-provided`));
  expect(absentIn(der)).toEqual(["reserve_ppm not-provided"]);
});

test("a SunSpec device that has a place for a point and nothing there is complained of", async () => {
  const [place] = await sunspecDevices();
  assert(place !== undefined, "there is a battery");
  simulator?.inject({ fault: "wrong-value", device: "home-1-battery", kind: "not-a-number" });
  const [storage] = await trySunspec([place]);
  expect(storage?.complaint?.code).toBe("POINTS_MISSING");
  expect(storage?.complaint?.what).toContain("power_w (not-reported)");
  expect(storage?.complaint?.what).not.toContain("exported_wh");
});

test("a meter is no SunSpec device", async () => {
  simulator = await startSimulator({ homes: 1, seed: 2 });
  const [meter] = await trySunspec([{ ...simulator.description.modbus, unit: 1, profile: "sunspec-storage" }]);
  expect(meter?.complaint?.code).toBe("DEVICE_REFUSED");
});

test("a unit that is not there, and a name that nothing is published under", async () => {
  const all = await devices({ "unit: 1,": "unit: 200,", "shellypro3em-home-2": "shellypro3em-home-9" });
  const trials = await tryDevices(
    all.filter(({ id }) => id !== "pv-1"),
    TIMEOUT_MS,
    machineTime,
  );
  expect(codes(trials)).toEqual(["DEVICE_REFUSES", "DEVICE_SILENT"]);
  expect(trials[0]?.complaint?.what).toContain("exception 11");
  expect(trials[1]?.complaint?.what).toContain("shellypro3em-home-9");
  expect(trials.every(({ complaint }) => (complaint?.mend ?? "").length > 0)).toBe(true);
});

test("ports that nobody listens on, or where nobody answers", async () => {
  const dead = await devices({ "mqtt://127.0.0.1": "mqtt://127.0.0.2" });
  await simulator?.stop();
  simulator = null;
  expect(codes(await tryDevices(dead, TIMEOUT_MS, machineTime))).toEqual([
    "DEVICE_UNREACHABLE",
    "DEVICE_UNREACHABLE",
    "BROKER_UNREACHABLE",
  ]);
  server = createServer((socket) => socket.resume().on("error", () => undefined)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const mute = dead.flatMap((device) =>
    device.link === "modbus" ? [{ ...device, target: { ...device.target, port } }] : [],
  );
  expect(codes(await tryDevices(mute, TIMEOUT_MS, machineTime))).toEqual(["DEVICE_SILENT", "DEVICE_SILENT"]);
});

test("another device than the profile's is told apart from one that is silent", async () => {
  const all = await devices();
  const wrong = all.map((device): DeviceConfig => {
    if (device.link !== "modbus") return device;
    const [first] = device.profile.points;
    assert(first !== undefined, "the profile has points");
    const model = { kind: "one-of", encoding: { ...first, type: "uint16" }, values: [1650] } as const;
    const place = { unit: null, function: 4, address: 0x34, count: 1 } as const;
    const check = { what: "the meter's model", ...place, expect: model };
    return { ...device, profile: { ...device.profile, identify: [check] } };
  });
  const [trial] = await tryDevices(wrong.slice(0, 1), 60_000, machineTime);
  expect(trial?.complaint?.code).toBe("DEVICE_REFUSED");
  expect(trial?.complaint?.what).toMatch(/is another device: the meter's model: register 52 holds \d+, not 1650$/);
});
