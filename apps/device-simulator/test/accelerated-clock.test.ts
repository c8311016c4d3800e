import { expect, test } from "@jest/globals";
import { instantMs } from "@micromarket/kernel";
import { acceleratedClock } from "../src/accelerated-clock.ts";

const [epoch, anchor] = [instantMs(1_000_000), instantMs(5_000)];

test("runs at its speed from the anchor on, in whole milliseconds", () => {
  const at = (real: number) => acceleratedClock({ epoch, anchor, speed: 180 }, () => real)();
  expect(at(5_000)).toBe(1_000_000);
  expect(at(6_000)).toBe(1_180_000);
  expect(at(5_000.013)).toBe(1_000_002);
});

test("waits at the epoch for an anchor that is still to come", () => {
  expect(acceleratedClock({ epoch, anchor, speed: 180 }, () => 0)()).toBe(1_000_000);
});
