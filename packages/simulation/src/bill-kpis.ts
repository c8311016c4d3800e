/**
 * What the homes pay, and how evenly the saving falls.
 *
 * Baseline of every saving: the home alone, all its grid import at the tariff, with the levies that it pays in the market
 * too, and all its export at the feed-in price.
 * Published fairness indicators mislead in local markets (Dynge et al. 2025, Applied Energy 384, 125463): the
 * distribution always stands beside them.
 */
import { amountNano, minusAmount, plusAmount, type AmountNano } from "@micromarket/kernel";
import { nearestRank, ratio, type Figure } from "./figure.ts";
import type { BillRow } from "./results.ts";

/** Bills and savings of the run; a home's own are in its `BillRow`. */
export interface BillKpis {
  /** Σ of the homes' bills; negative is income. */
  readonly aloneNano: AmountNano;
  readonly marketNano: AmountNano;
  /** Alone less market. */
  readonly savingNano: AmountNano;
  /** Share of homes with a saving of 0 or more; `null` without homes. */
  readonly notWorseOff: Figure | null;
  /** Nearest-rank quartiles over the homes; `null` without homes. */
  readonly savingDistribution: Distribution | null;
  /** Jain, Chiu & Hawe 1984 on the homes' shares of the saving; `null` ("undefined") with a negative one or without any. */
  readonly jainOfSavings: Figure | null;
  /** Gini coefficient of the market bills; `null` ("undefined") with a negative bill or where all are 0. */
  readonly giniOfBills: Figure | null;
}

/** Five values of the sorted list, each of them some home's. */
export interface Distribution {
  readonly minNano: AmountNano;
  readonly quarterNano: AmountNano;
  readonly medianNano: AmountNano;
  readonly threeQuartersNano: AmountNano;
  readonly maxNano: AmountNano;
}

/** The figures of a run's bills. */
export function billKpis(bills: readonly BillRow[]): BillKpis {
  const alone = bills.map(({ billAlone }) => billAlone).reduce(plusAmount, amountNano(0n));
  const market = bills.map(({ billMarket }) => billMarket).reduce(plusAmount, amountNano(0n));
  const savings = ascending(bills.map(({ billAlone, billMarket }) => minusAmount(billAlone, billMarket)));
  return {
    aloneNano: alone,
    marketNano: market,
    savingNano: minusAmount(alone, market),
    notWorseOff: ratio(savings.filter((saving) => saving >= 0n).length, bills.length),
    savingDistribution: distribution(savings),
    jainOfSavings: jain(savings),
    giniOfBills: gini(ascending(bills.map(({ billMarket }) => billMarket))),
  };
}

function ascending(amounts: readonly AmountNano[]): readonly AmountNano[] {
  return amounts.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

function distribution(sorted: readonly AmountNano[]): Distribution | null {
  const at = (quarters: number): AmountNano | null => nearestRank(sorted, quarters, 4);
  const [min, quarter, median, threeQuarters, max] = [at(0), at(1), at(2), at(3), at(4)];
  if (min === null || quarter === null || median === null || threeQuarters === null || max === null) return null;
  return { minNano: min, quarterNano: quarter, medianNano: median, threeQuartersNano: threeQuarters, maxNano: max };
}

/** (Σ x)² / (n Σ x²), from 1/n (one has all) to 1 (all have the same). */
export function jain(values: readonly bigint[]): Figure | null {
  if (values.some((value) => value < 0n)) return null;
  const sum = values.reduce((partial, value) => partial + value, 0n);
  const squares = values.reduce((partial, value) => partial + value * value, 0n);
  return ratio(sum * sum, BigInt(values.length) * squares);
}

/** Σᵢ Σⱼ |xᵢ − xⱼ| / (2 n Σ x) of values in ascending order, from 0 (all have the same) to 1 − 1/n. */
export function gini(sorted: readonly bigint[]): Figure | null {
  if (sorted.some((value) => value < 0n)) return null;
  const count = sorted.length;
  const sum = sorted.reduce((partial, value) => partial + value, 0n);
  const spread = sorted.reduce((partial, value, index) => partial + BigInt(2 * index + 1 - count) * value, 0n);
  return ratio(spread, BigInt(count) * sum);
}
