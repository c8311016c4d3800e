/** Each finding of the doctor, well and not. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openNode } from "@micromarket/engine";
import { loadGatewayFile, type ClockState, type GatewayConfig } from "@micromarket/gateway";
import { assert, instantMs, partyId } from "@micromarket/kernel";
import { openKeyFile } from "@micromarket/identity-node";
import { openSqliteJournal } from "@micromarket/store-sqlite";
import { examineCounters } from "../src/doctor/examine-counters.ts";
import { examineFolder, examineJournal, examineKey, examinePort, examineSpace } from "../src/doctor/examine-gateway.ts";
import { examineClock, examineNode, examinePage, examineSqlite } from "../src/doctor/examine-machine.ts";
import { runCommand } from "./memory-console.ts";

let folder = "";
let config: GatewayConfig;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "micromarket-doctor-test-"));
  const { out } = await runCommand(["init", folder, "--quiet"]);
  const loaded = loadGatewayFile(out.trim());
  assert(loaded.ok, "init writes what holds");
  config = loaded.value;
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const withData = (name: string): GatewayConfig => ({ ...config, dataDirectory: join(folder, name) });

/** A journal of one entry. */
function foundJournal(name: string): GatewayConfig {
  const founded = withData(name);
  mkdirSync(founded.dataDirectory);
  const journal = openSqliteJournal(join(founded.dataDirectory, "journal.sqlite"));
  const opened = openNode(founded.rules, journal);
  assert(opened.ok, "a new journal opens");
  opened.value.execute([{ type: "RegisterParty", party: partyId("home-1") }], instantMs(1));
  journal.close();
  return founded;
}

test.each([
  ["20.18.9", "fail"],
  ["20.19.0", "ok"],
  ["24.1.0", "ok"],
  ["18.20.0", "fail"],
])("NODE_VERSION: %s is %s", (version, status) => {
  expect(examineNode(version)).toMatchObject({ code: "NODE_VERSION", status });
});

test("SQLITE_BINDING", () => {
  expect(examineSqlite()).toMatchObject({ code: "SQLITE_BINDING", status: "ok" });
  const broken = examineSqlite(() => {
    throw new Error("compiled against another NODE_MODULE_VERSION\nat somewhere");
  });
  expect(broken).toMatchObject({ status: "fail", mend: expect.stringContaining("npm rebuild better-sqlite3") });
  expect(broken.what).toContain("NODE_MODULE_VERSION");
});

test("COUNTERS", () => {
  const verdict = { device: "grid", kind: "counted", what: "1 Wh steps", caveats: [] } as const;
  expect(examineCounters(verdict)).toMatchObject({ code: "COUNTERS", status: "ok", what: "grid: 1 Wh steps" });
  expect(examineCounters({ ...verdict, kind: "estimated" }).status).toBe("warn");
  const caveats = ["it counts each phase for itself"];
  expect(examineCounters({ ...verdict, caveats })).toMatchObject({ status: "warn", mend: caveats[0] });
});

test("PAGE", () => {
  const page = join(folder, "page");
  expect(examinePage(page)).toMatchObject({
    code: "PAGE",
    status: "fail",
    mend: expect.stringContaining("npm run page"),
  });
  mkdirSync(page);
  writeFileSync(join(page, "index.html"), "");
  expect(examinePage(page)).toMatchObject({ status: "ok" });
});

const RIGHT: ClockState = { kind: "synchronised", offsetMs: 3 };
const WRONG: ClockState = { kind: "unsynchronised", reason: "chrony says that it is off by 9000 ms" };

test.each([
  [RIGHT, { kind: "real", trust: "system" }, "ok"],
  [WRONG, { kind: "real", trust: "system" }, "fail"],
  [WRONG, { kind: "real", trust: "unchecked" }, "warn"],
  [WRONG, null, "warn"],
  [WRONG, { kind: "accelerated", speed: 9, epoch: instantMs(0), anchor: null }, "ok"],
] as const)("CLOCK: %j, needed as %j, is %s", async (state, clock, status) => {
  const finding = await examineClock({ check: () => Promise.resolve(state) }, clock);
  expect(finding).toMatchObject({ code: "CLOCK", status });
  expect(finding.mend === null).toBe(status === "ok");
});

describe("DATA_FOLDER", () => {
  test("there, to be made, or no folder", () => {
    expect(examineFolder(withData("new/data"))).toMatchObject({ code: "DATA_FOLDER", status: "ok" });
    expect(examineFolder({ ...config, dataDirectory: folder })).toMatchObject({ status: "ok" });
    writeFileSync(join(folder, "plain"), "");
    expect(examineFolder(withData("plain"))).toMatchObject({ status: "fail", mend: expect.stringContaining("data:") });
  });

  test("not to be written to", () => {
    const locked = withData("locked");
    mkdirSync(locked.dataDirectory, { mode: 0o500 });
    const isRoot = process.getuid?.() === 0; // root may write anywhere
    expect(examineFolder(locked)).toMatchObject({ status: isRoot ? "ok" : "fail" });
    chmodSync(locked.dataDirectory, 0o700);
  });
});

test.each([
  [2_000, "ok"],
  [1_000, "ok"],
  [999, "warn"],
  [100, "warn"],
  [99, "fail"],
])("DISK_SPACE: %d MB are %s", (freeMb, status) => {
  expect(examineSpace(config, freeMb)).toMatchObject({ code: "DISK_SPACE", status });
});

describe("JOURNAL", () => {
  test("none yet, and one whose chain holds", () => {
    expect(examineJournal(withData("none"))).toMatchObject({ code: "JOURNAL", status: "ok", isOpen: false });
    const finding = examineJournal(foundJournal("sound"));
    expect(finding).toMatchObject({ status: "ok", what: expect.stringContaining("1 entries") });
  });

  test("one that a gateway has open is verified as it is", () => {
    const busy = foundJournal("busy");
    const journal = openSqliteJournal(join(busy.dataDirectory, "journal.sqlite"));
    expect(examineJournal(busy)).toMatchObject({ status: "ok", isOpen: true });
    journal.close();
  });

  test("one of other rules, and one that is damaged", () => {
    const other = foundJournal("rules");
    const rules = { ...other.rules, gateLead: other.rules.slotLength };
    expect(examineJournal({ ...other, rules })).toMatchObject({
      status: "fail",
      mend: expect.stringContaining("data:"),
    });
    const damaged = foundJournal("damaged");
    const path = join(damaged.dataDirectory, "journal.sqlite");
    const bytes = readFileSync(path);
    const at = bytes.indexOf("RegisterParty");
    bytes.write("RegisterPartx", at);
    writeFileSync(path, bytes);
    expect(examineJournal(damaged)).toMatchObject({ status: "fail" });
    writeFileSync(path, "no journal at all, whatever its name says".repeat(100));
    expect(examineJournal(damaged)).toMatchObject({
      status: "fail",
      what: expect.stringContaining("no SQLite database"),
    });
  });
});

test("KEY", () => {
  const fresh = withData("unfounded");
  expect(examineKey(fresh)).toMatchObject({ code: "KEY", status: "ok", what: expect.stringContaining("first start") });
  expect(existsSync(fresh.dataDirectory)).toBe(false);
  const founded = foundJournal("keyless");
  expect(examineKey(founded)).toMatchObject({ status: "warn", mend: expect.stringContaining("backup") });
  const path = join(founded.dataDirectory, "gateway.key");
  expect(openKeyFile(path).ok).toBe(true);
  expect(examineKey(founded)).toMatchObject({ status: "ok" });
  chmodSync(path, 0o640);
  expect(examineKey(founded)).toMatchObject({ status: "fail", mend: expect.stringContaining("chmod 600") });
});

test("PORT", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const taken = { ...config, http: { ...config.http, port } };
  expect(await examinePort(taken, false)).toMatchObject({
    code: "PORT",
    status: "fail",
    mend: expect.stringContaining("http.port"),
  });
  expect(await examinePort(taken, true)).toMatchObject({ status: "ok" });
  server.close();
  await once(server, "close");
  expect(await examinePort(taken, false)).toMatchObject({ status: "ok" });
  expect(await examinePort({ ...config, http: { ...config.http, port: 0 } }, false)).toMatchObject({ status: "ok" });
});

test("FILE: what is wrong with it is a finding; as JSON all findings are one object", async () => {
  const path = join(folder, "broken.yaml");
  writeFileSync(path, readFileSync(join(folder, "gateway.yaml"), "utf8").replace("slot: 15m", "slot: 15"));
  const { exitCode, out } = await runCommand(["doctor", path, "--json"]);
  const { ok, findings } = JSON.parse(out) as {
    ok: boolean;
    findings: { code: string; status: string; what: string }[];
  };
  expect([exitCode, ok]).toEqual([1, false]);
  expect(findings.find(({ code }) => code === "FILE")).toMatchObject({
    status: "fail",
    what: expect.stringMatching(/broken\.yaml:\d+:\d+.*\(UNIT_MISSING\)$/),
    mend: expect.stringContaining("15m"),
  });
});

test("devices without a file are a usage error", async () => {
  expect(await runCommand(["doctor", "--devices"])).toMatchObject({ exitCode: 2 });
});
