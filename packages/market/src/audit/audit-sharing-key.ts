/**
 * The auditor of sharing keys. Default, for any engine: nobody is given more than it consumes (gives more than it
 * produces), what is shared balances, the price is the community's, nobody who needs lacks what its key entitles it to
 * while energy is exported, and the rest is with the supplier. Strict: shares are those of the rule to the last unit,
 * worked out by offering again what is unused, round by round.
 */
import { hashText } from "@micromarket/kernel";
import { COMMON_CHECKS } from "./audit-mechanism.ts";
import type { AuditOptions } from "./audit-uniform.ts";
import { gatherCommunity, largestRemainder, readingsOf, totals, type CommunityEvidence } from "./community-evidence.ts";
import type { Entrant } from "./book.ts";
import { balance, statedVolume } from "./fills.ts";
import { tradesInCommunity } from "./community-trades.ts";
import type { Finding } from "./finding.ts";
import type { MechanismClaim } from "./mechanism-claim.ts";
import { amountsGoWithPrices, energyFinding, priceFinding } from "./money.ts";
import { statedInterval } from "./price.ts";
import { misstatements } from "./side-surplus.ts";
import { listsInOrder, statedSelfTrades } from "./statements.ts";
import type { SharingBook } from "../mechanism.ts";
import type { Side } from "../tender.ts";

type SharingEvidence = CommunityEvidence & { readonly book: SharingBook };

/** Everything in `claim` that does not hold for `book`. Never throws on a claim. */
export function auditSharingKey(book: SharingBook, claim: MechanismClaim, options: AuditOptions): readonly Finding[] {
  const evidence = gatherCommunity(book, claim, options);
  const sum = BigInt(book.retailPrice) + BigInt(book.feedInPrice);
  const price = book.communityPrice ?? Number((sum - (((sum % 2n) + 2n) % 2n)) / 2n);
  const checks = [...COMMON_CHECKS, amountsGoWithPrices, balance, statedVolume, statedInterval];
  const strict = options.strict ? [statedSelfTrades, listsInOrder] : [];
  return [
    ...[...checks, ...strict].flatMap((check) => check(evidence)),
    ...prices(evidence, price),
    ...supplier(evidence),
    ...unusedShares(evidence),
    ...surplus(evidence, price),
    ...tradesInCommunity(evidence, evidence.bought, price),
    ...(options.strict ? byRule(evidence) : []),
  ];
}

function prices(evidence: SharingEvidence, price: number): readonly Finding[] {
  const { claim } = evidence;
  const due = evidence.bought > 0 ? price : null;
  const stated = claim.fills.filter((fill) => fill.energy > 0 && (fill.price ?? price) !== price);
  return [
    ...(claim.price === due ? [] : [priceFinding(evidence, "PRICE_NOT_UNIFORM", null, [due], [claim.price])]),
    ...stated.map((fill) => priceFinding(evidence, "PRICE_NOT_UNIFORM", fill.id, [price], [fill.price ?? null])),
  ];
}

/** What is not shared is traded with the supplier, at its prices. */
function supplier(evidence: SharingEvidence): readonly Finding[] {
  const { claim, book, filled } = evidence;
  const findings: Finding[] = [];
  const stated = claim.residual && new Map(claim.residual.map((fill) => [fill.id, fill]));
  for (const side of ["buy", "sell"] as const) {
    const price = side === "buy" ? book.retailPrice : book.feedInPrice;
    let total = 0;
    for (const { id, offered } of readingsOf(evidence, side)) {
      const [due, fill] = [Math.max(0, offered - (filled.get(id) ?? 0)), stated?.get(id)];
      total += due;
      if (stated === undefined) continue;
      const money = fill?.amount ?? BigInt(price) * BigInt(fill?.energy ?? 0);
      const isRight = (fill?.energy ?? 0) === due && (fill?.price ?? price) === price;
      if (isRight && money === BigInt(price) * BigInt(due)) continue;
      findings.push(energyFinding(evidence, "SUPPLIER_MISSTATED", id, due, fill?.energy ?? 0));
    }
    const sum = side === "buy" ? claim.imported : claim.exported;
    if (sum === undefined || sum === total) continue;
    findings.push(energyFinding(evidence, "SUPPLIER_MISSTATED", side === "buy" ? "imported" : "exported", total, sum));
  }
  const unknown = (claim.residual ?? []).filter(({ id }) => !evidence.accepted.has(id));
  return [
    ...findings,
    ...unknown.map(({ id, energy }) => energyFinding(evidence, "SUPPLIER_MISSTATED", id, 0, energy)),
  ];
}

/** Who has a key and lacks energy, while energy leaves the community. */
function unusedShares(evidence: SharingEvidence): readonly Finding[] {
  const { book, filled } = evidence;
  const produced = readingsOf(evidence, "sell").reduce((sum, { offered }) => sum + offered, 0);
  const exported = produced - evidence.sold;
  if (exported <= 0) return [];
  return readingsOf(evidence, "buy").flatMap(({ id, party, offered }): Finding[] => {
    const isEntitled = book.keys === null || (book.keys.get(party) ?? 0) > 0;
    const found = filled.get(id) ?? 0;
    if (!isEntitled || found >= offered) return [];
    return [energyFinding(evidence, "SHARE_LEFT_UNUSED", id, Math.min(offered, found + exported), found)];
  });
}

function surplus(evidence: SharingEvidence, price: number): readonly Finding[] {
  const { book, claim } = evidence;
  const buyers = (BigInt(book.retailPrice) - BigInt(price)) * BigInt(evidence.bought);
  const sellers = (BigInt(price) - BigInt(book.feedInPrice)) * BigInt(evidence.bought);
  return misstatements(evidence, [
    ["buyers", claim.surplus?.buyers, buyers],
    ["sellers", claim.surplus?.sellers, sellers],
    ["total", claim.surplus?.total, buyers + sellers],
  ]);
}

/** Strict: each reading's share. */
function byRule(evidence: SharingEvidence): readonly Finding[] {
  const { book } = evidence;
  const readings = readingsOf(evidence, "buy");
  const produced = readingsOf(evidence, "sell").reduce((sum, { offered }) => sum + offered, 0);
  const needs = totals(
    readings,
    ({ party }) => party,
    ({ offered }) => offered,
  );
  const consumed = readings.reduce((sum, { offered }) => sum + offered, 0);
  const local = Math.min(produced, consumed);
  const shares =
    book.keys === null
      ? null
      : sharesInRounds([...needs], book.keys, produced, (name) => hashText(`${book.slot}\0${name}`));
  const given = shares === null ? local : [...shares.values()].reduce((sum, share) => sum + share, 0);
  return [
    ...sideByRule(
      evidence,
      "sell",
      () => "",
      () => given,
    ),
    ...(shares === null
      ? sideByRule(
          evidence,
          "buy",
          () => "",
          () => local,
        )
      : sideByRule(
          evidence,
          "buy",
          (party) => party,
          (party) => shares.get(party) ?? 0,
        )),
  ];
}

/** Splits each group's energy over its readings and compares. */
function sideByRule(
  evidence: SharingEvidence,
  side: Side,
  groupOf: (party: string) => string,
  energyOf: (group: string) => number,
): readonly Finding[] {
  const groups = new Map<string, Entrant[]>();
  for (const reading of readingsOf(evidence, side)) {
    const group = groups.get(groupOf(reading.party));
    if (group === undefined) groups.set(groupOf(reading.party), [reading]);
    else group.push(reading);
  }
  return [...groups].flatMap(([group, readings]) => {
    const rankOf = (index: number): string => hashText(`${evidence.book.slot}\0${readings[index]?.id ?? ""}`);
    const due = largestRemainder(
      BigInt(energyOf(group)),
      readings.map(({ offered }) => offered),
      rankOf,
    );
    return readings.flatMap(({ id }, index): Finding[] => {
      const [expected, found] = [Number(due[index] ?? 0n), evidence.filled.get(id) ?? 0];
      return expected === found ? [] : [energyFinding(evidence, "FILL_NOT_BY_RULE", id, expected, found)];
    });
  });
}

/** Offers what is left by key; who would get more than it needs is satisfied; the rest is offered again. */
function sharesInRounds(
  needs: readonly (readonly [string, number])[],
  keys: ReadonlyMap<string, number>,
  production: number,
  rankOf: (party: string) => string,
): ReadonlyMap<string, number> {
  const shares = new Map<string, number>();
  let open = needs.map(([party, need]) => ({ party, need, key: keys.get(party) ?? 0 })).filter(({ key }) => key > 0);
  let left = production;
  for (;;) {
    const sum = BigInt(open.reduce((partial, { key }) => partial + key, 0));
    const [offer, total] = [BigInt(left), sum];
    const satisfied = new Set(open.filter(({ need, key }) => BigInt(need) * total <= BigInt(key) * offer));
    if (satisfied.size === 0) break;
    for (const { party, need } of satisfied) {
      shares.set(party, need);
      left -= need;
    }
    open = open.filter((claim) => !satisfied.has(claim));
  }
  const parts = largestRemainder(
    BigInt(left),
    open.map(({ key }) => key),
    (index) => rankOf(open[index]?.party ?? ""),
  );
  for (const [index, { party }] of open.entries()) shares.set(party, Number(parts[index] ?? 0n));
  return shares;
}
