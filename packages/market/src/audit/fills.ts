/** Universal checks of the fills: they exist, are feasible, balanced, worse than nobody's limit and pass nobody over. */
import { energyAcceptable, energyAt, energyBetter, mustRunLimit } from "./book.ts";
import { energyText, priceText, type Check, type Evidence } from "./evidence.ts";
import type { Finding } from "./finding.ts";
import type { Side } from "../tender.ts";

/** Every fill names a tender that may trade. A fill of zero energy moves nothing and is no fault of a refused one. */
export const knownTenders: Check = (evidence) =>
  [...new Set(evidence.claim.fills.map((fill) => fill.id))].flatMap((id): Finding[] => {
    if (evidence.accepted.has(id)) return [];
    const found = energyText(evidence, evidence.filled.get(id) ?? 0);
    const refused = evidence.refused.get(id);
    if (refused === undefined) return [{ code: "UNKNOWN_TENDER", subject: id, expected: "no fill", found }];
    if (!evidence.filled.has(id)) return [];
    return [{ code: "REJECTED_TENDER_FILLED", subject: id, expected: `refusal for ${refused.code}`, found }];
  });

/** Each tender has one fill at most. */
export const singleFills: Check = (evidence) => {
  const counts = new Map<string, number>();
  for (const { id } of evidence.claim.fills) counts.set(id, (counts.get(id) ?? 0) + 1);
  return [...counts]
    .filter(([, count]) => count > 1)
    .map(([id, count]) => ({ code: "DUPLICATE_FILL", subject: id, expected: "one fill", found: `${count} fills` }));
};

/** No fill is negative. Other engines may list tenders that got nothing; ours leaves them out (strict). */
export const positiveFills: Check = (evidence) =>
  evidence.claim.fills
    .filter((fill) => fill.energy < 0 || (evidence.strict && fill.energy === 0))
    .map((fill) => ({
      code: "FILL_NOT_POSITIVE",
      subject: fill.id,
      expected: "more than 0",
      found: energyText(evidence, fill.energy),
    }));

/** Nobody gets more than offered. */
export const fillsWithinOffers: Check = (evidence) =>
  [...evidence.accepted.values()]
    .filter(({ id, offered }) => energyFilled(evidence, id) > offered)
    .map(({ id, offered }) => ({
      code: "OVERFILLED",
      subject: id,
      expected: `at most ${energyText(evidence, offered)}`,
      found: energyText(evidence, energyFilled(evidence, id)),
    }));

/** Individual rationality, step by step: the steps that accept the price paid cover the fill. */
export const fillsWithinLimits: Check = (evidence) =>
  evidence.claim.fills.flatMap((fill): Finding[] => {
    const entrant = evidence.accepted.get(fill.id);
    const price = fill.price ?? evidence.claim.price;
    if (entrant === undefined || price === null || fill.energy <= 0) return [];
    const acceptable = energyAcceptable(entrant, price);
    const energy = Math.min(energyFilled(evidence, fill.id), entrant.offered);
    if (energy <= acceptable) return [];
    const expected = `at most ${energyText(evidence, acceptable)} at ${priceText(evidence, price)}`;
    return [{ code: "PRICE_WORSE_THAN_LIMIT", subject: fill.id, expected, found: energyText(evidence, energy) }];
  });

/** As much is bought as is sold. */
export const balance: Check = (evidence) => {
  const { bought, sold } = evidence;
  if (bought === sold) return [];
  const [expected, found] = [`${energyText(evidence, sold)} bought, as sold`, energyText(evidence, bought)];
  return [{ code: "UNBALANCED", subject: null, expected, found }];
};

/** The stated volume is that of the fills; where they are unbalanced, that of either side. */
export const statedVolume: Check = (evidence) => {
  const { claim, bought, sold } = evidence;
  if (claim.energy === undefined || claim.energy === bought || claim.energy === sold) return [];
  const [expected, found] = [energyText(evidence, bought), energyText(evidence, claim.energy)];
  return [{ code: "VOLUME_MISSTATED", subject: null, expected, found }];
};

/** At the clearing price nobody who gains by trading is passed over; without a price, nobody could have gained. */
export const nobodyPassedOver: Check = (evidence) => {
  const { price } = evidence.claim;
  if (price === null) return evidence.filled.size === 0 ? tradeForgone(evidence) : [];
  const excused = { buy: marketOrdersExcused(evidence, "buy"), sell: marketOrdersExcused(evidence, "sell") };
  return [...evidence.accepted.values()].flatMap((entrant): Finding[] => {
    const due = energyBetter(entrant, price) - (excused[entrant.side] ? energyAt(entrant, UNLIMITED[entrant.side]) : 0);
    const energy = energyFilled(evidence, entrant.id);
    if (energy >= due) return [];
    const expected = `at least ${energyText(evidence, due)}`;
    return [{ code: "IN_THE_MONEY_UNFILLED", subject: entrant.id, expected, found: energyText(evidence, energy) }];
  });
};

/** The limit of a market order that neither floor nor cap bounds. */
const UNLIMITED: Readonly<Record<Side, number>> = { buy: Infinity, sell: -Infinity };

/** Whether unlimited market orders exceed the other side and have got all that it offers. */
function marketOrdersExcused(evidence: Evidence, side: Side): boolean {
  if (evidence.scarcity !== (side === "buy" ? "demand" : "supply")) return false;
  if (mustRunLimit(side, evidence.book.rules) !== UNLIMITED[side]) return false;
  const served = [...evidence.accepted.values()]
    .filter((entrant) => entrant.side === side)
    .map((entrant) => Math.min(energyFilled(evidence, entrant.id), energyAt(entrant, UNLIMITED[side])));
  return served.reduce((sum, energy) => sum + energy, 0) >= evidence.maximum;
}

/** Nothing trades: then no buyer's limit may exceed a seller's. Names the best two, who could have traded. */
function tradeForgone(evidence: Evidence): readonly Finding[] {
  const bid = evidence.levels.findLast((level) => level.buyFrom > level.buyAbove)?.price;
  const ask = evidence.levels.find((level) => level.sellUpTo > level.sellBelow)?.price;
  if (bid === undefined || ask === undefined || bid <= ask) return [];
  const entrants = [...evidence.accepted.values()];
  const buyer = entrants.find(({ side, offers }) => side === "buy" && offers[0]?.limit === bid);
  const seller = entrants.find(({ side, offers }) => side === "sell" && offers[0]?.limit === ask);
  return [buyer?.id ?? null, seller?.id ?? null].map((subject) => ({
    code: "IN_THE_MONEY_UNFILLED",
    subject,
    expected: "more than 0",
    found: energyText(evidence, 0),
  }));
}

function energyFilled(evidence: Evidence, id: string): number {
  return evidence.filled.get(id) ?? 0;
}
