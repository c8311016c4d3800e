/**
 * The auditor of the mid-market rate. Default, for any engine: everybody is served but for its own use, each side pays (gets)
 * one average price within a unit of money, nobody is worse off than with the supplier alone, and the pool's money adds
 * up with the supplier's. Strict: own use and money are split as this project splits them.
 */
import { compareText, hashText } from "@micromarket/kernel";
import { COMMON_CHECKS } from "./audit-mechanism.ts";
import type { AuditOptions } from "./audit-uniform.ts";
import type { Entrant } from "./book.ts";
import { gatherCommunity, largestRemainder, readingsOf, totals, type CommunityEvidence } from "./community-evidence.ts";
import type { Finding } from "./finding.ts";
import type { MechanismClaim } from "./mechanism-claim.ts";
import { energyFinding, moneyOf, priceFinding } from "./money.ts";
import { statedInterval } from "./price.ts";
import { misstatements } from "./side-surplus.ts";
import { listsInOrder } from "./statements.ts";
import { tradesInCommunity } from "./community-trades.ts";
import type { CommunityBook } from "../mechanism.ts";
import type { Side } from "../tender.ts";

/** Everything in `claim` that does not hold for `book`. Never throws on a claim. */
export function auditMidMarketRate(
  book: CommunityBook,
  claim: MechanismClaim,
  options: AuditOptions,
): readonly Finding[] {
  const evidence = gatherCommunity(book, claim, options);
  const pool = poolOf(evidence);
  const universal = [...COMMON_CHECKS, statedInterval].flatMap((check) => check(evidence));
  const own = [...served(evidence, pool), ...averagePrices(evidence, pool), ...supplier(evidence, pool)];
  const statements = [...surplus(evidence, pool), ...tradesInCommunity(evidence, pool.local, pool.mid)];
  const strict = options.strict ? [...splitByRule(evidence, pool), ...listsInOrder(evidence)] : [];
  return [...universal, ...own, ...statements, ...strict];
}

/** What follows from the readings. */
interface Pool {
  /** Energy that each tender's party covers itself, split as this project does. */
  readonly own: ReadonlyMap<string, number>;
  /** The same by party and side, which no engine may choose. */
  readonly ownOfParty: ReadonlyMap<string, number>;
  readonly demand: number;
  readonly supply: number;
  readonly local: number;
  readonly mid: number;
  /** What all buyers pay and all sellers receive. */
  readonly pay: bigint;
  readonly income: bigint;
}

function poolOf(evidence: CommunityEvidence): Pool {
  const { book } = evidence;
  const [buys, sells] = [readingsOf(evidence, "buy"), readingsOf(evidence, "sell")];
  const [needs, yields] = [buys, sells].map((side) =>
    totals(
      side,
      ({ party }) => party,
      ({ offered }) => offered,
    ),
  );
  const ownOfParty = new Map(
    [...(needs ?? [])].map(([party, need]) => [party, Math.min(need, yields?.get(party) ?? 0)]),
  );
  const own = new Map([...ownParts(evidence, buys, ownOfParty), ...ownParts(evidence, sells, ownOfParty)]);
  const covered = [...ownOfParty.values()].reduce((sum, energy) => sum + energy, 0);
  const demand = buys.reduce((sum, { offered }) => sum + offered, 0) - covered;
  const supply = sells.reduce((sum, { offered }) => sum + offered, 0) - covered;
  const local = Math.min(demand, supply);
  const sum = BigInt(book.retailPrice) + BigInt(book.feedInPrice);
  const mid = (sum - (((sum % 2n) + 2n) % 2n)) / 2n;
  const pay = mid * BigInt(local) + BigInt(book.retailPrice) * BigInt(demand - local);
  const income = mid * BigInt(local) + BigInt(book.feedInPrice) * BigInt(supply - local);
  return { own, ownOfParty, demand, supply, local, mid: Number(mid), pay, income };
}

function ownParts(
  { book }: CommunityEvidence,
  readings: readonly Entrant[],
  ownOfParty: ReadonlyMap<string, number>,
): readonly (readonly [string, number])[] {
  const meters = new Map<string, Entrant[]>();
  for (const reading of readings) {
    const own = meters.get(reading.party);
    if (own === undefined) meters.set(reading.party, [reading]);
    else own.push(reading);
  }
  return [...meters].flatMap(([party, own]) => {
    const rankOf = (index: number): string => hashText(`${book.slot}\0${own[index]?.id ?? ""}`);
    const parts = largestRemainder(
      BigInt(ownOfParty.get(party) ?? 0),
      own.map(({ offered }) => offered),
      rankOf,
    );
    return own.map(({ id }, index) => [id, Number(parts[index] ?? 0n)] as const);
  });
}

/** Fills and own use of a party cover its readings; with own use stated, those of each tender. */
function served(evidence: CommunityEvidence, pool: Pool): readonly Finding[] {
  const { claim, filled } = evidence;
  const stated =
    claim.ownUse &&
    totals(
      claim.ownUse,
      ({ id }) => id,
      ({ energy }) => energy,
    );
  const findings: Finding[] = [];
  for (const side of ["buy", "sell"] as const) {
    const readings = readingsOf(evidence, side);
    const traded = totals(
      readings,
      ({ party }) => party,
      ({ id }) => filled.get(id) ?? 0,
    );
    const offered = totals(
      readings,
      ({ party }) => party,
      (reading) => reading.offered,
    );
    for (const [party, energy] of offered) {
      const due = energy - (pool.ownOfParty.get(party) ?? 0);
      const found = traded.get(party) ?? 0;
      if (found !== due) findings.push(energyFinding(evidence, "NOT_SERVED", party, due, found));
    }
    if (stated === undefined) continue;
    for (const { id, offered: energy } of readings) {
      const [due, found] = [energy - (filled.get(id) ?? 0), stated.get(id) ?? 0];
      if (found !== due) findings.push(energyFinding(evidence, "OWN_USE_MISSTATED", id, due, found));
    }
  }
  return findings;
}

/** Everybody's money is its part of the pool's, within a unit, and stated prices are the averages, rounded down. */
function averagePrices(evidence: CommunityEvidence, pool: Pool): readonly Finding[] {
  const { claim, accepted, notation } = evidence;
  const average = { buy: floorOf(pool.pay, pool.demand), sell: floorOf(pool.income, pool.supply) };
  const findings: Finding[] = [];
  const prices = [claim.price, claim.buyerPrice, claim.sellerPrice];
  const due = [pool.local > 0 ? pool.mid : null, average.buy, average.sell];
  if (prices.some((price, index) => price !== undefined && price !== due[index])) {
    findings.push(
      priceFinding(
        evidence,
        "PRICE_NOT_UNIFORM",
        null,
        due,
        prices.map((price) => price ?? null),
      ),
    );
  }
  for (const fill of claim.fills) {
    const side = accepted.get(fill.id)?.side;
    if (side === undefined || fill.energy <= 0) continue;
    if (fill.price !== undefined && fill.price !== null && fill.price !== average[side]) {
      findings.push(priceFinding(evidence, "PRICE_NOT_UNIFORM", fill.id, [average[side]], [fill.price]));
    }
    if (fill.amount === undefined || fill.amount === null) continue;
    const [total, energy] = side === "buy" ? [pool.pay, pool.demand] : [pool.income, pool.supply];
    const stated: bigint = fill.amount;
    const error = stated * BigInt(energy) - total * BigInt(fill.energy);
    const alone = BigInt(side === "buy" ? evidence.book.retailPrice : evidence.book.feedInPrice) * BigInt(fill.energy);
    if (side === "buy" ? fill.amount > alone : fill.amount < alone) {
      const [expected, found] = [notation.amount(alone), notation.amount(fill.amount)];
      findings.push({ code: "WORSE_THAN_SUPPLIER", subject: fill.id, expected, found });
    } else if (error >= BigInt(energy) || -error >= BigInt(energy)) {
      const expected = `${notation.amount(total)} × ${fill.energy} ÷ ${energy}`;
      findings.push({ code: "AMOUNT_MISSTATED", subject: fill.id, expected, found: notation.amount(fill.amount) });
    }
  }
  return findings;
}

function floorOf(amount: bigint, energy: number): number | null {
  if (energy <= 0) return null;
  const divisor = BigInt(energy);
  const remainder = ((amount % divisor) + divisor) % divisor;
  return Number((amount - remainder) / divisor);
}

/** Members' money and the supplier's add up; imports, exports and volume are what the readings leave. */
function supplier(evidence: CommunityEvidence, pool: Pool): readonly Finding[] {
  const { claim, notation } = evidence;
  const findings: Finding[] = [];
  const stated: [string, number | undefined, number][] = [
    ["imported", claim.imported, pool.demand - pool.local],
    ["exported", claim.exported, pool.supply - pool.local],
  ];
  for (const [subject, found, due] of stated) {
    if (found !== undefined && found !== due) {
      findings.push(energyFinding(evidence, "SUPPLIER_MISSTATED", subject, due, found));
    }
  }
  if (claim.energy !== undefined && claim.energy !== pool.local) {
    findings.push(energyFinding(evidence, "VOLUME_MISSTATED", null, pool.local, claim.energy));
  }
  for (const [side, due] of [
    ["buy", pool.pay],
    ["sell", pool.income],
  ] as const) {
    const found = exactMoney(evidence, side);
    if (found === undefined || found === due) continue;
    findings.push({
      code: "MONEY_UNBALANCED",
      subject: side,
      expected: notation.amount(due),
      found: notation.amount(found),
    });
  }
  return findings;
}

/** Money of a side whose fills all state amounts: prices alone are rounded. */
function exactMoney(evidence: CommunityEvidence, side: Side): bigint | undefined {
  const fills = evidence.claim.fills.filter(({ id }) => evidence.accepted.get(id)?.side === side);
  if (fills.some(({ amount }) => amount === undefined || amount === null)) return undefined;
  return fills.reduce((sum, fill) => sum + (moneyOf(evidence, fill) ?? 0n), 0n);
}

function surplus(evidence: CommunityEvidence, pool: Pool): readonly Finding[] {
  const { book, claim } = evidence;
  const buyers = BigInt(book.retailPrice) * BigInt(pool.demand) - pool.pay;
  const sellers = pool.income - BigInt(book.feedInPrice) * BigInt(pool.supply);
  return misstatements(evidence, [
    ["buyers", claim.surplus?.buyers, buyers],
    ["sellers", claim.surplus?.sellers, sellers],
    ["total", claim.surplus?.total, buyers + sellers],
  ]);
}

/** Strict: own use by largest remainder over a party's tenders, money by largest remainder over all of a side. */
function splitByRule(evidence: CommunityEvidence, pool: Pool): readonly Finding[] {
  const { book, claim, filled, notation } = evidence;
  const energies = [...evidence.accepted.values()].flatMap(({ id, offered }): Finding[] => {
    const [due, found] = [offered - (pool.own.get(id) ?? 0), filled.get(id) ?? 0];
    return due === found ? [] : [energyFinding(evidence, "FILL_NOT_BY_RULE", id, due, found)];
  });
  const money = (["buy", "sell"] as const).flatMap((side) => {
    const fills = claim.fills
      .filter(({ id, energy }) => evidence.accepted.get(id)?.side === side && energy > 0)
      .toSorted((a, b) => compareText(a.id, b.id));
    const rankOf = (index: number): string => hashText(`${book.slot}\0${fills[index]?.id ?? ""}`);
    const due = largestRemainder(
      side === "buy" ? pool.pay : pool.income,
      fills.map(({ energy }) => energy),
      rankOf,
    );
    return fills.flatMap(({ id, amount }, index): Finding[] => {
      const expected = due[index] ?? 0n;
      if (amount === undefined || amount === null || amount === expected) return [];
      return [
        { code: "FILL_NOT_BY_RULE", subject: id, expected: notation.amount(expected), found: notation.amount(amount) },
      ];
    });
  });
  return [...energies, ...money];
}
