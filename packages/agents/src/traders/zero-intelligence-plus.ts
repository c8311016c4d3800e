/**
 * ZIP, zero intelligence plus: D. Cliff, "Minimal-Intelligence Agents for Bargaining Behaviors in Market-Based
 * Environments", Hewlett-Packard Laboratories HPL-97-91 (1997), section 4: each trader moves its price towards what it
 * hears, by a Widrow-Hoff rule with momentum.
 *
 * Parameters, drawn once for each trader: learning rate 0.1 to 0.5; momentum 0 to 0.1; first margin 5 to 35 % of the limit.
 * A target lies beyond the heard price by up to 5 % of it, plus an absolute part. The absolute part is up to 0.05 in
 * Cliff's prices, which are a few units large. Ours are integers of any size, so it scales with the market: a range
 * (highest − lowest) of 100 price units gives his 0.05, any other its share, which is 0.05 % of the range.
 * All of it is integers: prices in thousandths of the market's unit, rates in thousandths.
 */
import type { RandomStream } from "@micromarket/kernel";
import type { HeardQuote, QuoteView, Strategy, Trader } from "./trader.ts";

const SCALE = 1_000;

/** See the head of this file. */
export const zeroIntelligencePlus: Strategy = (stream) => new ZipTrader(stream);

class ZipTrader implements Trader {
  private readonly stream: RandomStream;
  private readonly learning: number;
  private readonly momentum: number;
  private readonly firstMargin: number;
  /** Thousandths; `null` before the first limit is known. */
  private price: number | null = null;
  private change = 0;

  constructor(stream: RandomStream) {
    this.stream = stream;
    this.learning = stream.between(100, 500);
    this.momentum = stream.between(0, 100);
    this.firstMargin = stream.between(50, 350);
  }

  /** Rounded in its own favour, so that it never loses. */
  quote(view: QuoteView): number {
    const price = this.priceFor(view) / SCALE;
    const whole = view.side === "buy" ? Math.floor(price) : Math.ceil(price);
    return Math.max(view.lowest, Math.min(view.highest, whole));
  }

  hear(heard: HeardQuote, view: QuoteView, active: boolean): void {
    const at = heard.price * SCALE;
    const isBuyer = view.side === "buy";
    const own = this.quote(view); // what it would have said, not what it thinks: the fraction would make it deaf to itself
    const couldHaveTraded = isBuyer ? own >= heard.price : own <= heard.price;
    const couldNot = isBuyer ? own <= heard.price : own >= heard.price;
    const fromOther = heard.side !== view.side;
    if (heard.traded && couldHaveTraded) this.moveTowards(this.target(at, isBuyer ? -1 : 1, view), view);
    else if (active && couldNot && heard.traded === fromOther) {
      this.moveTowards(this.target(at, isBuyer ? 1 : -1, view), view);
    }
  }

  private priceFor({ side, limit }: QuoteView): number {
    const margin = Math.floor((Math.abs(limit) * SCALE * this.firstMargin) / SCALE);
    this.price ??= limit * SCALE + (side === "buy" ? -margin : margin);
    return within(this.price, side, limit);
  }

  /** A little beyond what was heard: upwards (1) or downwards (−1). */
  private target(at: number, direction: number, { lowest, highest }: QuoteView): number {
    const relative = Math.floor((Math.abs(at) * this.stream.between(0, 50)) / SCALE);
    // 0.05 for each 100 of the range: half a thousandth of a price unit for each unit
    const absolute = Math.floor(((highest - lowest) * this.stream.between(0, SCALE)) / (2 * SCALE));
    return at + direction * (relative + absolute);
  }

  private moveTowards(target: number, view: QuoteView): void {
    const price = this.priceFor(view);
    const wanted = this.learning * (target - price);
    this.change = Math.trunc(
      (this.momentum * this.change + Math.trunc(((SCALE - this.momentum) * wanted) / SCALE)) / SCALE,
    );
    this.price = within(price + this.change, view.side, view.limit);
  }
}

function within(price: number, side: QuoteView["side"], limit: number): number {
  return side === "buy" ? Math.min(price, limit * SCALE) : Math.max(price, limit * SCALE);
}
