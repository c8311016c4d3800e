/**
 * What Prometheus reads, in a registry of its own. `docs/METRICS.md` lists every metric; a test holds the two equal.
 *
 * Invariants: base units; no label has more values than the market has devices; what is not known is absent or NaN and
 * never 0; what only the process knows comes in through `MetricSources`, and without its source a metric is not there.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Capability } from "@micromarket/control";
import { slotAt } from "@micromarket/kernel";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { CONTROL_PHASES } from "@micromarket/protocol";
import type { ControlDesk, ControlWrite } from "./control-desk.ts";
import type { EventStreams } from "./event-streams.ts";
import { describeLinks, type LinkReport } from "./link-metrics.ts";
import { countSlots } from "./slot-metrics.ts";
import type { SocketCounts } from "./socket/session-context.ts";
import { countSockets } from "./socket/socket-metrics.ts";
import { deviceList } from "./market-view.ts";
import { phaseOf, type Moment } from "./moment.ts";
import type { MarketReadModel } from "./read-model.ts";
import { PHASES } from "@micromarket/protocol";

/** Values that only the process knows, each in the base unit of its name; read at each scrape. */
export interface MetricSources {
  readonly ledgerSequence?: () => number;
  /** Sum of all balances of both books: anything but 0 is a bug. */
  readonly settlementResidual?: () => number;
  readonly clockOffsetSeconds?: () => number;
  readonly databaseBytes?: () => number;
  readonly diskFreeBytes?: () => number;
  readonly backupAgeSeconds?: () => number;
  /** 1 where the last reload of the configuration was taken, otherwise 0. */
  readonly configReloadSuccess?: () => number;
  /** What the links to devices have counted. */
  readonly links?: () => readonly LinkReport[];
}

/** What the process notes as it happens. */
export interface MetricsRecorder {
  /** How long the clearing of a book took. */
  readonly clearingTook: (seconds: number) => void;
  /** How long a group of journal entries took to become durable. */
  readonly ledgerWriteTook: (seconds: number) => void;
  readonly tenderRefused: (side: "buy" | "sell") => void;
  readonly deviceFailed: (protocol: string, kind: string) => void;
  /** A set-point or its refresh went out, and what became of it. */
  readonly controlWritten: (capability: Capability, outcome: ControlWrite) => void;
  /** Somebody was not let in. `reason` is one of a fixed list. */
  readonly accessRefused: (reason: string) => void;
  /** A set-point did not go out. `code` is one of a fixed list. */
  readonly controlRefused: (code: string) => void;
}

/** The metrics of one node. */
export interface Metrics extends MetricsRecorder {
  readonly registry: Registry;
  readonly requestAnswered: (status: number) => void;
  readonly sockets: SocketCounts;
  /** Stops listening and measuring. */
  readonly close: () => void;
}

/** What metrics are read from. */
export interface MetricsInit {
  readonly model: MarketReadModel;
  readonly moment: () => Moment;
  readonly streams: EventStreams;
  readonly version: string;
  readonly sources: MetricSources;
  readonly desk: ControlDesk | null;
}

const DURATION_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Registers all metrics and begins to count. */
export function createMetrics(init: MetricsInit): Metrics {
  const registry = new Registry();
  const orders = new Counter({
    name: "micromarket_orders_total",
    help: "Tenders by side and what became of them at the gate closure, or refused before",
    labelNames: ["side", "result"],
    registers: [registry],
  });
  const stopCounting = countSlots(registry, orders, init.model);
  describePresent(registry, init);
  describeDevices(registry, init);
  if (init.desk !== null) describeControls(registry, init.desk);
  describeStreams(registry, init.streams);
  describeSources(registry, init.sources);
  if (init.sources.links !== undefined) describeLinks(registry, init.sources.links);
  const stopMeasuring = describeProcess(registry, init.version);
  return {
    registry,
    sockets: countSockets(registry),
    ...recorders(registry, orders),
    close: () => {
      stopCounting();
      stopMeasuring();
    },
  };
}

function recorders(
  registry: Registry,
  orders: Counter<"side" | "result">,
): MetricsRecorder & Pick<Metrics, "requestAnswered"> {
  const registers = [registry];
  const clearing = new Histogram({
    name: "micromarket_clearing_duration_seconds",
    help: "Time that the clearing of a book took",
    buckets: DURATION_BUCKETS,
    registers,
  });
  const writes = new Histogram({
    name: "micromarket_ledger_write_seconds",
    help: "Time until a group of journal entries was durable",
    buckets: DURATION_BUCKETS,
    registers,
  });
  const deviceErrors = new Counter({
    name: "micromarket_device_errors_total",
    help: "Failed exchanges with devices",
    labelNames: ["protocol", "kind"],
    registers,
  });
  const controls = controlCounters(registers);
  const refused = new Counter({
    name: "micromarket_access_refused_total",
    help: "Requests and sessions of somebody who was not let in, by reason",
    labelNames: ["reason"],
    registers,
  });
  const requests = new Counter({
    name: "micromarket_http_requests_total",
    help: "Answered requests by status",
    labelNames: ["status"],
    registers,
  });
  return {
    clearingTook: (seconds) => clearing.observe(seconds),
    ledgerWriteTook: (seconds) => writes.observe(seconds),
    tenderRefused: (side) => orders.inc({ side, result: "refused" }),
    deviceFailed: (protocol, kind) => deviceErrors.inc({ protocol, kind }),
    accessRefused: (reason) => refused.inc({ reason }),
    ...controls,
    requestAnswered: (status) => requests.inc({ status: String(status) }),
  };
}

function controlCounters(registers: Registry[]): Pick<MetricsRecorder, "controlWritten" | "controlRefused"> {
  const written = new Counter({
    name: "micromarket_control_writes_total",
    help: "Set-points written to devices, refreshes included, and what became of them",
    labelNames: ["capability", "outcome"],
    registers,
  });
  const refused = new Counter({
    name: "micromarket_control_refusals_total",
    help: "Set-points that were not written",
    labelNames: ["code"],
    registers,
  });
  return {
    controlWritten: (capability, outcome) => written.inc({ capability, outcome }),
    controlRefused: (code) => refused.inc({ code }),
  };
}

function describeControls(registry: Registry, desk: ControlDesk): void {
  gauge(registry, "micromarket_controls_stopped", "1 while an emergency stop holds, otherwise 0", () => {
    const isStopped = ifKnown(() => desk.isStopped() !== null);
    return isStopped === null ? NaN : Number(isStopped);
  });
  new Gauge({
    name: "micromarket_controls",
    help: "Controls by phase",
    labelNames: ["phase"],
    registers: [registry],
    collect() {
      this.reset();
      const phases = ifKnown(() => desk.list().map(({ phase }) => phase));
      for (const phase of phases === null ? [] : CONTROL_PHASES)
        this.set({ phase }, (phases ?? []).filter((each) => each === phase).length);
    },
  });
}

/** A desk that fails must not take the market's metrics with it. */
function ifKnown<Value>(read: () => Value): Value | null {
  try {
    return read();
  } catch {
    return null;
  }
}

function describePresent(registry: Registry, { model, moment }: MetricsInit): void {
  const registers = [registry];
  const currentSlot = () => slotAt(moment().now, model.rules.slotLength).startMs;
  gauge(registry, "micromarket_slot_current", "Start of the current slot, seconds since the epoch, market time", () => {
    const startMs: number = currentSlot();
    return startMs / 1_000;
  });
  new Gauge({
    name: "micromarket_slot_phase",
    help: "1 for the phase of the current slot, 0 for the others",
    labelNames: ["phase"],
    registers,
    collect() {
      const present = phaseOf(model, currentSlot(), moment().now);
      for (const phase of PHASES) this.set({ phase }, phase === present ? 1 : 0);
    },
  });
}

function describeDevices(registry: Registry, { model, moment }: MetricsInit): void {
  const registers = [registry];
  new Gauge({
    name: "micromarket_device_up",
    help: "1 where some point of the device has a fresh value",
    labelNames: ["device"],
    registers,
    collect() {
      this.reset();
      for (const { device, up } of deviceList(model, moment()).devices) this.set({ device }, up ? 1 : 0);
    },
  });
  new Gauge({
    name: "micromarket_device_age_seconds",
    help: "Age of the device's youngest reading",
    labelNames: ["device"],
    registers,
    collect() {
      this.reset();
      for (const { device, points } of deviceList(model, moment()).devices) {
        if (points.length > 0) this.set({ device }, Math.min(...points.map(({ age_ms }) => age_ms)) / 1_000);
      }
    },
  });
}

function describeStreams(registry: Registry, streams: EventStreams): void {
  gauge(registry, "micromarket_event_streams", "Open event streams", () => streams.open);
  new Counter({
    name: "micromarket_event_streams_dropped_slow_total",
    help: "Event streams that were closed because their listener did not read",
    registers: [registry],
    collect() {
      this.reset();
      this.inc(streams.droppedSlow);
    },
  });
}

function describeSources(registry: Registry, sources: MetricSources): void {
  const known = [
    ["micromarket_ledger_seq", "Number of the journal's last entry", sources.ledgerSequence],
    ["micromarket_settlement_residual", "Sum of all balances: must be 0", sources.settlementResidual],
    ["micromarket_clock_offset_seconds", "Offset of the clock from its time source", sources.clockOffsetSeconds],
    ["micromarket_db_bytes", "Size of the database", sources.databaseBytes],
    ["micromarket_disk_free_bytes", "Free space where the database is", sources.diskFreeBytes],
    ["micromarket_backup_age_seconds", "Age of the last good backup", sources.backupAgeSeconds],
    ["micromarket_config_reload_success", "1 where the last reload was taken", sources.configReloadSuccess],
  ] as const;
  for (const [name, help, read] of known) {
    if (read !== undefined) gauge(registry, name, help, read);
  }
}

function describeProcess(registry: Registry, version: string): () => void {
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  gauge(registry, "micromarket_eventloop_lag_seconds", "Longest delay of the event loop since the last scrape", () => {
    const lagSeconds = delay.max / 1e9;
    delay.reset();
    return lagSeconds;
  });
  gauge(registry, "micromarket_heap_bytes", "JavaScript heap in use", () => process.memoryUsage().heapUsed);
  const build = new Gauge({
    name: "micromarket_build_info",
    help: "Always 1; the version is in the label",
    labelNames: ["version"],
    registers: [registry],
  });
  build.set({ version }, 1);
  return () => void delay.disable();
}

function gauge(registry: Registry, name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(read());
    },
  });
}
