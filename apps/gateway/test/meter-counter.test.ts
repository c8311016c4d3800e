import { describe, expect, test } from "@jest/globals";
import { instantMs, MINUTE, times, wattHours } from "@micromarket/kernel";
import fc from "fast-check";
import { MeterCounter, type CounterRules, type SlotEnergy } from "../src/meter-counter.ts";

const SLOT = times(MINUTE, 15);
const RULES: CounterRules = { gapMax: times(MINUTE, 7), wattsMax: 100_000, wrapsAtWh: null, stepWh: 1 };
const at = (minutes: number) => instantMs(minutes * 60_000);

/** A counter that showed these values at these minutes. */
function counter(samples: readonly (readonly [number, number])[], rules: Partial<CounterRules> = {}): MeterCounter {
  const made = new MeterCounter({ ...RULES, ...rules }, SLOT);
  for (const [minutes, shown] of samples) made.note(at(minutes), wattHours(shown));
  return made;
}

const value = (energy: number): SlotEnergy => ({ kind: "value", energy: wattHours(energy) });
const missing = (reason: "gap" | "counter-reset"): SlotEnergy => ({ kind: "missing", reason });

describe("the energy of a slot", () => {
  test.each<[string, [number, number][], Partial<CounterRules>, SlotEnergy]>([
    [
      "lies between the samples around its ends",
      [
        [-1, 0],
        [1, 20],
        [14, 300],
        [16, 320],
      ],
      {},
      value(300),
    ],
    [
      "is rounded down where the line meets no whole Wh",
      [
        [-1, 0],
        [2, 10],
        [14, 300],
        [16, 301],
      ],
      {},
      value(297),
    ],
    [
      "is 0 where nothing flowed",
      [
        [-1, 7],
        [1, 7],
        [14, 7],
        [16, 7],
      ],
      {},
      value(0),
    ],
    [
      "no sample before the slot",
      [
        [1, 20],
        [14, 300],
        [16, 320],
      ],
      {},
      missing("gap"),
    ],
    [
      "a hole around an end",
      [
        [-1, 0],
        [1, 20],
        [11, 200],
        [19, 320],
      ],
      {},
      missing("gap"),
    ],
    [
      "a hole inside costs nothing",
      [
        [-1, 0],
        [1, 20],
        [14, 300],
        [16, 320],
      ],
      {},
      value(300),
    ],
    [
      "a counter that went back",
      [
        [-1, 100],
        [1, 120],
        [8, 3],
        [14, 20],
        [16, 30],
      ],
      {},
      missing("counter-reset"),
    ],
    [
      "a counter that went back and is all at once where it was",
      [
        [-1, 500],
        [1, 520],
        [8, 0],
        [14, 560],
        [16, 580],
      ],
      {},
      missing("counter-reset"),
    ],
    [
      "a counter that leapt",
      [
        [-1, 100],
        [1, 120],
        [8, 9e6],
        [14, 9e6],
        [16, 9e6],
      ],
      {},
      missing("counter-reset"),
    ],
    [
      "a turn of the counter",
      [
        [-1, 655_330],
        [1, 655_350],
        [8, 5],
        [14, 300],
        [16, 320],
      ],
      { wrapsAtWh: 655_360 },
      value(330),
    ],
    [
      "a sample that comes late is left out",
      [
        [-1, 0],
        [1, 20],
        [14, 300],
        [13, 999],
        [16, 320],
      ],
      {},
      value(300),
    ],
  ])("%s", (_, samples, rules, expected) => {
    expect(counter(samples, rules).energyOf(at(0), at(16))).toEqual(expected);
  });

  test("needs no line where a sample hits the slot's end", () => {
    expect(
      counter([
        [0, 100],
        [7, 200],
        [14, 300],
        [15, 350],
      ]).energyOf(at(0), at(15)),
    ).toEqual(value(250));
  });

  test("is pending until a sample follows, and missing when none can be near enough", () => {
    const running = counter([
      [-1, 0],
      [1, 20],
      [14, 300],
    ]);
    expect(running.energyOf(at(0), at(16))).toEqual({ kind: "pending" });
    expect(running.energyOf(at(0), at(23))).toEqual(missing("gap"));
  });

  test("is missing across an interruption", () => {
    const running = counter([
      [-1, 0],
      [1, 20],
    ]);
    running.interrupt();
    for (const [minutes, shown] of [
      [14, 300],
      [16, 320],
    ] as const)
      running.note(at(minutes), wattHours(shown));
    expect(running.energyOf(at(0), at(16))).toEqual(missing("counter-reset"));
  });

  test("is right again in the slot after a wrong zero, whatever the zero came to", () => {
    const samples = [[-1, 500], [1, 520], [13, 0], [14, 0], [16, 580], [29, 700], [31, 720]] as const; // prettier-ignore
    const running = counter(samples);
    expect(running.energyOf(at(0), at(31))).toEqual(missing("counter-reset"));
    expect(running.energyOf(at(15), at(31))).toEqual(missing("counter-reset"));
    for (const [minutes, shown] of [[44, 790], [46, 810]] as const) running.note(at(minutes), wattHours(shown)); // prettier-ignore
    expect(running.energyOf(at(30), at(46))).toEqual(value(800 - 710));
  });

  test("outlives a restart", () => {
    const before = counter([
      [-1, 0],
      [1, 20],
      [14, 300],
    ]);
    const after = new MeterCounter(RULES, SLOT, before.memory());
    after.note(at(16), wattHours(320));
    expect(after.energyOf(at(0), at(16))).toEqual(value(300));
  });
});

test("slots sum to what the counter went on by, however it is read", () => {
  const steps = fc.array(fc.record({ minutes: fc.integer({ min: 1, max: 7 }), wh: fc.integer({ min: 0, max: 900 }) }), {
    minLength: 10,
    maxLength: 200,
  });
  fc.assert(
    fc.property(steps, (rounds) => {
      const running = counter([[0, 0]]);
      let [minutes, total] = [0, 0];
      const ends = new Map([[0, 0]]);
      for (const round of rounds) {
        [minutes, total] = [minutes + round.minutes, total + round.wh];
        running.note(at(minutes), wattHours(total));
        ends.set(minutes, total);
      }
      const slots = Math.floor(minutes / 15);
      let sum = 0;
      for (let slot = 0; slot < slots; slot++) {
        const energy = running.energyOf(at(15 * slot), at(minutes));
        expect(energy.kind).toBe("value");
        if (energy.kind === "value") sum += energy.energy;
      }
      const [below, above] = [...ends].reduce(
        ([low, high], [end, shown]) => [
          end <= 15 * slots ? shown : low,
          end >= 15 * slots ? Math.min(high, shown) : high,
        ],
        [0, Infinity],
      );
      expect(sum).toBeGreaterThanOrEqual(below);
      expect(sum).toBeLessThanOrEqual(above);
    }),
  );
});
