/** `micromarket device scan`: what answers on hosts, a serial line or at a broker, and which profiles fit it. */
import type { ModbusTarget } from "@micromarket/gateway";
import type { ConsolePort } from "../console-port.ts";
import { wrongWords } from "../device/find-device.ts";
import { findingText, type Finding } from "../device/finding.ts";
import { pause } from "../device/pause.ts";
import { scanBroker } from "../device/scan-broker.ts";
import { scanLine, usualUnits, type LineScan } from "../device/scan-line.ts";
import { EXIT_CODE, type ExitCode } from "../exit-code.ts";
import { refuse } from "../input.ts";
import { showProgress } from "../progress.ts";
import { watchStopSignals, type StopSignals } from "../stop-signals.ts";

/** Options of `micromarket device scan`. Lists are read; times in milliseconds. */
export interface DeviceScanOptions {
  readonly host?: readonly string[];
  readonly ports: readonly number[];
  readonly framing: "tcp" | "rtu-over-tcp";
  readonly serial?: string;
  readonly baud: readonly number[];
  readonly parity: "none" | "even" | "odd";
  readonly units?: readonly number[];
  readonly wait: number;
  readonly broker?: string;
  readonly username?: string;
  readonly passwordVariable?: string;
  readonly for: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Exit 0 with what was found, 1 where nothing was. */
export async function deviceScan(options: DeviceScanOptions, port: ConsolePort): Promise<ExitCode> {
  const { host, serial, broker, json = false } = options;
  if ([host, serial, broker].filter((place) => place !== undefined).length !== 1) {
    const mend = "give one of --host H[,H…], --serial PATH, --broker URL";
    return refuse([wrongWords("SCAN_PLACE", "it has to be said where to look, once", mend)], json, port);
  }
  const signals = watchStopSignals();
  try {
    const found =
      broker === undefined ? await lookAtLines(options, signals, port) : await listenAt(broker, options, signals, port);
    if (!("length" in found)) return refuse([found], json, port);
    const findings = [...found].sort((a, b) => (a.place < b.place ? -1 : 1));
    if (json) port.out(`${JSON.stringify(findings, null, 2)}\n`);
    else port.out(findings.map((finding, index) => findingText(finding, index + 1)).join("\n"));
    if (signals.requests > 0) return EXIT_CODE.interrupted;
    if (findings.length > 0) return EXIT_CODE.ok;
    port.err(json ? `${JSON.stringify({ failure: { code: "NOTHING_FOUND" } })}\n` : NOTHING);
    return EXIT_CODE.failed;
  } finally {
    signals.close();
  }
}

const NOTHING =
  "nothing answers — check power, wiring and address, that Modbus or MQTT is switched on, or try --units 1-247 (NOTHING_FOUND)\n";

/** Hosts beside each other, the ports of one host one after the other. */
async function lookAtLines(
  options: DeviceScanOptions,
  signals: StopSignals,
  port: ConsolePort,
): Promise<readonly Finding[]> {
  const units = options.units ?? usualUnits();
  const groups = linesOf(options);
  const progress = showProgress(groups.flat().length * units.length, "units", options.quiet ?? false, port);
  const findings: Finding[] = [];
  let done = 0;
  const look = async (lines: readonly LinePlace[]): Promise<void> => {
    for (const line of lines) {
      await scanLine({
        ...{ ...line, units, waitMs: options.wait, isStopped: () => signals.requests > 0 },
        unitDone: () => progress.report((done += 1)),
        found: (finding) => findings.push(finding),
      });
    }
  };
  await Promise.all(groups.map(look));
  progress.end();
  return findings;
}

type LinePlace = Pick<LineScan, "target" | "entry" | "place">;

function linesOf({
  host = [],
  ports,
  framing,
  serial,
  baud,
  parity,
}: DeviceScanOptions): readonly (readonly LinePlace[])[] {
  if (serial !== undefined) {
    const onLine = baud.map((baudRate): LinePlace => {
      const target: ModbusTarget = { framing: "rtu", path: serial, baudRate, parity, stopBits: 1 };
      return { target, entry: { serial, baud: baudRate, parity }, place: `${serial} at ${baudRate} bit/s` };
    });
    return [onLine];
  }
  return host.map((name) =>
    ports.map((number): LinePlace => {
      const target: ModbusTarget = { host: name, port: number, framing, tls: null, baudRate: null };
      const entry = { host: name, port: number, ...(framing === "tcp" ? {} : { framing }) };
      return { target, entry, place: `${name}:${number}` };
    }),
  );
}

async function listenAt(
  url: string,
  options: DeviceScanOptions,
  signals: StopSignals,
  port: ConsolePort,
): Promise<readonly Finding[] | ReturnType<typeof wrongWords>> {
  const { username, passwordVariable, quiet = false } = options;
  const password = passwordVariable === undefined ? undefined : process.env[passwordVariable];
  const credentials = {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  };
  const listen = async (heard: () => number): Promise<void> => {
    const end = performance.now() + options.for;
    while (signals.requests === 0 && performance.now() < end) {
      await pause(Math.min(1_000, end - performance.now()), signals);
      const left = Math.max(0, Math.ceil((end - performance.now()) / 1_000));
      if (!quiet && port.interactive) port.err(`\r\u001b[K${heard()} messages heard, ${left} s left`);
    }
    if (!quiet) port.err(`${port.interactive ? "\r\u001b[K" : ""}${heard()} messages heard\n`);
  };
  const scanned = await scanBroker({ url, credentials, listen });
  return scanned.ok ? scanned.value : scanned.error;
}
