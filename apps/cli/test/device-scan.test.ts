/** `micromarket device scan`: devices that others wrote are found, and named by the profiles that are theirs. */
import { expect, test } from "@jest/globals";
import { readFileSync, writeFileSync } from "node:fs";
import type { Finding } from "../src/device/finding.ts";
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

/** As patient as a machine under load needs. */
const scan = (ports: readonly string[], units: string): readonly string[] => [
  ...["device", "scan", "--host", "127.0.0.1", "--ports", ports.join(","), "--units", units, "--wait", "20s"],
];

withPymodbus(`a meter without a word of its own is told by its values (${NEEDS_PYMODBUS})`, async () => {
  const port = await pymodbusDevice(sdm630());
  const { exitCode, out, err } = await runCommand([...scan([await freePort(), port], "1"), "--json"]);
  expect([exitCode, err]).toEqual([0, ""]);
  const [found, ...more] = JSON.parse(out) as Finding[];
  expect(more).toEqual([]);
  expect(found).toMatchObject({ place: `127.0.0.1:${port} unit 1`, identity: null, link: "modbus" });
  expect(found?.fits[0]).toMatchObject({ profile: "eastron-sdm630", by: "values", points: 13, pointsMax: 13 });
});

withSunspec(
  `SunSpec devices say who they are; the snippet is what a gateway file takes (${NEEDS_SUNSPEC})`,
  async () => {
    const { port, tell } = await sunspecDevices(["inverter@1:serial=S42", "storage@3", "meter@5:maker=Fronius"]);
    const { exitCode, out } = await runCommand(scan([port], "1,3,5"));
    expect(exitCode).toBe(0);
    expect(out).toContain(
      `127.0.0.1:${port} unit 1: Peer Inverter, serial S42\n  fits sunspec-inverter: says that it is one`,
    );
    expect(out).toMatch(/unit 3: Peer Storage[^]*fits sunspec-storage/);
    expect(out).toMatch(/unit 5: Fronius Meter, serial 1\n {2}fits sunspec-meter-fronius/);
    expect(out).toContain("needs: Enable Modbus TCP with SunSpec registers.");
    const [, snippet = ""] = /under devices:\n([^]*?)\n\n/.exec(out) ?? [];
    expect(await tell({ writes: true })).toEqual([]);
    const file = (await runCommand(["init", tempFolder(), "--quiet"])).out.trim();
    const text = readFileSync(file, "utf8").replace(/^devices:.*\n/m, (line) => `${line}${snippet}\n`);
    writeFileSync(file, text);
    expect(await runCommand(["check", file])).toMatchObject({ exitCode: 0, err: "" });
    expect(text).toMatch(
      /- id: (inverter|battery)-1\n *modbus: \{ host: 127\.0\.0\.1, port: \d+, unit: 1, profile: sunspec-/,
    );
  },
);

withBroker(`devices at a broker, by the topics of the shipped profiles (${NEEDS_BROKER})`, async () => {
  const { url, publish } = await mosquitto();
  const publishing = setInterval(() => {
    publish("shellies/none", "1");
    publish(
      "tele/plug-7/SENSOR",
      '{"Time":"2026-07-01T12:00:00","ENERGY":{"Total":1.5,"Power":40,"Voltage":230,"Current":0.2}}',
    );
  }, 300);
  const { exitCode, out } = await runCommand(["device", "scan", "--broker", url, "--for", "3s", "--quiet"]);
  clearInterval(publishing);
  expect(exitCode).toBe(0);
  expect(out).toContain(`${url} plug-7\n`);
  expect(out).toContain("fits tasmota-plug: its values make sense");
  expect(out).toContain(`mqtt: { broker: "${url}", id: plug-7, profile: tasmota-plug }`);
});

test("NOTHING_FOUND: exit 1", async () => {
  const { exitCode, out, err } = await runCommand([...scan([await freePort()], "1-247"), "--quiet"]);
  expect([exitCode, out, err]).toEqual([1, "", expect.stringContaining("(NOTHING_FOUND)")]);
});

test("BROKER_UNREACHABLE, URL_INVALID, SCAN_PLACE: exit 3", async () => {
  const nobody = `mqtt://127.0.0.1:${await freePort()}`;
  const unreached = await runCommand(["device", "scan", "--broker", nobody, "--for", "500ms"]);
  expect(unreached).toMatchObject({ exitCode: 3, err: expect.stringContaining("(BROKER_UNREACHABLE)") });
  const malformed = await runCommand(["device", "scan", "--broker", "http://x", "--for", "500ms"]);
  expect(malformed).toMatchObject({ exitCode: 3, err: expect.stringContaining("(URL_INVALID)") });
  for (const words of [[], ["--host", "h", "--serial", "/dev/x"]]) {
    const placed = await runCommand(["device", "scan", ...words]);
    expect(placed).toMatchObject({ exitCode: 3, err: expect.stringContaining("(SCAN_PLACE)") });
  }
});

test.each([
  ["--units", "0"],
  ["--units", "1-300"],
  ["--ports", "x"],
  ["--host", ","],
])("usage: %s %s", async (...words) => {
  expect(await runCommand(["device", "scan", ...words])).toMatchObject({ exitCode: 2 });
});
