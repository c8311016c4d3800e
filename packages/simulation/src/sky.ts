/**
 * The sky over a street, minute by minute: the sun's course, and the clouds that all its plants share.
 *
 * The clear-sky bell is a polynomial that touches zero at sunrise and sunset. A day is clear, mixed or overcast; days
 * that follow each other share part of the draw, so that weather lasts. Within the day sun and shade alternate.
 */
import { randomStream, type PartsPerMillion } from "@micromarket/kernel";
import { drawFrom, type Range } from "./draw.ts";
import { MINUTES_PER_DAY, ppmOf, seasonal, summernessOf, WHOLE } from "./season.ts";

/** What a place's latitude does to its sun. Minutes count from local midnight. */
export interface Climate {
  /** Minute of the local clock at which the sun stands highest. */
  readonly noonMinute: number;
  /** Minutes of daylight on the shortest and on the longest day. */
  readonly daylightMinutes: { readonly winter: number; readonly summer: number };
  /** What a plant gives at noon under a clear sky, as a share of its nameplate. */
  readonly noonShare: { readonly winter: PartsPerMillion; readonly summer: PartsPerMillion };
}

/** One day of sky. Arrays have one entry per minute of the local day. */
export interface SkyDay {
  /** First minute with sun, and the first without it; both within the day. */
  readonly sunrise: number;
  readonly sunset: number;
  /** Where the sun is in its course, ppm: −1 000 000 at sunrise, 0 at noon, 1 000 000 at sunset. */
  readonly course: Int32Array;
  /** Output under a clear sky as a share of nameplate, ppm. */
  readonly clear: Int32Array;
  /** What the clouds let through, ppm; slightly above one where a cloud's edge adds light. */
  readonly transmission: Int32Array;
}

/** Stretches of sun and of shade that take turns. */
interface Weather {
  readonly sun: { readonly minutes: Range; readonly ppm: Range };
  readonly shade: { readonly minutes: Range; readonly ppm: Range };
}

const CLEAR: Weather = {
  sun: { minutes: [40, 120], ppm: [960_000, 1_020_000] },
  shade: { minutes: [1, 6], ppm: [780_000, 950_000] },
};
const MIXED: Weather = {
  sun: { minutes: [4, 25], ppm: [900_000, 1_060_000] },
  shade: { minutes: [3, 22], ppm: [230_000, 520_000] },
};
const OVERCAST: Weather = {
  sun: { minutes: [8, 30], ppm: [240_000, 430_000] },
  shade: { minutes: [10, 45], ppm: [80_000, 240_000] },
};

/** Days over which weather lasts. */
const SPELL_DAYS = 3;

/** The sky of the local day with the number `day` (days since 1970-01-01). */
export function skyOfDay(seed: number, day: number, climate: Climate): SkyDay {
  const summerness = summernessOf(day);
  const daylight = seasonal(climate.daylightMinutes.winter, climate.daylightMinutes.summer, summerness);
  const noonShare = seasonal(climate.noonShare.winter, climate.noonShare.summer, summerness);
  const first = climate.noonMinute - Math.floor(daylight / 2);
  const sunrise = Math.max(0, first);
  const sunset = Math.min(first + daylight, MINUTES_PER_DAY);
  const course = new Int32Array(MINUTES_PER_DAY);
  const clear = new Int32Array(MINUTES_PER_DAY);
  for (let minute = sunrise; minute < sunset; minute++) {
    const position = Math.floor(((2 * (minute - first) + 1 - daylight) * WHOLE) / daylight);
    course[minute] = position;
    clear[minute] = ppmOf(bell(position), noonShare);
  }
  return { sunrise, sunset, course, clear, transmission: transmissionOfDay(seed, day, summerness) };
}

/** ½ (1 − u²) + ½ (1 − u²)², u and the result in ppm: flatter than the one, steeper than the other, as measured days are. */
function bell(u: number): number {
  const parabola = WHOLE - ppmOf(u, u);
  return Math.floor((parabola + ppmOf(parabola, parabola)) / 2);
}

function transmissionOfDay(seed: number, day: number, summerness: PartsPerMillion): Int32Array {
  const spell = randomStream(seed, "street", "spell", String(Math.floor(day / SPELL_DAYS)));
  const stream = randomStream(seed, "street", "sky", String(day));
  const weather = weatherOf(Math.floor((spell.below(WHOLE) + stream.below(WHOLE)) / 2), summerness);
  const transmission = new Int32Array(MINUTES_PER_DAY);
  let minute = 0;
  let stretch = stream.below(2);
  while (minute < MINUTES_PER_DAY) {
    const { minutes, ppm } = stretch % 2 === 0 ? weather.sun : weather.shade;
    const end = minute + drawFrom(stream, minutes);
    transmission.fill(drawFrom(stream, ppm), minute, end);
    minute = end;
    stretch += 1;
  }
  return transmission;
}

/** `cloudiness` is the mean of two uniform draws, ppm: half of all days lie between 350 000 and 650 000. */
function weatherOf(cloudiness: number, summerness: PartsPerMillion): Weather {
  if (cloudiness < seasonal(250_000, 400_000, summerness)) return CLEAR;
  return cloudiness < seasonal(450_000, 620_000, summerness) ? MIXED : OVERCAST;
}
