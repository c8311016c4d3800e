/**
 * The appliances of generated homes and when they run: what makes a home's load spiky, where an average profile is smooth.
 *
 * Powers, durations and uses are round figures of ordinary household appliances, chosen by us so that a street's yearly
 * demand, its evening peak and its load factor come out plausible.
 */
import type { RandomStream } from "@micromarket/kernel";
import { drawFrom, drawWeighted, type Range } from "./draw.ts";
import { MINUTES_PER_DAY, ppmOf, WHOLE } from "./season.ts";

/** A kind of appliance. */
export interface Appliance {
  readonly name: string;
  /** Its programme: power in watts and minutes, one phase after the other. */
  readonly programme: readonly (readonly [watts: number, minutes: number])[];
  /** Mean number of uses on a weekday and on a day of the weekend, in a home of two, ppm. */
  readonly uses: { readonly weekday: number; readonly weekend: number };
  /** How likely each hour of the local day is for a start, as 24 weights. */
  readonly hours: readonly number[];
}

const MEALS = [0, 0, 0, 0, 0, 1, 4, 6, 4, 1, 1, 3, 6, 3, 1, 1, 3, 8, 10, 8, 3, 1, 0, 0];
const EVENING = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 3, 3, 1, 1, 3, 8, 10, 9, 6, 3, 1, 0];
const MORNING = [0, 0, 0, 0, 0, 2, 9, 10, 6, 2, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 3, 3, 2, 0];
const DAYTIME = [0, 0, 0, 0, 0, 0, 1, 3, 6, 7, 7, 6, 4, 4, 5, 5, 5, 6, 6, 5, 3, 1, 0, 0];
const AFTER_MEALS = [1, 0, 0, 0, 0, 0, 0, 1, 2, 2, 1, 1, 2, 4, 3, 1, 1, 1, 3, 9, 10, 7, 4, 2];

/** All kinds, in the order in which a day's uses are drawn. */
export const APPLIANCES: readonly Appliance[] = [
  { name: "kettle", programme: [[1_900, 4]], uses: { weekday: 3_400_000, weekend: 4_200_000 }, hours: MEALS },
  {
    name: "hob",
    programme: [
      [1_900, 8],
      [900, 18],
    ],
    uses: { weekday: 1_000_000, weekend: 1_500_000 },
    hours: EVENING,
  },
  {
    name: "oven",
    programme: [
      [2_200, 15],
      [1_100, 35],
    ],
    uses: { weekday: 220_000, weekend: 420_000 },
    hours: EVENING,
  },
  { name: "microwave", programme: [[1_150, 5]], uses: { weekday: 1_000_000, weekend: 900_000 }, hours: MEALS },
  { name: "hair dryer", programme: [[1_500, 6]], uses: { weekday: 600_000, weekend: 500_000 }, hours: MORNING },
  { name: "water heater", programme: [[2_000, 14]], uses: { weekday: 1_100_000, weekend: 1_200_000 }, hours: MORNING },
  {
    name: "dishwasher",
    programme: [
      [1_950, 18],
      [120, 45],
      [1_900, 14],
    ],
    uses: { weekday: 480_000, weekend: 620_000 },
    hours: AFTER_MEALS,
  },
  {
    name: "washing machine",
    programme: [
      [2_050, 20],
      [260, 65],
    ],
    uses: { weekday: 380_000, weekend: 600_000 },
    hours: DAYTIME,
  },
  { name: "dryer", programme: [[1_300, 85]], uses: { weekday: 260_000, weekend: 400_000 }, hours: DAYTIME },
  { name: "vacuum cleaner", programme: [[900, 18]], uses: { weekday: 180_000, weekend: 400_000 }, hours: DAYTIME },
  { name: "computer", programme: [[130, 150]], uses: { weekday: 1_000_000, weekend: 1_200_000 }, hours: DAYTIME },
  { name: "television", programme: [[110, 140]], uses: { weekday: 1_100_000, weekend: 1_400_000 }, hours: EVENING },
];

/** A programme runs this much shorter or longer than in the table, ppm. */
const STRETCH: Range = [700_000, 1_300_000];

/**
 * Adds a day's uses of `appliance` to `minutes` (watts). A use that would run past midnight ends there.
 *
 * @param activity how much more the home uses it than a home of two, ppm
 */
export function runAppliance(
  appliance: Appliance,
  weekend: boolean,
  activity: number,
  stream: RandomStream,
  minutes: Int32Array,
): void {
  const mean = ppmOf(weekend ? appliance.uses.weekend : appliance.uses.weekday, activity);
  for (let uses = drawUses(mean, stream); uses > 0; uses--) {
    let minute = drawWeighted(stream, appliance.hours) * 60 + stream.below(60);
    const stretch = drawFrom(stream, STRETCH);
    for (const [power, duration] of appliance.programme) {
      const end = minute + Math.max(1, ppmOf(duration, stretch));
      addPower(minutes, minute, end, power);
      minute = end;
    }
  }
}

/** Adds `power` to the minutes in [start, end) that lie within the day. */
export function addPower(minutes: Int32Array, start: number, end: number, power: number): void {
  const last = Math.min(end, MINUTES_PER_DAY);
  for (let minute = Math.max(0, start); minute < last; minute++) {
    minutes[minute] = (minutes[minute] ?? 0) + power;
  }
}

/** A binomial number with the given mean (ppm): twice as many tries as uses are expected. */
function drawUses(mean: number, stream: RandomStream): number {
  const tries = 2 * Math.max(1, Math.ceil(mean / WHOLE));
  let uses = 0;
  for (let attempt = 0; attempt < tries; attempt++) if (stream.below(tries * WHOLE) < mean) uses += 1;
  return uses;
}
