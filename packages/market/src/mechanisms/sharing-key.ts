/**
 * Collective self-consumption by sharing keys, as energy communities settle it today (in France the keys of
 * "autoconsommation collective": static, or by default in proportion to consumption; likewise in Austria's communities and
 * Germany's shared supply of buildings).
 *
 * The production of the community is shared over its consumers by their keys. Nobody is given more than it consumes: what
 * a key leaves unused is offered again to those who still need, by their keys, until nothing is left or nobody needs.
 * Keys are weights: shares of 1, percent or any other unit give the same; a party without a key (or with 0) is given nothing. Without
 * keys the share is in proportion to consumption (dynamic key). The community's price is given, or half-way between
 * feed-in and retail price. Each producer's part of what stays is in proportion to its production. The rest of everybody is
 * traded with the supplier.
 *
 * Orders are readings of one meter each: their prices are not looked at, and nothing is netted between meters of one
 * party. Shares are split by largest remainder, over the parties by key, then over a party's meters.
 *
 * Nobody is worse off than with the supplier alone; strongly budget balanced. With fixed demand it is efficient (with static keys as
 * far as keys reach those who need); truthfulness has no meaning for prices. Surplus is what is gained over trading with
 * the supplier alone.
 */
import {
  apportion,
  hashText,
  least,
  minus,
  tradeValue,
  wattHours,
  type PriceMicro,
  type WattHours,
} from "@micromarket/kernel";
import type { PricedFill, SharingBook, SharingResult } from "../mechanism.ts";
import { pairFills } from "./pair-fills.ts";
import type { Tender } from "../tender.ts";
import { byParty, midPrice, readCommunity, shareOut, totalOf, type Readings } from "./community.ts";
import { byId, energyOf, fillsAt, partiesOnBothSides } from "./outcome.ts";

/**
 * Settles `book`: feed-in price ≤ community price ≤ retail price, keys non-negative with a safe sum, each side's energy a
 * safe integer.
 */
export function clearSharingKey(book: SharingBook): SharingResult {
  const { accepted, rejections, consumed, produced } = readCommunity(book);
  const shares = book.keys === null ? dynamicShares(consumed, produced, book) : staticShares(consumed, produced, book);
  const local = totalOf(shares);
  const given = shareOut(local, produced, book.slot);
  const price = book.communityPrice ?? midPrice(book);
  const [bought, sold] = [fillsAt(price, shares), fillsAt(price, given)];
  const lacking = residual(book.retailPrice, consumed, shares);
  const left = residual(book.feedInPrice, produced, given);
  return {
    price: local === 0 ? null : price,
    energy: local,
    interval: { low: book.feedInPrice, high: book.retailPrice },
    surplus: {
      buyers: tradeValue(minus(book.retailPrice, price), local),
      sellers: tradeValue(minus(price, book.feedInPrice), local),
    },
    scarcity: null,
    fills: byId([...bought, ...sold]),
    trades: pairFills(bought, sold, price),
    unfilled: [],
    rejections,
    selfTrades: partiesOnBothSides(accepted, bought, sold),
    residual: byId([...lacking, ...left]),
    imported: energyOf(lacking),
    exported: energyOf(left),
  };
}

function dynamicShares(consumed: Readings, produced: Readings, { slot }: SharingBook): Readings {
  return shareOut(least(totalOf(consumed), totalOf(produced)), consumed, slot);
}

function staticShares(consumed: Readings, produced: Readings, { slot, keys }: SharingBook): Readings {
  const parties = byParty(consumed);
  const claims = [...parties].map(([party, meters]) => ({ party, need: totalOf(meters), key: keys?.get(party) ?? 0 }));
  const shares = new Map<Tender, WattHours>();
  for (const [party, share] of sharesByKey(claims, totalOf(produced), slot)) {
    for (const [tender, part] of shareOut(share, parties.get(party) ?? new Map(), slot)) shares.set(tender, part);
  }
  return shares;
}

interface Claim {
  readonly party: string;
  readonly need: WattHours;
  readonly key: number;
}

/**
 * Who needs least for its key is satisfied first; once a claim exceeds its share of what is left, so do all after it, and
 * the rest is shared among them by key. Offering unused shares again, round by round, ends at the same shares.
 */
function sharesByKey(claims: readonly Claim[], production: WattHours, slot: string): ReadonlyMap<string, WattHours> {
  const holders = claims.filter(({ key }) => key > 0).sort(byNeedForKey);
  const shares = new Map<string, WattHours>();
  let [left, keysLeft] = [production, holders.reduce((sum, { key }) => sum + key, 0)];
  let satisfied = 0;
  for (const { party, need, key } of holders) {
    if (BigInt(need) * BigInt(keysLeft) > BigInt(key) * BigInt(left)) break;
    shares.set(party, need);
    left = minus(left, need);
    keysLeft -= key;
    satisfied += 1;
  }
  const others = holders.slice(satisfied);
  if (others.length === 0) return shares;
  const tieRank = (index: number): string => hashText(`${slot}\0${others[index]?.party ?? ""}`);
  const parts = apportion(
    left,
    others.map(({ key }) => key),
    tieRank,
  );
  for (const [index, { party }] of others.entries()) shares.set(party, wattHours(parts[index] ?? 0));
  return shares;
}

function byNeedForKey(a: Claim, b: Claim): number {
  const [first, second] = [BigInt(a.need) * BigInt(b.key), BigInt(b.need) * BigInt(a.key)];
  return first === second ? 0 : first < second ? -1 : 1;
}

/** What the readings hold beyond what stays in the community, traded with the supplier. */
function residual(price: PriceMicro, readings: Readings, local: Readings): readonly PricedFill[] {
  const rests = [...readings].map(
    ([tender, energy]) => [tender, minus(energy, local.get(tender) ?? wattHours(0))] as const,
  );
  return fillsAt(price, new Map(rests));
}
