/**
 * The gateway as a process: file, diagnosis, signals, exit code.
 *
 * Exit codes: 0 stopped; 1 the market could not go on (store, port); 3 the file is wrong; 130 interrupted by a second
 * signal. A file or journal that is wrong never becomes a fresh market: the process stays, its health fails with what is
 * wrong, nothing else is served, and the exit code is told once it is stopped.
 */
import { readFileSync } from "node:fs";
import { openOrderArchive, openSqliteJournal } from "@micromarket/store-sqlite";
import { openKeyFile, verifyByOpenssl } from "@micromarket/identity-node";
import { startDiagnostic, type ListeningServer } from "@micromarket/api-http";
import { formatProblem, type InputProblem } from "@micromarket/kernel";
import { seemsToSay } from "@micromarket/yaml-files";
import { systemClockHealth } from "./clock-health.ts";
import { openControlMemory } from "./control/control-memory.ts";
import { openDeviceLinks } from "./device-links.ts";
import type { GatewayConfig } from "./gateway-config.ts";
import { loadGatewayFile } from "./gateway-file.ts";
import { openLog } from "./gateway-log.ts";
import type { GatewayPorts, RunningGateway } from "./gateway-ports.ts";
import { startGateway } from "./gateway.ts";
import { DEFAULT_HTTP } from "./http-section.ts";
import { machineTime } from "./machine-time.ts";
import { openMeterFile } from "./meter-store.ts";

/** How a process runs its gateway. */
export interface RunOptions {
  readonly version: string;
  /** Folder of the page's built files; `null`: no page. */
  readonly page: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The program's lock: whether anything may be written to devices. @default false */
  readonly allowControl?: boolean;
  /** Hears of a request to stop; the answer forgets the listener. */
  readonly onStopSignal: (listener: () => void) => () => void;
  /** Hears where the page is once it is there, and whether it is the market's or only says what is wrong. */
  readonly onListening?: (url: string, page: "market" | "diagnosis") => void;
  readonly ports?: Partial<GatewayPorts>;
}

/** Exit codes of `runGateway`. */
export const EXIT = { stopped: 0, failed: 1, badFile: 3, interrupted: 130 } as const;

/** One of them. */
export type GatewayExit = (typeof EXIT)[keyof typeof EXIT];

/** A boundary that is farther off than this is not waited for: nothing is lost by a stop inside a slot. */
const BOUNDARY_WAIT_MS_MAX = 60_000;

/** Runs the gateway of the file at `path` until it is told to stop; settles with the exit code. */
export async function runGateway(path: string, options: RunOptions): Promise<GatewayExit> {
  const ports = realPorts(options);
  const loaded = loadGatewayFile(path, { env: options.env });
  if (!loaded.ok) return diagnose(path, loaded.error, EXIT.badFile, options, ports);
  const config = loaded.value;
  const started = await startGateway(config, ports);
  if (started.ok) return serve(started.value, options, ports);
  const problem = { file: path, line: 1, column: 1, ...started.error };
  if (problem.code === "ADDRESS_UNAVAILABLE") {
    ports.log.error(problem, formatProblem(problem));
    return EXIT.failed;
  }
  return diagnose(path, [problem], EXIT.failed, options, ports, config);
}

function realPorts({ version, page, allowControl = false, ports }: RunOptions): GatewayPorts {
  const time = ports?.time ?? machineTime;
  return {
    time,
    clockHealth: systemClockHealth,
    log: openLog(),
    version,
    page,
    openJournal: (path) => openSqliteJournal(path),
    openArchive: openOrderArchive,
    openDevices: ({ devices }, clock, links) => openDeviceLinks(devices, clock, time, links),
    allowControl,
    openControlMemory,
    openMeterStore: openMeterFile,
    openKey: openKeyFile,
    verify: verifyByOpenssl,
    ...ports,
  };
}

/** Waits for the end of the slot at the first signal, for nothing at the second. */
async function serve(gateway: RunningGateway, options: RunOptions, { log, time }: GatewayPorts): Promise<GatewayExit> {
  const signals = listen(options); // before the address is told: who reads it may ask to stop at once
  options.onListening?.(gateway.url, "market");
  await signals.next();
  const waitMs = gateway.msUntilBoundary();
  let exit: GatewayExit = EXIT.stopped;
  if (waitMs > 0 && waitMs <= BOUNDARY_WAIT_MS_MAX) {
    log.info({ wait_ms: Math.round(waitMs) }, "stopping at the end of the slot; a second signal stops at once");
    let cancel = (): void => undefined;
    const boundary = new Promise<"boundary">((resolve) => (cancel = time.after(waitMs, () => resolve("boundary"))));
    if ((await Promise.race([boundary, signals.next()])) !== "boundary") exit = EXIT.interrupted;
    cancel();
  }
  await gateway.stop();
  signals.close();
  return gateway.failure() === null ? exit : EXIT.failed;
}

/** Says what is wrong, on the log and at /health, until it is told to stop. */
async function diagnose(
  path: string,
  problems: readonly InputProblem[],
  exit: GatewayExit,
  options: RunOptions,
  { log, version }: GatewayPorts,
  config: GatewayConfig | null = null,
): Promise<GatewayExit> {
  for (const problem of problems) log.error(problem, formatProblem(problem));
  const server = await openDiagnosis(path, problems, version, config);
  if (server === null) return exit;
  log.error({ url: server.url }, "the market does not run: the page says why");
  const signals = listen(options);
  options.onListening?.(server.url, "diagnosis");
  await signals.next();
  signals.close();
  await server.close();
  return exit;
}

/** Loopback only: a token may be part of what is wrong. */
async function openDiagnosis(
  path: string,
  problems: readonly InputProblem[],
  version: string,
  config: GatewayConfig | null,
): Promise<ListeningServer | null> {
  const error = problems.map(formatProblem).join("\n");
  const port = config?.http.port ?? portIn(path);
  const started = await startDiagnostic({ host: DEFAULT_HTTP.host, port, version, error });
  return started.ok ? started.value : null;
}

/** The port that a file that cannot be read seems to name. */
function portIn(path: string): number {
  try {
    const port = seemsToSay(readFileSync(path, "utf8"), ["http", "port"]);
    return typeof port === "number" && Number.isInteger(port) && port >= 0 && port <= 65_535 ? port : DEFAULT_HTTP.port;
  } catch {
    return DEFAULT_HTTP.port;
  }
}

/** Signals one by one: one that comes while nobody waits is kept. */
function listen({ onStopSignal }: RunOptions): { next(): Promise<void>; close(): void } {
  let kept = 0;
  let waiting: (() => void) | null = null;
  const close = onStopSignal(() => {
    if (waiting === null) kept += 1;
    waiting?.();
    waiting = null;
  });
  return {
    next() {
      if (kept > 0) {
        kept -= 1;
        return Promise.resolve();
      }
      return new Promise((resolve) => (waiting = resolve));
    },
    close,
  };
}

/** Stop signals of this process. */
export function processStopSignals(listener: () => void): () => void {
  process.on("SIGTERM", listener).on("SIGINT", listener);
  return () => process.off("SIGTERM", listener).off("SIGINT", listener);
}
