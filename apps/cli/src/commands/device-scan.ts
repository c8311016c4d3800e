/** `micromarket device scan`: what answers on hosts, a serial line or at a broker, and which profiles fit it. */
import { readTlsEntry, tlsOptions, type ModbusTarget } from "@micromarket/gateway";
import { fail, ok, type InputProblem, type Result } from "@micromarket/kernel";
import type { TlsIdentity } from "@micromarket/link-modbus";
import type { ConsolePort } from "../console-port.ts";
import { tlsEntryOf, wrongWords, type TlsWords } from "../device/find-device.ts";
import { findingText, type EntryFields, type Finding } from "../device/finding.ts";
import { pause } from "../device/pause.ts";
import { scanBroker } from "../device/scan-broker.ts";
import { scanLine, usualUnits, type LineScan } from "../device/scan-line.ts";
import { EXIT_CODE, type ExitCode } from "../exit-code.ts";
import { refuse } from "../input.ts";
import { showProgress } from "../progress.ts";
import { watchStopSignals, type StopSignals } from "../stop-signals.ts";

/** Options of `micromarket device scan`. Lists are read; times in milliseconds. */
export interface DeviceScanOptions extends TlsWords {
  readonly host?: readonly string[];
  /** Those that the shipped profiles' devices have, or that of Modbus in TLS, unless it is said. */
  readonly ports?: readonly number[];
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
  const secure = tlsOf(options);
  if (!secure.ok) return refuse(secure.error, json, port);
  const signals = watchStopSignals();
  const unreached: Unreached[] = [];
  try {
    const found =
      broker === undefined
        ? await lookAtLines(options, secure.value, unreached, signals, port)
        : await listenAt(broker, options, secure.value, signals, port);
    if (!("length" in found)) return refuse([found], json, port);
    const findings = [...found].sort((a, b) => (a.place < b.place ? -1 : 1));
    if (json) port.out(`${JSON.stringify(findings, null, 2)}\n`);
    else port.out(findings.map((finding, index) => findingText(finding, index + 1)).join("\n"));
    if (signals.requests > 0) return EXIT_CODE.interrupted;
    if (findings.length > 0) return EXIT_CODE.ok;
    if (json) port.err(`${JSON.stringify({ failure: { code: "NOTHING_FOUND", unreached } })}\n`);
    else port.err(nothingText(unreached));
    return EXIT_CODE.failed;
  } finally {
    signals.close();
  }
}

/** A line without a connection. */
interface Unreached {
  readonly place: string;
  readonly why: string;
}

/** Certificates, for the link and for the gateway file. */
interface Secure {
  readonly tls: TlsIdentity | null;
  readonly entry: EntryFields;
}

function tlsOf(options: DeviceScanOptions): Result<Secure, InputProblem[]> {
  const words = tlsEntryOf(options);
  if (!words.ok) return fail([words.error]);
  if (words.value === null) return ok({ tls: null, entry: {} });
  const { serial, broker } = options;
  if (serial !== undefined || broker?.startsWith("mqtts:") === false) {
    const [what, mend] =
      serial === undefined
        ? ["the broker's URL asks for no TLS", "write mqtts://, or leave --tls-… out"]
        : ["a serial line has no TLS", "leave --tls-… out"];
    return fail([wrongWords("TLS_UNFIT", what, mend)]);
  }
  const tls = readTlsEntry(words.value);
  return tls.ok ? ok({ tls: tls.value, entry: { tls: { ...words.value } } }) : tls;
}

/** Nothing was found: each line that could not be reached, and what to look at. */
function nothingText(unreached: readonly Unreached[]): string {
  const lines = unreached.slice(0, 20).map(({ place, why }) => `${place}: no connection: ${why}\n`);
  return `${lines.join("")}${NOTHING}`;
}

const NOTHING =
  "nothing answers — check power, wiring and address, that Modbus or MQTT is switched on, or try --units 1-247 (NOTHING_FOUND)\n";

/** Hosts beside each other, the ports of one host one after the other. */
async function lookAtLines(
  options: DeviceScanOptions,
  secure: Secure,
  unreached: Unreached[],
  signals: StopSignals,
  port: ConsolePort,
): Promise<readonly Finding[]> {
  const units = options.units ?? usualUnits();
  const groups = linesOf(options, secure);
  const progress = showProgress(groups.flat().length * units.length, "units", options.quiet ?? false, port);
  const findings: Finding[] = [];
  let done = 0;
  const look = async (lines: readonly LinePlace[]): Promise<void> => {
    for (const line of lines) {
      await scanLine({
        ...{ ...line, units, waitMs: options.wait, isStopped: () => signals.requests > 0 },
        unitDone: () => progress.report((done += 1)),
        found: (finding) => findings.push(finding),
        unreached: (why) => unreached.push({ place: line.place, why }),
      });
    }
  };
  await Promise.all(groups.map(look));
  progress.end();
  return findings;
}

type LinePlace = Pick<LineScan, "target" | "entry" | "place">;

const USUAL_PORTS = [502, 1_502];
const TLS_PORTS = [802];

function linesOf(options: DeviceScanOptions, { tls, entry: secure }: Secure): readonly (readonly LinePlace[])[] {
  const { host = [], framing, serial, baud, parity } = options;
  const { ports = tls === null ? USUAL_PORTS : TLS_PORTS } = options;
  if (serial !== undefined) {
    const onLine = baud.map((baudRate): LinePlace => {
      const target: ModbusTarget = { framing: "rtu", path: serial, baudRate, parity, stopBits: 1 };
      return { target, entry: { serial, baud: baudRate, parity }, place: `${serial} at ${baudRate} bit/s` };
    });
    return [onLine];
  }
  return host.map((name) =>
    ports.map((number): LinePlace => {
      const target: ModbusTarget = { host: name, port: number, framing, tls, baudRate: null };
      const entry = { host: name, port: number, ...(framing === "tcp" ? {} : { framing }), ...secure };
      return { target, entry, place: `${name}:${number}` };
    }),
  );
}

async function listenAt(
  url: string,
  options: DeviceScanOptions,
  { tls, entry: secure }: Secure,
  signals: StopSignals,
  port: ConsolePort,
): Promise<readonly Finding[] | ReturnType<typeof wrongWords>> {
  const { username, passwordVariable, quiet = false } = options;
  const password = passwordVariable === undefined ? undefined : process.env[passwordVariable];
  if (passwordVariable !== undefined && password === undefined) {
    const what = `the variable ${passwordVariable} of the environment is not set`;
    return wrongWords("SECRET_MISSING", what, "set it to the password, or leave --password-variable out");
  }
  const credentials = {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls === null ? {} : { tls: tlsOptions(tls) }),
  };
  const login = {
    ...(username === undefined ? {} : { username }),
    ...(passwordVariable === undefined ? {} : { password: `\${env:${passwordVariable}}` }),
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
  const scanned = await scanBroker({ url, credentials, entry: { broker: url, ...login, ...secure }, listen });
  return scanned.ok ? scanned.value : scanned.error;
}
