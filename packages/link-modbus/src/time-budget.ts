/**
 * Whether the questions to all devices on one physical link fit into the time between them: worked out when a file is loaded,
 * because a bus that is asked for too much is late for ever.
 *
 * Source: MODBUS over Serial Line 1.02, sections 2.5.1 (11 bit a character) and 2.5.1.1 (3.5 characters of silence).
 */
import { POLLS_APART, planDueBlocks } from "./poll-schedule.ts";
import type { DeviceProfile, PollClass } from "./profile.ts";

const BITS_PER_CHARACTER = 11;
const SILENT_CHARACTERS = 3.5;
/** Unit, function, address, count, checksum. */
const QUESTION_BYTES = 8;
/** Unit, function, byte count, checksum; each register adds two. */
const ANSWER_BYTES = 5;
/** What is left for writes, retries and blocks that are split. */
const LOAD_MAX = 0.8;

/** Where neither a measurement nor the profile says how long a device thinks. */
const SERIAL_TURNAROUND_MS = 50;
const TCP_TURNAROUND_MS = 5;

/** One device on a link. */
export interface BudgetDevice {
  readonly device: string;
  readonly profile: DeviceProfile;
  /** Real time between two polls. */
  readonly pollMs: number;
  /** As measured; @default the profile's, else 50 ms on a serial line and 5 ms in the network */
  readonly turnaroundMs?: number;
}

/** One physical link and all devices on it. */
export interface BudgetLink {
  /** Of the serial line, or of the one behind the gateway, bit/s; `null`: no serial line, frames take no time. */
  readonly baud: number | null;
  readonly devices: readonly BudgetDevice[];
}

/** What the blocks of one class of one device take. */
export interface ClassTime {
  readonly poll: PollClass;
  readonly requests: number;
  readonly registers: number;
  /** Of asking for all of them once. */
  readonly timeMs: number;
}

/** What a device takes of its link. */
export interface DeviceTime {
  readonly device: string;
  readonly classes: readonly ClassTime[];
  /** Of one poll, in the mean of all classes. */
  readonly pollTimeMs: number;
  /** As a part of the link's time, of 1. */
  readonly load: number;
}

/** What all devices take of their link. */
export interface TimeBudget {
  readonly devices: readonly DeviceTime[];
  /** Of 1. */
  readonly load: number;
  readonly fits: boolean;
  /** The arithmetic, for an operator; `null` where it fits. */
  readonly complaint: { readonly what: string; readonly mend: string } | null;
}

/** The sum over all devices of one link. Pure. */
export function timeBudget(link: BudgetLink): TimeBudget {
  const devices = link.devices.map((device) => deviceTime(device, link.baud));
  const load = devices.reduce((sum, device) => sum + device.load, 0);
  const fits = load <= LOAD_MAX;
  return { devices, load, fits, complaint: fits ? null : complaintOf(link, devices, load) };
}

function deviceTime({ device, profile, pollMs, turnaroundMs }: BudgetDevice, baud: number | null): DeviceTime {
  const assumedMs = baud === null ? TCP_TURNAROUND_MS : SERIAL_TURNAROUND_MS;
  const thinkMs = turnaroundMs ?? profile.turnaroundMs ?? assumedMs;
  const classes = new Map<PollClass, { requests: number; registers: number; timeMs: number }>();
  for (const { block, poll } of planDueBlocks(profile)) {
    const sum = classes.get(poll) ?? { requests: 0, registers: 0, timeMs: 0 };
    const timeMs = sum.timeMs + wireMs(block.count, baud) + thinkMs + profile.gapMs;
    classes.set(poll, { requests: sum.requests + 1, registers: sum.registers + block.count, timeMs });
  }
  const times = [...classes].map(([poll, sum]) => ({ poll, ...sum }));
  const pollTimeMs = times.reduce((sum, { poll, timeMs }) => sum + timeMs * shareOf(poll), 0);
  return { device, classes: times, pollTimeMs, load: pollTimeMs / pollMs };
}

/** Of the polls in which a class is asked for. */
function shareOf(poll: PollClass): number {
  return poll === "static" ? 0 : 1 / POLLS_APART[poll];
}

function wireMs(registers: number, baud: number | null): number {
  if (baud === null) return 0;
  const characters = QUESTION_BYTES + ANSWER_BYTES + 2 * registers + 2 * SILENT_CHARACTERS;
  return (characters * BITS_PER_CHARACTER * 1_000) / baud;
}

function complaintOf(
  { baud, devices }: BudgetLink,
  times: readonly DeviceTime[],
  load: number,
): TimeBudget["complaint"] {
  const sumMs = times.reduce((sum, { pollTimeMs }) => sum + pollTimeMs, 0);
  const busiest = times.reduce((most, time) => (time.load > most.load ? time : most));
  const line = baud === null ? "" : ` at ${baud} bit/s`;
  const parts = busiest.classes.map(classText).join(", ");
  const pollMs = Math.min(...devices.map((device) => device.pollMs));
  const slowest = Math.ceil((pollMs * load) / LOAD_MAX / 1_000);
  const faster = baud === null ? "" : ", raise the line's baud rate";
  return {
    what:
      `${devices.length} devices take ${Math.ceil(sumMs)} ms of each poll${line}, ${Math.ceil(load * 100)} % of the time` +
      ` between polls; ${LOAD_MAX * 100} % may be planned (${busiest.device}: ${parts})`,
    mend: `poll every ${slowest}s or slower${faster}, read fewer points, or spread the devices over more links`,
  };
}

function classText({ poll, requests, registers, timeMs }: ClassTime): string {
  const apart = poll === "static" ? "once" : POLLS_APART[poll] === 1 ? "each poll" : `each ${POLLS_APART[poll]} polls`;
  const how = requests === 1 ? "one request" : `${requests} requests`;
  return `${registers} registers in ${how} ${Math.ceil(timeMs)} ms ${apart}`;
}
