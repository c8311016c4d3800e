/** Curves seen from the other end of a line, judged by the quantity at every price. */
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { partsPerMillion, priceMicro, type PartsPerMillion } from "@micromarket/kernel";
import {
  addCurves,
  dropsOf,
  exportsAfterLoss,
  importsBeforeLoss,
  joinAtZero,
  receivedOf,
  sentFor,
  shiftCurve,
  splitAtZero,
  type StepCurve,
} from "@micromarket/market";
import { anyCurve, expectCurve, PRICES, quantitiesAt } from "./any-curve.ts";

const WHOLE = 1_000_000n;

const anyShift = fc.integer({ min: -15, max: 15 });
const anyLoss = fc
  .oneof(fc.constantFrom(0, 1, 50_000, 500_000, 999_999), fc.nat(999_999))
  .map((loss) => partsPerMillion(loss));

/** The least whole energy of which at least `received` arrives, found by counting up from one that is too little. */
function leastSent(received: number, loss: PartsPerMillion): bigint {
  const arrives = (sent: bigint): bigint => sent * (WHOLE - BigInt(loss));
  let sent = (BigInt(received) * WHOLE) / (WHOLE - BigInt(loss)) - 2n;
  while (arrives(sent) < BigInt(received) * WHOLE) sent += 1n;
  return sent;
}

/** Net demand when every drop at a price that `isPassed` has been made. */
function levelWhere(curve: StepCurve, isPassed: (price: number) => boolean): number {
  return dropsOf(curve).reduce(
    (level, { price, energy }) => level - (isPassed(price) ? energy : 0),
    curve.top as number,
  );
}

/** Whether price × a < other × b, exactly; prices without bound are beyond all others. */
function isLess(price: number, a: bigint, other: number, b: bigint): boolean {
  if (!Number.isFinite(price)) return price < other;
  return BigInt(price) * a < BigInt(other) * b;
}

describe("a shifted curve", () => {
  test("takes at every price what it took at the price before the fee, and comes back", () => {
    fc.assert(
      fc.property(anyCurve, anyShift, (curve, by) => {
        const shifted = shiftCurve(curve, priceMicro(by));
        expectCurve(shifted);
        for (const price of PRICES) expect(quantitiesAt(shifted, price + by)).toEqual(quantitiesAt(curve, price));
        expect(shiftCurve(shifted, priceMicro(0 - by))).toEqual(curve);
      }),
      { numRuns: 200 },
    );
  });
});

describe("energy on a line with a loss", () => {
  test("to receive it, the least that suffices is sent, and of that just it arrives", () => {
    fc.assert(
      fc.property(fc.nat(1_000_000_000), anyLoss, (energy, loss) => {
        const sent = sentFor(energy, loss);
        expect(BigInt(sent)).toBe(leastSent(energy, loss));
        expect(receivedOf(sent, loss)).toBe(energy);
        expect(BigInt(receivedOf(energy, loss))).toBe((BigInt(energy) * (WHOLE - BigInt(loss))) / WHOLE);
      }),
      { numRuns: 500 },
    );
  });

  test("imports: at every whole price just those are in the money who are so exactly", () => {
    fc.assert(
      fc.property(anyCurve, anyLoss, (curve, loss) => {
        const { imports } = splitAtZero(curve);
        const above = importsBeforeLoss(imports, loss);
        expectCurve(above);
        for (const price of PRICES) {
          // A buyer who pays λ for what arrives stays as long as λ × (1 − loss) is not less than the price above.
          const arriving = levelWhere(imports, (local) => isLess(local, WHOLE - BigInt(loss), price, WHOLE));
          expect(BigInt(quantitiesAt(above, price).most)).toBe(leastSent(arriving, loss));
        }
      }),
      { numRuns: 200 },
    );
  });

  test("exports: at every whole price just those are in the money who are so exactly", () => {
    fc.assert(
      fc.property(anyCurve, anyLoss, (curve, loss) => {
        const { exports } = splitAtZero(curve);
        const above = exportsAfterLoss(exports, loss);
        expectCurve(above);
        for (const price of PRICES) {
          // A seller who takes λ for what is sent comes as soon as λ is not more than the price above × (1 − loss).
          const sent = -levelWhere(
            exports,
            (local) => local !== Infinity && !isGreater(local, WHOLE, price, WHOLE - BigInt(loss)),
          );
          const arrives = (BigInt(sent) * (WHOLE - BigInt(loss))) / WHOLE;
          expect(-BigInt(quantitiesAt(above, price).least)).toBe(arrives);
        }
      }),
      { numRuns: 200 },
    );
  });

  test("a line without a loss leaves both as they are", () => {
    fc.assert(
      fc.property(anyCurve, (curve) => {
        const { imports, exports } = splitAtZero(curve);
        expect(importsBeforeLoss(imports, partsPerMillion(0))).toBe(imports);
        expect(exportsAfterLoss(exports, partsPerMillion(0))).toBe(exports);
      }),
    );
  });
});

function isGreater(price: number, a: bigint, other: number, b: bigint): boolean {
  if (!Number.isFinite(price)) return price > other;
  return BigInt(price) * a > BigInt(other) * b;
}

/** What a direction gains at `price`, unit by unit: what each unit that wants to flow is worth beyond the price. */
function gainOf(curve: StepCurve, price: number, sign: 1 | -1): number {
  return dropsOf(curve).reduce((sum, drop) => sum + Math.max(0, sign * (drop.price - price)) * drop.energy, 0);
}

describe("imports and exports joined", () => {
  test("are their sum where they do not overlap", () => {
    fc.assert(
      fc.property(anyCurve, fc.nat(15), fc.nat(15), (curve, feeIn, feeOut) => {
        const { imports, exports } = splitAtZero(curve);
        const lower = shiftCurve(imports, priceMicro(0 - feeIn));
        const higher = shiftCurve(exports, priceMicro(feeOut));
        const { curve: joined, turn } = joinAtZero({ imports: lower, exports: higher });
        expectCurve(joined);
        expect(turn).toBeNull();
        expect(joined).toEqual(addCurves(lower, higher));
      }),
      { numRuns: 200 },
    );
  });

  test("take the direction that is worth more where they do overlap, and the turn is where that changes", () => {
    let turns = 0;
    fc.assert(
      fc.property(anyCurve, fc.nat(15), fc.nat(15), (curve, up, down) => {
        const parts = splitAtZero(curve);
        const imports = shiftCurve(parts.imports, priceMicro(up));
        const exports = shiftCurve(parts.exports, priceMicro(0 - down));
        const { curve: joined, turn } = joinAtZero({ imports, exports });
        expectCurve(joined);
        if (turn === null) return expect(joined).toEqual(addCurves(imports, exports));
        turns += 1;
        for (const price of PRICES) {
          const exporting = gainOf(exports, price, -1) > gainOf(imports, price, 1);
          expect({ price, exporting }).toEqual({ price, exporting: price >= turn });
          const [most, least] = [quantitiesAt(joined, price).most, quantitiesAt(joined, price).least];
          if (price <= turn) expect(most).toBe(quantitiesAt(imports, price).most);
          if (price < turn) expect(least).toBe(quantitiesAt(imports, price).least);
          if (price >= turn) expect(least).toBe(quantitiesAt(exports, price).least);
          if (price > turn) expect(most).toBe(quantitiesAt(exports, price).most);
        }
      }),
      { numRuns: 400 },
    );
    expect(turns).toBeGreaterThan(40);
  });
});
