/** Checks of what a result says beside price, fills and trades: scarcity, refusals and, in strict mode, its lists. */
import { compareText } from "@micromarket/kernel";
import { isBetter, mustRunLimit, type Entrant } from "./book.ts";
import { energyText, type Check, type Evidence } from "./evidence.ts";
import type { Finding } from "./finding.ts";
import type { UnfilledReason } from "../auction.ts";

/** A stated scarcity is the one that the book implies. */
export const statedScarcity: Check = ({ claim, scarcity }) => {
  if (claim.scarcity === undefined || claim.scarcity === scarcity) return [];
  return [{ code: "SCARCITY_MISSTATED", subject: null, expected: scarcity ?? "none", found: claim.scarcity ?? "none" }];
};

/** Refusals, where stated, are all that have to be, with the first code that applies; strict: one for each occurrence. */
export const statedRejections: Check = ({ claim, refused, strict }) => {
  if (claim.rejections === undefined) return [];
  const stated = textsById(claim.rejections, ({ code }) => code);
  return [...new Set([...refused.keys(), ...stated.keys()])].flatMap((id): Finding[] => {
    const refusal = refused.get(id);
    const due: string[] = refusal === undefined ? [] : Array.from({ length: refusal.occurrences }, () => refusal.code);
    const expected = codesText(due, strict);
    const found = codesText(stated.get(id) ?? [], strict);
    return expected === found ? [] : [{ code: "REJECTION_MISSTATED", subject: id, expected, found }];
  });
};

function textsById<Entry extends { readonly id: string }>(
  entries: readonly Entry[],
  textOf: (entry: Entry) => string,
): ReadonlyMap<string, readonly string[]> {
  const texts = new Map<string, string[]>();
  for (const entry of entries) {
    const list = texts.get(entry.id) ?? [];
    list.push(textOf(entry));
    texts.set(entry.id, list);
  }
  return texts;
}

function codesText(codes: readonly string[], everyOccurrence: boolean): string {
  const counted = everyOccurrence ? codes : [...new Set(codes)];
  return counted.length === 0 ? "no refusal" : counted.toSorted(compareText).join(", ");
}

/** Strict: the unfilled list holds the rest of every accepted tender, and why its best unfilled step did not trade. */
export const statedRests: Check = (evidence) => {
  const { unfilled } = evidence.claim;
  if (unfilled === undefined) return [];
  const restText = (energy: number, reason: string): string => `${energyText(evidence, energy)} ${reason}`;
  const stated = textsById(unfilled, ({ energy, reason }) => restText(energy, reason));
  return [...new Set([...evidence.accepted.keys(), ...stated.keys()])].flatMap((id): Finding[] => {
    const entrant = evidence.accepted.get(id);
    const rest = entrant === undefined ? 0 : entrant.offered - (evidence.filled.get(id) ?? 0);
    const expected = entrant === undefined || rest <= 0 ? "no rest" : restText(rest, restReason(evidence, entrant));
    const found = stated.get(id)?.join(", ") ?? "no rest";
    return expected === found ? [] : [{ code: "UNFILLED_MISSTATED", subject: id, expected, found }];
  });
};

function restReason({ book, claim, filled }: Evidence, entrant: Entrant): UnfilledReason {
  const traded = filled.get(entrant.id) ?? 0;
  let offered = 0;
  const best = entrant.offers.find(({ energy }) => {
    offered += energy;
    return offered > traded;
  });
  if (best === undefined) return "OUT_OF_MONEY";
  if (best.limit === mustRunLimit(entrant.side, book.rules)) return "CURTAILED";
  if (claim.price === null || isBetter(entrant.side, claim.price, best.limit)) return "OUT_OF_MONEY";
  return "RATIONED";
}

/** Strict: parties that both buy and sell are flagged, and no others. */
export const statedSelfTrades: Check = ({ claim, accepted, filled }) => {
  if (claim.selfTrades === undefined) return [];
  const partiesOn = { buy: new Set<string>(), sell: new Set<string>() };
  for (const id of filled.keys()) {
    const entrant = accepted.get(id);
    if (entrant !== undefined) partiesOn[entrant.side].add(entrant.party);
  }
  const due = new Set([...partiesOn.buy].filter((party) => partiesOn.sell.has(party)));
  const stated = new Set(claim.selfTrades);
  const unflagged = [...due].filter((party) => !stated.has(party));
  const invented = [...stated].filter((party) => !due.has(party));
  return [
    ...unflagged.map((party): Finding => flagFinding("SELF_TRADE_UNFLAGGED", party, "a flag", "none")),
    ...invented.map((party): Finding => flagFinding("SELF_TRADE_INVENTED", party, "no flag", "a flag")),
  ];
};

function flagFinding(code: Finding["code"], subject: string, expected: string, found: string): Finding {
  return { code, subject, expected, found };
}

/** Strict: all lists but the trades are in ascending order of id. */
export const listsInOrder: Check = ({ claim }) => {
  const idsOf = (list: readonly { readonly id: string }[] = []): readonly string[] => list.map(({ id }) => id);
  const lists: [string, readonly string[]][] = [
    ["fills", idsOf(claim.fills)],
    ["unfilled", idsOf(claim.unfilled)],
    ["rejections", idsOf(claim.rejections)],
    ["selfTrades", claim.selfTrades ?? []],
  ];
  return lists.flatMap(([subject, ids]): Finding[] => {
    const index = ids.findIndex((id, place) => place > 0 && compareText(ids[place - 1] ?? "", id) > 0);
    if (index < 0) return [];
    const [expected, found] = [`${ids[index]} before ${ids[index - 1]}`, `${ids[index]} after it`];
    return [{ code: "ORDER_OF_LISTS", subject, expected, found }];
  });
};
