/**
 * Whether a day's settled numbers are what flowed: each slot and each unbroken stretch of slots is right within a bound, or
 * its slot stays open and was told.
 *
 * The bound. A settled number is the difference of two readings of a counter, each at a slot's end b, on the line between a
 * sample a before b and one c after it. While power stays between P and P' the line misses the counter by
 * |P - P'| * a * c / (a + c) at most, which is |P - P'| * (a + c) / 4 where b lies in the middle. Samples that are farther apart
 * than half a slot leave the slot open: so each end is off by an eighth of a slot of the powers' range in the two slots beside
 * it. A sample is dated when it comes, and time runs fast: what flows while it is on its way makes both ends smaller, by
 * different amounts, so that their difference is off by the larger one at most. Counters show whole Wh, and readings are
 * rounded down to them. Between the two ends of a stretch nothing is added: its slots share the readings at their borders.
 */

/** Both counters of a meter, Wh. */
export interface Counters {
  readonly imported: number;
  readonly exported: number;
}

/** What really flowed through a home's grid meter; instants are market time, milliseconds since 1970. */
export interface HomeTruth {
  /** What the counters showed at a slot's end. */
  readonly countersAt: (borderMs: number) => Counters;
  /** Least and most power in the slot that starts then, load convention. */
  readonly powersIn: (slotMs: number) => { readonly leastW: number; readonly mostW: number };
  /** Real milliseconds that a sample near a border may have been on its way. */
  readonly lateMsAt: (borderMs: number) => number;
}

/** A home's settled slot. */
export interface Settled extends Counters {
  readonly home: string;
  readonly slotMs: number;
}

/** All that is known of a day. */
export interface Day {
  readonly slotLengthMs: number;
  /** Market time in real time. */
  readonly speed: number;
  readonly homes: ReadonlyMap<string, HomeTruth>;
  /** Slots whose gate was closed, in order. */
  readonly closed: readonly number[];
  /** Slots that were told as passed over. */
  readonly missed: ReadonlySet<number>;
  readonly settled: readonly Settled[];
  /** What was told as not known. */
  readonly gaps: readonly { readonly home: string; readonly slotMs: number }[];
  /** Slots that ended by then had the time to be settled. */
  readonly throughMs: number;
}

/** What was found. */
export interface SettlementVerdict {
  readonly faults: readonly string[];
  readonly figures: Readonly<Record<string, number>>;
}

/** How far one number is off. */
interface Deviation {
  readonly home: string;
  readonly direction: keyof Counters;
  readonly fromMs: number;
  readonly untilMs: number;
  /** Settled less true. */
  readonly offWh: number;
  readonly boundWh: number;
}

const ROUNDING_WH = 3;
const NEIGHBOUR_PART = 1 / 8;
const HOUR_MS = 3_600_000;
const SHOWN_MOST = 3;
/** Of what was to be settled: a judgement on less would say little. Four fifths are settled by a machine with ten times too much to do. */
const SETTLED_SHARE_LEAST = 1 / 8;
const DIRECTIONS = ["imported", "exported"] as const;

/** Judges a day. */
export function judgeSettlement(day: Day): SettlementVerdict {
  const stretches = stretchesOf(day);
  const slots = day.settled.flatMap((one) => deviationsOf(day, [one]));
  const sums = stretches.flatMap((stretch) => deviationsOf(day, stretch));
  const [wrongSlots, wrongSums] = [slots, sums].map((all) => all.filter(isWrong));
  const completeness = judgeCompleteness(day);
  const totals = totalsOf(day);
  return {
    faults: [
      ...told("settled numbers are wrong", wrongSlots ?? []),
      ...told("sums of unbroken slots are wrong", wrongSums ?? []),
      ...completeness.faults,
    ],
    figures: {
      ...{ closed: day.closed.length, deliveries: day.settled.length, ...completeness.figures },
      ...{ wrong: (wrongSlots ?? []).length, wrongSums: (wrongSums ?? []).length },
      ...worstOf(slots),
      ...totals,
    },
  };
}

function isWrong({ offWh, boundWh }: Deviation): boolean {
  return Math.abs(offWh) > boundWh;
}

/** Each home's settled slots, cut where one is open. */
function stretchesOf({ settled, slotLengthMs }: Day): readonly (readonly Settled[])[] {
  const stretches = new Map<string, Settled[][]>();
  for (const one of [...settled].sort((a, b) => a.slotMs - b.slotMs)) {
    const own = stretches.get(one.home) ?? [];
    const last = own.at(-1);
    if (last?.at(-1)?.slotMs === one.slotMs - slotLengthMs) last.push(one);
    else own.push([one]);
    stretches.set(one.home, own);
  }
  return [...stretches.values()].flat();
}

function deviationsOf(day: Day, stretch: readonly Settled[]): readonly Deviation[] {
  const [first, last] = [stretch[0], stretch.at(-1)];
  if (first === undefined || last === undefined) return [];
  const { home, slotMs: fromMs } = first;
  const untilMs = last.slotMs + day.slotLengthMs;
  const truth = truthOf(day, home);
  return DIRECTIONS.map((direction) => {
    const own = truth.countersAt(untilMs)[direction] - truth.countersAt(fromMs)[direction];
    const sum = stretch.reduce((total, one) => total + one[direction], 0);
    const boundWh =
      lineMissWh(day, truth, fromMs, direction) +
      lineMissWh(day, truth, untilMs, direction) +
      Math.max(onItsWayWh(day, truth, fromMs, direction), onItsWayWh(day, truth, untilMs, direction)) +
      ROUNDING_WH;
    return { home, direction, fromMs, untilMs, offWh: sum - own, boundWh };
  });
}

/** By how much the line may miss the counter at a border. */
function lineMissWh(day: Day, truth: HomeTruth, borderMs: number, direction: keyof Counters): number {
  const { least, most } = rangeAt(day, truth, borderMs, direction);
  return ((most - least) * day.slotLengthMs * NEIGHBOUR_PART) / HOUR_MS;
}

/** What flows while a sample near a border is on its way. */
function onItsWayWh(day: Day, truth: HomeTruth, borderMs: number, direction: keyof Counters): number {
  return (rangeAt(day, truth, borderMs, direction).most * truth.lateMsAt(borderMs) * day.speed) / HOUR_MS;
}

/** The powers of one direction in the two slots beside a border, W. */
function rangeAt(day: Day, truth: HomeTruth, borderMs: number, direction: keyof Counters) {
  const powers = [borderMs - day.slotLengthMs, borderMs].flatMap((slotMs) => {
    const { leastW, mostW } = truth.powersIn(slotMs);
    return direction === "imported" ? [leastW, mostW] : [0 - leastW, 0 - mostW];
  });
  const flows = powers.map((power) => Math.max(0, power));
  return { least: Math.min(...flows), most: Math.max(...flows) };
}

/** Every slot is settled or was told as open, for each home, and not both. */
function judgeCompleteness(day: Day): SettlementVerdict {
  const keyOf = (home: string, slotMs: number): string => `${home} ${timeOf(slotMs)}`;
  const settled = new Set(day.settled.map(({ home, slotMs }) => keyOf(home, slotMs)));
  const flagged = new Set(day.gaps.map(({ home, slotMs }) => keyOf(home, slotMs)));
  const due = day.closed.filter((slotMs) => slotMs + day.slotLengthMs <= day.throughMs);
  const keys = [...day.homes.keys()].flatMap((home) => due.map((slotMs) => keyOf(home, slotMs)));
  const silent = keys.filter((key) => !settled.has(key) && !flagged.has(key));
  const both = [...flagged].filter((key) => settled.has(key));
  const closed = new Set(day.closed);
  const [first = 0, last = 0] = [day.closed[0], day.closed.at(-1)];
  const lost: string[] = [];
  for (let slotMs = first; slotMs <= last; slotMs += day.slotLengthMs)
    if (!closed.has(slotMs) && !day.missed.has(slotMs)) lost.push(timeOf(slotMs));
  const share = settled.size / Math.max(1, keys.length);
  const faults = [
    ...counted("open slots were not told", silent),
    ...counted("slots were settled and told as open", both),
    ...counted("slots were neither closed nor told as passed over", lost),
    ...(flagged.size === day.gaps.length ? [] : [`${day.gaps.length - flagged.size} open slots were told twice`]),
    ...(day.settled.length === settled.size ? [] : [`${day.settled.length - settled.size} slots were settled twice`]),
    ...(share >= SETTLED_SHARE_LEAST ? [] : [`only ${settled.size} of ${keys.length} home slots were settled`]),
  ];
  return { faults, figures: { gaps: flagged.size, unflagged: silent.length, passedOver: day.missed.size } };
}

function worstOf(slots: readonly Deviation[]): Readonly<Record<string, number>> {
  const most = (of: (deviation: Deviation) => number): Deviation | undefined =>
    slots.reduce<Deviation | undefined>(
      (worst, one) => (worst === undefined || of(one) > of(worst) ? one : worst),
      undefined,
    );
  const farthest = most(({ offWh }) => Math.abs(offWh));
  const nearest = most(({ offWh, boundWh }) => Math.abs(offWh) / boundWh);
  const mean = slots.reduce((sum, { offWh }) => sum + Math.abs(offWh), 0) / Math.max(1, slots.length);
  return {
    meanOffWh: rounded(mean),
    worstOffWh: Math.abs(farthest?.offWh ?? 0),
    itsBoundWh: rounded(farthest?.boundWh ?? 0),
    worstPartOfBound: rounded(Math.abs(nearest?.offWh ?? 0) / (nearest?.boundWh ?? 1)),
  };
}

/** What was settled in all, and what flowed in the same slots. */
function totalsOf(day: Day): Readonly<Record<string, number>> {
  let [settledWh, trueWh] = [0, 0];
  for (const one of day.settled) {
    const truth = truthOf(day, one.home);
    const [from, until] = [one.slotMs, one.slotMs + day.slotLengthMs].map((border) => truth.countersAt(border));
    for (const direction of DIRECTIONS) {
      settledWh += one[direction];
      trueWh += (until?.[direction] ?? 0) - (from?.[direction] ?? 0);
    }
  }
  return { settledWh, trueWh };
}

function truthOf({ homes }: Day, home: string): HomeTruth {
  const truth = homes.get(home);
  if (truth === undefined) throw new Error(`nothing is known of ${home}`);
  return truth;
}

function told(what: string, wrong: readonly Deviation[]): readonly string[] {
  return counted(
    what,
    wrong.map(({ home, direction, fromMs, untilMs, offWh, boundWh }) => {
      return `${home} ${direction} ${timeOf(fromMs)} to ${timeOf(untilMs)}: ${offWh} Wh off, bound ${rounded(boundWh)}`;
    }),
  );
}

function counted(what: string, examples: readonly string[]): readonly string[] {
  return examples.length === 0 ? [] : [`${examples.length} ${what}: ${examples.slice(0, SHOWN_MOST).join(", ")}`];
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16);
}
