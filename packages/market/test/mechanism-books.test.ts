/** Each mechanism on 100,000 random books: the auditor has nothing to say, the order of arrival changes nothing. */
import { describe, expect, test } from "@jest/globals";
import { randomStream } from "@micromarket/kernel";
import {
  auditDemandCurve,
  auditHuang,
  auditMcAfee,
  auditMidMarketRate,
  auditPayAsBid,
  auditSharingKey,
  clearDemandCurve,
  clearHuang,
  clearMcAfee,
  clearMidMarketRate,
  clearPayAsBid,
  clearSharingKey,
  describeFinding,
  type Book,
  type Finding,
  type MechanismResult,
} from "@micromarket/market";
import { randomBook, shuffled } from "@micromarket/testkit";
import { randomCommunity, randomCurveBook, sizeOf } from "./random-community.ts";

const BOOKS = 100_000;

interface Case<B extends Book, R extends MechanismResult> {
  readonly book: (seed: number) => B;
  readonly clear: (book: B) => R;
  readonly audit: (book: B, result: R, options: { strict: boolean }) => readonly Finding[];
}

const bidsOf = (seed: number): Book => randomBook(seed, sizeOf(seed));

describe(`${BOOKS} random books`, () => {
  test("pay-as-bid", () => hold({ book: bidsOf, clear: clearPayAsBid, audit: auditPayAsBid }));
  test("demand-curve", () => hold({ book: randomCurveBook, clear: clearDemandCurve, audit: auditDemandCurve }));
  test("mcafee", () => hold({ book: bidsOf, clear: clearMcAfee, audit: auditMcAfee }));
  test("huang", () => hold({ book: bidsOf, clear: clearHuang, audit: auditHuang }));
  test("mid-market-rate", () => hold({ book: randomCommunity, clear: clearMidMarketRate, audit: auditMidMarketRate }));
  test("sharing-key", () => hold({ book: randomCommunity, clear: clearSharingKey, audit: auditSharingKey }));
});

/** Strict audit of each; of every tenth permuted book (not under time priority) the same answer; enough of them trade. */
function hold<B extends Book, R extends MechanismResult>({ book: bookOf, clear, audit }: Case<B, R>): void {
  const faults: string[] = [];
  let traded = 0;
  for (let seed = 0; seed < BOOKS && faults.length < 10; seed++) {
    const book = bookOf(seed);
    const result = clear(book);
    if (result.energy > 0) traded += 1;
    for (const finding of audit(book, result, { strict: true }))
      faults.push(`book ${seed}: ${describeFinding(finding)}`);
    if (seed % 10 !== 0 || book.rules.rationing === "time-priority") continue;
    const permuted = { ...book, tenders: shuffled(randomStream(seed, "permutation"), book.tenders) };
    if (textOf(clear(permuted)) !== textOf(result)) faults.push(`book ${seed}: another order, another answer`);
  }
  expect(faults).toEqual([]);
  expect(traded).toBeGreaterThan(BOOKS / 20); // in small books the marginal pair that Huang leaves out is often all
}

function textOf(result: MechanismResult): string {
  return JSON.stringify(result, (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value));
}
