/**
 * What the meters' counters have to say in a market with rules of settlement: their readings at the slots' ends, one after
 * the other. Missed readings need no care here: the next one carries their energy, and the market shares it out.
 *
 * Where a counter broke off (it was reset, or the clock was set) counting starts anew at the first slot whose two ends are
 * known; the slots before it are estimated by the market when they are due.
 */
import type { CounterReading, ReadMeter, StateView } from "@micromarket/engine";
import { slotEnd, type DurationMs, type InstantMs, type PartyId } from "@micromarket/kernel";
import type { BorderReading } from "./device-meter.ts";
import type { MeterBoard } from "./meter-board.ts";

/** A party and the device that counts for it. */
export interface CountedParty {
  readonly party: PartyId;
  readonly device: string;
  /** Whether the device sees the connection from the other side, as the tie's does the supplier's. */
  readonly isMirrored: boolean;
}

/** What is to be told, and what will never be known. */
export interface CounterRound {
  readonly commands: readonly ReadMeter[];
  readonly missing: readonly {
    readonly slot: InstantMs;
    readonly party: PartyId;
    readonly reason: MissingReading["reason"];
  }[];
}

type MissingReading = Extract<BorderReading, { readonly kind: "missing" }>;
type KnownReading = Extract<BorderReading, { readonly kind: "reading" }>;

/** The readings of one party that its open and estimated slots wait for, as far as they are known at `now`. */
export function counterRound(
  state: StateView,
  counted: CountedParty,
  board: Pick<MeterBoard, "readingAt">,
  now: InstantMs,
): CounterRound {
  const { party, device, isMirrored } = counted;
  const lengthMs = state.rules.slotLength;
  const at = (border: InstantMs): BorderReading => turned(board.readingAt(device, border, now), isMirrored);
  const commands: ReadMeter[] = [];
  const missing: CounterRound["missing"][number][] = [];
  let last: CounterReading | undefined = state.meters.get(party);
  for (const slot of slotsToTell(state, party, lengthMs, now)) {
    const border = slotEnd({ startMs: slot, lengthMs });
    if (last !== undefined && border <= last.at) continue;
    const end = at(border);
    if (end.kind === "pending") break;
    if (end.kind === "missing") {
      missing.push({ slot, party, reason: end.reason });
      continue;
    }
    if (last === undefined || !goesOn(at(last.at), last, end)) {
      const begin = at(slot);
      if (begin.kind !== "reading" || begin.run !== end.run) {
        missing.push({ slot, party, reason: begin.kind === "missing" ? begin.reason : "counter-reset" });
        continue;
      }
      if (last === undefined || slot > last.at || !isSame(begin, last))
        commands.push(reading(party, slot, begin, true));
    }
    commands.push(reading(party, border, end, false));
    last = { at: border, imported: end.imported, exported: end.exported };
  }
  return { commands, missing };
}

/** In order: slots that are over, up to the last one whose gate is closed, and that want to know of the party. */
function slotsToTell(
  { cleared, estimated, closedThrough, waiting }: StateView,
  party: PartyId,
  lengthMs: DurationMs,
  now: InstantMs,
): readonly InstantMs[] {
  const isDue = (slot: InstantMs): boolean =>
    slotEnd({ startMs: slot, lengthMs }) <= now && closedThrough !== null && slot <= closedThrough;
  const firstWaiting = Math.min(...waiting.keys());
  const open = [...cleared].filter(([, { awaiting }]) => awaiting.has(party)).map(([slot]) => slot);
  const late = [...estimated].filter(([, { missing }]) => missing.has(party)).map(([slot]) => slot);
  return [...open, ...late].filter((slot) => isDue(slot) && slot < firstWaiting).sort((a, b) => a - b);
}

/** Whether the counter ran on without a break from the market's last reading to this one. */
function goesOn(then: BorderReading, last: CounterReading, end: KnownReading): boolean {
  return then.kind === "reading" && then.run === end.run && isSame(then, last);
}

function isSame(known: KnownReading, { imported, exported }: CounterReading): boolean {
  return known.imported === imported && known.exported === exported;
}

function turned(border: BorderReading, isMirrored: boolean): BorderReading {
  if (border.kind !== "reading" || !isMirrored) return border;
  return { ...border, imported: border.exported, exported: border.imported };
}

function reading(party: PartyId, at: InstantMs, known: KnownReading, isStart: boolean): ReadMeter {
  const { imported, exported, isEstimate } = known;
  const flags = { ...(isStart ? { isStart } : {}), ...(isEstimate ? { isEstimate } : {}) };
  return { type: "ReadMeter", party, at, imported, exported, ...flags };
}
