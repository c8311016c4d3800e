/** Examples of answers in the words of CTS. */
import type { ServerExample } from "./server-example.ts";

/** Answers, and what is told unasked. */
export const SERVER_CTS_EXAMPLES: readonly ServerExample[] = [
  {
    type: "EiCreatedPartyRegistration",
    id: "q22",
    ts: 1_782_903_600_613,
    data: {
      inResponseTo: "g-1",
      registrarPartyId: "supplier",
      registrationId: "dora",
      registreePartyId: "dora",
      state: "active",
      response: ok("g-1"),
    },
  },
  {
    type: "EiReplyPartyRegistration",
    id: "q23",
    ts: 1_782_903_600_675,
    data: {
      inResponseTo: "g-2",
      registrations: [
        { registrationId: "anne", registreePartyId: "anne", state: "active" },
        { registrationId: "bert", registreePartyId: "bert", state: "active" },
        { registrationId: "carl", registreePartyId: "carl", state: "active" },
        { registrationId: "dora", registreePartyId: "dora", state: "active" },
        { registrationId: "supplier", registreePartyId: "supplier", state: "active" },
      ],
      response: ok("g-2"),
    },
  },
  {
    type: "EiCreatedTender",
    id: "q28",
    ts: 1_782_903_601_267,
    data: {
      inResponseTo: "r-1",
      partyId: "anne",
      counterPartyId: "supplier",
      tenderId: "t-1",
      marketOrderId: "9",
      tenders: [{ tenderId: "t-1", marketOrderId: "9", state: "open", response: ok("r-1") }],
      duplicate: false,
      response: ok("r-1"),
    },
  },
  {
    type: "EiReplyTender",
    id: "q35",
    ts: 1_782_903_601_444,
    data: {
      inResponseTo: "r-4",
      partyId: "anne",
      counterPartyId: "supplier",
      tenders: [
        {
          tenderId: "t-1",
          marketOrderId: "9",
          marketId: "street",
          priceScale: -6,
          quantityScale: -3,
          resourceDesignator: "ENERGY",
          side: "BUY",
          tenderDetail: {
            interval: { dtStart: "2026-07-01T12:00Z", duration: "PT15M" },
            price: 310_000,
            quantity: 800,
          },
          expirationTime: "2026-07-01T11:55Z",
          state: "open",
          remainingQuantity: 800,
        },
      ],
      response: ok("r-4"),
    },
  },
  {
    type: "EiCanceledTender",
    id: "q37",
    ts: 1_782_903_601_607,
    data: {
      inResponseTo: "r-5",
      partyId: "anne",
      counterPartyId: "supplier",
      eiCanceledResponse: [{ cancelReason: "REQUESTED", marketOrderId: "13", remainingQuantity: 400, success: true }],
      response: ok("r-5"),
    },
  },
  {
    type: "EiCreatedRfq",
    id: "q40",
    ts: 1_782_903_601_808,
    data: {
      inResponseTo: "q-1",
      partyId: "anne",
      counterPartyId: "supplier",
      rfqId: "rfq-1",
      marketRfqId: "board-1",
      response: ok("q-1"),
    },
  },
  {
    type: "EiCreatedQuote",
    id: "q41",
    ts: 1_782_903_601_917,
    data: {
      inResponseTo: "q-2",
      partyId: "carl",
      counterPartyId: "supplier",
      quotes: [{ quoteId: "quote-1", marketQuoteId: "board-2", response: ok("q-2") }],
      response: ok("q-2"),
    },
  },
  {
    type: "EiAcceptedQuote",
    id: "q42",
    ts: 1_782_903_601_992,
    data: {
      inResponseTo: "q-3",
      partyId: "anne",
      counterPartyId: "supplier",
      transactionId: null,
      recipientTransactionId: null,
      finalMarketTransaction: null,
      response: {
        responseCode: 409,
        responseDescription: "a quote is an indication: place a tender at its price",
        refId: "q-3",
        createdDateTime: "2026-07-01T11:00Z",
        code: "QUOTE_NOT_ACTIONABLE",
      },
    },
  },
  {
    type: "EiRejectedQuote",
    id: "q43",
    ts: 1_782_903_602_024,
    data: {
      inResponseTo: "q-4",
      partyId: "anne",
      counterPartyId: "supplier",
      referencedQuoteId: "board-2",
      response: ok("q-4"),
    },
  },
  {
    type: "EiCanceledQuote",
    id: "q44",
    ts: 1_782_903_602_065,
    data: {
      inResponseTo: "q-5",
      partyId: "carl",
      counterPartyId: "supplier",
      eiCanceledResponse: [
        { cancelReason: "REQUESTED", marketOrderId: "board-2", remainingQuantity: 0, success: true },
      ],
      response: ok("q-5"),
    },
  },
  {
    type: "EiReplyTransaction",
    id: "q46",
    ts: 1_782_903_602_167,
    data: {
      inResponseTo: "p-1",
      partyId: "anne",
      counterPartyId: "supplier",
      transactions: [
        {
          marketTransactionId: "1782907200000/t-1",
          tender: {
            tenderId: "t-1",
            marketId: "street",
            priceScale: -6,
            quantityScale: -3,
            resourceDesignator: "ENERGY",
            side: "BUY",
            tenderDetail: {
              interval: { dtStart: "2026-07-01T12:00Z", duration: "PT15M" },
              price: 300_000,
              quantity: 800,
            },
          },
        },
      ],
      response: ok("p-1"),
    },
  },
  {
    type: "EiReplyPosition",
    id: "q48",
    ts: 1_782_903_602_201,
    data: {
      inResponseTo: "p-2",
      requestor: "anne",
      positionParty: "anne",
      boundingInterval: { dtStart: "2026-07-01T00:00Z", duration: "P1D" },
      positions: {
        streamStart: "2026-07-01T12:00Z",
        streamIntervalDuration: "PT15M",
        streamIntervals: [{ streamUid: 0, streamIntervalPrice: 300_000, streamIntervalQuantity: 800 }],
      },
      response: ok("p-2"),
    },
  },
  {
    type: "EiCreatedDelivery",
    id: "q49",
    ts: 1_782_903_602_269,
    data: {
      inResponseTo: "p-3",
      partyId: "anne",
      counterPartyId: "supplier",
      delivery: {
        injection: false,
        stream: {
          streamStart: "2026-07-01T12:00Z",
          streamIntervalDuration: "PT15M",
          streamIntervals: [{ streamUid: 0, streamIntervalPrice: null, streamIntervalQuantity: 900 }],
        },
      },
      createdDateTime: "2026-07-01T11:55Z",
      response: ok("p-3"),
    },
  },
  {
    type: "EiCanceledPartyRegistration",
    id: "q51",
    ts: 1_782_903_602_372,
    data: { inResponseTo: "g-3", registreePartyId: "dora", response: ok("g-3") },
  },
  {
    type: "EiCreateTransaction",
    ts: 1_782_903_605_000,
    data: {
      requestId: "x-1",
      partyId: "anne",
      counterPartyId: "supplier",
      marketTransactionId: "1782907200000/t-1",
      transaction: {
        marketTransactionId: "1782907200000/t-1",
        tender: {
          tenderId: "t-1",
          marketId: "street",
          priceScale: -6,
          quantityScale: -3,
          resourceDesignator: "ENERGY",
          side: "BUY",
          tenderDetail: {
            interval: { dtStart: "2026-07-01T12:00Z", duration: "PT15M" },
            price: 300_000,
            quantity: 800,
          },
        },
      },
    },
  },
  {
    type: "EiTicker",
    ts: 1_782_903_605_000,
    data: {
      subscriptionId: "ticker",
      tickerType: "TRANSACTIONS",
      party: "supplier",
      counterParty: "supplier",
      transaction: { price: 300_000, quantity: 1_300, interval: { dtStart: "2026-07-01T12:00Z", duration: "PT15M" } },
    },
  },
];

/** All is well. */
function ok(refId: string) {
  return { responseCode: 200, responseDescription: "OK", refId, createdDateTime: "2026-07-01T11:00Z" };
}
