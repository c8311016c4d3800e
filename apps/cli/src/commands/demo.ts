/**
 * `micromarket demo`: a street of simulated homes and a gateway that trades for them, in one process.
 *
 * The gateway runs as in the field: from a file, by the same loader, over real sockets, on a journal. What is simulated
 * are the meters, and the pace of its clock. The next start goes on where this one stopped.
 */
import { existsSync, renameSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import {
  gatewaySchemaText,
  openLog,
  openMeterFile,
  runGateway,
  type GatewayLog,
  type MeterStore,
  type SlotClock,
} from "@micromarket/gateway";
import { formatInstant, instantMs, type Complaint } from "@micromarket/kernel";
import type { ConsolePort } from "../console-port.ts";
import { openDemoFolder, type DemoFolder, type DemoStreet, type DemoWish } from "../demo/demo-folder.ts";
import { openDemoScreen, type DemoScreen } from "../demo/demo-screen.ts";
import { simulatedProfiles } from "../demo/simulated-profile.ts";
import { SCHEMA_FILE, streetFileText } from "../demo/street-file.ts";
import { EXIT_CODE, type ExitCode } from "../exit-code.ts";
import { pageFolder } from "../page-folder.ts";
import { startStreet, type SimulatedStreet } from "../simulated-street.ts";
import { watchStopSignals, type StopSignals } from "../stop-signals.ts";
import { PROGRAM_VERSION } from "../version.ts";

/** Options of `micromarket demo`. */
export interface DemoOptions extends DemoWish {
  readonly port: number;
  readonly speed: number;
  readonly data?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** A June morning: the sun is up, and some homes still need more than others make. */
const FRESH: DemoStreet = { homes: 8, seed: 1, epoch: instantMs(Date.UTC(2026, 5, 1, 6)) };
/** One of each kind, in a home of its own; a plant where the street has one. */
const CONTROLLED = { batteries: ["home-1"], chargers: ["home-2"], inverters: { atMost: 1 } } as const;
const HOST = "127.0.0.1";
const LOG_BYTES_MAX = 20_000_000;

/** Runs until it is told to stop; exit 0 after the first request, 130 after a second. */
export async function demo(options: DemoOptions, port: ConsolePort): Promise<ExitCode> {
  const signals = watchStopSignals();
  try {
    const opened = openDemoFolder(resolve(options.data ?? defaultFolder()), options, FRESH);
    if (!opened.ok) return refuseDemo(opened.error, options, port);
    const taken = await complaintOfPort(options.port);
    if (taken !== null) return refuseDemo(taken, options, port);
    const memory = opened.value.recallDevices();
    const street = await startStreet({
      ...opened.value.street,
      controlled: CONTROLLED,
      ...(memory === undefined ? {} : { memory }),
    });
    try {
      return await runOn(opened.value, street, options, signals, port);
    } finally {
      await street.stop();
    }
  } finally {
    signals.close();
  }
}

/** In a clone of the repository its own, ignored by git; elsewhere one where the user stands. */
function defaultFolder(): string {
  const root = fileURLToPath(new URL("../../../../", import.meta.url));
  return existsSync(join(root, "tools", "run.mjs")) ? join(root, "data", "demo") : "micromarket-demo";
}

async function runOn(
  folder: DemoFolder,
  street: SimulatedStreet,
  options: DemoOptions,
  signals: StopSignals,
  port: ConsolePort,
): Promise<ExitCode> {
  const screen = openDemoScreen(options.quiet ?? false, port);
  const file = writeFiles(folder, street, options);
  let clock: SlotClock | null = null;
  const noteTime = (): void => {
    if (clock !== null) folder.noteMarketTime(clock.now());
  };
  const keepDevices = (): void => folder.keepDevices(street.memory());
  try {
    const exit = await runGateway(file, {
      version: PROGRAM_VERSION,
      page: pageFolder(),
      env: process.env,
      allowControl: true, // to simulated devices alone
      onStopSignal: (listener) => signals.onStop(listener),
      onListening: (url, page) => {
        if (page === "diagnosis") return signals.stop(); // the log has said what is wrong; nobody reads a page here
        folder.noteAddress(url);
        return introduce(url, folder, street, options, screen, port);
      },
      ports: {
        log: openTee(join(folder.path, "gateway.log"), screen, noteTime),
        openDevices: (config, market, links) => {
          clock = market;
          return street.openDevices(config, market, links);
        },
        openMeterStore: (path) => storeAfter(openMeterFile(path), keepDevices),
      },
    });
    keepDevices(); // market time stays that of the last notice: giving devices back may take longer than a slot
    if (exit !== EXIT_CODE.failed) screen.say("stopped; the next start goes on from here");
    return exit;
  } finally {
    folder.forgetAddress();
  }
}

/** What the counters' memory says of devices is never younger than what the devices remember themselves. */
function storeAfter(store: MeterStore, before: () => void): MeterStore {
  return {
    load: () => store.load(),
    save(text) {
      before();
      store.save(text);
    },
  };
}

function writeFiles(folder: DemoFolder, { description }: SimulatedStreet, { speed, port }: DemoOptions): string {
  const file = join(folder.path, "gateway.yaml");
  const profiles = simulatedProfiles(speed);
  const text = streetFileText(description, {
    heading: [
      "Every start of `micromarket demo` writes this file anew: change a copy of it.",
      "The devices are simulated; they answer on these ports while the demo runs.",
    ],
    ...{ name: "demo-street", data: ".", speed, epoch: folder.marketTime, port },
    profiles: Object.fromEntries(profiles.map(({ profile, name }) => [profile, name])),
  });
  for (const { name, text: profile } of profiles) writeFileSync(join(folder.path, name), profile);
  writeFileSync(join(folder.path, SCHEMA_FILE), gatewaySchemaText());
  writeFileSync(file, text);
  return file;
}

function introduce(
  url: string,
  { path, street: { homes, seed }, goesOn, marketTime }: DemoFolder,
  { description: { devices, controlled = [], modbus, mqtt } }: SimulatedStreet,
  { speed, json = false }: DemoOptions,
  screen: DemoScreen,
  port: ConsolePort,
): void {
  const near = relative(process.cwd(), path);
  const shown = near.startsWith("..") || near === "" ? path : near;
  const time = formatInstant(marketTime);
  const told = controlled.map(({ kind, home }) => `${KINDS[kind]} in ${home}`);
  const facts = { url, homes, meters: devices.length, controlled: told, speed, goesOn, marketTime: time };
  screen.banner({ ...facts, folder: shown });
  const ports = { http: Number(new URL(url).port), modbus: modbus.port, mqtt: Number(new URL(mqtt.url).port) };
  const config = join(path, "gateway.yaml");
  const all = { url, ports, data: path, config, homes, seed, speed, marketTime: time, pid: process.pid };
  port.out(json ? `${JSON.stringify(all)}\n` : `${url}\n`);
}

const KINDS = { battery: "a battery", inverter: "a PV inverter", charger: "a car charger", plug: "a heater" } as const;

/** The gateway's log goes to a file; what concerns a person is shown as well. */
function openTee(path: string, screen: DemoScreen, onGate: () => void): GatewayLog {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > LOG_BYTES_MAX) renameSync(path, `${path}.1`);
  const file = openLog(path);
  const level =
    (name: "info" | "warn" | "error") =>
    (fields: unknown, text?: string): void => {
      if (text === undefined) file[name](String(fields));
      else file[name](fields, text);
      screen.log(name, fields, text ?? String(fields));
      if (typeof fields === "object" && fields !== null && "notice" in fields) onGate();
    };
  return { info: level("info"), warn: level("warn"), error: level("error") };
}

function complaintOfPort(port: number): Promise<Complaint | null> {
  return new Promise((answer) => {
    const server = createServer();
    server.once("error", ({ code }: NodeJS.ErrnoException) => {
      const isTaken = code === "EADDRINUSE";
      const what = isTaken
        ? `port ${port} of ${HOST} is taken by another program`
        : `port ${port} of ${HOST} cannot be used (${code ?? "unknown"})`;
      const mend = `${isTaken ? "stop that program, or " : ""}choose another port: --port ${port + 1}, or --port 0 for any free one`;
      answer({ code: isTaken ? "PORT_TAKEN" : "PORT_UNUSABLE", what, mend });
    });
    server.listen({ host: HOST, port }, () => server.close(() => answer(null)));
  });
}

const BAD_FOLDER = new Set(["DATA_FOLDER_FOREIGN", "DATA_FOLDER_UNREADABLE", "DATA_FOLDER_OTHER_STREET"]);

function refuseDemo(complaint: Complaint, { json = false }: DemoOptions, port: ConsolePort): ExitCode {
  const { code, what, mend } = complaint;
  port.err(
    json ? `${JSON.stringify({ problems: [complaint] }, null, 2)}\n` : `micromarket: ${what} — ${mend} (${code})\n`,
  );
  return BAD_FOLDER.has(code) ? EXIT_CODE.badInput : EXIT_CODE.failed;
}
