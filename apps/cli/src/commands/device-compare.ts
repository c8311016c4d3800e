/** `micromarket device compare`: whether a device counts what another meter of the same flow counts. */
import type { Reading } from "@micromarket/assets";
import { machineTime, openDevice, type DeviceHandle } from "@micromarket/gateway";
import { formatInstant, instantMs, measured, parseInstant } from "@micromarket/kernel";
import type { ConsolePort } from "../console-port.ts";
import { stateFolder } from "../device/control-place.ts";
import {
  agreementsOf,
  growthOf,
  hintsOf,
  seePower,
  valueOf,
  type Agreement,
  type Growth,
  type PowerSeen,
} from "../device/counter-growth.ts";
import { findDevice, wrongWords, type ChosenDevice } from "../device/find-device.ts";
import { humanValue } from "../device/human-value.ts";
import { pause } from "../device/pause.ts";
import { table } from "../device/readings-text.ts";
import { readRecords, writeRecords } from "../device/site-records.ts";
import { readUtilityReading, resolutionOf } from "../device/utility-reading.ts";
import { reportSilence, SECOND_MS, useDevice, type DeviceOptions } from "../device/with-device.ts";
import { EXIT_CODE, type ExitCode } from "../exit-code.ts";
import { refuse } from "../input.ts";
import { watchStopSignals } from "../stop-signals.ts";

/** Options of `micromarket device compare`. Milliseconds. */
export interface DeviceCompareOptions extends DeviceOptions {
  readonly against?: string;
  readonly reading?: string;
  readonly restart?: boolean;
  readonly state?: string;
  readonly for: number;
  readonly every: number;
  readonly tolerancePpm: number;
}

/** Exit 4 where the two differ by more than the tolerance, 1 where too little flowed to tell. */
export async function deviceCompare(
  name: string | null,
  options: DeviceCompareOptions,
  port: ConsolePort,
): Promise<ExitCode> {
  const { against, reading, json = false } = options;
  const found = findDevice(name, options);
  if (!found.ok) return refuse(found.error, json, port);
  if ((against === undefined) === (reading === undefined)) {
    const what = "nothing, or too much, says what the device is compared with";
    const mend = "give one of --against OTHER, a device of the same file, and --reading imported=…kWh,exported=…kWh";
    return refuse([wrongWords("COMPARE_WITH", what, mend)], json, port);
  }
  const opening = { timeoutMs: options.timeout * SECOND_MS };
  if (reading !== undefined) {
    return useDevice(found.value, opening, (handle, chosen) =>
      compareWithDisplay(handle, chosen, reading, options, port),
    );
  }
  const other = findDevice(against ?? "", options);
  if (!other.ok) return refuse(other.error, json, port);
  if (other.value.gateway === null || other.value.device.id === found.value.device.id) {
    const what = "a device can be compared only with another one of its gateway file";
    return refuse([wrongWords("COMPARE_WITH", what, "give --config FILE DEVICE --against OTHER")], json, port);
  }
  const second = openDevice(other.value.device, machineTime, opening);
  try {
    return await useDevice(found.value, opening, (handle) => compareTwo(handle, second, options, port));
  } finally {
    await second.close();
  }
}

interface Look {
  readonly readings: readonly Reading[];
  readonly isSilent: boolean;
}

async function look(handle: DeviceHandle): Promise<Look> {
  const { readings } = await handle.read();
  return { readings, isSilent: readings.every(({ value }) => value.kind === "missing") };
}

const NOTHING_SEEN: PowerSeen = { meanW: null, looks: 0, mixedLooks: 0 };

async function compareTwo(
  a: DeviceHandle,
  b: DeviceHandle,
  options: DeviceCompareOptions,
  port: ConsolePort,
): Promise<ExitCode> {
  const { json = false, quiet = false } = options;
  const signals = watchStopSignals();
  try {
    const waitMs = options.timeout * SECOND_MS;
    await Promise.all([a.heard(waitMs), b.heard(waitMs)]);
    const before = await Promise.all([look(a), look(b)]);
    const silent = [a, b].find((_, index) => before[index]?.isSilent === true);
    if (silent !== undefined) return reportSilence(silent, json, port);
    if (!quiet) port.err(`${a.device} and ${b.device} answer; watched for ${options.for / SECOND_MS} s\n`);
    let [seenA, seenB] = [NOTHING_SEEN, NOTHING_SEEN];
    let after = before;
    for (const end = performance.now() + options.for; ;) {
      const isLast = signals.requests > 0 || performance.now() >= end;
      after = await Promise.all([look(a), look(b)]);
      [seenA, seenB] = [seePower(seenA, after[0].readings), seePower(seenB, after[1].readings)];
      if (isLast) break;
      const left = Math.max(0, end - performance.now());
      if (!quiet && port.interactive) port.err(`\r\u001b[K${Math.round(left / SECOND_MS)} s left`);
      await pause(Math.min(options.every, left), signals);
    }
    if (!quiet && port.interactive) port.err("\r\u001b[K");
    const growths = [
      growthOf(before[0].readings, after[0].readings, stepOf(a)),
      growthOf(before[1].readings, after[1].readings, stepOf(b)),
    ] as const;
    const code = tell([a.device, b.device], growths, [seenA, seenB], options, port);
    return signals.requests > 0 ? EXIT_CODE.interrupted : code;
  } finally {
    signals.close();
  }
}

function stepOf(handle: DeviceHandle): number {
  return Math.max(1, ...[...handle.counters().values()].map(({ resolutionWh }) => resolutionWh));
}

const RECORDS = "comparisons.json";

/** A display that was read off, and what the device counted then. Wh. */
interface Beginning {
  readonly device: string;
  readonly at: string;
  readonly display: readonly (number | null)[];
  readonly counters: readonly (number | null)[];
}

/** The first reading is kept; the next one says how both grew since. */
async function compareWithDisplay(
  handle: DeviceHandle,
  chosen: ChosenDevice,
  text: string,
  options: DeviceCompareOptions,
  port: ConsolePort,
): Promise<ExitCode> {
  const { json = false, restart = false } = options;
  const now = machineTime.wallNow();
  const display = readUtilityReading(text, now);
  if (!display.ok) return refuse([display.error], json, port);
  const folder = stateFolder(chosen, options);
  const records = readRecords(folder, RECORDS);
  if (!records.ok) return refuse([records.error], json, port);
  await handle.heard(options.timeout * SECOND_MS);
  const seen = await look(handle);
  if (seen.isSilent) return reportSilence(handle, json, port);
  const begun = (records.value as readonly Partial<Beginning>[]).find((each) => each.device === handle.device);
  const start = begun === undefined || restart ? null : beginningOf(begun);
  if (start === null) {
    const fresh = {
      device: handle.device,
      at: formatInstant(now),
      display: pairOf(display.value),
      counters: pairOf(seen.readings),
    };
    writeRecords(folder, RECORDS, [...records.value.filter((each) => each !== begun), fresh]);
    if (json) port.out(`${JSON.stringify({ begun: fresh })}\n`);
    else port.out("Kept. Come again when some energy has flowed, with what the display shows then.\n");
    return EXIT_CODE.ok;
  }
  const growths = [
    growthOf(readingsOf(start.counters), seen.readings, stepOf(handle)),
    growthOf(readingsOf(start.display), display.value, resolutionOf(text)),
  ] as const;
  if (!json) port.out(`since ${start.at}\n`);
  return tell([handle.device, "display"], growths, [null, null], options, port);
}

function pairOf(readings: readonly Reading[]): readonly (number | null)[] {
  return [valueOf(readings, "imported_wh"), valueOf(readings, "exported_wh")];
}

function readingsOf([imported = null, exported = null]: readonly (number | null)[]): readonly Reading[] {
  const at = instantMs(0);
  return [
    ...(imported === null ? [] : [{ point: "imported_wh" as const, value: measured(imported), at }]),
    ...(exported === null ? [] : [{ point: "exported_wh" as const, value: measured(exported), at }]),
  ];
}

/** `null` where it is none of ours: it is then begun anew. */
function beginningOf({ device, at, display, counters }: Partial<Beginning>): Beginning | null {
  const isPair = (pair: unknown): pair is readonly (number | null)[] =>
    Array.isArray(pair) && pair.length === 2 && pair.every((each) => each === null || Number.isSafeInteger(each));
  if (typeof device !== "string" || typeof at !== "string" || !parseInstant(at).ok) return null;
  return isPair(display) && isPair(counters) ? { device, at, display, counters } : null;
}

function tell(
  names: readonly [string, string],
  growths: readonly [Growth, Growth],
  powers: readonly (PowerSeen | null)[],
  options: DeviceCompareOptions,
  port: ConsolePort,
): ExitCode {
  const agreements = agreementsOf(...growths, options.tolerancePpm);
  const hints = hintsOf(names, growths, powers, agreements);
  const verdicts = agreements.map(({ verdict }) => verdict);
  const verdict = verdicts.includes("differs") ? "differs" : verdicts.includes("agrees") ? "agrees" : "undecided";
  if (options.json === true) port.out(`${JSON.stringify({ names, verdict, agreements, powers, hints }, null, 2)}\n`);
  else port.out(textOf(names, agreements, powers, hints, verdict));
  if (verdict === "differs") return EXIT_CODE.thresholdMissed;
  return verdict === "agrees" ? EXIT_CODE.ok : EXIT_CODE.failed;
}

const VERDICTS = {
  agrees: "AGREES: both count the same",
  differs: "DIFFERS by more than the tolerance",
  undecided: "UNDECIDED: too little flowed for counters of these steps; wait longer",
} as const;

function textOf(
  names: readonly [string, string],
  agreements: readonly Agreement[],
  powers: readonly (PowerSeen | null)[],
  hints: readonly string[],
  verdict: keyof typeof VERDICTS,
): string {
  const energy = (wh: number | null): string => (wh === null ? "—" : humanValue("imported_wh", wh));
  const share = (ppm: number | null): string => (ppm === null ? "" : humanValue("reserve_ppm", ppm));
  const mean = (power: PowerSeen | null): string =>
    power === null || power.meanW === null ? "—" : humanValue("power_w", Math.round(power.meanW));
  const rows = [
    ["", ...names, "difference", ""],
    ...agreements.map(({ direction, a, b, differencePpm, verdict: each }) => [
      direction,
      energy(a),
      energy(b),
      share(differencePpm),
      each,
    ]),
    ["mean power", ...powers.map(mean), "", ""],
  ];
  return `${table(rows)}${hints.map((hint) => `hint: ${hint}\n`).join("")}${VERDICTS[verdict]}\n`;
}
