/** The PV plants of generated homes: what each is like, and what it gives in a day. */
import { randomStream, type Watts } from "@micromarket/kernel";
import { drawFrom, type Range } from "./draw.ts";
import { ppmOf, WHOLE } from "./season.ts";
import type { SkyDay } from "./sky.ts";

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
export function plantDay(
  seed: number,
  home: string,
  plant: PvPlant,
  day: number,
  sky: SkyDay,
  minutes: Int32Array,
): void {
  const roof = drawFrom(randomStream(seed, home, "roof", String(day)), ROOF_DAY);
  const best = ppmOf(plant.nameplate, ppmOf(plant.yieldShare, roof));
  const { sunrise, sunset, course, clear, transmission } = sky;
  minutes.fill(0);
  for (let minute = sunrise; minute < sunset; minute++) {
    const clouds = transmission[minute < plant.cloudDelay ? 0 : minute - plant.cloudDelay] ?? 0;
    const leaning = ppmOf(clear[minute] ?? 0, WHOLE + ppmOf(plant.lean, course[minute] ?? 0));
    const power = ppmOf(best, ppmOf(leaning, clouds));
    minutes[minute] = power < plant.nameplate ? power : plant.nameplate;
  }
}
