/** The faults that last, device by device. */
import { randomStream, type RandomStream } from "@micromarket/kernel";
import { FLAKY_KINDS, type Fault, type FlakyKind, type WrongValue } from "./fault.ts";

/** How a device is at the moment. */
export interface Condition {
  readonly silent: boolean;
  /** Real milliseconds by which answers and messages are late. */
  readonly lateMs: number;
  readonly wrongValue: WrongValue | null;
  /** Virtual milliseconds by which a meter's clock is ahead of the street's. */
  readonly clockOffsetMs: number;
  readonly flaky: { readonly percent: number; readonly kinds: readonly FlakyKind[]; readonly lateMs: number } | null;
  /** The Modbus exception with which writes are refused. */
  readonly refusal: number | null;
  readonly ignoresWrites: boolean;
  /** Whether it is under local control. */
  readonly isLocal: boolean;
  /** Real milliseconds after which what was written comes undone. */
  readonly revertsEarlyMs: number | null;
}

/** What happens to one request, or to what is published at once. */
export interface Treatment {
  readonly silent: boolean;
  /** Real milliseconds. */
  readonly lateMs: number;
  readonly resets: boolean;
}

/** Hears what a flaky line did to a reply or message of a device. */
export type FlawListener = (device: string, kind: FlakyKind) => void;

/** Where faults are noted. */
export interface FaultBoard {
  conditionOf(device: string): Condition;
  /** What happens to the next reply or message of a device; a flaky one has its own sequence, drawn from the seed. */
  treat(device: string): Treatment;
  /** Notes a fault of devices that are there; a reset and somebody else's limit leave no mark. */
  note(fault: Fault, devices: Iterable<string>): void;
}

const WELL: Condition = {
  silent: false,
  lateMs: 0,
  wrongValue: null,
  clockOffsetMs: 0,
  flaky: null,
  refusal: null,
  ignoresWrites: false,
  isLocal: false,
  revertsEarlyMs: null,
};
const DEVICE_FAILURE = 4;
const FLAKY_LATE_MS = 3_000;
const EARLY_MS = 1_000;

/** A board on which all is well; `onFlaw` hears of each reply that a flaky line takes its way with. */
export function openFaultBoard(seed: number, onFlaw: FlawListener = () => undefined): FaultBoard {
  const conditions = new Map<string, Condition>();
  const streams = new Map<string, RandomStream>();
  const conditionOf = (device: string): Condition => conditions.get(device) ?? WELL;

  function streamOf(device: string): RandomStream {
    const stream = streams.get(device) ?? randomStream(seed, device, "flaky");
    streams.set(device, stream);
    return stream;
  }

  return {
    conditionOf,
    treat: (device) => {
      const { silent, lateMs, flaky } = conditionOf(device);
      const usual = { silent, lateMs, resets: false };
      if (flaky === null) return usual;
      const stream = streamOf(device);
      if (stream.below(100) >= flaky.percent) return usual;
      const kind = flaky.kinds[stream.below(flaky.kinds.length)] ?? "lost";
      onFlaw(device, kind);
      switch (kind) {
        case "late":
          return { ...usual, lateMs: Math.max(lateMs, flaky.lateMs) };
        case "lost":
          return { ...usual, silent: true };
        case "reset":
          return { ...usual, resets: true };
      }
    },
    note: (fault, devices) => {
      for (const device of devices) conditions.set(device, struck(conditionOf(device), fault));
    },
  };
}

function struck(before: Condition, fault: Fault): Condition {
  switch (fault.fault) {
    case "silent":
      return { ...before, silent: true };
    case "late":
      return { ...before, lateMs: fault.ms };
    case "wrong-value":
      return { ...before, wrongValue: fault.kind ?? "not-a-number" };
    case "clock-jump":
      return { ...before, clockOffsetMs: before.clockOffsetMs + fault.ms };
    case "flaky": {
      const { percent, kinds = FLAKY_KINDS, ms = FLAKY_LATE_MS } = fault;
      return { ...before, flaky: { percent, kinds, lateMs: ms } };
    }
    case "refuses-writes":
      return { ...before, refusal: fault.code ?? DEVICE_FAILURE };
    case "ignores-writes":
      return { ...before, ignoresWrites: true };
    case "local-control":
      return { ...before, isLocal: true, refusal: before.refusal ?? DEVICE_FAILURE };
    case "reverts-early":
      return { ...before, revertsEarlyMs: fault.ms ?? EARLY_MS };
    case "reset":
    case "foreign-limit":
      return before;
    case "clear":
      return WELL;
  }
}
