/**
 * What the counters remember over a restart, as canonical text: without it every restart would cost the slots around it.
 * It is no part of the market's truth: a text that cannot be read leaves gaps, and nothing else.
 */
import {
  canonicalText,
  decodeAs,
  decodeBoolean,
  decodeCanonical,
  decodeChecked,
  decodeInteger,
  decodeList,
  decodeNullable,
  decodeObject,
  decodeOneOf,
  decodePair,
  decodeText,
  instantMs,
  ok,
  wattHours,
  type CanonicalValue,
  type DecodeFailure,
  type Decoder,
  type InstantMs,
  type Result,
} from "@micromarket/kernel";
import type { EstimateMemory } from "./counter-estimate.ts";
import type { CounterMemory, Mark } from "./meter-counter.ts";
import type { NetMark, NetMemory } from "./net-split.ts";
import type { ZeroMemory } from "./zero-watch.ts";

/** What one point of a device remembers. */
export interface PointMemory extends CounterMemory {
  /** Where the reading between the counter's steps stands; `null`: it has said nothing yet. */
  readonly estimate: EstimateMemory | null;
  /** The device's counters went against its power. */
  readonly isAgainst: boolean;
  /** What flowed while it said nothing; `null`: nobody watches. */
  readonly zero: ZeroMemory | null;
  /** Import and export that a counter comes to which turns back; `null`: it does not. */
  readonly net: NetMemory | null;
}

/** Counters' memories by device and point. */
export type BoardMemory = ReadonlyMap<string, ReadonlyMap<string, PointMemory>>;

/** The text that `readBoardMemory` reads. */
export function boardMemoryText(memories: BoardMemory): string {
  return textOf([...memories].map(([device, points]) => [device, [...points]]));
}

/** Reads what `boardMemoryText` wrote. */
export function readBoardMemory(text: string): Result<BoardMemory, DecodeFailure> {
  const read = decodeCanonical(text, decodeBoard, ({ devices }) => textOf(devices));
  return read.ok ? ok(new Map(read.value.devices.map(([device, points]) => [device, new Map(points)]))) : read;
}

/** Without the counters that remember what is later than `latest`: a memory of another time would bar every reading. */
export function memoryUntil(memories: BoardMemory, latest: InstantMs): BoardMemory {
  return new Map(
    [...memories].map(([device, points]) => {
      const kept = [...points].filter(([, { last }]) => last === null || last.at <= latest);
      return [device, new Map(kept)];
    }),
  );
}

type DeviceMemories = readonly (readonly [string, readonly (readonly [string, PointMemory])[]])[];

function textOf(devices: DeviceMemories): string {
  return canonicalText({
    format: FORMAT,
    devices: devices.map(([device, points]) => [
      device,
      points.map(([point, memory]) => [point, memoryRecord(memory)]),
    ]),
  });
}

function memoryRecord(memory: PointMemory): CanonicalValue {
  const { run, wrapped, last, before, scale, slackWh, marks, estimate, isAgainst, zero, net } = memory;
  return {
    estimate: estimate === null ? null : { at: estimate.at, shown: estimate.shown, rest: estimate.rest },
    isAgainst,
    zero: zero === null ? null : { energy: zero.energy, isHeld: zero.isHeld, flowAt: zero.flowAt },
    net: net === null ? null : net.map(([border, mark]) => [border, { ...mark }]),
    run,
    wrapped,
    last: last === null ? null : { at: last.at, total: last.total, run: last.run },
    before,
    scale: scale === null ? null : { wrapsAtWh: scale.wrapsAtWh, stepWh: scale.stepWh },
    slackWh,
    marks: marks.map(([border, mark]) => [border, markRecord(mark)]),
  };
}

function markRecord(mark: Mark): CanonicalValue {
  return mark.kind === "reading" ? { run: mark.run, total: mark.total } : { missing: mark.reason };
}

const FORMAT = 5;
const REASONS = [
  "gap",
  "not-a-number",
  "out-of-range",
  "stale",
  "device-silent",
  "not-reported",
  "not-provided",
  "counter-reset",
  "direction",
  "uncounted",
] as const;
const decodeInstant = decodeAs(decodeInteger, instantMs);
const decodeEnergy = decodeAs(decodeInteger, wattHours);
const decodeReading = decodeAs(decodeObject({ run: decodeInteger, total: decodeEnergy }), (mark): Mark => ({
  kind: "reading",
  ...mark,
}));
const decodeMissing = decodeAs(decodeObject({ missing: decodeOneOf(...REASONS) }), ({ missing }): Mark => ({
  kind: "missing",
  reason: missing,
}));
const decodeMark: Decoder<Mark> = (value, path) => {
  const reading = decodeReading(value, path);
  return reading.ok ? reading : decodeMissing(value, path);
};
const decodeNetMark: Decoder<NetMark> = decodeObject({
  run: decodeInteger,
  net: decodeEnergy,
  imported: decodeEnergy,
  exported: decodeEnergy,
  isEstimate: decodeBoolean,
});
const decodeMemory: Decoder<PointMemory> = decodeObject({
  run: decodeInteger,
  wrapped: decodeInteger,
  last: decodeNullable(decodeObject({ at: decodeInstant, total: decodeEnergy, run: decodeInteger })),
  before: decodeNullable(decodeEnergy),
  scale: decodeNullable(decodeObject({ wrapsAtWh: decodeNullable(decodeInteger), stepWh: decodeInteger })),
  slackWh: decodeInteger,
  marks: decodeList(decodePair(decodeInstant, decodeMark)),
  estimate: decodeNullable(decodeObject({ at: decodeInstant, shown: decodeEnergy, rest: decodeInteger })),
  isAgainst: decodeBoolean,
  net: decodeNullable(decodeList(decodePair(decodeInstant, decodeNetMark))),
  zero: decodeNullable(
    decodeObject({ energy: decodeInteger, isHeld: decodeBoolean, flowAt: decodeNullable(decodeInstant) }),
  ),
});
const decodeBoard = decodeObject({
  format: decodeChecked(decodeInteger, (format) => format === FORMAT, `format ${FORMAT}`),
  devices: decodeList(decodePair(decodeText, decodeList(decodePair(decodeText, decodeMemory)))),
});
