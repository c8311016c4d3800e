/** `micromarket device scan` where a unit is not the whole story: certificates, meters behind an inverter, GX gateways, a serial line. */
import { expect, jest, test } from "@jest/globals";
import { readFileSync, writeFileSync } from "node:fs";
import type { Finding } from "../src/device/finding.ts";
import {
  freePort,
  NEEDS_PYMODBUS,
  NEEDS_SUNSPEC,
  pymodbusPeer,
  sdm630,
  sunspecDevices,
  tempFolder,
  withPymodbus,
  withSunspec,
} from "./device-peers.ts";
import { certificates, NEEDS_SOCAT, serialLine, tlsWords, withSocat } from "./line-peers.ts";
import { runCommand } from "./memory-console.ts";

/** The commands wait for devices, and a busy machine for itself. */
jest.setTimeout(300_000);

const place = (port: string): readonly string[] => ["--host", "127.0.0.1", "--ports", port, "--wait", "20s"];
const SOLAREDGE = "solaredge-two@1:maker=SolarEdge,serial=SE1,sun_w=4000";

withSunspec(
  `in TLS: an inverter and the two meters behind it, each with what a gateway file takes (${NEEDS_SUNSPEC})`,
  async () => {
    const { ca, server, client } = certificates();
    const { port, tell } = await sunspecDevices([SOLAREDGE], ["--tls", server.certificate, server.key, ca]);
    const secure = tlsWords({ ca, client });
    const { exitCode, out, err } = await runCommand(["device", "scan", ...place(port), "--units", "1", ...secure]);
    expect([exitCode, err]).toEqual([0, ""]);
    const best = out
      .split("\n\n")
      .map((text) => /^(\S+ unit .*?): .*\n {2}fits (\S+): says that it is one/.exec(text)?.slice(1));
    expect(best).toEqual([
      [`127.0.0.1:${port} unit 1`, "sunspec-inverter-solaredge"],
      [`127.0.0.1:${port} unit 1, device 2`, "sunspec-meter-solaredge"],
      [`127.0.0.1:${port} unit 1, device 3`, "sunspec-meter-solaredge"],
    ]);
    const snippets = [...out.matchAll(/under devices:\n([^]*?)\n(?:\n|$)/g)].map(([, snippet = ""]) => snippet);
    const file = (await runCommand(["init", tempFolder(), "--quiet"])).out.trim();
    const text = readFileSync(file, "utf8").replace(/^devices:.*\n/m, (line) => `${line}${snippets.join("\n")}\n`);
    writeFileSync(file, text);
    expect(await runCommand(["check", file])).toMatchObject({ exitCode: 0, err: "" });
    const read = await runCommand(["device", "read", "--config", file, "meter-3", "--timeout", "60", "--json"]);
    expect(JSON.parse(read.out)).toMatchObject({ identity: { serial: "2" } });
    expect(read.out).toMatch(/"point": "power_w",\s+"value": -55/); // its export is positive
    expect(await tell({ writes: true })).toEqual([]);
  },
);

withSunspec(`a device in TLS is read and told by words alone, with its certificates (${NEEDS_SUNSPEC})`, async () => {
  const { ca, server, client } = certificates();
  const { port, tell } = await sunspecDevices(["inverter@1"], ["--tls", server.certificate, server.key, ca]);
  const device = ["--host", "127.0.0.1", "--port", port, "--profile", "sunspec-inverter", "--timeout", "60"];
  const secure = tlsWords({ ca, client });
  const read = await runCommand(["device", "read", ...device, ...secure]);
  expect(read).toMatchObject({ exitCode: 0, out: expect.stringContaining("Peer, Inverter") });
  const lock = ["--unlock", "limit_generation_ppm", "--confirm", "--for", "1s", "--state", tempFolder()];
  const set = await runCommand(["device", "set", ...device, ...secure, ...lock, "limit_generation_ppm", "40%"]);
  expect(set).toMatchObject({ exitCode: 0, out: expect.stringMatching(/VERIFIED +40 %[^]*RELEASED/) });
  expect(await tell({ get: [1, 123, "WMaxLim_Ena"] })).toBe(0);
});

withSunspec(`whose certificate is not trusted is said, and where (${NEEDS_SUNSPEC})`, async () => {
  const [ours, theirs] = [certificates(), certificates()];
  const { port } = await sunspecDevices(["inverter@1"], ["--tls", ours.server.certificate, ours.server.key, ours.ca]);
  const foreign = tlsWords({ ca: theirs.ca, client: ours.client });
  const { exitCode, err } = await runCommand(["device", "scan", ...place(port), "--units", "1", ...foreign, "--quiet"]);
  expect(exitCode).toBe(1);
  expect(err).toMatch(new RegExp(`127\\.0\\.0\\.1:${port}: no connection: .*certificate`));
  expect(err).toContain("(NOTHING_FOUND)");
  const json = await runCommand(["device", "scan", ...place(port), "--units", "1", ...foreign, "--json"]);
  expect(JSON.parse(json.err)).toMatchObject({
    failure: { code: "NOTHING_FOUND", unreached: [{ place: `127.0.0.1:${port}`, why: expect.any(String) }] },
  });
});

test.each([
  ["TLS_INCOMPLETE", ["--host", "h", "--tls-ca", "ca.pem"], "add --tls-certificate, --tls-key"],
  ["PEM_UNREADABLE", ["--host", "h", "--tls-ca", "a", "--tls-certificate", "b", "--tls-key", "c"], "check the path"],
  ["TLS_UNFIT", ["--serial", "/dev/x", "--tls-ca", "a", "--tls-certificate", "b", "--tls-key", "c"], "leave --tls-"],
  ["TLS_UNFIT", ["--broker", "mqtt://h", "--tls-ca", "a", "--tls-certificate", "b", "--tls-key", "c"], "mqtts://"],
  ["SECRET_MISSING", ["--broker", "mqtt://h", "--password-variable", "MICROMARKET_NOT_SET"], "set it to the password"],
])("%s: exit 3, with a mend", async (code, words, mend) => {
  const { exitCode, err } = await runCommand(["device", "scan", ...words]);
  expect([exitCode, err]).toEqual([3, expect.stringMatching(new RegExp(`${mend}.*\\(${code}\\)`))]);
});

test("TLS_INCOMPLETE: for a device that is described, too", async () => {
  const words = ["--host", "h", "--profile", "eastron-sdm630", "--tls-key", "own.key"];
  const { exitCode, err } = await runCommand(["device", "read", ...words]);
  expect([exitCode, err]).toEqual([3, expect.stringContaining("add --tls-ca, --tls-certificate")]);
});

withPymodbus(
  `a GX device: its system, its grid meter and a Multi stand at units of their own (${NEEDS_PYMODBUS})`,
  async () => {
    const grid = {
      2616: 2301,
      2618: 2302,
      2620: 2303,
      2635: 12_345,
      2637: 678,
      2639: 500,
      2641: 0,
      2643: 0,
      2644: 5_001,
    };
    const system = { 840: 512, 841: 20, 842: 1_030, 843: 55, 844: 1, 2901: 200, 2902: 3, 2716: 0, 2717: 0 };
    const multi = { 3: 2_310, 6: 45, 9: 5_002, 12: 103, 28: 1, 30: 550, 37: 0, 38: 0, 39: 0 };
    const filled = (first: number, last: number, words: Record<number, number>): Record<string, number> => ({
      ...Object.fromEntries(Array.from({ length: last - first + 1 }, (_, index) => [first + index, 0])),
      ...words,
    });
    const units = [
      { unit: 30, holding: filled(2_600, 2_644, grid) },
      { unit: 227, holding: filled(3, 41, multi) },
    ];
    const { port, tell } = await pymodbusPeer({ unit: 100, holding: { ...filled(800, 850, system) }, units });
    const { exitCode, out } = await runCommand([
      "device",
      "scan",
      ...place(port),
      "--units",
      "30,31,100,227",
      "--json",
    ]);
    expect(exitCode).toBe(0);
    const found = (JSON.parse(out) as Finding[]).map(({ place: at, fits }) => [at, fits[0]?.profile, fits[0]?.by]);
    expect(found.sort(([a], [b]) => String(a).localeCompare(String(b), "en"))).toEqual([
      [`127.0.0.1:${port} unit 100`, "victron-gx-system", "values"],
      [`127.0.0.1:${port} unit 227`, "victron-gx-vebus", "values"],
      [`127.0.0.1:${port} unit 30`, "victron-gx-grid", "values"],
    ]);
    expect(await tell({ writes: true })).toEqual([]);
  },
);

withSocat(`a serial line: what answers at which speed (${NEEDS_SOCAT})`, async () => {
  const { near, far } = await serialLine();
  await pymodbusPeer({ framing: "rtu", serial: far, unit: 7, points: sdm630() });
  const words = ["--serial", near, "--baud", "19200", "--units", "7", "--wait", "5s"];
  const { exitCode, out } = await runCommand(["device", "scan", ...words, "--json"]);
  expect(exitCode).toBe(0);
  const [found] = JSON.parse(out) as Finding[];
  expect(found).toMatchObject({
    place: `${near} at 19200 bit/s unit 7`,
    entry: { serial: near, baud: 19_200, unit: 7 },
  });
  expect(found?.fits[0]).toMatchObject({ profile: "eastron-sdm630", by: "values" });
  const place7 = ["--serial", near, "--baud", "19200", "--unit", "7", "--profile", "eastron-sdm630"];
  const read = await runCommand(["device", "read", ...place7, "--timeout", "60"]);
  expect(read).toMatchObject({ exitCode: 0, out: expect.stringMatching(/imported_wh +12345\.678 kWh/) });
  const gone = await runCommand(["device", "scan", "--serial", "/dev/micromarket-none", "--units", "1", "--quiet"]);
  expect(gone).toMatchObject({ exitCode: 1, err: expect.stringMatching(/micromarket-none.*No such file/) });
});

test("a host that refuses is named", async () => {
  const port = await freePort();
  const { exitCode, err } = await runCommand(["device", "scan", ...place(port), "--units", "1", "--quiet"]);
  expect([exitCode, err]).toEqual([
    1,
    expect.stringMatching(new RegExp(`127\\.0\\.0\\.1:${port}: no connection: .*REFUSED`)),
  ]);
});
