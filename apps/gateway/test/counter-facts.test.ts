import { expect, test } from "@jest/globals";
import { stepAt, wrapOf } from "../src/counter-facts.ts";
import { counterOf } from "./counters.ts";

const FLOAT = { unitWh: 1_000, floatBits: 24 };

test.each([
  [10_000_000, 0.9765625],
  [100_000_000, 7.8125],
  [500_000_000, 31.25],
])("a float32 of kWh at %i Wh steps by %d Wh", (reading, step) => {
  expect(stepAt(counterOf({}, FLOAT), reading)).toBe(Math.max(1, step));
  // the step is the distance to the next float that there is
  const kwh = new Float32Array([reading / 1_000]);
  const bits = new Uint32Array(kwh.buffer);
  const before = kwh[0] ?? 0;
  bits[0] = (bits[0] ?? 0) + 1;
  expect(((kwh[0] ?? 0) - before) * 1_000).toBeCloseTo(step, 9);
});

test.each([
  ["as the profile says", counterOf({ wrapsAtWh: 1_000 }), 1_000],
  ["as 16 bits of 10 Wh must", counterOf({ widthBits: 16 }, { unitWh: 10, floatBits: null }), 655_360],
  ["as 32 bits of 100 Wh must", counterOf({ widthBits: 32 }, { unitWh: 100, floatBits: null }), 429_496_729_600],
  ["never where 64 bits hold more than ever flows", counterOf({ widthBits: 64 }, { unitWh: 1, floatBits: null }), null],
  ["never where it is a float", counterOf({ widthBits: 32 }, FLOAT), null],
  ["never where nothing is known of its number", counterOf({ widthBits: 16 }), null],
])("a counter turns %s", (_, spec, wrap) => {
  expect(wrapOf(spec)).toBe(wrap);
});
