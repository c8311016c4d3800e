/**
 * Two homes over two days of two slots, worked out by hand. Tomorrow is expected to be like today; the slots of the
 * first day are known. Prices in micro/kWh, energies in Wh, money in millions of nano.
 *
 *         load         pv           forecast net   tariff  market
 *   slot  ash   birch  ash   birch  ash    birch
 *   0     1000  2000   0     0      1000   2000    300k    both buy from the supplier at 300k
 *   1     500   1500   2000  0      -1500  1500    300k    ash to birch, ¼ of the way from 100k to 300k: 150k
 *   2     1200  2400   0     0      1000   2000    400k    both buy from the supplier at 400k, and 200 + 400 too little
 *   3     600   2500   3600  0      -1500  1500    400k    ash to birch, ¼ of the way from 100k to 400k: 175k;
 *                                                          ash has 1500 more to give, birch needs 1000 more
 *
 *   bill alone   ash    300 − 150 + 480 − 300            = 330
 *                birch  600 + 450 + 960 + 1000           = 3010
 *   bill market  ash    300 − 225 + (400 + 80) − (262.5 + 150)  = 142.5
 *                birch  600 + 225 + (800 + 160) + (262.5 + 400) = 2447.5
 */
import { describe, expect, test } from "@jest/globals";
import { priceMicro } from "@micromarket/kernel";
import { auctionRules } from "@micromarket/testkit";
import { runScenario } from "@micromarket/simulation";
import { flat, home, keeper, scenario } from "./scenarios.ts";

const base = scenario([
  home("ash", [1_000, 500, 1_200, 600], [0, 2_000, 0, 3_600]),
  home("birch", [2_000, 1_500, 2_400, 2_500], [0, 0, 0, 0]),
]);
const street = {
  ...base,
  forecast: "persistence" as const,
  tariff: [...flat(300_000, 2), ...flat(400_000, 2)],
  carbon: [400, 100, 400, 200],
  rules: {
    ...base.rules,
    auction: auctionRules({
      k: { numerator: 1n, denominator: 4n },
      tick: priceMicro(1),
      priceFloor: priceMicro(0),
      priceCap: priceMicro(1_000_000),
    }),
  },
};
const rows = keeper();
const { kpis, bills, violations } = runScenario(street, rows);

describe("two homes, four slots", () => {
  test("every identity holds", () => {
    expect(violations).toEqual([]);
  });

  test("slots", () => {
    const common = { feedIn: 100_000, gridExport: 0 };
    expect(rows.slots).toEqual([
      {
        ...common,
        slot: street.start,
        price: 300_000,
        intervalLow: 300_000,
        intervalHigh: 300_000,
        tariff: 300_000,
        cleared: 3_000,
        local: 0,
        load: 3_000,
        pv: 0,
        gridImport: 3_000,
        deviation: 0,
      },
      {
        ...common,
        slot: street.start + 43_200_000,
        price: 150_000,
        intervalLow: 100_000,
        intervalHigh: 300_000,
        tariff: 300_000,
        cleared: 1_500,
        local: 1_500,
        load: 2_000,
        pv: 2_000,
        gridImport: 0,
        deviation: 0,
      },
      {
        ...common,
        slot: street.start + 86_400_000,
        price: 400_000,
        intervalLow: 400_000,
        intervalHigh: 400_000,
        tariff: 400_000,
        cleared: 3_000,
        local: 0,
        load: 3_600,
        pv: 0,
        gridImport: 3_600,
        deviation: 600,
      },
      {
        ...common,
        slot: street.start + 129_600_000,
        price: 175_000,
        intervalLow: 100_000,
        intervalHigh: 400_000,
        tariff: 400_000,
        cleared: 1_500,
        local: 1_500,
        load: 3_100,
        pv: 3_600,
        gridImport: 0,
        gridExport: 500,
        deviation: 2_500,
      },
    ]);
  });

  test("trades", () => {
    const day = 86_400_000;
    const fromSupplier = { sell: "residual:sell", seller: "supplier" };
    const fromAsh = { sell: "ash/pv", seller: "ash", buy: "birch/load", buyer: "birch", energy: 1_500 };
    const toAsh = { buy: "ash/load", buyer: "ash", energy: 1_000 };
    const toBirch = { buy: "birch/load", buyer: "birch", energy: 2_000 };
    expect(rows.trades).toEqual([
      { ...fromSupplier, ...toBirch, slot: street.start, price: 300_000 },
      { ...fromSupplier, ...toAsh, slot: street.start, price: 300_000 },
      { ...fromAsh, slot: street.start + day / 2, price: 150_000 },
      { ...fromSupplier, ...toBirch, slot: street.start + day, price: 400_000 },
      { ...fromSupplier, ...toAsh, slot: street.start + day, price: 400_000 },
      { ...fromAsh, slot: street.start + (3 * day) / 2, price: 175_000 },
    ]);
  });

  test("bills", () => {
    expect(bills).toEqual([
      {
        party: "ash",
        load: 3_300,
        pv: 5_600,
        selfConsumed: 1_100,
        localBought: 0,
        localSold: 3_000,
        metered: { imported: 2_200, exported: 4_500 },
        billAlone: 330_000_000n,
        billMarket: 142_500_000n,
      },
      {
        party: "birch",
        load: 8_400,
        pv: 0,
        selfConsumed: 0,
        localBought: 3_000,
        localSold: 0,
        metered: { imported: 8_400, exported: 0 },
        billAlone: 3_010_000_000n,
        billMarket: 2_447_500_000n,
      },
    ]);
  });
});

describe("every figure", () => {
  test("energy: covered alone 500 + 600, shared 2000 + 3100", () => {
    expect(kpis.energy).toEqual({
      loadWh: 11_700,
      pvWh: 5_600,
      coveredAloneWh: 1_100,
      coveredSharedWh: 5_100,
      selfConsumptionAlone: "0.196429", // 1100 / 5600
      selfConsumptionShared: "0.910714", // 5100 / 5600
      selfSufficiencyAlone: "0.094017", // 1100 / 11700
      selfSufficiencyShared: "0.435897", // 5100 / 11700
      selfSufficiencyGrid: "0.435897", // 1 − 6600 / 11700
      localWh: 3_000,
      localBoundWh: 4_000,
      tradedShare: "0.75",
      localShareOfLoad: "0.25641",
    });
  });

  test("grid: import 3000, 0, 3600, 0; export 0, 0, 0, 500", () => {
    expect(kpis.grid).toEqual({
      importWh: 6_600,
      exportWh: 500,
      peakImportW: 300, // 3600 Wh in 12 h
      peakExportW: 42, // 500 Wh in 12 h
      dailyPeakImportW: 275, // (3000 + 3600) Wh in 24 h
      dailyPeakExportW: 21, // (0 + 500) Wh in 24 h
      percentile99ImportW: 300,
      percentile99ExportW: 42,
      loadFactor: "0.458333", // (6600 / 4) / 3600
      rampingWh: 10_700, // 3000 + 3600 + 4100
    });
  });

  test("bills: savings of 187.5 and 562.5 million", () => {
    expect(kpis.bills).toEqual({
      aloneNano: 3_340_000_000n,
      marketNano: 2_590_000_000n,
      savingNano: 750_000_000n,
      notWorseOff: "1",
      savingDistribution: {
        minNano: 187_500_000n,
        quarterNano: 187_500_000n,
        medianNano: 187_500_000n,
        threeQuartersNano: 562_500_000n,
        maxNano: 562_500_000n,
      },
      jainOfSavings: "0.8", // (1 + 3)² / (2 × (1² + 3²))
      giniOfBills: "0.444981", // (2447.5 − 142.5) / (2 × 2590)
    });
  });

  test("efficiency", () => {
    expect(kpis.efficiency).toEqual({
      gainNano: 750_000_000n,
      gainBoundNano: 1_050_000_000n, // 200k × 1500 + 300k × 2500
      gainShare: "0.714286",
      welfareNano: 6_900_000_000n, // 3000 × 700k + 1500 × 1M + 3000 × 600k + 1500 × 1M
      welfareBoundNano: 8_310_000_000n, // 3000 × 700k + 1500 × 1M + 3600 × 600k + (2500 × 1M + 500 × 100k)
      allocativeEfficiency: "0.830325",
    });
  });

  test("prices: 300k, 150k, 400k, 175k with 3000, 1500, 3000, 1500 Wh", () => {
    expect(kpis.prices).toEqual({
      meanMicroPerKwh: 287_500,
      deviationMicroPerKwh: 100_584, // √10 117 187 500 = 100 584.2
      lowestMicroPerKwh: 150_000,
      highestMicroPerKwh: 400_000,
    });
  });

  test("carbon: alone 400 × 3000 + 100 × 1500 + 400 × 3600 + 200 × 2500", () => {
    expect(kpis.carbon).toEqual({
      aloneNanograms: 3_290_000n,
      sharedNanograms: 2_640_000n, // 400 × 3000 + 400 × 3600
      savedNanograms: 650_000n,
    });
  });

  test("imbalance: 200 + 400 + 1500 + 1000 of four times 3000", () => {
    expect(kpis.imbalance).toEqual({ deviationWh: 3_100, committedWh: 12_000, share: "0.258333" });
  });

  test("forecast: load 200, 400, 100, 1000 too low; PV 1600 too low; of eight", () => {
    expect(kpis.forecast).toEqual({
      loadErrorWh: "212.5",
      pvErrorWh: "200",
      loadBiasWh: "-212.5",
      pvBiasWh: "-200",
    });
  });

  test("market: the supplier sold 6000 Wh, ash 3000", () => {
    expect(kpis.market).toEqual({
      slotsCleared: 4,
      slotsWithoutTrade: 0,
      scarcitySlots: 0,
      rejectedTenders: 0,
      sellerConcentration: "0.555556", // (2/3)² + (1/3)²
    });
  });
});

describe("an empty market", () => {
  const empty = runScenario(scenario([], { slotCount: 2 }), keeper());

  test("has no value, which is neither 0 nor NaN", () => {
    const { energy, grid, bills: paid, efficiency, prices, carbon, imbalance, forecast, market } = empty.kpis;
    expect(empty.violations).toEqual([]);
    expect([energy.selfConsumptionAlone, energy.selfSufficiencyShared, energy.selfSufficiencyGrid]).toEqual([
      null,
      null,
      null,
    ]);
    expect([energy.tradedShare, energy.localShareOfLoad, grid.loadFactor]).toEqual([null, null, null]);
    expect([paid.notWorseOff, paid.savingDistribution, paid.jainOfSavings, paid.giniOfBills]).toEqual([
      null,
      null,
      null,
      null,
    ]);
    expect([efficiency.gainShare, efficiency.allocativeEfficiency]).toEqual([null, null]);
    expect(Object.values(prices)).toEqual([null, null, null, null]);
    expect([carbon, imbalance.share]).toEqual([null, null]);
    expect(forecast).toEqual({ loadErrorWh: null, pvErrorWh: null, loadBiasWh: null, pvBiasWh: null });
    expect(market).toMatchObject({ slotsCleared: 2, slotsWithoutTrade: 2, sellerConcentration: null });
  });
});
