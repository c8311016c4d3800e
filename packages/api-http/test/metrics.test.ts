import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { measured } from "@micromarket/kernel";
import type { ApiServer, LinkReport, MetricSources } from "@micromarket/api-http";
import { NOON } from "@micromarket/testkit";
import { ask, serve } from "./asking.ts";
import { MemoryDesk } from "./memory-desk.ts";
import { SocketClient } from "./socket-client.ts";
import { clear, deliver, slotNo, street } from "./street.ts";
import { tradingStreet } from "./trading-street.ts";

const MODBUS_LINK: LinkReport = {
  link: "192.168.1.20:502",
  protocol: "modbus",
  requests: 40,
  timeouts: 3,
  exceptions: { 2: 5, 97: 1, 200: 1 },
  reconnects: 2,
  queueWaitSeconds: 1.5,
};
const SOURCES: Required<MetricSources> = {
  ledgerSequence: () => 42,
  settlementResidual: () => 0,
  clockOffsetSeconds: () => -0.25,
  databaseBytes: () => 4_096,
  diskFreeBytes: () => 1e9,
  backupAgeSeconds: () => 60,
  configReloadSuccess: () => 1,
  links: () => [MODBUS_LINK],
};

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Reads the Prometheus text format strictly: every line is a comment of a known kind or a sample. */
function parseMetrics(text: string): {
  readonly types: ReadonlyMap<string, string>;
  readonly samples: readonly Sample[];
} {
  const types = new Map<string, string>();
  const samples: Sample[] = [];
  for (const line of text.split("\n").filter((each) => each !== "")) {
    const [, typed, type] = /^# TYPE (\w+) (counter|gauge|histogram)$/.exec(line) ?? [];
    if (typed !== undefined && type !== undefined) types.set(typed, type);
    if (line.startsWith("#")) {
      expect(line).toMatch(/^# (?:HELP \w+ \S|TYPE \w+ \w+$)/);
      continue;
    }
    const [, name = "", labels = "", value = ""] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = "", text_ = ""]) => [key, text_]);
    expect(value).toMatch(/^(?:Nan|NaN|[+-]?(?:Inf|\d+(?:\.\d+)?(?:e[+-]?\d+)?))$/);
    samples.push({
      name,
      labels: Object.fromEntries(pairs) as Record<string, string>,
      value: Number(value.replace("Nan", "NaN")),
    });
  }
  return { types, samples };
}

/** A session that says something, something that nobody understands, and goodbye. */
async function enterAndLeave(server: ApiServer): Promise<void> {
  const client = new SocketClient(server);
  await client.next("hello");
  await client.ask("test", {});
  client.socket.send("nonsense");
  await client.next("error");
  client.socket.close();
  await client.end();
}

async function scrape(server: ApiServer): Promise<ReturnType<typeof parseMetrics>> {
  const { status, headers, text } = await ask(server, "/metrics");
  expect([status, headers["content-type"]]).toEqual([200, "text/plain; version=0.0.4; charset=utf-8"]);
  return parseMetrics(text);
}

async function valueOf(
  server: ApiServer,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<number | null> {
  const { samples } = await scrape(server);
  const wanted = JSON.stringify(labels);
  return samples.find((sample) => sample.name === name && JSON.stringify(sample.labels) === wanted)?.value ?? null;
}

describe("the page docs/METRICS.md", () => {
  test("names exactly the metrics that are exported, with their types", async () => {
    const page = readFileSync(new URL("../../../docs/METRICS.md", import.meta.url), "utf8");
    const rows = [...page.matchAll(/^\| `(micromarket_\w+)`\s*\| (\w+)\s*\|/gm)].map(([, name, type]) => [name, type]);
    const { types } = await scrape(await serve(street(), { sources: SOURCES, controls: new MemoryDesk() }));
    expect(new Map(rows as [string, string][])).toEqual(types);
    expect(rows).toHaveLength(types.size);
    const named = new Set([...page.matchAll(/micromarket_\w+/g)].map(([name]) => name));
    expect(named).toEqual(new Set(types.keys()));
  });

  test("names exactly the labels that are exported", async () => {
    const page = readFileSync(new URL("../../../docs/METRICS.md", import.meta.url), "utf8");
    const rows = [...page.matchAll(/^\| `(micromarket_\w+)`\s*\| \w+\s*\| ([^|]*)\|/gm)];
    const market = street();
    const trading = { desk: tradingStreet().desk };
    const server = await serve(market, { sources: SOURCES, controls: new MemoryDesk(), trading });
    const at = market.clock.now();
    await enterAndLeave(server);
    market.model.observe({ device: "meter", readings: [{ point: "power_w", value: measured(1), at }] }, at);
    server.recorder.deviceFailed("modbus", "timeout");
    server.recorder.controlWritten("switch", "verified");
    server.recorder.controlRefused("LOCKED");
    server.recorder.accessRefused("CREDENTIAL_MISSING");
    await scrape(server);
    clear(market, slotNo(0));
    const { samples } = await scrape(server);
    for (const [, name = "", cell = ""] of rows) {
      const documented = [...cell.matchAll(/`(\w+)`/g)].map(([, label]) => label);
      const sample = samples.find((each) => each.name.replace(/_(?:bucket|sum|count)$/, "") === name);
      const exported = Object.keys(sample?.labels ?? { "no sample": 1 }).filter((label) => label !== "le");
      expect([name, new Set(exported)]).toEqual([name, new Set(documented)]);
    }
  });
});

describe("GET /metrics", () => {
  test("says what each link has counted; a number that a device makes up is no label of its own", async () => {
    const mqtt = { ...MODBUS_LINK, link: "mqtt://10.0.0.2", protocol: "mqtt", exceptions: {}, queueWaitSeconds: null };
    const server = await serve(street(), { sources: { links: () => [MODBUS_LINK, mqtt] } });
    const place = { link: "192.168.1.20:502", protocol: "modbus" };
    for (const [name, labels, value] of [
      ["requests_total", place, 40],
      ["timeouts_total", place, 3],
      ["reconnects_total", place, 2],
      ["queue_wait_seconds_total", place, 1.5],
      ["exceptions_total", { ...place, code: "2" }, 5],
      ["exceptions_total", { ...place, code: "other" }, 2],
      ["requests_total", { link: mqtt.link, protocol: "mqtt" }, 40],
      ["queue_wait_seconds_total", { link: mqtt.link, protocol: "mqtt" }, null],
    ] as const)
      expect([name, await valueOf(server, `micromarket_link_${name}`, labels)]).toEqual([name, value]);
  });

  test("counts what was cleared and settled", async () => {
    const market = street();
    const server = await serve(market, { sources: SOURCES });
    expect(await valueOf(server, "micromarket_price_micro")).toBeNaN();
    clear(market, slotNo(0));
    deliver(market, slotNo(0));
    for (const [name, labels, value] of [
      ["orders_total", { side: "buy", result: "part-filled" }, 2],
      ["orders_total", { side: "sell", result: "filled" }, 1],
      ["orders_total", { side: "sell", result: "unfilled" }, 1],
      ["trades_total", {}, 2],
      ["traded_watthours_total", {}, 900],
      ["price_micro", {}, 150_000],
      ["unmatched_watthours", { side: "buy" }, 400],
      ["unmatched_watthours", { side: "sell" }, 0],
      ["gate_margin_seconds", {}, 300],
      ["imbalance_watthours", {}, 450],
      ["slot_current", {}, Number(slotNo(1).startMs) / 1_000],
      ["slot_phase", { phase: "clearing" }, 1],
      ["slot_phase", { phase: "open" }, 0],
      ["ledger_seq", {}, 42],
      ["clock_offset_seconds", {}, -0.25],
      ["build_info", { version: "1.2.3" }, 1],
    ] as const) {
      expect([name, labels, await valueOf(server, `micromarket_${name}`, labels)]).toEqual([name, labels, value]);
    }
    clear(market, slotNo(4), []);
    expect(await valueOf(server, "micromarket_price_micro")).toBeNaN();
  });

  test("takes what the process notes", async () => {
    const server = await serve(street());
    server.recorder.clearingTook(0.002);
    server.recorder.ledgerWriteTook(0.02);
    server.recorder.tenderRefused("sell");
    server.recorder.deviceFailed("mqtt", "malformed");
    expect(await valueOf(server, "micromarket_clearing_duration_seconds_count")).toBe(1);
    expect(await valueOf(server, "micromarket_clearing_duration_seconds_bucket", { le: "0.001" })).toBe(0);
    expect(await valueOf(server, "micromarket_clearing_duration_seconds_bucket", { le: "0.0025" })).toBe(1);
    expect(await valueOf(server, "micromarket_ledger_write_seconds_sum")).toBe(0.02);
    expect(await valueOf(server, "micromarket_orders_total", { side: "sell", result: "refused" })).toBe(1);
    expect(await valueOf(server, "micromarket_device_errors_total", { protocol: "mqtt", kind: "malformed" })).toBe(1);
    expect(await valueOf(server, "micromarket_heap_bytes")).toBeGreaterThan(1e6);
  });

  test("what has no source is absent, not 0", async () => {
    const { types } = await scrape(await serve(street()));
    expect(
      [...types.keys()].filter((name) => /ledger_seq|residual|offset|db_bytes|disk|backup|reload/.test(name)),
    ).toEqual([]);
  });

  test("a device has its age; one that is silent is down", async () => {
    const market = street();
    const at = market.clock.now();
    const name = 'me"ter\\1\n';
    market.model.observe({ device: name, readings: [{ point: "power_w", value: measured(1), at }] }, at);
    const server = await serve(market);
    const labels = { device: 'me\\"ter\\\\1\\n' };
    expect(await valueOf(server, "micromarket_device_up", labels)).toBe(1);
    market.clock.set(NOON);
    expect(await valueOf(server, "micromarket_device_up", labels)).toBe(0);
    expect(await valueOf(server, "micromarket_device_age_seconds", labels)).toBe(3_600);
  });

  test("counts writes by outcome and refusals by code; shows phases and the stop", async () => {
    const desk = new MemoryDesk();
    const server = await serve(street(), { controls: desk });
    server.recorder.controlWritten("limit_generation_w", "verified");
    server.recorder.controlWritten("limit_generation_w", "verified");
    server.recorder.controlWritten("limit_generation_w", "unknown");
    server.recorder.controlRefused("LOCKED");
    const written = (outcome: string) =>
      valueOf(server, "micromarket_control_writes_total", { capability: "limit_generation_w", outcome });
    expect([await written("verified"), await written("unknown"), await written("differs")]).toEqual([2, 1, null]);
    expect(await valueOf(server, "micromarket_control_refusals_total", { code: "LOCKED" })).toBe(1);
    expect(await valueOf(server, "micromarket_controls", { phase: "holding" })).toBe(1);
    expect(await valueOf(server, "micromarket_controls_stopped")).toBe(0);
    await desk.emergencyStop("a test");
    expect(await valueOf(server, "micromarket_controls_stopped")).toBe(1);
    expect(await valueOf(server, "micromarket_controls", { phase: "stopped" })).toBe(2);
    desk.isSilent = true;
    expect(await valueOf(server, "micromarket_controls_stopped")).toBeNaN();
    expect(await valueOf(server, "micromarket_controls", { phase: "stopped" })).toBeNull();
    const without = await scrape(await serve(street()));
    expect([...without.types.keys()].filter((name) => name.startsWith("micromarket_controls"))).toEqual([]);
  });

  test("two servers in one process do not share counters", async () => {
    const [first, second] = [await serve(street()), await serve(street())];
    first.recorder.tenderRefused("buy");
    expect(await valueOf(second, "micromarket_orders_total", { side: "buy", result: "refused" })).toBeNull();
  });
});
