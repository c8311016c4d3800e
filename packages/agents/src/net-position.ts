/**
 * The position of one home whose devices can choose: one curve instead of many tenders that would trade with each other.
 *
 * At every price the home buys, net, what its devices would buy less what they would sell. A battery that would rather rest
 * below its sell limit makes that limit a buy limit of the home: below it the load is bought, above it the battery covers it.
 * What must run, and what generates whatever the price, is never given up for a price.
 *
 * A sell of E from p on is the same as a buy of E up to p by somebody who sells E at any price; so all steps can be sorted by
 * price and cut where net demand changes its sign.
 */
import {
  least,
  minus,
  plus,
  wattHours,
  type PartyId,
  type PriceMicro,
  type TenderId,
  type WattHours,
} from "@micromarket/kernel";
import type { Side, Step, Tender } from "@micromarket/market";

/** What a home consists of. */
export interface HomePosition {
  readonly party: PartyId;
  readonly buyTender: TenderId;
  readonly sellTender: TenderId;
  /** Tenders of load and generation, which flow at any price. */
  readonly fixed: readonly Tender[];
  /** Tenders of devices that can choose. Their steps have limits. */
  readonly flexible: readonly Tender[];
  /** Limits lie on it; positive. */
  readonly tick: PriceMicro;
}

/** A step, and on which side of the curve alone it may stand: a fixed one is not turned round. */
interface Turn extends Step {
  readonly only: Side | null;
}

const NOTHING = wattHours(0);

/** A buy and a sell tender, either left out where it would be empty; every buy limit lies below every sell limit. */
export function netPosition({ party, buyTender, sellTender, fixed, flexible, tick }: HomePosition): readonly Tender[] {
  const fixedSide = (only: Side): readonly Turn[] =>
    stepsOf(fixed, only)
      .map((step) => ({ ...step, only }))
      .sort(dearestFirst);
  const free = flexible.flatMap(({ steps }) => steps.map((step): Turn => ({ ...step, only: null })));
  const turns = [...fixedSide("buy"), ...free.sort(dearestFirst), ...fixedSide("sell")];
  const { buys, sells } = cut(turns, sumOf(stepsOf([...fixed, ...flexible], "sell")));
  const rising = sells.toSorted(dearestFirst).reverse();
  const lowest = rising[0]?.price ?? null;
  const highest = lowest === null ? null : minus(lowest, tick);
  const below = buys.map(({ price, energy }): Step => {
    return { price: price !== null && highest !== null ? least(price, highest) : price, energy };
  });
  const tenders: Tender[] = [
    { id: buyTender, party, side: "buy", steps: joined(below.sort(dearestFirst)) },
    { id: sellTender, party, side: "sell", steps: joined(rising) },
  ];
  return tenders.filter(({ steps }) => steps.length > 0);
}

/** From the dearest step down: as much as is offered at the highest price stands on the sell side, the rest on the buy side. */
function cut(
  turns: readonly Turn[],
  offered: WattHours,
): { readonly buys: readonly Step[]; readonly sells: readonly Step[] } {
  const [buys, sells]: [Step[], Step[]] = [[], []];
  let left = offered;
  for (const { price, energy, only } of turns) {
    const sold = least(left, energy);
    left = minus(left, sold);
    const bought = minus(energy, sold);
    if (sold > 0 && only !== "buy") sells.push({ price, energy: sold });
    if (bought > 0 && only !== "sell") buys.push({ price, energy: bought });
  }
  return { buys, sells };
}

function stepsOf(tenders: readonly Tender[], side: Side): readonly Step[] {
  return tenders.flatMap((tender) => (tender.side === side ? tender.steps : []));
}

function sumOf(steps: readonly Step[]): WattHours {
  return steps.reduce((sum, { energy }) => plus(sum, energy), NOTHING);
}

/** Steps of one price as one. */
function joined(steps: readonly Step[]): readonly Step[] {
  const out: { price: PriceMicro | null; energy: WattHours }[] = [];
  for (const { price, energy } of steps) {
    const last = out.at(-1);
    if (last?.price === price && last !== undefined) last.energy = plus(last.energy, energy);
    else out.push({ price, energy });
  }
  return out;
}

/** `null` is a market order. */
function dearestFirst(a: Step, b: Step): number {
  if (a.price === null || b.price === null) return Number(b.price === null) - Number(a.price === null);
  return b.price - a.price;
}
