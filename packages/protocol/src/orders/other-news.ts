/** What events tell parties besides orders, trades and bills. */
import { unreachable, type PartyId } from "@micromarket/kernel";
import type { MarketEvent } from "@micromarket/engine";
import { billLines } from "./bill-lines.ts";
import type { BillLine, PrivateNews } from "./private-event.ts";

/** Events that are about orders and slots as a whole. */
type OrderEvents =
  | "TendersAccepted"
  | "TendersCancelled"
  | "TenderAccepted"
  | "TenderCancelled"
  | "EquivocationFound"
  | "GateClosed"
  | "SlotSettled"
  | "TieSettled";

type Told = readonly (readonly [PartyId, PrivateNews])[];

/** Who is told what of the event. What concerns all alike (tariff, tie, the market's own position) is nobody's private news. */
export function othersNews(event: Exclude<MarketEvent, { readonly type: OrderEvents }>): Told {
  switch (event.type) {
    case "PartyRegistered":
      return [[event.party, { kind: "party.admitted", standing: null }]];
    case "StandingSet":
      return [[event.party, { kind: "party.standing", standing: event.standing }]];
    case "AccountCredited":
    case "PaidOut": {
      const { type, party, amount, reference } = event;
      const kind = type === "PaidOut" ? "account.paid-out" : "account.credited";
      return [[party, { kind, amount, reference, lines: linesOf(party, event) }]];
    }
    case "CreditLineSet":
      return [[event.party, { kind: "account.credit-line", limit: event.limit, lines: linesOf(event.party, event) }]];
    case "PositionAccepted":
      return [[event.party, { kind: "position.open", slot: event.slot, number: event.number }]];
    case "DeliveryPosted":
    case "DeliveryEstimated":
    case "DeliveryTruedUp":
      return [[event.party, deliveryNews(event)]];
    case "MeterRead": {
      const { party, at: readAt, imported, exported, isEstimate = false } = event;
      return [[party, { kind: "meter.read", readAt, imported, exported, isEstimate }]];
    }
    case "KeyEnrolled": {
      const { party, did, role, from } = event;
      return [[party, { kind: "key.enrolled", did, role, from }]];
    }
    case "KeyRotated": {
      const { party, did, next, from, until } = event;
      return [[party, { kind: "key.rotated", did, next, from, until }]];
    }
    case "KeyRevoked":
      return [[event.party, { kind: "key.revoked", did: event.did, from: event.at }]];
    case "GrantMade":
      return [[event.grant.party, { kind: "grant.made", grant: event.grant.id }]];
    case "GrantRevoked":
      return [[event.party, { kind: "grant.revoked", grant: event.grant }]];
    case "SessionOpened":
    case "SessionMessageTaken":
    case "SessionSlotSigned":
    case "SessionEnded":
    case "TariffSet":
    case "TieSet":
    case "PositionFormed":
      return [];
    default:
      return unreachable(event);
  }
}

type Delivery = Extract<MarketEvent, { readonly type: "DeliveryPosted" | "DeliveryEstimated" | "DeliveryTruedUp" }>;

const DELIVERY_KINDS = {
  DeliveryPosted: "delivery.posted",
  DeliveryEstimated: "delivery.estimated",
  DeliveryTruedUp: "delivery.trued-up",
} as const;

function deliveryNews(event: Delivery): PrivateNews {
  const { slot, imported, exported } = event;
  const news = { kind: DELIVERY_KINDS[event.type], slot, imported, exported };
  if (event.type !== "DeliveryPosted") return { ...news, deviation: null };
  const { deviation, basis } = event;
  return { ...news, deviation, ...(basis === undefined ? {} : { basis }) };
}

function linesOf(party: PartyId, event: MarketEvent): readonly BillLine[] {
  return billLines(event).find(([own]) => own === party)?.[1] ?? [];
}
