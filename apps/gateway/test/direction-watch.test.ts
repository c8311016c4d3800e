import { expect, test } from "@jest/globals";
import { instantMs, MINUTE, times } from "@micromarket/kernel";
import { DirectionWatch, type DirectionSample } from "../src/direction-watch.ts";

/** A device on `watch`: minute by minute, with counters that go on by `share` of what power comes to. */
function device(watch: DirectionWatch) {
  let [minute, net] = [0, 10_000];
  return (minutes: number, watts: number, share: number): boolean => {
    for (let count = 0; count < minutes; count++) {
      watch.note({ at: instantMs(minute * 60_000), watts, netWh: Math.floor(net) }, 1);
      [minute, net] = [minute + 1, net + (share * watts) / 60];
    }
    return watch.isAgainst;
  };
}

const fresh = (isAgainst = false) => new DirectionWatch({ gapMax: times(MINUTE, 7) }, isAgainst);

test.each([1_000, -1_000])("counters that go against %i W are told after three windows, and not before", (watts) => {
  const pass = device(fresh());
  expect(pass(7, watts, -1)).toBe(false);
  expect(pass(8, watts, -1)).toBe(true);
  // mended
  expect(pass(3, watts, 1)).toBe(true);
  expect(pass(20, watts, 1)).toBe(false);
});

test.each<[string, number, number]>([
  ["go with it", 1_000, 1],
  ["stand still", 1_000, 0],
  ["run far off the mark", 1_000, -5],
  ["go against what is too little to tell", 90, -1],
])("counters that %s are left alone", (_, watts, share) => {
  expect(device(fresh())(200, watts, share)).toBe(false);
});

test("counters that lag behind a flow that turns are no suspects", () => {
  const pass = device(fresh());
  for (let round = 0; round < 10; round++) {
    expect(pass(1, 5_000, -1)).toBe(false);
    expect(pass(30, 5_000, 1)).toBe(false);
    expect(pass(1, -5_000, -1)).toBe(false);
    expect(pass(30, -5_000, 1)).toBe(false);
  }
});

test("what is missing, or far apart, makes no window", () => {
  const watch = fresh();
  const sample = (minute: number, netWh: number): DirectionSample => ({
    at: instantMs(minute * 60_000),
    watts: 3_000,
    netWh,
  });
  for (let round = 0; round < 50; round++) {
    watch.note(sample(round * 10, 1_000_000 - round * 500), 1);
    if (round % 2 === 0) watch.note(null, 1);
  }
  expect(watch.isAgainst).toBe(false);
});

test("a suspicion outlives a restart", () => {
  expect(fresh(true).isAgainst).toBe(true);
});
