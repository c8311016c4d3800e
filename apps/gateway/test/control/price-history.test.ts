import { expect, test } from "@jest/globals";
import { DAY, durationMs, instantMs, priceMicro } from "@micromarket/kernel";
import { PriceHistory } from "../../src/control/price-history.ts";

const QUARTER = durationMs(900_000);
const [DAY_MS, QUARTER_MS]: [number, number] = [DAY, QUARTER];
const slot = (index: number) => instantMs(index * QUARTER_MS);
const USUAL = priceMicro(200_000);

test("the day before, else the last price, else the usual one", () => {
  const prices = new PriceHistory(QUARTER);
  expect(prices.expect(slot(96), 2, USUAL)).toEqual([USUAL, USUAL]);
  prices.note(slot(0), priceMicro(80_000));
  prices.note(slot(2), priceMicro(320_000));
  expect(prices.expect(slot(96), 4, USUAL)).toEqual([80_000, 320_000, 320_000, 320_000]);
});

test("two days are kept", () => {
  const prices = new PriceHistory(QUARTER);
  for (let index = 0; index <= 192; index++) prices.note(slot(index), priceMicro(index));
  expect(prices.expect(instantMs(DAY_MS), 2, USUAL)).toEqual([192, 1]); // the first one is gone
});
