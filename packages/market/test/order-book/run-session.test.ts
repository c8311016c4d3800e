/** Sessions: names, refusals, and what is told of them; the naive and the fast book give the same result. */
import { describe, expect, test } from "@jest/globals";
import { isDeepStrictEqual } from "node:util";
import { partyId, priceMicro, randomStream, tenderId, wattHours } from "@micromarket/kernel";
import {
  auditSession,
  NaiveOrderBook,
  runSession,
  type OrderEntry,
  type Session,
  type SessionEntry,
  type SessionRules,
} from "@micromarket/market";
import { claimOf, randomSession } from "../random-session.ts";

const RULES: SessionRules = { tick: priceMicro(1), priceFloor: null, priceCap: null, selfTrade: "allow" };

function order(text: string, rest: Partial<OrderEntry> = {}): OrderEntry {
  const [id = "", side = "", amount = "", party = id] = text.split(" ");
  const [energy = "", price = ""] = amount.split("@");
  return {
    ...{ request: "order", at: null, id: tenderId(id), party: partyId(party), side: side === "buy" ? "buy" : "sell" },
    price: price === "" ? null : priceMicro(Number(price)),
    energy: wattHours(Number(energy)),
    ...{ timeInForce: "gtc", postOnly: false, expires: null, conditions: [] },
    ...rest,
  };
}

const cancel = (id: string, at: number | null = null): SessionEntry => ({ request: "cancel", at, id });
const replace = (id: string, price: number | null, energy: number | null): SessionEntry => ({
  ...{ request: "replace", at: null, id },
  price: price === null ? null : priceMicro(price),
  energy: energy === null ? null : wattHours(energy),
});
const session = (entries: readonly SessionEntry[], rules: Partial<SessionRules> = {}): Session => ({
  rules: { ...RULES, ...rules },
  entries,
});

describe("a session", () => {
  test("an empty one", () => {
    expect(runSession(session([]))).toMatchObject({
      price: null,
      energy: 0,
      value: 0n,
      trades: [],
      bids: [],
      asks: [],
    });
  });

  test("trades at resting prices; fills carry exact values; the rest is told", () => {
    const result = runSession(
      session([
        order("s1 sell 2@-7"),
        order("s2 sell 3@8"),
        order("s3 sell 9@9"),
        order("b1 buy 4@8"),
        order("b2 buy 1@1"),
      ]),
    );
    expect(result).toMatchObject({
      ...{ price: 8, energy: 4, value: 2n, interval: { low: 1, high: 8 } },
      surplus: { buyers: 30n, sellers: 0n },
      fills: [
        { id: "b1", energy: 4, value: 2n },
        { id: "s1", energy: 2, value: -14n },
        { id: "s2", energy: 2, value: 16n },
      ],
      trades: [
        { buy: "b1", sell: "s1", energy: 2, price: -7, maker: "sell" },
        { buy: "b1", sell: "s2", energy: 2, price: 8, maker: "sell" },
      ],
      bids: [{ id: "b2", price: 1, energy: 1 }],
      asks: [
        { id: "s2", price: 8, energy: 1 },
        { id: "s3", price: 9, energy: 9 },
      ],
    });
  });

  test("what ends otherwise: cancelled with a reason, expired, refused", () => {
    const entries = [
      order("a sell 5@10 A"),
      order("b buy 7@10 B", { timeInForce: "ioc" }),
      order("c buy 7@10 B", { timeInForce: "fok" }),
      order("d buy 7@10 B", { timeInForce: "gtt", expires: 4, at: 1 }),
      cancel("a", 3),
      cancel("z", 4),
      order("e sell 1@20 E"),
      order("f buy 1@20 E"),
      cancel("e"),
    ];
    expect(runSession(session(entries, { selfTrade: "cancel-newest" }))).toMatchObject({
      cancelled: [
        { id: "b", energy: 2, reason: "IMMEDIATE_OR_CANCEL" },
        { id: "c", energy: 7, reason: "FILL_OR_KILL" },
        { id: "f", energy: 1, reason: "SELF_TRADE" },
        { id: "e", energy: 1, reason: "REQUESTED" },
      ],
      expired: [{ id: "d", energy: 7 }],
      rejections: [
        { id: "a", code: "ORDER_NOT_LIVE", request: "cancel" },
        { id: "z", code: "ORDER_UNKNOWN", request: "cancel" },
      ],
    });
  });

  test("refusals of an order, in their order of precedence", () => {
    const late = { timeInForce: "gtt", expires: 5 } as const;
    const fok = { timeInForce: "fok" } as const;
    const conditions = ["allOrNone"] as const;
    const entries = [
      order("s sell 1@10 S", { at: 5 }),
      order("s buy 0@13", { conditions, postOnly: true, ...fok }),
      order("a buy 0@13", { conditions, postOnly: true, ...fok }),
      order("b buy 0@13", { postOnly: true, ...fok }),
      order("c buy 1@13", { postOnly: true, ...fok }),
      order("d buy 1@11", { postOnly: true, ...fok }),
      order("e buy 1@10", { postOnly: true, ...fok }),
      order("m buy 1", { postOnly: true }),
      order("f buy 1@10", { postOnly: true, ...late }),
      order("g buy 1@10", { postOnly: true }),
      order("g buy 1@8"),
    ];
    const rules = { priceFloor: priceMicro(0), priceCap: priceMicro(12), tick: priceMicro(2) };
    expect(runSession(session(entries, rules)).rejections.map(({ id, code }) => `${id} ${code}`)).toEqual([
      "s DUPLICATE_ID",
      "a CONDITION_UNSUPPORTED",
      "b QUANTITY_NOT_POSITIVE",
      "c PRICE_OUT_OF_BAND",
      "d PRICE_OFF_TICK",
      "e POST_ONLY_CONFLICT",
      "m POST_ONLY_CONFLICT",
      "f EXPIRES_IN_PAST",
      "g POST_ONLY_WOULD_TRADE",
      "g DUPLICATE_ID",
    ]);
  });

  test("refusals of a replacement, in their order of precedence; a refused one changes nothing", () => {
    const entries = [
      order("s sell 1@10 S"),
      order("p buy 3@4 P", { postOnly: true }),
      order("x buy 0@4"),
      replace("y", 11, 0),
      replace("x", 11, 0),
      replace("p", 99, 0),
      replace("p", 99, 1),
      replace("p", 11, 1),
      replace("p", 10, null),
    ];
    const rules = { priceFloor: priceMicro(0), priceCap: priceMicro(12), tick: priceMicro(2) };
    const result = runSession(session(entries, rules));
    expect(result.rejections.slice(1).map(({ id, code }) => `${id} ${code}`)).toEqual([
      "y ORDER_UNKNOWN",
      "x ORDER_NOT_LIVE",
      "p QUANTITY_NOT_POSITIVE",
      "p PRICE_OUT_OF_BAND",
      "p PRICE_OFF_TICK",
      "p POST_ONLY_WOULD_TRADE",
    ]);
    expect(result.bids).toEqual([{ id: "p", price: 4, energy: 3 }]);
  });

  test("a replacement keeps what it leaves out", () => {
    const result = runSession(session([order("a buy 3@4"), replace("a", 5, null), replace("a", null, 2)]));
    expect(result.bids).toEqual([{ id: "a", price: 5, energy: 2 }]);
  });

  test.each([
    ["the cap", { priceCap: priceMicro(50) }, [], 45n],
    ["the highest buy limit", {}, [order("x buy 1@3"), order("y buy 1@4")], 0n],
    ["the highest buy limit above the price", {}, [order("x buy 1@9"), order("s2 sell 1@6")], 7n],
    ["the price, where nobody names another", {}, [], 0n],
  ])("a market buy is worth %s", (_name, rules, more, buyers) => {
    const entries = [order("s sell 1@5"), ...more, order("m buy 1")];
    expect(runSession(session(entries, rules)).surplus.buyers).toBe(buyers);
  });

  test("parties that traded with themselves are named", () => {
    expect(runSession(session([order("a sell 1@5 P"), order("b buy 1@5 P")])).selfTrades).toEqual(["P"]);
  });
});

test("random sessions: both books give the same result, which passes the strict audit", () => {
  for (let seed = 0; seed < 250; seed++) {
    const random = randomSession(randomStream(seed, "session"), 5 + (seed % 120));
    const result = runSession(random);
    const naive = runSession(random, (rules) => new NaiveOrderBook(rules));
    if (!isDeepStrictEqual(result, naive)) expect({ seed, result }).toEqual({ seed, result: naive });
    const findings = auditSession(random, claimOf(result), { strict: true });
    expect({ seed, findings }).toEqual({ seed, findings: [] });
  }
});
