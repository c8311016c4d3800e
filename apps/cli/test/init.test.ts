/** init, check and gateway, one after the other, as somebody new would call them. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gatewaySchemaText, loadGatewayFile } from "@micromarket/gateway";
import { excerptOf } from "../src/source-excerpt.ts";
import { runCommand } from "./memory-console.ts";

const COMMAND = fileURLToPath(new URL("../bin/micromarket.js", import.meta.url));

/** A market's first trade takes three of its slots, on a machine that may have other work. */
const LONG_MS = 300_000;

let folder = "";
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "micromarket-init-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("micromarket init", () => {
  test("writes a file that check passes, with a modeline that names the schema beside it", async () => {
    const { exitCode, out, err } = await runCommand(["init", join(folder, "new", "street")]);
    const file = join(folder, "new", "street", "gateway.yaml");
    expect({ exitCode, out }).toEqual({ exitCode: 0, out: `${file}\n` });
    expect(err).toContain(`gateway --config ${file} --simulate-devices`);
    const [modeline = ""] = readFileSync(file, "utf8").split("\n");
    const schema = /^# yaml-language-server: \$schema=(\S+)$/.exec(modeline)?.[1] ?? "";
    expect(readFileSync(join(dirname(file), schema), "utf8")).toBe(gatewaySchemaText());
    expect(await runCommand(["check", file])).toEqual({
      exitCode: 0,
      out: expect.stringContaining(`${file} holds: 4 homes, ${deviceCount(file)} devices\n`),
      err: "",
    });
  });

  test("describes homes with and without a plant, behind both kinds of link", async () => {
    const { out } = await runCommand(["init", join(folder, "kinds.yaml"), "--quiet"]);
    const loaded = loadGatewayFile(out.trim());
    const { homes, devices } = loaded.ok ? loaded.value : { homes: [], devices: [] };
    expect(new Set(homes.map(({ pv }) => pv === null))).toEqual(new Set([true, false]));
    expect(new Set(devices.map(({ link }) => link))).toEqual(new Set(["modbus", "mqtt"]));
  });

  test("holds examples of further devices that pass check once their marks are taken away", async () => {
    const { out } = await runCommand(["init", join(folder, "examples", "gateway.yaml"), "--quiet"]);
    const path = out.trim();
    const text = readFileSync(path, "utf8");
    const opened = text.replaceAll(/^#(?=(?: {2})*\w|(?: {2})+-)/gm, "");
    for (const [name, kind] of [
      ["ca.pem", "CERTIFICATE"],
      ["own.pem", "CERTIFICATE"],
      ["own.key", "PRIVATE KEY"],
    ] as const)
      writeFileSync(join(dirname(path), name), `-----BEGIN ${kind}-----\n-----END ${kind}-----\n`);
    writeFileSync(path, opened);
    const { exitCode, out: said, err } = await runCommand(["check", path]);
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
    expect(said).toContain(`holds: 5 homes, ${deviceCount(path)} devices`);
    expect(said).toContain("battery-9: setpoint_power_w is open, once the gateway runs with --allow-control\n");
    expect(said).toMatch(/^battery-9: needs: \S/m);
    const loaded = loadGatewayFile(path);
    expect(loaded).toMatchObject({ value: { isControlEnabled: true, publish: { site: "my-street" } } });
    writeFileSync(path, readFileSync(path, "utf8").replace("control: { enabled: true }", ""));
    const locked = await runCommand(["check", path]);
    expect(locked.exitCode).toBe(0);
    expect(locked.out).toContain("battery-9: setpoint_power_w is closed: the file does not say control");
    const doctor = await runCommand(["doctor", path]);
    expect(doctor.out).toMatch(/^ok +CONTROL +charger-9: evse_current_ma is closed: the file does not say control/m);
    const { controls } = JSON.parse((await runCommand(["check", "--json", path])).out) as { controls: unknown[] };
    expect(controls).toContainEqual({ device: "charger-9", capability: "evse_current_ma", closed_by: "site" });
  });

  test("replaces nothing without --force, neither file nor schema", async () => {
    const file = join(folder, "kept", "gateway.yaml");
    mkdirSync(dirname(file));
    writeFileSync(file, "mine");
    const refused = await runCommand(["init", file, "--json"]);
    expect(refused.exitCode).toBe(1);
    expect(JSON.parse(refused.err)).toMatchObject({ problems: [{ code: "FILE_EXISTS" }] });
    expect(existsSync(join(folder, "kept", "gateway.schema.json"))).toBe(false);
    writeFileSync(join(folder, "kept", "gateway.schema.json"), "mine");
    expect(await runCommand(["init", join(folder, "kept", "other.yaml")])).toMatchObject({ exitCode: 1, out: "" });
    expect(readFileSync(file, "utf8")).toBe("mine");
    const forced = await runCommand(["init", file, "--force", "--json", "--quiet"]);
    expect(forced).toMatchObject({ exitCode: 0, err: "" });
    expect(JSON.parse(forced.out)).toEqual({ file, schema: join(folder, "kept", "gateway.schema.json") });
    expect((await runCommand(["check", file])).exitCode).toBe(0);
  });

  test("a place that cannot be written to", async () => {
    writeFileSync(join(folder, "plain"), "");
    const { exitCode, err } = await runCommand(["init", join(folder, "plain", "gateway.yaml")]);
    expect({ exitCode, err }).toMatchObject({ exitCode: 1, err: expect.stringContaining("FILE_UNWRITABLE") });
  });
});

function deviceCount(file: string): number {
  const loaded = loadGatewayFile(file);
  return loaded.ok ? loaded.value.devices.length : 0;
}

describe("micromarket gateway --simulate-devices", () => {
  test(
    "trades as init wrote it, with devices that check finds",
    async () => {
      const { out: file } = await runCommand(["init", join(folder, "sim"), "--quiet"]);
      const path = file.trim();
      const text = readFileSync(path, "utf8").replaceAll("15020", "25020").replaceAll("18830", "28830");
      writeFileSync(path, text.replace("port: 8080", "port: 0").replace("accelerated: 60", "accelerated: 100"));
      const child = spawn(process.execPath, [COMMAND, "gateway", "--config", path, "--simulate-devices", "--json"], {
        stdio: ["ignore", "pipe", "ignore"],
      });
      children.push(child);
      const [line] = (await once(child.stdout, "data")) as [Buffer];
      const { url } = JSON.parse(line.toString()) as { url: string };
      const trial = await runCommand(["check", "--devices", path, "--json"]);
      expect(trial.exitCode).toBe(0);
      const { trials } = JSON.parse(trial.out) as { trials: { ok: boolean; complaint: unknown }[] };
      expect(trials.map(({ ok, complaint }) => [ok, complaint])).toEqual(trials.map(() => [true, null]));
      const doctor = await runCommand(["doctor", path]);
      expect(doctor.out).toMatch(/^ok +JOURNAL .*the chain holds; a gateway has it open$/m);
      for (let isTraded = false; !isTraded;) {
        isTraded = /"price_micro_per_kwh":\d/.test(await (await fetch(`${url}/api/v1/slots`)).text());
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      child.kill("SIGINT");
      expect((await once(child, "exit"))[0]).toBe(0);
    },
    LONG_MS,
  );

  test.each([
    ["127.0.0.1, port: 15020", "192.0.2.1, port: 15020", "DEVICE_NOT_SIMULATED"],
    ["unit: 1,", "unit: 99,", "DEVICE_NOT_SIMULATED"],
  ])("refuses a device that it has no twin of: %s → %s", async (from, to, code) => {
    const { out } = await runCommand(["init", join(folder, "alien.yaml"), "--force", "--quiet"]);
    const path = out.trim();
    const text = readFileSync(path, "utf8").replace(from, to).replaceAll("15020", "25021").replaceAll("18830", "28831");
    writeFileSync(path, text);
    const { exitCode, err } = await runCommand(["gateway", "--config", path, "--simulate-devices"]);
    expect({ exitCode, err }).toMatchObject({ exitCode: 3, err: expect.stringContaining(code) });
  });
});

describe("micromarket check", () => {
  test("shows the line of what is wrong, marks the place, and proposes", async () => {
    const { out } = await runCommand(["init", join(folder, "wrong.yaml"), "--quiet"]);
    const path = out.trim();
    writeFileSync(path, readFileSync(path, "utf8").replace("meter: home-2-grid", "meter: home-2-gird"));
    const { exitCode, err } = await runCommand(["check", path]);
    expect(exitCode).toBe(3);
    expect(err).toMatch(/wrong\.yaml:\d+:\d+: .*home-2-gird.* — did you mean "home-2-grid"\? \(DEVICE_UNKNOWN\)\n/);
    const [, source = "", mark = ""] = err.split("\n");
    expect(source.slice(mark.indexOf("^"))).toMatch(/^home-2-gird/);
  });

  test("says of each device that does not answer why not, and what to do", async () => {
    const { out } = await runCommand(["init", join(folder, "dead.yaml"), "--quiet"]);
    const path = out.trim();
    const text = readFileSync(path, "utf8").replaceAll("15020", "9").replaceAll("18830", "9");
    writeFileSync(path, text);
    const checked = await runCommand(["check", "--devices", "--timeout", "1", "--quiet", path]);
    expect(checked.exitCode).toBe(1);
    expect(checked.out).toMatch(/home-1-grid: .*ECONNREFUSED.* — check host.* \(DEVICE_UNREACHABLE\)/);
    expect(checked.out).toMatch(/home-2-grid: .* — check the URL.* \(BROKER_UNREACHABLE\)/);
    const doctor = await runCommand(["doctor", "--devices", "--timeout", "1", "--quiet", path]);
    expect(doctor.exitCode).toBe(1);
    expect(doctor.out).toMatch(/^fail {2}DEVICE .*home-1-grid/m);
  });

  test.each([
    ["token: hunter2", 1, 8, "SECRET_INLINE"],
    ["http: { token: hunter2, port: 99999 }", 1, 32, "VALUE_OUT_OF_RANGE"],
    ['broker: "mqtt://me:hunter2@host"', 1, 9, "URL_INVALID"],
    ["  hunter2", 1, 3, "SECRET_MISSING"],
    ["short", 2, 1, "KEY_MISSING"],
    ["\u001b[2Jx", 1, 1, "KEY_UNKNOWN"],
  ])("shows no line that may hold a secret, or harm a terminal: %j", (text, line, column, code) => {
    expect(excerptOf(text, { line, column, code })).toBe("");
  });
});
