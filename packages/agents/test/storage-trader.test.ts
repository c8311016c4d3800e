import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { MINUTE, partsPerMillion, partyId, priceMicro, tenderId, times, wattHours, watts } from "@micromarket/kernel";
import { batteryAt, batteryRoom, type BatterySpec } from "@micromarket/assets";
import { storageTrader, storageValue, type StorageTraderView } from "@micromarket/agents";

const spec: BatterySpec = {
  capacity: wattHours(10_000),
  chargeMax: watts(4_000),
  dischargeMax: watts(4_000),
  chargeEfficiency: partsPerMillion(1_000_000),
  dischargeEfficiency: partsPerMillion(1_000_000),
  selfDischargePerDay: partsPerMillion(0),
  reserve: partsPerMillion(0),
  cycleCost: priceMicro(0),
};
const slotLength = times(MINUTE, 15);
const view = (
  share: number,
  prices: readonly number[],
  more: { spec?: Partial<BatterySpec>; committed?: number; finalValue?: number } = {},
): StorageTraderView => {
  const battery = { ...spec, ...more.spec };
  return {
    ...{ party: partyId("home-1"), buyTender: tenderId("home-1/buy"), sellTender: tenderId("home-1/sell") },
    state: batteryAt(battery, partsPerMillion(share)),
    committed: wattHours(more.committed ?? 0),
    outlook: {
      spec: battery,
      slotLength,
      prices: prices.map(priceMicro),
      finalValue: priceMicro(more.finalValue ?? 0),
    },
    tick: priceMicro(1_000),
  };
};
const limits = (it: StorageTraderView) => {
  const tenders = storageTrader(it);
  const side = (name: "buy" | "sell") => tenders.find((tender) => tender.side === name)?.steps ?? [];
  return { buy: side("buy"), sell: side("sell") };
};
const totalOf = (steps: readonly { energy: number }[]) => steps.reduce((sum, { energy }) => sum + energy, 0);

describe("storage trader", () => {
  test("what is there for the dear evening is not sold for less before it", () => {
    const { buy, sell } = limits(view(400_000, [400_000, 400_000, 400_000, 400_000]));
    expect(sell[0]?.price).toBeGreaterThanOrEqual(400_000);
    expect(totalOf(sell)).toBe(1_000);
    expect(buy).toEqual([{ price: 0, energy: 1_000 }]); // four slots give four kWh: a fifth is worth nothing
  });

  test("a cheap slot to come bounds what is paid now", () => {
    const { buy, sell } = limits(view(500_000, [100_000, 100_000, 400_000, 400_000, 400_000, 400_000]));
    expect(buy[0]?.price).toBeGreaterThanOrEqual(95_000);
    expect(buy[0]?.price).toBeLessThanOrEqual(100_000);
    expect(sell[0]?.price).toBeLessThanOrEqual(105_000);
  });

  test("an empty battery pays up to the price at which it will sell, less losses and wear", () => {
    const lossy = { chargeEfficiency: partsPerMillion(900_000), dischargeEfficiency: partsPerMillion(900_000) };
    const { buy, sell } = limits(view(0, [400_000], { spec: { ...lossy, cycleCost: priceMicro(50_000) } }));
    expect(sell).toEqual([]);
    expect(buy[0]?.price).toBeGreaterThan(270_000);
    expect(buy[0]?.price).toBeLessThanOrEqual(283_000); // (400 − 50) × 0.81 = 283.5
  });

  test.each([99_990, 99_500, 60_000, 0])("at %d ppm, below its reserve, it is filled as readily as at it", (share) => {
    const reserved = { spec: { reserve: partsPerMillion(100_000), cycleCost: priceMicro(20_000) } };
    const prices = [400_000, 100_000, 400_000, 400_000];
    const [below, at] = [limits(view(share, prices, reserved)), limits(view(100_000, prices, reserved))];
    expect(below.sell).toEqual([]);
    expect(at.buy[0]?.price).toBeGreaterThan(300_000);
    expect(below.buy[0]?.price).toBe(at.buy[0]?.price);
    expect(totalOf(below.buy)).toBe(totalOf(at.buy));
  });

  test("a full battery buys nothing, and sells no cheaper than it will later", () => {
    const { buy, sell } = limits(view(1_000_000, [300_000], { finalValue: 200_000 }));
    expect(buy).toEqual([]);
    expect(sell[0]?.price).toBeGreaterThanOrEqual(200_000);
    expect(totalOf(sell)).toBe(1_000);
  });

  test("what is sold already is bought back, never sold twice", () => {
    const { buy, sell } = limits(view(500_000, [200_000], { committed: -400, finalValue: 200_000 }));
    expect([totalOf(buy), totalOf(sell)]).toEqual([1_400, 600]);
  });

  test("a forecast without differences is worth its price", () => {
    const worth = storageValue(view(500_000, [250_000, 250_000], { finalValue: 250_000 }).outlook);
    expect(worth(4_000_000_000) - worth(2_000_000_000)).toBe(500_000_000);
  });

  test("never crosses itself, never more than the battery can do, steps in order", () => {
    const efficiency = fc.integer({ min: 500_000, max: 1_000_000 }).map(partsPerMillion);
    const parts = fc.record({
      ...{ chargeEfficiency: efficiency, dischargeEfficiency: efficiency },
      reserve: fc.integer({ min: 0, max: 300_000 }).map(partsPerMillion),
      cycleCost: fc.nat(80_000).map(priceMicro),
      capacity: fc.integer({ min: 1, max: 20_000 }).map(wattHours),
    });
    const prices = fc.array(fc.integer({ min: -100_000, max: 600_000 }), { maxLength: 12 });
    fc.assert(
      fc.property(
        parts,
        fc.nat(1_000_000),
        prices,
        fc.integer({ min: -1_000, max: 1_000 }),
        (some, share, list, asked) => {
          const free = view(share, list, { spec: some, finalValue: 150_000 });
          const room = batteryRoom(free.outlook.spec, free.state, slotLength);
          const committed = Math.max(-room.outOf, Math.min(room.into, asked));
          const { buy, sell } = limits({ ...free, committed: wattHours(committed) });
          expect(totalOf(buy)).toBe(room.into - committed);
          expect(totalOf(sell)).toBe(room.outOf + committed);
          const dearest = buy[0]?.price ?? null;
          const cheapest = sell[0]?.price ?? null;
          if (dearest !== null && cheapest !== null) expect(dearest).toBeLessThan(cheapest);
          const isOrdered = (steps: typeof buy, sign: number) =>
            steps.every(
              ({ price }, index) => index === 0 || ((price ?? 0) - (steps[index - 1]?.price ?? 0)) * sign > 0,
            );
          expect(isOrdered(buy, -1) && isOrdered(sell, 1)).toBe(true);
          expect([...buy, ...sell].every(({ energy }) => energy > 0)).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });
});
