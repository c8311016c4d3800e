/** The days of an electric car: when it comes home, when it leaves, and how much it wants, drawn from the seed. */
import { randomStream } from "@micromarket/kernel";
import { WMS_PER_WH } from "./energy.ts";

/** One night at the charger; virtual time. */
export interface VehicleSession {
  readonly arrivesAt: number;
  readonly leavesAt: number;
  readonly neededWms: number;
}

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const ARRIVAL_MINUTES = [16 * 60, 19 * 60] as const;
const DEPARTURE_MINUTES = [5 * 60, 7 * 60] as const;
const NEEDED_WH = [6_000, 30_000] as const;

/** The session that runs at `atMs` or comes next. Days are UTC; the first arrival is that of the day of `atMs` at the earliest. */
export function sessionAt(seed: number, home: string, atMs: number): VehicleSession {
  const day = Math.floor(atMs / DAY_MS);
  const sessionOf = (ofDay: number): VehicleSession => {
    const stream = randomStream(seed, home, "vehicle", String(ofDay));
    const arrivesAt = ofDay * DAY_MS + stream.between(...ARRIVAL_MINUTES) * MINUTE_MS;
    const leavesAt = (ofDay + 1) * DAY_MS + stream.between(...DEPARTURE_MINUTES) * MINUTE_MS;
    return { arrivesAt, leavesAt, neededWms: stream.between(...NEEDED_WH) * WMS_PER_WH };
  };
  const yesterday = sessionOf(day - 1);
  return atMs < yesterday.leavesAt ? yesterday : sessionOf(day);
}
