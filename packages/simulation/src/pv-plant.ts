/** The PV plants of generated homes: what each is like, and what it gives in a day. */
import { randomStream, type Watts } from "@micromarket/kernel";
import { drawFrom, type Range } from "./draw.ts";
import { ppmOf, WHOLE } from "./season.ts";
import { fromNoon, type SkyDay } from "./sky.ts";

/** What a plant is like. */
export interface PvPlant {
  readonly nameplate: Watts;
  /** Tilt, shadows and dirt: the share that is left, ppm. */
  readonly yieldShare: number;
  /** East (negative) or west (positive): how far output leans into the morning or the afternoon, ppm. */
  readonly lean: number;
  /** The street's clouds reach this roof so many minutes later. */
  readonly cloudDelay: number;
}

const LEAN: Range = [-350_000, 350_000];
const YIELD: Range = [840_000, 990_000];
const CLOUD_DELAY: Range = [0, 4];
/** Own clouds, shadows and measuring error of one roof on one day, ppm. */
const ROOF_DAY: Range = [960_000, 1_000_000];

/** Draws the plant of the home named `home`; its nameplate is given. */
export function drawPlant(seed: number, home: string, nameplate: Watts): PvPlant {
  const stream = randomStream(seed, home, "plant");
  return {
    nameplate,
    yieldShare: drawFrom(stream, YIELD),
    lean: drawFrom(stream, LEAN),
    cloudDelay: drawFrom(stream, CLOUD_DELAY),
  };
}

/** Writes the plant's power on the local day with the number `day` into `minutes`, watts; never above the nameplate. */
export function plantDay(seed: number, home: string, plant: PvPlant, day: number, sky: SkyDay, minutes: Int32Array): void {
  const share = ppmOf(plant.yieldShare, drawFrom(randomStream(seed, home, "roof", String(day)), ROOF_DAY));
  const { sunrise, sunset, clear, transmission } = sky;
  minutes.fill(0);
  for (let minute = Math.max(0, sunrise); minute < Math.min(sunset, minutes.length); minute++) {
    const clouded = ppmOf(clear[minute] ?? 0, transmission[Math.max(0, minute - plant.cloudDelay)] ?? 0);
    const leaning = ppmOf(clouded, WHOLE + ppmOf(plant.lean, fromNoon(minute, sunrise, sunset)));
    minutes[minute] = Math.min(plant.nameplate, ppmOf(plant.nameplate, ppmOf(leaning, share)));
  }
}
