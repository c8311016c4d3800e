/**
 * A street of made-up homes: spiky loads of households with habits, and PV under one sky.
 *
 * Invariants: integers only; one random stream for every (seed, home, purpose, day), so that one more home, a longer run
 * or a later start changes nobody's profile; energies are differences of rounded cumulative values. The model is our
 * own and holds no third party's data; it is meant to look like a street, not to stand in for a measured one.
 */
import {
  assert,
  energyOfSeries,
  isSlotStart,
  MINUTE,
  partsPerMillion,
  partyId,
  randomStream,
  stepsIn,
  wattHours,
  watts,
  type DurationMs,
  type InstantMs,
  type PartsPerMillion,
  type WattHours,
  type Watts,
} from "@micromarket/kernel";
import { drawHousehold, householdDay } from "./household.ts";
import { drawPlant, plantDay } from "./pv-plant.ts";
import type { Home } from "./scenario.ts";
import { MINUTES_PER_DAY, WHOLE } from "./season.ts";
import { skyOfDay, type Climate, type SkyDay } from "./sky.ts";

/** The street to generate. */
export interface PopulationOptions {
  readonly count: number;
  readonly seed: number;
  /** Start of the first slot; whole minutes. */
  readonly start: InstantMs;
  /** Whole minutes. */
  readonly slotLength: DurationMs;
  readonly slotCount: number;
  /** Share of the homes that have PV. @default one half */
  readonly pvShare?: PartsPerMillion;
  /** Nameplates are drawn evenly between these two. @default 3 to 10 kW */
  readonly nameplate?: { readonly least: Watts; readonly most: Watts };
  /** Minutes by which the local clock is ahead of UTC, all year. @default 60 */
  readonly utcOffsetMinutes?: number;
  /** @default about 50° north */
  readonly climate?: Climate;
}

const MINUTE_MS = 60_000;
const MINUTES_PER_HOUR = 60n;

const CENTRAL_EUROPE: Climate = {
  noonMinute: 740,
  daylightMinutes: { winter: 484, summer: 983 },
  noonShare: { winter: partsPerMillion(440_000), summer: partsPerMillion(875_000) },
};

/** The run's slots on the local clock. Minutes count from the local midnight that began 1970-01-01. */
interface Span {
  readonly firstMinute: number;
  readonly slotMinutes: number;
  readonly slotCount: number;
  readonly firstDay: number;
  readonly days: number;
}

/** Fills `minutes` with the watts of a day. */
type DayWriter = (day: number, sky: SkyDay, minutes: Int32Array) => void;

/** Homes `home-1` to `home-<count>` with one entry per slot in each series. Throws on times that are no whole minutes. */
export function generateHomes(options: PopulationOptions): readonly Home[] {
  const { count, seed, climate = CENTRAL_EUROPE } = options;
  const span = spanOf(options);
  const skies = Array.from({ length: span.days }, (_, day) => skyOfDay(seed, span.firstDay + day, climate));
  const nothing = new Array<WattHours>(span.slotCount).fill(wattHours(0));
  return Array.from({ length: count }, (_, index) => {
    const name = `home-${index + 1}`;
    const household = drawHousehold(seed, name);
    const load = seriesOf(span, skies, (day, sky, minutes) => {
      householdDay(seed, name, household, day, sky, minutes);
    });
    const nameplate = drawNameplate(options, name);
    if (nameplate === null) return { id: partyId(name), load, pv: nothing };
    const plant = drawPlant(seed, name, nameplate);
    const pv = seriesOf(span, skies, (day, sky, minutes) => {
      plantDay(seed, name, plant, day, sky, minutes);
    });
    return { id: partyId(name), load, pv };
  });
}

function spanOf({ start, slotLength, slotCount, utcOffsetMinutes = 60 }: PopulationOptions): Span {
  const startMs: number = start;
  const slotMinutes = stepsIn(slotLength, MINUTE);
  assert(isSlotStart(start, MINUTE), "a generated run must start on a whole minute");
  assert(slotMinutes !== null && slotMinutes > 0, "generated slots must last whole minutes");
  const firstMinute = Math.floor(startMs / MINUTE_MS) + utcOffsetMinutes;
  const firstDay = Math.floor(firstMinute / MINUTES_PER_DAY);
  const days = Math.ceil((firstMinute + slotMinutes * slotCount) / MINUTES_PER_DAY) - firstDay;
  return { firstMinute, slotMinutes, slotCount, firstDay, days };
}

function drawNameplate(options: PopulationOptions, name: string): Watts | null {
  const {
    seed,
    pvShare = partsPerMillion(500_000),
    nameplate = { least: watts(3_000), most: watts(10_000) },
  } = options;
  const stream = randomStream(seed, name, "pv");
  const size = stream.between(nameplate.least, nameplate.most);
  return stream.below(WHOLE) < pvShare ? watts(size) : null;
}

function seriesOf(span: Span, skies: readonly SkyDay[], write: DayWriter): readonly WattHours[] {
  const wattMinutes = new Float64Array(span.slotCount);
  const minutes = new Int32Array(MINUTES_PER_DAY);
  for (const [index, sky] of skies.entries()) {
    const day = span.firstDay + index;
    write(day, sky, minutes);
    addDay(span, day, minutes, wattMinutes);
  }
  return energyOfSeries(Array.from(wattMinutes, BigInt), 1n, MINUTES_PER_HOUR);
}

/** Adds a day's minutes to the slots that they lie in; minutes before the run and after it fall away. */
function addDay(span: Span, day: number, minutes: Int32Array, wattMinutes: Float64Array): void {
  const offset = day * MINUTES_PER_DAY - span.firstMinute;
  const end = Math.min(MINUTES_PER_DAY, span.slotCount * span.slotMinutes - offset);
  let minute = Math.max(0, -offset);
  while (minute < end) {
    const slot = Math.floor((offset + minute) / span.slotMinutes);
    const slotEnd = Math.min(end, (slot + 1) * span.slotMinutes - offset);
    let sum = wattMinutes[slot] ?? 0;
    for (; minute < slotEnd; minute++) sum += minutes[minute] ?? 0;
    wattMinutes[slot] = sum;
  }
}
