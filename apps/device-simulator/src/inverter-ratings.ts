/** What the homes' PV inverters are built for: their best power in a fortnight around midsummer, and a tenth more. */
import { instantMs, MINUTE, times } from "@micromarket/kernel";
import { generateHomes } from "@micromarket/simulation";

const MIDSUMMER = instantMs(Date.UTC(2026, 5, 14));
const SLOTS = 14 * 96;
const SLOTS_PER_HOUR = 4;
const STEP_W = 500;
const WATTS_PER_STEP_OF_BEST = STEP_W / 1.1;

/** Ratings of the homes of a street, W; found out when first asked for. */
export function ratingsOf(count: number, seed: number): (home: string) => number {
  let ratings: ReadonlyMap<string, number> | null = null;
  return (home) => {
    ratings ??= findRatings(count, seed);
    return ratings.get(home) ?? STEP_W;
  };
}

function findRatings(count: number, seed: number): ReadonlyMap<string, number> {
  const homes = generateHomes({ count, seed, start: MIDSUMMER, slotLength: times(MINUTE, 15), slotCount: SLOTS });
  return new Map(
    homes.map(({ id, pv }) => {
      const best = SLOTS_PER_HOUR * pv.reduce<number>((most, energy) => Math.max(most, energy), 0);
      return [id, STEP_W * Math.max(1, Math.ceil(best / WATTS_PER_STEP_OF_BEST))];
    }),
  );
}
