import { expect, test } from "@jest/globals";
import { instantMs, MINUTE } from "@micromarket/kernel";
import { createVirtualClock, NOON } from "@micromarket/testkit";

test("a virtual clock stands still until it is moved", () => {
  const { now, advance, set } = createVirtualClock(NOON);
  expect(now()).toBe(NOON);
  expect(now()).toBe(NOON);
  advance(MINUTE);
  expect(now()).toBe(NOON + 60_000);
  set(instantMs(0));
  expect(now()).toBe(0);
});
