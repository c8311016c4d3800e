import { describe, expect, test } from "@jest/globals";
import {
  curvePath,
  levelPath,
  ownPath,
  priceBeyond,
  roundSteps,
  scaleOf,
  windowOf,
  type Curve,
} from "../src/curve-picture.ts";
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

describe("one party's part of a curve", () => {
  const demand: Curve = [
    [40, 10],
    [20, 60],
    [10, 90],
  ];

  test.each<[string, Curve, string]>([
    ["none", [], ""],
    ["one level", [[20, 5]], "M10 30H15"],
    [
      "two orders at one price",
      [
        [20, 5],
        [20, 7],
      ],
      "M10 30H22",
    ],
    [
      "two levels",
      [
        [40, 10],
        [10, 30],
      ],
      "M0 10H10M60 40H90",
    ],
    ["a price that the curve does not have", [[30, 5]], ""],
  ])("%s", (_, steps, path) => {
    expect(ownPath(steps, demand, "buy", plain)).toBe(path);
  });

  test("beyond the picture there is none", () => {
    expect(ownPath([[5, 10]], [...demand, [8, 100], [5, 400]], "buy", plain)).toBe("");
  });
});

describe("a curve's best price beyond the picture", () => {
  const window = { energyWh: 1, lowMicro: 10, highMicro: 30 };
  test.each<[Curve, "buy" | "sell", number | null | undefined]>([
    [[], "buy", undefined],
    [[[30, 1]], "buy", undefined],
    [[[31, 1]], "buy", 31],
    [[[null, 1]], "buy", null],
    [[[10, 1]], "sell", undefined],
    [[[9, 1]], "sell", 9],
    [[[40, 1]], "sell", undefined],
  ])("%j, %s: %s", (curve, side, price) => {
    expect(priceBeyond(curve, side, window)).toBe(price);
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
