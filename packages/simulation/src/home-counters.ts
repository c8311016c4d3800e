/**
 * The meters of a market with settlement: counters that only go up, read at the slots' ends.
 *
 * A home's meter counts each slot a little wrong, and some of its readings do not come; the next one carries their energy.
 * What it counts is the difference of rounded cumulative values. The tie's is exact, and always read.
 */
import {
  assert,
  energyOfSeries,
  minus,
  plus,
  randomStream,
  wattHours,
  type InstantMs,
  type PartyId,
  type WattHours,
} from "@micromarket/kernel";
import type { ReadMeter } from "@micromarket/engine";
import type { Scenario } from "./scenario.ts";
import { netImport, scenarioSlot } from "./slot-trading.ts";

const WHOLE = 1_000_000;
const NOTHING = wattHours(0);

/** All meters of a run. */
export interface StreetMeters {
  /** The readings that come at the end of the slot with number `index`; −1: at the start of the run. To be asked in order. */
  readingsAfter(index: number): readonly ReadMeter[];
  /** How many readings did not come so far. */
  missed(): number;
}

/** What a meter counted in each slot. */
interface Counted {
  readonly party: PartyId;
  readonly imports: readonly WattHours[];
  readonly exports: readonly WattHours[];
  /** Of the slots' ends, whether the reading comes. */
  readonly isRead: readonly boolean[];
}

/** The meters of the scenario's homes, and of its tie. */
export function streetMeters(scenario: Scenario): StreetMeters {
  const { slotCount, start } = scenario;
  const meters = [...scenario.homes.map((_, number) => homeMeter(scenario, number)), tieMeter(scenario)];
  const counters = meters.map(() => ({ imported: NOTHING, exported: NOTHING }));
  let missed = 0;
  const readingOf = (
    { party, isRead }: Counted,
    number: number,
    index: number,
    at: InstantMs,
  ): readonly ReadMeter[] => {
    const counter = counters[number];
    if (counter !== undefined && (index < 0 || index === slotCount - 1 || isRead[index] === true))
      return [{ type: "ReadMeter", party, at, ...counter }];
    missed += 1;
    return [];
  };
  return {
    readingsAfter(index) {
      if (index >= 0) count(meters, counters, index);
      const at = index < 0 ? start : scenarioSlot(scenario, index + 1).start;
      return meters.flatMap((meter, number) => readingOf(meter, number, index, at));
    },
    missed: () => missed,
  };
}

function count(
  meters: readonly Counted[],
  counters: { imported: WattHours; exported: WattHours }[],
  index: number,
): void {
  for (const [number, { imports, exports }] of meters.entries()) {
    const { imported, exported } = counters[number] ?? { imported: NOTHING, exported: NOTHING };
    counters[number] = {
      imported: plus(imported, imports[index] ?? NOTHING),
      exported: plus(exported, exports[index] ?? NOTHING),
    };
  }
}

/** Its draws hang on the seed and the home's name alone. */
function homeMeter(scenario: Scenario, number: number): Counted {
  const { homes, seed, meters, slotCount } = scenario;
  const home = homes[number];
  assert(home !== undefined, `there is a home with number ${number}`);
  const { id } = home;
  const net = Array.from({ length: slotCount }, (_, index) => netImport(home, index));
  const noise = randomStream(seed, id, "meter");
  const most = meters?.noise ?? 0;
  const factors = net.map(() => BigInt(WHOLE + noise.between(-most, most)));
  const series = (energies: readonly number[]): readonly WattHours[] =>
    energyOfSeries(
      energies.map((energy, index) => BigInt(energy) * (factors[index] ?? 0n)),
      1n,
      BigInt(WHOLE),
    );
  const readings = randomStream(seed, id, "readings");
  return {
    party: id,
    imports: series(net.map((energy) => Math.max(energy, 0))),
    exports: series(net.map((energy) => Math.max(-energy, 0))),
    isRead: net.map(() => readings.below(WHOLE) >= (meters?.gaps ?? 0)),
  };
}

/** Its exported energy is what came into the microgrid. */
function tieMeter(scenario: Scenario): Counted {
  const { homes, slotCount, rules } = scenario;
  const net = Array.from({ length: slotCount }, (_, index) =>
    homes.map((home) => netImport(home, index)).reduce(plus, NOTHING),
  );
  return {
    party: rules.residual.party,
    imports: net.map((energy) => wattHours(Math.max(minus(NOTHING, energy), 0))),
    exports: net.map((energy) => wattHours(Math.max(energy, 0))),
    isRead: net.map(() => true),
  };
}
