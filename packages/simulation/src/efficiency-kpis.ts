/**
 * How much of what could be gained was gained, by two measures.
 *
 * The **gain** is what all homes together pay less than alone, settlement of deviations included. Its bound is
 * Σ (tariff − feed-in) × min(Σ imports, Σ exports) by the homes' meters: without storage nobody can save more, unless
 * deviations are settled better than at tariff and feed-in price: what that saves counts as possible too. The gain is
 * computed from energies and prices; that the postings come to the same is an identity of the run.
 *
 * **Welfare** is what the cleared trades are worth at true values (Gode & Sunder 1993), before any settlement. The true
 * curve of a home is its metered need at the load's price, or its metered surplus at the PV's reserve; what it bought
 * beyond its need is worth the feed-in price, what it sold beyond its surplus costs the tariff, because that is how
 * settlement disposes of it. Its bound is the best allocation of the same curves, found by sorting, with a grid that
 * sells at the tariff and buys at the feed-in price without limit, as it does in settlement.
 */
import { floorDivide, least, minus, minusAmount, plus, plusAmount, tradeValue, wattHours } from "@micromarket/kernel";
import { amountNano, type AmountNano, type PriceMicro, type WattHours } from "@micromarket/kernel";
import { ratio, type Figure } from "./figure.ts";
import type { BiddingPrices } from "./scenario.ts";
import type { Collector, HomeOutcome, SlotOutcome } from "./slot-outcome.ts";

/** What was gained, and what could have been. */
export interface EfficiencyKpis {
  readonly gainNano: AmountNano;
  readonly gainBoundNano: AmountNano;
  /** Gain over its bound, at most 1; negative where forecast errors cost more than trade brought; `null` at a bound of 0. */
  readonly gainShare: Figure | null;
  readonly welfareNano: AmountNano;
  readonly welfareBoundNano: AmountNano;
  /** Allocative efficiency (Gode & Sunder 1993): welfare over its bound, at most 1; `null` at a bound of 0. */
  readonly allocativeEfficiency: Figure | null;
}

/** Gathers gain and welfare; `bidding` holds the true values. */
export function collectEfficiency(bidding: BiddingPrices): Collector<EfficiencyKpis> {
  const nothing = amountNano(0n);
  const sum = { gain: nothing, gainBound: nothing, welfare: nothing, welfareBound: nothing };
  return {
    add(slot) {
      sum.gain = plusAmount(sum.gain, gainOf(slot));
      sum.gainBound = plusAmount(sum.gainBound, gainBoundOf(slot));
      sum.welfare = plusAmount(sum.welfare, welfareOf(slot, bidding));
      sum.welfareBound = plusAmount(sum.welfareBound, welfareBoundOf(slot, bidding));
    },
    result: () => ({
      gainNano: sum.gain,
      gainBoundNano: sum.gainBound,
      gainShare: ratio(sum.gain, sum.gainBound),
      welfareNano: sum.welfare,
      welfareBoundNano: sum.welfareBound,
      allocativeEfficiency: ratio(sum.welfare, sum.welfareBound),
    }),
  };
}

/** What the homes of a slot would pay alone, less what they pay the grid with the market. */
export function gainOf(slot: SlotOutcome): AmountNano {
  const { tariff, feedIn, totals, grid, result, settlement } = slot;
  const alone = minusAmount(tradeValue(tariff, totals.imported), tradeValue(feedIn, totals.exported));
  const traded = result.price === null ? amountNano(0n) : tradeValue(result.price, minus(grid.sold, grid.bought));
  const settled = plusAmount(deviationCost(slot, settlement.taking, settlement.giving), penaltiesOf(slot));
  return minusAmount(alone, plusAmount(traded, settled));
}

/** The most that could have been gained. */
function gainBoundOf(slot: SlotOutcome): AmountNano {
  const { tariff, feedIn, totals, settlement } = slot;
  const bound = tradeValue(minus(tariff, feedIn), least(totals.imported, totals.exported));
  const [dear, cost] = [deviationCost(slot, tariff, feedIn), deviationCost(slot, settlement.taking, settlement.giving)];
  return dear > cost ? plusAmount(bound, minusAmount(dear, cost)) : bound;
}

function deviationCost({ homes }: SlotOutcome, taking: PriceMicro, giving: PriceMicro): AmountNano {
  const short = sumOf(homes, ({ deviation }) => Math.max(deviation, 0));
  const over = sumOf(homes, ({ deviation }) => Math.max(-deviation, 0));
  return minusAmount(tradeValue(taking, short), tradeValue(giving, over));
}

/** What the homes' deviations cost beyond their price, each rounded down. */
export function penaltiesOf({ homes, settlement: { taking, penalty } }: SlotOutcome): AmountNano {
  if (penalty === null) return amountNano(0n);
  const penalties = homes.map(({ deviation }) => {
    const worth = tradeValue(taking, deviation);
    return amountNano(floorDivide((worth < 0n ? -worth : worth) * BigInt(penalty), 1_000_000n));
  });
  return penalties.reduce(plusAmount, amountNano(0n));
}

/** Value less cost of a slot's trades at true values. */
export function welfareOf({ tariff, feedIn, homes, grid }: SlotOutcome, bidding: BiddingPrices): AmountNano {
  const served = sumOf(homes, (home) =>
    Math.min(Math.max(home.bought - home.sold, 0), Math.max(home.load - home.pv, 0)),
  );
  const given = sumOf(homes, (home) =>
    Math.min(Math.max(home.sold - home.bought, 0), Math.max(home.pv - home.load, 0)),
  );
  const taken = sumOf(homes, (home) => Math.max(home.bought - home.sold, 0));
  const offered = sumOf(homes, (home) => Math.max(home.sold - home.bought, 0));
  const value = [
    tradeValue(bidding.load, served),
    tradeValue(feedIn, minus(taken, served)),
    tradeValue(feedIn, grid.bought),
  ].reduce(plusAmount);
  const cost = [
    tradeValue(bidding.pvReserve, given),
    tradeValue(tariff, minus(offered, given)),
    tradeValue(tariff, grid.sold),
  ].reduce(plusAmount);
  return minusAmount(value, cost);
}

function sumOf(homes: readonly HomeOutcome[], valueOf: (home: HomeOutcome) => number): WattHours {
  return wattHours(homes.reduce((sum, home) => sum + valueOf(home), 0));
}

/** A quantity at a price, on one side of the true curves. */
interface ValuedEnergy {
  readonly price: PriceMicro;
  readonly energy: WattHours;
}

function welfareBoundOf({ tariff, feedIn, totals }: SlotOutcome, { load, pvReserve }: BiddingPrices): AmountNano {
  const enough = plus(totals.needed, totals.spare);
  return bestWelfare(
    [
      { price: load, energy: totals.needed },
      { price: feedIn, energy: enough },
    ],
    [
      { price: pvReserve, energy: totals.spare },
      { price: tariff, energy: enough },
    ],
  );
}

/** The most that any allocation of these curves is worth: dearest demand meets cheapest supply while that gains. */
export function bestWelfare(demand: readonly ValuedEnergy[], supply: readonly ValuedEnergy[]): AmountNano {
  const buys = demand.toSorted((a, b) => b.price - a.price);
  const sells = supply.toSorted((a, b) => a.price - b.price);
  let welfare = amountNano(0n);
  let [nextBuy, nextSell] = [0, 0];
  let [buy, sell] = [buys[0], sells[0]];
  while (buy !== undefined && sell !== undefined && buy.price > sell.price) {
    const energy = least(buy.energy, sell.energy);
    welfare = plusAmount(welfare, tradeValue(minus(buy.price, sell.price), energy));
    buy = energy === buy.energy ? buys[++nextBuy] : { ...buy, energy: minus(buy.energy, energy) };
    sell = energy === sell.energy ? sells[++nextSell] : { ...sell, energy: minus(sell.energy, energy) };
  }
  return welfare;
}
