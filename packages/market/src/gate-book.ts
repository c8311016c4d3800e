/**
 * The book of an open gate as sums: what the call auction would say now, at a cost that no number of tenders changes.
 *
 * Sums of energy stand in a tree over ticks with sixteen branches a node, so that any span of prices fits and only limits
 * in use take room. Adding a step and taking it back touch one entry a level; the crossing is found by going down the
 * tree, as the histogram of the kernel is zoomed into.
 *
 * Invariant: price, energy and interval are those of `clearUniform` for the tenders that were added and not taken back.
 * The book holds no tenders: whoever feeds it keeps them, and takes back exactly what was added.
 */
import { assert, wattHours, type PriceMicro, type WattHours } from "@micromarket/kernel";
import { refuseTender } from "./admit-tenders.ts";
import type { AuctionRules, PriceInterval } from "./auction.ts";
import { kPoint } from "./k-point.ts";
import type { Side, Tender } from "./tender.ts";
import { intervalOf } from "./uniform/clear-columns.ts";
import { BUY, SELL } from "./uniform/columns.ts";
import { meet, type Crossing } from "./uniform/crossing.ts";
import { TickTree } from "./uniform/tick-tree.ts";
import { ticksOf } from "./uniform/ticks.ts";

/** What the auction would say if the gate closed now. */
export interface Indication {
  readonly price: PriceMicro | null;
  readonly energy: WattHours;
  readonly interval: PriceInterval;
}

/** A gate book for reading. */
export interface GateBookView {
  indication(standing?: readonly Tender[]): Indication;
}

/** Sums of the tenders of one slot. */
export class GateBook implements GateBookView {
  readonly #rules: AuctionRules;
  readonly #lowest: number;
  readonly #highest: number;
  readonly #tree: TickTree;
  /** Market orders that no cap (floor) bounds, by side. */
  readonly #anyPrice: [number, number] = [0, 0];
  readonly #total: [number, number] = [0, 0];

  /** An empty book under sound rules (`checkRules`). */
  constructor(rules: AuctionRules) {
    this.#rules = rules;
    const size: number = rules.tick;
    const most = Math.floor(Number.MAX_SAFE_INTEGER / size);
    this.#lowest = rules.priceFloor === null ? -most : ticksOf(rules.priceFloor, rules.tick);
    this.#highest = rules.priceCap === null ? most : ticksOf(rules.priceCap, rules.tick);
    this.#tree = new TickTree(this.#lowest, this.#highest);
  }

  /** Takes in a tender that the rules admit (`refuseTender`) and whose id no other one has. */
  add(tender: Tender): void {
    assert(refuseTender(tender, this.#rules) === null, `tender ${tender.id} has no place in the book`);
    this.#change(tender, 1);
  }

  /** Takes back a tender that was added. */
  remove(tender: Tender): void {
    this.#change(tender, -1);
  }

  /**
   * Takes in steps of tenders that the rules admit, as columns: energies that are positive are bought, negative ones sold.
   * Each tender of them may be taken back as any other.
   */
  addSteps(prices: readonly (PriceMicro | null)[], energies: readonly WattHours[]): void {
    assert(prices.length === energies.length, "the columns must have one length");
    for (let at = 0; at < energies.length; at++) {
      const energy: number = energies[at] ?? 0;
      if (energy > 0) this.#changeStep("buy", prices[at] ?? null, energy);
      else this.#changeStep("sell", prices[at] ?? null, -energy);
    }
  }

  #change({ side, steps }: Tender, sign: 1 | -1): void {
    for (const { price, energy } of steps) this.#changeStep(side, price, sign === 1 ? energy : -energy);
  }

  #changeStep(side: Side, price: PriceMicro | null, change: number): void {
    const column = side === "buy" ? BUY : SELL;
    const total = this.#total[column] + change;
    if (!Number.isSafeInteger(total)) assert(false, `the ${side} side's energy leaves the safe integers`);
    assert(total >= 0, "a tender was taken back that had not been added");
    this.#total[column] = total;
    const tick = price === null ? this.#marketTick(side) : ticksOf(price, this.#rules.tick);
    if (tick === null) this.#anyPrice[column] += change;
    else this.#tree.add(tick, column, change);
  }

  #marketTick(side: Side): number | null {
    if (side === "buy") return this.#rules.priceCap === null ? null : this.#highest;
    return this.#rules.priceFloor === null ? null : this.#lowest;
  }

  /** What the auction would say now, if the `standing` tenders stood in the book as well. */
  indication(standing: readonly Tender[] = []): Indication {
    for (const tender of standing) this.add(tender);
    const crossing = this.#crossing();
    for (const tender of standing) this.remove(tender);
    const meeting = crossing === null ? null : meet(crossing);
    const interval = intervalOf(meeting, this.#rules);
    const energy = wattHours(meeting?.energy ?? 0);
    return { price: energy === 0 ? null : kPoint(interval, this.#rules), energy, interval };
  }

  #crossing(): Crossing | null {
    const [demand] = this.#total;
    const [bidsAtAny, offersAtAny] = this.#anyPrice;
    if (offersAtAny > 0 && offersAtAny >= demand) return this.#beyond(this.#lowest - 1, demand, 0, 0, offersAtAny);
    const found = this.#tree.find(demand, offersAtAny);
    if (found === null) {
      const offers = this.#total[SELL];
      return bidsAtAny > 0 ? this.#beyond(this.#highest + 1, 0, bidsAtAny, offers, 0) : null;
    }
    const { tick, bidsBelow, bidsAt, offersBelow, offersAt } = found;
    return {
      at: tick,
      isPrice: true,
      below: this.#tree.nearest(tick, -1),
      above: this.#tree.nearest(tick, 1),
      bidsAbove: demand - bidsBelow - bidsAt,
      bidsAt,
      offersBelow,
      offersAt,
    };
  }

  /** The crossing at market orders that take any price. */
  #beyond(at: number, bidsAbove: number, bidsAt: number, offersBelow: number, offersAt: number): Crossing {
    const isAbove = at > this.#highest;
    return {
      at,
      isPrice: false,
      below: isAbove ? this.#tree.outermost(-1) : null,
      above: isAbove ? null : this.#tree.outermost(1),
      bidsAbove,
      bidsAt,
      offersBelow,
      offersAt,
    };
  }
}
