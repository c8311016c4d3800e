import { expect, test } from "@jest/globals";
import { formatInstant, instantMs, times } from "@micromarket/kernel";
import { gateInstant } from "@micromarket/engine";
import { marketRules, NOON } from "@micromarket/testkit";
import { formatDuration, tendersOfMessage, type ClientMessage, type EiTender } from "@micromarket/protocol";

const RULES = marketRules();
const SLOT = formatInstant(NOON);
const LENGTH = formatDuration(RULES.slotLength);
type CreateTender = ClientMessage<"EiCreateTender">["data"];

function limit(more: Partial<EiTender> = {}): EiTender {
  return {
    tenderId: "t1",
    priceScale: -6,
    quantityScale: -3,
    resourceDesignator: "ENERGY",
    side: "BUY",
    tenderDetail: { interval: { dtStart: SLOT, duration: LENGTH }, price: 250_000, quantity: 500 },
    ...more,
  };
}

function create(tender: EiTender[], more: Partial<CreateTender> = {}): CreateTender {
  return { requestId: "r1", partyId: "anne", tender, ...more };
}

const stream = (intervals: readonly (readonly [number, number | null, number])[]) => ({
  stream: {
    streamStart: SLOT,
    streamIntervalDuration: LENGTH,
    streamIntervals: intervals.map(([streamUid, price, quantity]) => ({
      streamUid,
      streamIntervalPrice: price,
      streamIntervalQuantity: quantity,
    })),
  },
});

test("a tender of one interval is a limit order under the party's own name", () => {
  expect(tendersOfMessage(create([limit()]), RULES)).toEqual({
    ok: true,
    value: [
      {
        clientOrderId: "t1",
        slot: NOON,
        tender: { id: "anne/t1", party: "anne", side: "buy", steps: [{ price: 250_000, energy: 500 }] },
      },
    ],
  });
});

test("a tender without a price trades at any", () => {
  const detail = { interval: { dtStart: SLOT, duration: LENGTH }, price: null, quantity: 500 };
  expect(tendersOfMessage(create([limit({ tenderDetail: detail, side: "SELL" })]), RULES)).toMatchObject({
    value: [{ tender: { side: "sell", steps: [{ price: null, energy: 500 }] } }],
  });
});

test("a stream is as many orders as it has intervals with a quantity", () => {
  const tender = limit({
    tenderDetail: stream([
      [0, 1_000, 5],
      [1, null, 0],
      [2, -3_000, 7],
    ]),
  });
  const read = tendersOfMessage(create([tender], { partial: true }), RULES);
  expect(read).toMatchObject({
    ok: true,
    value: [
      { clientOrderId: "t1.0", slot: NOON, tender: { id: "anne/t1.0", steps: [{ price: 1_000, energy: 5 }] } },
      {
        clientOrderId: "t1.2",
        slot: NOON + times(RULES.slotLength, 2),
        tender: { steps: [{ price: -3_000, energy: 7 }] },
      },
    ],
  });
  expect(read.ok && read.value.length).toBe(2);
});

const gate = gateInstant(RULES, NOON);

test.each<[string, CreateTender, readonly string[]]>([
  ["another market", create([limit()], { marketId: "elsewhere" }), ["/marketId"]],
  ["another segment", create([limit()], { segmentId: 2 }), ["/segmentId"]],
  ["a counterparty of one's choice", create([limit()], { counterPartyId: "bert" }), ["/counterPartyId"]],
  ["execution instructions", create([limit()], { executionInstructions: "now" }), ["/executionInstructions"]],
  ["one of many", create([limit()], { atMostOne: true }), ["/atMostOne"]],
  ["another price scale", create([limit({ priceScale: -2 })]), ["/tender/0/priceScale"]],
  ["another quantity scale", create([limit({ quantityScale: 0 })]), ["/tender/0/quantityScale"]],
  ["power", create([limit({ resourceDesignator: "POWER" })]), ["/tender/0/resourceDesignator"]],
  ["a warrant", create([limit({ warrants: [{ warrantId: "green" }] })]), ["/tender/0/warrants"]],
  ["all or none", create([limit({ allOrNone: true })]), ["/tender/0/allOrNone"]],
  ["the market's id", create([limit({ marketOrderId: "7" })]), ["/tender/0/marketOrderId"]],
  ["a quote", create([limit({ referencedQuoteId: "q" })]), ["/tender/0/referencedQuoteId"]],
  [
    "an end before the gate",
    create([limit({ expirationTime: formatInstant(instantMs(gate - 1)) })]),
    ["/tender/0/expirationTime"],
  ],
  [
    "an end that does not exist",
    create([limit({ expirationTime: "2026-02-30T00:00Z" })]),
    ["/tender/0/expirationTime"],
  ],
  [
    "half a slot",
    create([limit({ tenderDetail: { interval: { dtStart: SLOT, duration: "PT1S" }, price: 1, quantity: 1 } })]),
    ["/tender/0/tenderDetail/interval"],
  ],
  [
    "a start between slots",
    create([
      limit({
        tenderDetail: {
          interval: { dtStart: formatInstant(instantMs(NOON + 1)), duration: LENGTH },
          price: 1,
          quantity: 1,
        },
      }),
    ]),
    ["/tender/0/tenderDetail/interval"],
  ],
  [
    "intervals out of order",
    create([limit({ tenderDetail: stream([[1, 1, 1]]) })]),
    ["/tender/0/tenderDetail/stream/streamIntervals/0/streamUid"],
  ],
  [
    "an id that leaves no room for the interval's number",
    create([limit({ tenderId: "x".repeat(36), tenderDetail: stream([[0, 1, 1]]) })]),
    ["/tender/0/tenderId"],
  ],
  ["one id twice", create([limit(), limit()]), ["/tender"]],
  [
    "several faults",
    create([limit({ priceScale: 0, allOrNone: true }), limit({ tenderId: "t2", quantityScale: 0 })], { segmentId: 9 }),
    ["/segmentId", "/tender/0/priceScale", "/tender/0/allOrNone", "/tender/1/quantityScale"],
  ],
])("%s is a violation", (_, message, paths) => {
  const read = tendersOfMessage(message, RULES);
  expect(read.ok ? [] : read.error.map(({ attributeViolated }) => attributeViolated)).toEqual(paths);
});

test("an end at the gate is one that the market keeps", () => {
  expect(tendersOfMessage(create([limit({ expirationTime: formatInstant(gate) })]), RULES).ok).toBe(true);
});
