import { describe, expect, test } from "@jest/globals";
import { curvePath, levelPath, roundSteps, scaleOf, windowOf, type Curve } from "../src/curve-picture.ts";
import { FEED_IN, LATEST_MS, NO_TRADE, slotAt, startOf, TARIFF } from "./market-fixture.ts";

/** One pixel a Wh, one pixel a micro, price 0 at the bottom. */
const plain = scaleOf({ energyWh: 100, lowMicro: 0, highMicro: 50 }, { left: 0, top: 0, width: 100, height: 50 });

describe("a curve as a path", () => {
  const demand: Curve = [
    [40, 10],
    [20, 60],
  ];
  const supply: Curve = [
    [5, 30],
    [30, 100],
  ];

  test("demand goes down in steps and ends at the bottom", () => {
    expect(curvePath(demand, "buy", plain)).toBe("M0 10V10H10V30H60V50");
  });

  test("supply goes up in steps and ends at the top", () => {
    expect(curvePath(supply, "sell", plain)).toBe("M0 45V45H30V20H100V0");
  });

  test("without a limit it runs along the edge", () => {
    expect(
      curvePath(
        [
          [null, 10],
          [20, 60],
        ],
        "buy",
        plain,
      ),
    ).toBe("M0 0V0H10V30H60V50");
    expect(
      curvePath(
        [
          [null, 10],
          [20, 60],
        ],
        "sell",
        plain,
      ),
    ).toBe("M0 50V50H10V30H60V0");
  });

  test("beyond the picture it ends at the edge, without a drop", () => {
    expect(curvePath([...demand, [10, 400], [5, 500]], "buy", plain)).toBe("M0 10V10H10V30H60V40H100");
  });

  test("an empty side is no path", () => {
    expect(curvePath([], "buy", plain)).toBe("");
  });

  test("one level alone spans its own energy", () => {
    expect(levelPath(demand, "buy", 20, plain)).toBe("M10 30H60");
    expect(levelPath(demand, "buy", 21, plain)).toBe("");
  });
});

describe("the window", () => {
  test("holds the crossing, tariff and feed-in, and not the supplier's whole line", () => {
    const { book, summary } = slotAt(LATEST_MS);
    const { energyWh, lowMicro, highMicro } = windowOf(book, summary);
    expect(energyWh).toBeGreaterThan(book.energy_wh);
    expect(energyWh).toBeLessThan(10_000);
    expect(lowMicro).toBeLessThan(FEED_IN);
    expect(highMicro).toBeGreaterThan(TARIFF);
  });

  test("has a size where nothing is traded, and where nothing is in the book", () => {
    const { book, summary } = slotAt(startOf(NO_TRADE[0] ?? 0));
    expect(windowOf(book, summary).energyWh).toBe(2_100);
    expect(windowOf({ ...book, demand: [], supply: [] }, summary).energyWh).toBe(1);
  });
});

test.each([
  [0, 4_860, 4, [0, 2_000, 4_000]],
  [34_400, 367_600, 5, [100_000, 200_000, 300_000]],
  [-30, 30, 6, [-30, -20, -10, 0, 10, 20, 30]],
])("round steps between %i and %i", (low, high, count, steps) => {
  expect(roundSteps(low, high, count)).toEqual(steps);
});
