import { describe, expect, test } from "@jest/globals";
import { priceSeries, slotNear } from "../src/price-series.ts";
import { FEED_IN, NO_TRADE, PASSED_OVER, SLOT_MS, slotAt, startOf, TARIFF } from "./market-fixture.ts";

const slots = (...indices: number[]) => indices.map((index) => slotAt(startOf(index)).summary);
const priceOf = (index: number): number | null => slotAt(startOf(index)).summary.price_micro_per_kwh;
const energyOf = (index: number): number => slotAt(startOf(index)).summary.energy_wh;
const second = (index: number): number => startOf(index) / 1_000;

describe("the price series", () => {
  test("holds each price from its slot's start, the last one until its end", () => {
    expect(priceSeries(slots(1, 2))).toEqual([
      [second(1), second(2), second(3)],
      [priceOf(1), priceOf(2), priceOf(2)],
      [TARIFF, TARIFF, TARIFF],
      [FEED_IN, FEED_IN, FEED_IN],
      [energyOf(1), energyOf(2), undefined],
    ]);
  });

  test("a price before a slot without trade holds until that slot begins", () => {
    const [before = 0] = NO_TRADE;
    const [times, price, , , energy] = priceSeries(slots(before - 1, before));
    expect(times).toEqual([second(before - 1), second(before) - 0.001, second(before), second(before + 1)]);
    expect(price).toEqual([priceOf(before - 1), priceOf(before - 1), null, null]);
    expect(energy).toEqual([energyOf(before - 1), undefined, 0, undefined]);
  });

  test("a slot without trade has no price but a tariff", () => {
    const [, price, tariff] = priceSeries(slots(...NO_TRADE));
    expect([price, tariff]).toEqual([
      [null, null, null],
      [TARIFF, TARIFF, TARIFF],
    ]);
  });

  test("a slot that is not there is a gap in every line", () => {
    const [times, price, tariff, feedIn] = priceSeries(slots(PASSED_OVER - 1, PASSED_OVER + 1));
    expect(times.slice(1, 3)).toEqual([second(PASSED_OVER) - 0.001, second(PASSED_OVER)]);
    expect([price[1], tariff[1], feedIn[1]]).toEqual([priceOf(PASSED_OVER - 1), TARIFF, FEED_IN]);
    expect([price[2], tariff[2], feedIn[2]]).toEqual([null, null, null]);
  });

  test("of no slot is empty", () => {
    expect(priceSeries([])).toEqual([[], [], [], [], []]);
  });
});

test("a tap finds the slot that it hits, or the nearest", () => {
  const [first, second_, afterGap] = slots(1, 2, 5);
  const all = slots(1, 2, 5);
  expect(slotNear(all, startOf(2))).toEqual(second_);
  expect(slotNear(all, startOf(2) - 1)).toEqual(first);
  expect(slotNear(all, startOf(0))).toEqual(first);
  expect(slotNear(all, startOf(5) - 10)).toEqual(afterGap);
  expect(slotNear(all, startOf(3) + SLOT_MS / 2)).toEqual(second_);
  expect(slotNear([], 0)).toBeNull();
});
