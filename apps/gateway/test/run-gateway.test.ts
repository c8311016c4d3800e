import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { createMemoryDisk, createMemoryJournal } from "@micromarket/testkit";
import type { Reading } from "@micromarket/assets";
import { openNode } from "@micromarket/engine";
import { durationMs, measured, priceMicro, type InstantMs } from "@micromarket/kernel";
import { openKeyFile, verifyByOpenssl } from "@micromarket/identity-node";
import { openOrderArchive, openSqliteJournal, readSqliteJournal } from "@micromarket/store-sqlite";
import { foundingRules } from "../src/founding-rules.ts";
import { loadGatewayFile } from "../src/gateway-file.ts";
import { startGateway } from "../src/gateway.ts";
import { machineTime } from "../src/machine-time.ts";
import { openControlMemory } from "../src/control/control-memory.ts";
import { openMeterFile } from "../src/meter-store.ts";
import { runGateway, type RunOptions } from "../src/run-gateway.ts";
import { GATEWAY, gatewayFile } from "./gateway-text.ts";
import { freePort } from "./processes.ts";

/** No device is there; the clock makes a quarter of an hour in 100 ms. */
const TEXT = GATEWAY.replace("{ trust: unchecked }", '{ accelerated: 9000, epoch: "2026-06-01T00:00Z" }').replace(
  "    poll: 1s\n",
  "",
);

/** What the log said. */
function quietLog() {
  const lines: string[] = [];
  const note = (fields: unknown, text?: string): void => void lines.push(`${JSON.stringify(fields)} ${text ?? ""}`);
  return { lines, log: { info: note, warn: note, error: note } };
}

/** Runs the gateway of `path` and gives what a test needs to look at it and to stop it. */
async function run(path: string, ports: RunOptions["ports"] = {}) {
  let signal = (): void => undefined;
  const { lines, log } = quietLog();
  const noDevices = { sources: [], close: () => Promise.resolve() };
  const listening = deferred<string>();
  const exit = runGateway(path, {
    version: "1.2.3",
    page: null,
    env: {},
    onStopSignal: (listener) => {
      signal = listener;
      return () => undefined;
    },
    onListening: listening.resolve,
    ports: { log, openDevices: () => noDevices, ...ports },
  });
  const url = await Promise.race([listening.promise, exit.then(() => "")]);
  return { url, exit, lines, signal: () => signal() };
}

function deferred<Value>() {
  let resolve: (value: Value) => void = () => undefined;
  const promise = new Promise<Value>((settle) => (resolve = settle));
  return { promise, resolve };
}

async function healthAt(url: string): Promise<{ code: number; text: string }> {
  const response = await fetch(`${url}/health`);
  return { code: response.status, text: await response.text() };
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe("a file that is wrong", () => {
  test("starts no market: health fails with place, cause and mend, and nothing else is there", async () => {
    const path = gatewayFile(TEXT.replace("slot: 15m", "slot: 15"));
    const { url, exit, signal, lines } = await run(path);
    const { code, text } = await healthAt(url);
    expect([code, (await fetch(`${url}/api/v1/market`)).status]).toEqual([503, 503]);
    expect(text).toContain("gateway.yaml:2:7:");
    expect(text).toContain("without a unit");
    expect(lines.join("\n")).toContain("UNIT_MISSING");
    signal();
    expect(await exit).toBe(3);
    expect(existsSync(join(dirname(path), "data"))).toBe(false);
  });

  test.each([
    ["in a block", (port: number) => `http:\n  host: 127.0.0.1\n  port: ${port} # the page\n`],
    ["in one line", (port: number) => `http: { host: 127.0.0.1, port: ${port} }\n`],
  ])("the diagnosis stands at the port that the file names %s", async (_, http) => {
    const port = await freePort();
    const { url, exit, signal } = await run(gatewayFile(`${http(port)}slot: 15\n`));
    signal();
    expect([url, await exit]).toEqual([`http://127.0.0.1:${port}`, 3]);
  });

  test("a journal that was founded on other rules is not touched", async () => {
    const path = gatewayFile(TEXT);
    const first = await run(path);
    first.signal();
    expect(await first.exit).toBe(0);
    writeFileSync(path, TEXT.replace("slot: 15m", "slot: 30m"));
    const second = await run(path);
    const { code, text } = await healthAt(second.url);
    second.signal();
    expect([code, await second.exit]).toEqual([503, 1]);
    expect(text).toContain("founded on other rules");
  });

  test("a data folder that cannot be one", async () => {
    const path = gatewayFile(TEXT);
    writeFileSync(join(dirname(path), "data"), "a file");
    const { url, exit, signal } = await run(path);
    const { code, text } = await healthAt(url);
    signal();
    expect([code, await exit]).toEqual([503, 1]);
    expect(text).toContain("data");
  });
});

test("a port in use ends the process with what to do about it", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => other.once("listening", resolve));
  const { port } = other.address() as AddressInfo;
  const { exit, lines } = await run(gatewayFile(TEXT.replace("port: 0", `port: ${port}`)));
  expect(await exit).toBe(1);
  expect(lines.join("\n")).toMatch(new RegExp(`${port}.*stop the program that has the port`));
  other.close();
});

test("a market without readings clears empty slots, goes on after a stop, and never reports a zero", async () => {
  const path = gatewayFile(TEXT);
  const first = await run(path);
  const closed = async (url: string): Promise<number> =>
    ((await (await fetch(`${url}/api/v1/slots`)).json()) as { slots: unknown[] }).slots.length;
  await until(async () => (await closed(first.url)) >= 3);
  await until(async () => (await healthAt(first.url)).code === 200); // a busy machine may be behind for a moment
  first.signal();
  expect(await first.exit).toBe(0);
  const second = await run(path);
  const before = await closed(second.url);
  expect(before).toBeGreaterThanOrEqual(3);
  await until(async () => (await closed(second.url)) > before + 1);
  const text = await (await fetch(`${second.url}/api/v1/slots`)).text();
  expect(text).not.toContain('"settled":true');
  second.signal();
  second.signal();
  expect([0, 130]).toContain(await second.exit);
});

test("a store that fails stops the trading, and health says why", async () => {
  const journal = createMemoryJournal(createMemoryDisk());
  const { url, exit, signal, lines } = await run(gatewayFile(TEXT), { openJournal: () => journal });
  journal.failNextAppend("lost");
  await until(async () => (await healthAt(url)).text.includes("trading has stopped")); // an overdue gate is 503 as well
  expect((await healthAt(url)).code).toBe(503);
  expect(lines.join("\n")).toContain("the market node has failed");
  signal();
  expect(await exit).toBe(1);
});

test("a start that the store fails leaves no device open", async () => {
  const journal = createMemoryJournal(createMemoryDisk());
  journal.failNextAppend("lost");
  let closed = 0;
  const openDevices = () => ({ sources: [], close: () => Promise.resolve(void (closed += 1)) });
  const { url, exit, signal } = await run(gatewayFile(TEXT), { openJournal: () => journal, openDevices });
  expect([(await healthAt(url)).code, closed]).toEqual([503, 1]);
  signal();
  expect(await exit).toBe(1);
});

test("what takes time is measured, and what is refused is counted", async () => {
  const folder = dirname(gatewayFile(TEXT));
  const loaded = loadGatewayFile(join(folder, "gateway.yaml"), { env: {} });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  const [home, ...others] = loaded.value.homes;
  if (home === undefined) throw new Error("there is a home");
  // No file can say this: a bid above the cap, which the market refuses.
  const config = { ...loaded.value, homes: [{ ...home, loadLimit: priceMicro(9_000_000) }, ...others] };
  const { lines, log } = quietLog();
  const epoch = Date.UTC(2026, 5, 1);
  const counters = (at: InstantMs): Reading[] =>
    (["imported_wh", "exported_wh"] as const).map((point) => {
      const total = point === "imported_wh" ? Math.floor((at - epoch) / 9_000) : 0;
      return { point, at, value: measured(total) };
    });
  const started = await startGateway(config, {
    ...{ log, version: "1.2.3", page: null, time: machineTime, slotsKept: 10 },
    clockHealth: { check: () => Promise.resolve({ kind: "synchronised", offsetMs: 0 }) },
    openJournal: openSqliteJournal,
    openMeterStore: openMeterFile,
    openArchive: openOrderArchive,
    allowControl: false,
    openControlMemory,
    openKey: openKeyFile,
    verify: verifyByOpenssl,
    openDevices: ({ devices }, clock) => ({
      close: () => Promise.resolve(),
      sources: devices.map(({ id: device }) => ({
        device,
        poll: durationMs(10),
        read: () => Promise.resolve({ device, readings: counters(clock.now()) }),
      })),
    }),
  });
  if (!started.ok) throw new Error(started.error.what);
  const metric = async (name: string): Promise<number> => {
    const text = await (await fetch(`${started.value.url}/metrics`)).text();
    return Number(
      text
        .split("\n")
        .find((line) => line.startsWith(`${name} `))
        ?.slice(name.length) ?? 0,
    );
  };
  const refused = 'micromarket_orders_total{side="buy",result="refused"}';
  await until(
    async () =>
      (await metric(refused)) >= 2 &&
      (await metric("micromarket_clearing_duration_seconds_count")) >= 3 &&
      lines.join("\n").includes("PRICE_OUT_OF_BAND"), // on a busy machine the first tenders come after their gate
  );
  expect(await metric("micromarket_clearing_duration_seconds_sum")).toBeGreaterThan(0);
  expect(await metric("micromarket_ledger_write_seconds_sum")).toBeGreaterThan(0);
  expect(await metric("micromarket_ledger_write_seconds_count")).toBeGreaterThan(3);
  expect(await metric("micromarket_settlement_residual")).toBe(0);
  await started.value.stop();
});

test("backups are made while it trades, each a journal that opens, and the oldest goes", async () => {
  const text = TEXT.replace("data: data", "data: data\nbackup: { directory: backup, every: 1s, keep: 2 }");
  const path = gatewayFile(text);
  const folder = join(dirname(path), "backup");
  const { exit, signal, lines } = await run(path);
  const made = (): number => lines.filter((line) => line.includes("was backed up")).length;
  await until(() => Promise.resolve(made() >= 3));
  signal();
  expect(await exit).toBe(0);
  const loaded = loadGatewayFile(path);
  if (!loaded.ok) throw new Error("the file is right");
  const files = readdirSync(folder);
  expect(files).toHaveLength(2);
  for (const file of files) {
    const journal = readSqliteJournal(join(folder, file));
    expect(openNode(foundingRules(loaded.value.rules, journal, null), journal)).toMatchObject({ ok: true });
    journal.close();
  }
}, 60_000);
