/** `micromarket device read` and `watch`, on devices that others wrote; and every refusal of where a device is. */
import { describe, expect, test } from "@jest/globals";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { humanValue, readHumanValue } from "../src/device/human-value.ts";
import {
  freePort,
  mosquitto,
  NEEDS_BROKER,
  NEEDS_PYMODBUS,
  NEEDS_SUNSPEC,
  pymodbusDevice,
  sdm630,
  sunspecDevices,
  tempFolder,
  withBroker,
  withPymodbus,
  withSunspec,
} from "./device-peers.ts";
import { runCommand } from "./memory-console.ts";

const SDM = ["--host", "127.0.0.1", "--profile", "eastron-sdm630"];

withPymodbus(`read: values in human units, counters with their facts (${NEEDS_PYMODBUS})`, async () => {
  const port = await pymodbusDevice(sdm630());
  const { exitCode, out } = await runCommand(["device", "read", ...SDM, "--port", port]);
  expect(exitCode).toBe(0);
  expect(out).toMatch(/imported_wh +12345\.678 kWh +steps of 10 Wh/);
  expect(out).toMatch(/power_w +-1234 W\n/);
  expect(out).toMatch(/voltage_l2_mv +229\.9 V\n/);
  const json = await runCommand(["device", "read", ...SDM, "--port", port, "--json"]);
  expect(JSON.parse(json.out)).toMatchObject({
    profile: "eastron-sdm630",
    counters: { imported_wh: { resets: expect.any(String) } },
    readings: expect.arrayContaining([expect.objectContaining({ point: "exported_wh", value: 250 })]),
    trouble: null,
  });
});

withPymodbus(`read: what is not there is missing, with the reason (${NEEDS_PYMODBUS})`, async () => {
  const points = sdm630().filter(({ address }) => address !== 0x4a);
  const { exitCode, out } = await runCommand(["device", "read", ...SDM, "--port", await pymodbusDevice(points)]);
  expect(exitCode).toBe(0);
  expect(out).toMatch(/exported_wh +— not there \(not-reported\)/);
});

withSunspec(`read: a SunSpec device says who it is (${NEEDS_SUNSPEC})`, async () => {
  const { port } = await sunspecDevices(["inverter@1:serial=S42,version=7.1"]);
  const words = ["device", "read", "--host", "127.0.0.1", "--port", port, "--profile", "sunspec-inverter"];
  const { exitCode, out } = await runCommand(words);
  expect(exitCode).toBe(0);
  expect(out).toMatch(/identity +Peer, Inverter, version 7\.1, serial S42/);
  expect(out).toMatch(/power_w +-4000 W/);
  expect(out).toMatch(/can be told +limit_generation_ppm/);
  expect(out).toMatch(/imported_wh +not provided\n/);
});

withBroker(`read: a device behind a broker is waited for (${NEEDS_BROKER})`, async () => {
  const { url, publish } = await mosquitto();
  const words = ["--broker", url, "--id", "m/1", "--profile", "generic-json-meter", "--param", "power=/p"];
  const reading = runCommand(["device", "read", ...words, "--param", "max_age_s=60", "--timeout", "60", "--json"]);
  const publishing = setInterval(() => {
    publish("m/1", '{"p": 321}');
  }, 200);
  const { exitCode, out } = await reading;
  clearInterval(publishing);
  expect(exitCode).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ readings: [{ point: "power_w", value: 321 }] });
});

test("DEVICE_SILENT: nobody there", async () => {
  const words = ["device", "read", ...SDM, "--port", await freePort(), "--timeout", "1"];
  const { exitCode, err } = await runCommand(words);
  expect(exitCode).toBe(1);
  expect(err).toMatch(/no connection: .*\(DEVICE_SILENT\)/);
  const json = await runCommand([...words, "--json"]);
  expect(JSON.parse(json.err)).toMatchObject({ failure: { code: "DEVICE_SILENT", device: "device" } });
});

withPymodbus(`watch: lines of what is new, then nothing; as NDJSON every look (${NEEDS_PYMODBUS})`, async () => {
  const port = await pymodbusDevice(sdm630());
  const words = ["device", "watch", ...SDM, "--port", port, "--every", "20ms", "--for", "300ms"];
  const { exitCode, out } = await runCommand(words);
  expect(exitCode).toBe(0);
  expect(out.match(/imported_wh {2}12345\.678 kWh\n/g)).toHaveLength(1);
  const json = await runCommand([...words, "--json"]);
  const looks = json.out.trimEnd().split("\n");
  for (const look of looks) expect(JSON.parse(look)).toMatchObject({ device: "device", trouble: null });
});

describe("where a device is", () => {
  test.each([
    ["DEVICE_PLACE_MISSING", []],
    ["DEVICE_PLACE_TWICE", ["--host", "h", "--serial", "/dev/x"]],
    ["PROFILE_MISSING", ["--host", "h"]],
    ["PROFILE_UNKNOWN", ["--host", "h", "--profile", "eastron-sdm63"]],
    ["TOPIC_ID_MISSING", ["--broker", "mqtt://h", "--profile", "go-e"]],
    ["PARAM_MALFORMED", ["--broker", "mqtt://h", "--profile", "go-e", "--id", "1", "--param", "prefix"]],
    ["PARAMETER_UNKNOWN", ["--broker", "mqtt://h", "--profile", "go-e", "--id", "1", "--param", "no=1"]],
    ["URL_INVALID", ["--broker", "http://h", "--profile", "go-e", "--id", "1"]],
    ["SECRET_INLINE", ["--broker", "mqtt://h", "--profile", "go-e", "--id", "1", "--username", "u", "--password", "x"]],
    ["KEY_MISPLACED", ["--serial", "/dev/x", "--port", "7", "--profile", "eastron-sdm630"]],
    ["FILE_MISSING", ["--config", "/no/such/file.yaml"]],
  ])("%s", async (code, words) => {
    const { exitCode, out, err } = await runCommand(["device", "read", ...words, "--json"]);
    expect([exitCode, out]).toEqual([3, ""]);
    expect(JSON.parse(err)).toMatchObject({ problems: [{ code }] });
  });

  test("DEVICE_NAME_MISSING, DEVICE_UNKNOWN: of a gateway file", async () => {
    const file = (await runCommand(["init", tempFolder(), "--quiet"])).out.trim();
    const unnamed = await runCommand(["device", "read", "--config", file]);
    expect(unnamed).toMatchObject({ exitCode: 3, err: expect.stringContaining("(DEVICE_NAME_MISSING)") });
    const unknown = await runCommand(["device", "read", "--config", file, "nobody"]);
    expect(unknown).toMatchObject({ exitCode: 3, err: expect.stringContaining("(DEVICE_UNKNOWN)") });
  });

  test("a profile of one's own, relative to where one is", async () => {
    const file = join(tempFolder(), "own.yaml");
    writeFileSync(file, "schema: 1\n");
    const { exitCode, err } = await runCommand(["device", "read", "--host", "h", "--profile", file]);
    expect(exitCode).toBe(3);
    expect(err).toContain(`${file}:1:1`);
  });

  test("lengths of time that are none are a usage error", async () => {
    expect(await runCommand(["device", "watch", ...SDM, "--every", "2"])).toMatchObject({ exitCode: 2 });
  });
});

describe("human values", () => {
  test.each([
    ["limit_generation_ppm", "50%", 500_000],
    ["limit_generation_ppm", "12.5 %", 125_000],
    ["setpoint_power_w", "3 kW", 3_000],
    ["setpoint_power_w", "-0.5kW", -500],
    ["evse_current_ma", "16 A", 16_000],
    ["evse_current_ma", "16000", 16_000],
    ["evse_enable", "on", 1],
    ["heat_setpoint_mc", "21.5 °C", 21_500],
    ["imported_wh", "12345.6 kWh", 12_345_600],
  ] as const)("%s: %s is %d", (name, text, value) => {
    expect(readHumanValue(name, text)).toEqual({ ok: true, value });
    const again = readHumanValue(name, humanValue(name, value));
    expect(again).toEqual({ ok: true, value });
  });

  test.each([
    ["setpoint_power_w", "3 A", "UNIT_UNFIT"],
    ["setpoint_power_w", "1.5 W", "VALUE_MALFORMED"],
    ["setpoint_power_w", "much", "VALUE_MALFORMED"],
    ["evse_phases", "3 A", "UNIT_UNFIT"],
  ] as const)("%s: %s is refused with %s", (name, text, code) => {
    expect(readHumanValue(name, text)).toMatchObject({ ok: false, error: { code } });
  });
});
