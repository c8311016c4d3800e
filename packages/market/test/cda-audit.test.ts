/** The auditor of sessions finds every kind of falsification, and nothing in results that are right. */
import { describe, expect, test } from "@jest/globals";
import { amountNano, floorDivide, priceMicro, randomStream } from "@micromarket/kernel";
import { auditSession, runSession } from "@micromarket/market";
import { SESSION_TAMPERINGS } from "./cda-tamperings.ts";
import { claimOf, randomSession } from "./random-session.ts";

const SESSIONS = 80;
/** Each kind of falsification has to find at least so many occasions. */
const OCCASIONS_MIN = 8;

const played = Array.from({ length: SESSIONS }, (_, seed) => {
  const session = randomSession(randomStream(seed, "tampering", "session"), 30 + seed);
  return { seed, session, claim: claimOf(runSession(session)) };
});

test("right results have nothing to be found, in either mode", () => {
  for (const { seed, session, claim } of played) {
    for (const strict of [false, true]) {
      expect({ seed, findings: auditSession(session, claim, { strict }) }).toEqual({ seed, findings: [] });
    }
  }
});

test("a bare result passes as well: what is not claimed is not checked", () => {
  for (const { session, claim } of played) {
    const { price, fills, trades } = claim;
    const bare = {
      price,
      fills: fills.map(({ id, energy }) => ({ id, energy })),
      trades: trades.map(({ buy, sell, energy, price: at }) => ({ buy, sell, energy, price: at })),
    };
    expect(auditSession(session, bare, { strict: true })).toEqual([]);
  }
});

test("fills alone pass as well, with mean prices rounded to either side", () => {
  for (const { session, claim } of played) {
    for (const up of [0, 1]) {
      const fills = claim.fills.map(({ id, energy, value = amountNano(0n) }) => {
        const below = floorDivide(value, BigInt(energy));
        const isWhole = value === below * BigInt(energy);
        return { id, energy, price: priceMicro(Number(below) + (isWhole ? 0 : up)) };
      });
      expect(auditSession(session, { price: claim.price, fills }, { strict: true })).toEqual([]);
      expect(auditSession(session, { price: claim.price, fills, trades: claim.trades }, { strict: true })).toEqual([]);
    }
  }
});

describe("falsified results", () => {
  test.each(SESSION_TAMPERINGS)("$name ($foundBy)", ({ name, foundBy, codes, apply }) => {
    let occasions = 0;
    const missed: string[] = [];
    for (const { seed, session, claim } of played) {
      const forged = apply(session, claim, randomStream(seed, name));
      if (forged === null) continue;
      occasions += 1;
      const found = auditSession(session, forged, { strict: foundBy === "strict" }).map(({ code }) => code);
      if (!codes.some((code) => found.includes(code))) missed.push(`session ${seed}: ${found.join(" ")}`);
    }
    expect(missed).toEqual([]);
    expect(occasions).toBeGreaterThanOrEqual(OCCASIONS_MIN);
  });
});
