/** What this market says of itself in the words of CTS: a pure view of its founding rules and of the moment. */
import { ENERGY_MAX, gateInstant, TENDERS_MAX, type MarketRules } from "@micromarket/engine";
import { durationMs, formatInstant, instantMs, slotAfter, slotAt, type InstantMs } from "@micromarket/kernel";
import { formatDuration } from "./duration.ts";
import type { Interval } from "./objects.ts";
import type { MarketReferenceData, SegmentReferenceData, SessionData } from "./reference-data.ts";
import { marketPartyOf, PRICE_SCALE, QUANTITY_SCALE, SEGMENT_ID } from "./tenders-of-message.ts";

const RESOURCE_UNIT = "kWh";

/** Where clients trade and listen. */
export interface Endpoints {
  readonly trade: string;
  readonly subscription: string;
}

/** The market. */
export function marketReferenceData(rules: MarketRules): MarketReferenceData {
  return {
    marketId: rules.market,
    marketName: rules.market,
    marketPartyId: marketPartyOf(rules),
    currency: rules.currency,
    currencyCodeSource: "ISO 4217",
    resourceDesignator: "ENERGY",
    priceScale: PRICE_SCALE,
    tickSize: rules.auction.tick,
    timeOffset: "PT0S",
    marketMechanismLevelTwo: "ScheduleIntradayAuction",
    maximumTrade: ENERGY_MAX,
    maximumResourceAmount: ENERGY_MAX,
    maximumResourceDuration: formatDuration(rules.slotLength),
    maximumResourceUnit: RESOURCE_UNIT,
    segments: [SEGMENT_ID],
  };
}

/** Its only segment at `now`. */
export function segmentReferenceData(rules: MarketRules, now: InstantMs, endpoints: Endpoints): SegmentReferenceData {
  return {
    marketId: rules.market,
    segmentId: SEGMENT_ID,
    segmentDesc: "energy of one slot in a uniform-price call auction at its gate",
    segmentStatus: "ACTIVE",
    product: {
      resourceDesignator: "ENERGY",
      resourceDescription: "active energy at the party's connection point",
      resourceUnit: RESOURCE_UNIT,
      duration: formatDuration(rules.slotLength),
      quantityScale: QUANTITY_SCALE,
      warrantId: null,
    },
    marketMechanism: "MMT_AUCTION",
    priceScale: PRICE_SCALE,
    quantityScale: QUANTITY_SCALE,
    roundLot: 1,
    minTenderQuantity: 1,
    maxTenderQuantity: ENERGY_MAX,
    marketDepth: TENDERS_MAX,
    tradeableInstrumentRange: tradeableRange(rules, now),
    streamTradingOk: "ST_PERMITTED",
    executionInstructionsAccepted: [],
    auctionAtOpen: false,
    auctionAtClose: true,
    negotiationsPermitted: true,
    negotiationsType: "AS_REQUESTED",
    privateNegotiationViaMarket: true,
    tickerQuotes: true,
    tickerRfqs: true,
    tickerTenders: false,
    tickerTransactions: true,
    marketInstrumentSummaryAvailable: true,
    maxSummaryInstruments: 1_000,
    scheduledSessionStartTime: null,
    scheduledSessionOpenTime: null,
    scheduledSessionCloseTime: null,
    tradeEndpoint: endpoints.trade,
    subscriptionEndpoint: endpoints.subscription,
    messageTimeStamp: formatInstant(now),
  };
}

/** The trading session of the slot whose gate closes next. */
export function sessionData(rules: MarketRules, now: InstantMs, isTrading: boolean): SessionData {
  const slot = nextSlot(rules, now);
  const gate = gateInstant(rules, slot);
  return {
    marketId: rules.market,
    segmentId: SEGMENT_ID,
    sessionStatus: isTrading ? "OPEN" : "HALTED",
    currentTradingPhase: isTrading ? "AnyAuction" : "Quiescent",
    sessionStart: formatInstant(instantMs(gate - rules.slotLength)),
    sessionOpen: formatInstant(instantMs(gate - rules.slotLength)),
    sessionPreClose: null,
    sessionClose: formatInstant(gate),
    tradeableInstrumentRange: tradeableRange(rules, now),
    messageTimeStamp: formatInstant(now),
  };
}

/** The slots that tenders are taken for at `now`. */
function tradeableRange(rules: MarketRules, now: InstantMs): Interval {
  const first = nextSlot(rules, now);
  const last = slotAt(instantMs(now + rules.horizon), rules.slotLength).startMs;
  const length: number = rules.slotLength;
  const duration = durationMs(Math.max(length, last + length - first));
  return { dtStart: formatInstant(first), duration: formatDuration(duration) };
}

function nextSlot({ gateLead, slotLength }: MarketRules, now: InstantMs): InstantMs {
  return slotAfter(slotAt(instantMs(now + gateLead), slotLength)).startMs;
}
