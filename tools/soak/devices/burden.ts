/**
 * Whether a process grows over a day: what is on its heap after a collection, open files, sockets and timers, the last third
 * of the day held against those before: the heap's least against the middle third's, the usual number of handles against both.
 */

/** What a process holds at one moment. */
export interface Burden {
  /** After a collection. */
  readonly heapKb: number;
  readonly rssKb: number;
  /** Open descriptors; `null` where the system does not show them. */
  readonly files: number | null;
  readonly sockets: number;
  readonly timers: number;
}

/** What was found. */
export interface BurdenVerdict {
  readonly faults: readonly string[];
  readonly figures: Readonly<Record<string, string>>;
}

/** Fewer samples than this in a third say nothing. */
const SAMPLES_LEAST = 5;
/**
 * What a day of twenty homes may add in eight hours. Page and API keep no more slots than they had before; what goes on to
 * grow is what the gateway remembers for longer than a day: readings at slots' ends (192 a counter, some 10 KB a slot here),
 * energies and prices for forecasts, and slots that stay open: 1.1 MB were measured with a seventh of the homes' slots open. A
 * leak of a hundred bytes for each answer and message would come to 1.6 MB on top.
 */
const HEAP_GROWTH_KB = 2_560;
/**
 * Most by which the usual number may differ between two thirds: at any moment one line may just be connected anew, and each
 * question and each set-point on its way has a timer.
 */
const GROWTH = { files: 1, sockets: 1, timers: 8 } as const;
const HANDLES = ["files", "sockets", "timers"] as const;

/** Judges samples that were taken at even distances; too few of them are only shown. */
export function judgeBurden(samples: readonly Burden[]): BurdenVerdict {
  const third = Math.floor(samples.length / 3);
  const ends = [0, third, 2 * third, samples.length];
  const parts =
    third < SAMPLES_LEAST ? [samples] : [0, 1, 2].map((index) => samples.slice(ends[index], ends[index + 1]));
  const of = (measure: (some: readonly Burden[]) => number): readonly number[] => parts.map(measure);
  const heap = of((some) => Math.min(...some.map(({ heapKb }) => heapKb)));
  const rss = of((some) => Math.min(...some.map(({ rssKb }) => rssKb)));
  const usual = HANDLES.map((name) => ({ name, counts: of((some) => median(some.map((one) => one[name] ?? 0))) }));
  const faults: string[] = [];
  if (parts.length > 1) {
    const [, middle = 0, last = 0] = heap;
    if (last - middle > HEAP_GROWTH_KB) faults.push(`the heap grew by ${last - middle} KB in a third of the day`);
    for (const { name, counts } of usual) {
      const [after = 0, before] = [counts[2], Math.min(...counts.slice(0, 2))];
      if (after - before > GROWTH[name]) faults.push(`open ${name} grew from ${before} to ${after}`);
    }
  }
  const shown = (numbers: readonly number[]): string => numbers.join(" / ");
  return {
    faults,
    figures: {
      heapKb: shown(heap),
      rssKb: shown(rss),
      ...Object.fromEntries(usual.map(({ name, counts }) => [name, shown(counts)])),
    },
  };
}

/** The lower one of two in the middle. */
function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor((numbers.length - 1) / 2)] ?? 0;
}
