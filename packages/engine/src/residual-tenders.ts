/**
 * The two standing tenders of the residual counterparty: it sells up to the import limit at the tariff and buys up to
 * the export limit at the feed-in price.
 *
 * Invariant: it never trades with itself. With the tariff above the feed-in price no single price lets it do both. Where
 * the two are equal (net metering), only the side that the others need enters the book; the price is the tariff then,
 * as long as the limit suffices. Where the others balance among themselves at that price, it enters with both sides, the
 * selling one a tick higher: nobody needs it, and the price stays within a tick of the tariff.
 */
import {
  hashText,
  plus,
  tenderId,
  type PartyId,
  type PriceMicro,
  type TenderId,
  type WattHours,
} from "@micromarket/kernel";
import { BUY, dropsOf, type Side, type Tender } from "@micromarket/market";
import { PRICE_MAX } from "./limits.ts";
import type { MarketRules } from "./rules.ts";
import type { NumberedPosition, Prices } from "./state.ts";

/** The id of its standing offer, in every slot. */
export const RESIDUAL_SELL: TenderId = tenderId("residual:sell");
/** The id of its standing bid, in every slot. */
export const RESIDUAL_BUY: TenderId = tenderId("residual:buy");

/** Whether `id` is one of the two; nobody else may use them. */
export function isResidualTender(id: TenderId): boolean {
  return id === RESIDUAL_SELL || id === RESIDUAL_BUY;
}

/** The id under which the tie to the market above trades. */
export const TIE_FLOW: TenderId = tenderId("tie");

const POSITION_PREFIX = "position:";

/** The id under which the market below of `party` trades. */
export function positionId(party: PartyId): TenderId {
  return tenderId(`${POSITION_PREFIX}${party.length > 100 ? hashText(party) : party}`);
}

/** Whether members may not use `id` in a market on `rules`. */
export function isReserved(id: TenderId, { node }: MarketRules): boolean {
  return isResidualTender(id) || (node !== undefined && (id === TIE_FLOW || id.startsWith(POSITION_PREFIX)));
}

/** What it tenders next to the `tenders` of the others. A limit of 0 and a price above the cap give no tender. */
export function residualTenders(
  rules: MarketRules,
  prices: Prices,
  tenders: Iterable<Tender>,
  positions: Iterable<NumberedPosition> = [],
): readonly Tender[] {
  const { tariff, feedIn } = prices;
  if (tariff > feedIn) return [...standing(rules, "buy", feedIn), ...standing(rules, "sell", tariff)];
  const shortage = shortageAt(tariff, tenders) + netAt(tariff, positions);
  if (shortage > 0) return standing(rules, "sell", tariff);
  if (shortage < 0) return standing(rules, "buy", feedIn);
  return [...standing(rules, "buy", feedIn), ...standing(rules, "sell", plus(tariff, rules.auction.tick))];
}

function standing({ residual, auction }: MarketRules, side: Side, price: PriceMicro): readonly Tender[] {
  const energy: WattHours = side === "sell" ? residual.importLimit : residual.exportLimit;
  if (energy === 0 || price > (auction.priceCap ?? PRICE_MAX)) return [];
  const id = side === "sell" ? RESIDUAL_SELL : RESIDUAL_BUY;
  return [{ id, party: residual.party, side, steps: [{ price, energy }] }];
}

/** What the tenders would buy at `price` beyond what they would sell, Wh. */
function shortageAt(price: PriceMicro, tenders: Iterable<Tender>): number {
  let shortage = 0;
  for (const { side, steps } of tenders) {
    for (const { price: limit, energy } of steps) {
      if (side === "buy" && (limit === null || limit >= price)) shortage += energy;
      if (side === "sell" && (limit === null || limit <= price)) shortage -= energy;
    }
  }
  return shortage;
}

/** The same of positions. */
function netAt(price: PriceMicro, positions: Iterable<NumberedPosition>): number {
  let net = 0;
  for (const { curve } of positions) {
    net += curve.top;
    for (const step of dropsOf(curve)) {
      if (step.price < price || (step.price === price && step.kind !== BUY)) net -= step.energy;
    }
  }
  return net;
}
