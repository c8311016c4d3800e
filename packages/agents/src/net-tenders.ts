/**
 * The netting of one home: behind one meter its own generation covers its own demand before the market sees either.
 *
 * Dearest demand meets cheapest supply as long as the buyer's limit reaches the seller's; what crossed disappears, the
 * exact rest is tendered. Afterwards no buy limit of the home reaches one of its sell limits, so that it cannot trade
 * with itself, and bought less sold is what it was at every price between the limits of what crossed.
 */
import { assert, least, minus, type PriceMicro, type WattHours } from "@micromarket/kernel";
import type { Side, Tender } from "@micromarket/market";

/** A step whose energy the netting eats up. */
interface OpenStep {
  readonly price: PriceMicro | null;
  energy: WattHours;
}

/** A tender on its way through the netting. */
interface OpenTender {
  readonly tender: Tender;
  readonly steps: readonly OpenStep[];
}

/**
 * What is left of one party's tenders for one slot after its own crossing quantities cancel, in the given order; steps
 * and tenders without a rest are left out. Of equal limits the step given first is netted first. Indivisible tenders
 * (with a condition) pass unchanged. Tenders of two parties, or a step without positive energy, throw.
 */
export function netTenders(tenders: readonly Tender[]): readonly Tender[] {
  const party = tenders[0]?.party;
  assert(
    tenders.every((tender) => tender.party === party),
    "only tenders of one party net with each other",
  );
  const open = tenders.map(openTender);
  const buys = divisibleSteps(open, "buy");
  const sells = divisibleSteps(open, "sell");
  if (buys.length === 0 || sells.length === 0) return tenders;
  cancelCrossing(buys.sort(dearestFirst), sells.sort(cheapestFirst));
  return open.map(restOf).filter(({ steps }) => steps.length > 0);
}

function openTender(tender: Tender): OpenTender {
  return { tender, steps: tender.steps.map(({ price, energy }) => ({ price, energy })) };
}

function divisibleSteps(open: readonly OpenTender[], side: Side): OpenStep[] {
  return open
    .filter(({ tender }) => tender.side === side && (tender.conditions ?? []).length === 0)
    .flatMap(({ steps }) => steps);
}

function restOf({ tender, steps }: OpenTender): Tender {
  return { ...tender, steps: steps.filter(({ energy }) => energy > 0) };
}

function cancelCrossing(buys: readonly OpenStep[], sells: readonly OpenStep[]): void {
  let [nextBuy, nextSell] = [0, 0];
  for (;;) {
    const [buy, sell] = [buys[nextBuy], sells[nextSell]];
    if (buy === undefined || sell === undefined || !reaches(buy.price, sell.price)) return;
    const crossed = least(buy.energy, sell.energy);
    assert(crossed > 0, "a step must have positive energy");
    buy.energy = minus(buy.energy, crossed);
    sell.energy = minus(sell.energy, crossed);
    if (buy.energy === 0) nextBuy += 1;
    if (sell.energy === 0) nextSell += 1;
  }
}

/** `null` is a market order: it trades at any price. */
function reaches(buy: PriceMicro | null, sell: PriceMicro | null): boolean {
  return buy === null || sell === null || buy >= sell;
}

function dearestFirst(a: OpenStep, b: OpenStep): number {
  if (a.price === null || b.price === null) return Number(b.price === null) - Number(a.price === null);
  return b.price - a.price;
}

function cheapestFirst(a: OpenStep, b: OpenStep): number {
  if (a.price === null || b.price === null) return Number(b.price === null) - Number(a.price === null);
  return a.price - b.price;
}
