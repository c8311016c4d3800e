/** The people of generated homes: their habits, drawn once, and what they draw from the meter in a day. */
import { randomStream, type RandomStream } from "@micromarket/kernel";
import { addPower, APPLIANCES, runAppliance } from "./appliances.ts";
import { drawWeighted } from "./draw.ts";
import { isWeekend, MINUTES_PER_DAY, positiveRemainder, ppmOf, seasonal, summernessOf } from "./season.ts";
import type { SkyDay } from "./sky.ts";

/** What a household is like. Powers in watts, times in minutes of the local day. */
export interface Household {
  readonly people: number;
  /** How much more it uses its appliances than a home of two, ppm. */
  readonly activity: number;
  readonly standby: number;
  readonly fridge: { readonly power: number; readonly cycle: number; readonly running: number; readonly phase: number };
  readonly wakes: number;
  readonly sleeps: number;
  /** When the home is empty on weekdays, or `null` where somebody is always in. */
  readonly out: { readonly from: number; readonly to: number } | null;
}

/** Homes of one, two, … people in a hundred. */
const PEOPLE_IN_A_HUNDRED = [18, 34, 20, 19, 9];
/** Households out at work on weekdays, in a hundred. */
const OUT_IN_A_HUNDRED = 60;
/** Weeks of absence in a thousand. */
const ABSENT_IN_A_THOUSAND = 40;
/** Appliances run more in winter than in summer, ppm of the yearly mean. */
const WINTER_USE = 1_110_000;
const SUMMER_USE = 890_000;
/** Lights and small devices change in steps of this length. */
const BLOCK_MINUTES = 30;

/** Draws the household of the home named `home`. */
export function drawHousehold(seed: number, home: string): Household {
  const stream = randomStream(seed, home, "household");
  const people = 1 + drawWeighted(stream, PEOPLE_IN_A_HUNDRED);
  const wakes = stream.between(345, 450);
  const cycle = stream.between(38, 60);
  return {
    people,
    activity: ppmOf(500_000 + 250_000 * people, stream.between(800_000, 1_350_000)),
    standby: stream.between(50, 150),
    fridge: {
      power: stream.between(70, 120),
      cycle,
      running: Math.floor((cycle * stream.between(25, 45)) / 100),
      phase: stream.below(cycle),
    },
    wakes,
    sleeps: stream.between(1_305, 1_410),
    out:
      stream.below(100) < OUT_IN_A_HUNDRED
        ? { from: wakes + stream.between(50, 100), to: stream.between(940, 1_110) }
        : null,
  };
}

/** Writes the household's power on the local day with the number `day` into `minutes`, watts. */
export function householdDay(
  seed: number,
  home: string,
  household: Household,
  day: number,
  sky: SkyDay,
  minutes: Int32Array,
): void {
  minutes.fill(household.standby);
  runFridge(household, day, minutes);
  const week = String(Math.floor(day / 7));
  if (randomStream(seed, home, "absence", week).below(1_000) < ABSENT_IN_A_THOUSAND) return;
  const stream = randomStream(seed, home, "load", String(day));
  const weekend = isWeekend(day);
  lightRooms(household, weekend, sky, stream, minutes);
  const activity = ppmOf(household.activity, seasonal(WINTER_USE, SUMMER_USE, summernessOf(day)));
  for (const appliance of APPLIANCES) runAppliance(appliance, weekend, activity, stream, minutes);
}

function runFridge({ fridge }: Household, day: number, minutes: Int32Array): void {
  const { power, cycle, running, phase } = fridge;
  const intoCycle = positiveRemainder(day * MINUTES_PER_DAY + phase, cycle);
  for (let start = -intoCycle; start < MINUTES_PER_DAY; start += cycle)
    addPower(minutes, start, start + running, power);
}

/** Small devices wherever somebody is awake at home, and light where it is dark as well. */
function lightRooms(
  household: Household,
  weekend: boolean,
  sky: SkyDay,
  stream: RandomStream,
  minutes: Int32Array,
): void {
  const { wakes, sleeps, out, people } = household;
  const lateness = weekend ? stream.between(20, 110) : stream.between(-15, 15);
  for (let start = wakes + lateness; start < sleeps; start += BLOCK_MINUTES) {
    const devices = stream.between(15, 45 + 20 * people);
    const light = stream.between(25, 60 + 20 * people);
    const empty = !weekend && out !== null && start >= out.from && start < out.to;
    const dark = start < sky.sunrise || start >= sky.sunset;
    if (!empty) addPower(minutes, start, Math.min(start + BLOCK_MINUTES, sleeps), devices + (dark ? light : 0));
  }
}
