/**
 * What a trade comes to when it is known what was delivered of it.
 *
 * The delivered part is paid from buyer to seller. Where the seller fell short, the covering account delivers in its
 * place: the buyer pays it the price of the trade, and the seller what its energy costs beyond that. Where the buyer
 * fell short, the covering account takes the energy, and the buyer makes up to the seller what it brings less. Where
 * both fell short of the same energy none flows, and each pays what its failure costs.
 *
 * Invariant: each party is left with what the trade would have brought it in full, less its own shortfall at the
 * imbalance price; nobody's account shows the failure of the other.
 */
import { minus, plus, tradeValue, wattHours, type AmountNano, type WattHours } from "@micromarket/kernel";
import type { AccountName, Transfer } from "@micromarket/ledger";
import type { OpenTrade, PricePair } from "./state.ts";
import { flow } from "./transfers.ts";

/** How much of a trade was not kept, Wh, each at most its energy. */
export interface Shortfall {
  readonly buyer: WattHours;
  readonly seller: WattHours;
}

/** A trade with the accounts that it is settled between. */
export interface AccountedTrade extends Pick<OpenTrade, "price" | "energy"> {
  readonly buying: AccountName;
  readonly selling: AccountName;
}

/** A settled trade. */
export interface TradeSettlement {
  readonly delivered: WattHours;
  /** What the buyer owes the seller for it; negative at a negative price. */
  readonly due: AmountNano;
  /** The energy, and what the shortfalls cost. */
  readonly transfers: readonly Transfer[];
}

const NOTHING = wattHours(0);

/**
 * Settles the trade between the two accounts; `cover` gives what the seller did not at its `taking`, and takes what the
 * buyer did not at its `giving`.
 */
export function settleTrade(
  { buying, selling, price, energy }: AccountedTrade,
  short: Shortfall,
  { taking, giving }: PricePair,
  cover: AccountName,
): TradeSettlement {
  const failed = plus(short.buyer, short.seller);
  const neither = failed > energy ? minus(failed, energy) : NOTHING;
  const covered = minus(short.seller, neither);
  const returned = minus(short.buyer, neither);
  const delivered = minus(energy, plus(plus(covered, returned), neither));
  const [lostByBuyer, lostBySeller] = [minus(price, giving), minus(taking, price)];
  const pay = (from: AccountName, to: AccountName, at: typeof price, of: WattHours): readonly Transfer[] =>
    flow("money", from, to, tradeValue(at, of), "shortfall");
  const transfers = [
    ...flow("energy", selling, buying, BigInt(delivered), "trade"),
    ...pay(buying, cover, price, covered),
    ...flow("energy", cover, buying, BigInt(covered), "shortfall"),
    ...pay(selling, cover, lostBySeller, covered),
    ...pay(cover, selling, giving, returned),
    ...flow("energy", selling, cover, BigInt(returned), "shortfall"),
    ...pay(buying, selling, lostByBuyer, returned),
    ...pay(buying, cover, lostByBuyer, neither),
    ...pay(selling, cover, lostBySeller, neither),
  ];
  return { delivered, due: tradeValue(price, delivered), transfers };
}
