/** Examples of the other services of CTS: registration, reference data, tickers, quotes, positions, deliveries. */
import type { ClientExample } from "./client-example.ts";

const DAY = { dtStart: "2026-07-01T00:00Z", duration: "P1D" };
const SLOT = { dtStart: "2026-07-01T12:00Z", duration: "PT15M" };

const indication = { priceScale: -6, quantityScale: -3, resourceDesignator: "ENERGY" } as const;

/** Who takes part, what is traded, who tells of it. */
export const REFERENCE_EXAMPLES: readonly ClientExample[] = [
  {
    type: "EiCreatePartyRegistration",
    title: "a party takes part",
    data: { requestId: "g-1", registreePartyId: "dora" },
    answer: "EiCreatedPartyRegistration",
  },
  {
    type: "EiRequestPartyRegistration",
    title: "who takes part",
    data: { requestId: "g-2" },
    answer: "EiReplyPartyRegistration",
  },
  {
    type: "EiManageMarketReferenceData",
    title: "what holds for the market",
    data: { subscriptionActionRequested: "SNAPSHOT", partyId: "anne", subscriptionRequestId: "m-1" },
    answer: "EiManagedMarketReferenceData",
  },
  {
    type: "EiManageSegmentReferenceData",
    title: "what holds for its segment",
    data: { subscriptionActionRequested: "SNAPSHOT", partyId: "anne", subscriptionRequestId: "m-2" },
    answer: "EiManagedSegmentReferenceData",
  },
  {
    type: "EiManageSessionData",
    title: "where trading stands now",
    data: { subscriptionActionRequested: "SNAPSHOT", partyId: "anne", subscriptionRequestId: "m-6" },
    answer: "EiManagedSessionData",
  },
  {
    type: "EiManageSessionData",
    title: "where trading stands, now and whenever it changes",
    data: {
      ...{ subscriptionActionRequested: "SNAPSHOT_AND_UPDATES", partyId: "anne" },
      ...{ subscriptionRequestId: "m-3", subscriptionId: "session" },
    },
    answer: "EiManagedSessionData",
  },
  {
    type: "EiManageTickerSubscription",
    title: "every transaction, without names",
    data: {
      ...{ subscriptionActionRequested: "SNAPSHOT_AND_UPDATES", partyId: "anne", tickerType: "TRANSACTIONS" },
      ...{ subscriptionRequestId: "m-4", subscriptionId: "ticker" },
    },
    answer: "EiManagedTickerSubscription",
  },
];

/** Indications; they commit nobody. */
export const QUOTE_EXAMPLES: readonly ClientExample[] = [
  {
    type: "EiCreateRfq",
    title: "who would sell 2 kWh at noon?",
    data: {
      ...{ requestId: "q-1", partyId: "anne" },
      rfq: {
        ...{ ...indication, side: "BUY", rfqId: "rfq-1", boundingInterval: SLOT },
        tenderDetail: { interval: SLOT, price: null, quantity: 2_000 },
      },
    },
    answer: "EiCreatedRfq",
  },
  {
    type: "EiCreateQuote",
    title: "about 0.15 a kWh",
    data: {
      ...{ requestId: "q-2", partyId: "carl" },
      quote: [
        {
          ...{ ...indication, side: "SELL", quoteId: "quote-1", rfqId: "board-1" },
          tenderDetail: { interval: SLOT, price: 150_000, quantity: 2_000 },
        },
      ],
    },
    answer: "EiCreatedQuote",
  },
  {
    type: "EiAcceptQuote",
    title: "a quote is an indication here: refused with QUOTE_NOT_ACTIONABLE",
    data: { requestId: "q-3", partyId: "anne", referencedQuoteId: "board-2" },
    answer: "EiAcceptedQuote",
  },
  {
    type: "EiRejectQuote",
    title: "no, thank you",
    data: { requestId: "q-4", partyId: "anne", referencedQuoteId: "board-2" },
    answer: "EiRejectedQuote",
  },
  {
    type: "EiCancelQuote",
    title: "not any more",
    data: { requestId: "q-5", partyId: "carl", quoteIds: ["quote-1"] },
    answer: "EiCanceledQuote",
  },
];

/** What was traded and what flowed. */
export const SETTLEMENT_EXAMPLES: readonly ClientExample[] = [
  {
    type: "EiRequestTransaction",
    title: "what was executed today",
    data: { requestId: "p-1", partyId: "anne", boundingInterval: DAY },
    answer: "EiReplyTransaction",
    after: "gate",
  },
  {
    type: "EiCreatedTransaction",
    title: "a receipt for a transaction; nothing waits for it",
    data: { partyId: "anne", transactionId: "1782907200000/t-1" },
    answer: "EiReplyTransaction",
    after: "gate",
  },
  {
    type: "EiRequestPosition",
    title: "bought (+) or sold (−), slot by slot",
    data: {
      ...{ requestId: "p-2", requestor: "anne", positionParty: "anne" },
      ...{ resourceDesignator: "ENERGY", boundingInterval: DAY },
    },
    answer: "EiReplyPosition",
    after: "gate",
  },
  {
    type: "EiCreateDelivery",
    title: "what was drawn from the grid, as metered",
    data: {
      ...{ requestId: "p-3", partyId: "anne", resourceDesignator: "ENERGY", boundingInterval: DAY },
      injection: false,
    },
    answer: "EiCreatedDelivery",
    after: "gate",
  },
  {
    type: "EiManageInstrumentData",
    title: "price and volume of the slots of a day",
    data: {
      ...{ subscriptionActionRequested: "SNAPSHOT", partyId: "anne", subscriptionRequestId: "m-5" },
      ...{ boundingInterval: DAY, instrumentSummaryType: "SESSION" },
    },
    answer: "EiManagedInstrumentData",
    after: "gate",
  },
  {
    type: "EiCancelPartyRegistration",
    title: "a party takes part no more",
    data: { requestId: "g-3", registreePartyId: "dora" },
    answer: "EiCanceledPartyRegistration",
    after: "gate",
  },
];
