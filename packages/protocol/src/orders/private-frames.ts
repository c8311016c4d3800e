/** What a party is told of the journal, as it stands on the wire: in which of its channels, and with which words. */
import { assert, formatInstant, type InstantMs } from "@micromarket/kernel";
import type {
  AccountChange,
  BillView,
  ORDER_VIEW_STATES,
  OrderView,
  PositionChange,
  PrivateChannel,
  TransactionView,
} from "../wire/channel-messages.ts";
import { clientOrderId } from "./client-order-id.ts";
import type { OrderRecord, OrderState } from "./order-record.ts";
import type { BillLine, EventPlace, PrivateEvent } from "./private-event.ts";

/** An event as a frame of a channel, without its numbers. */
export type PrivateFrame =
  | { readonly channel: "orders"; readonly type: "order.update"; readonly data: OrderView }
  | { readonly channel: "orders"; readonly type: "transaction"; readonly data: TransactionView }
  | { readonly channel: "positions"; readonly type: "position"; readonly data: PositionChange }
  | { readonly channel: "bills"; readonly type: "bill"; readonly data: BillView }
  | { readonly channel: "bills"; readonly type: "account"; readonly data: AccountChange };

const STATES: Readonly<Record<OrderState, (typeof ORDER_VIEW_STATES)[number]>> = {
  OPEN: "open",
  PARTIAL: "partially_filled",
  FILLED: "filled",
  CANCELED: "cancelled",
  EXPIRED: "expired",
  REJECTED: "rejected",
};

/** The state of the archive that the wire calls so. */
export function archiveState(state: (typeof ORDER_VIEW_STATES)[number]): OrderState {
  const found = (Object.keys(STATES) as OrderState[]).find((each) => STATES[each] === state);
  assert(found !== undefined, "each state of the wire is one of the archive");
  return found;
}

/** The order as clients see it. */
export function orderView(order: Omit<OrderRecord, "bodyHash" | "placed">): OrderView {
  return {
    client_order_id: order.clientOrderId,
    party: order.party,
    market_order_id: order.marketOrderId,
    request_id: order.requestId,
    ...slotFields(order.slot),
    side: order.side,
    quantity_wh: order.quantity,
    state: STATES[order.state],
    rev: order.rev,
    filled_wh: order.filled,
    remaining_wh: order.remaining,
    price_micro_per_kwh: order.price,
    amount_nano: String(order.value),
    placed_at: formatInstant(order.placedAt),
    placed_at_ms: order.placedAt,
    at: formatInstant(order.at),
    at_ms: order.at,
    cause: order.cause,
  };
}

/** The channel that tells of the event. */
export function channelOf({ kind }: PrivateEvent): PrivateChannel {
  if (kind.startsWith("order.") || kind === "trade") return "orders";
  return kind.startsWith("position.") || kind.startsWith("delivery.") || kind.startsWith("meter.")
    ? "positions"
    : "bills";
}

/** The event as a frame. */
export function privateFrame(event: PrivateEvent): PrivateFrame {
  const { at } = event;
  switch (event.kind) {
    case "order.open":
    case "order.partially-filled":
    case "order.filled":
    case "order.cancelled":
    case "order.expired":
    case "order.rejected":
      return { channel: "orders", type: "order.update", data: orderView({ ...event.order, party: event.party, at }) };
    case "trade":
      return { channel: "orders", type: "transaction", data: transactionView(event) };
    case "position.open":
      return positionFrame(at, { kind: event.kind, ...slotFields(event.slot), number: event.number });
    case "position.awarded": {
      const { kind, slot, number, price, energy } = event;
      const place = { kind, ...slotFields(slot), number };
      return positionFrame(at, { ...place, price_micro_per_kwh: price, energy_wh: energy });
    }
    case "delivery.posted":
    case "delivery.estimated":
    case "delivery.trued-up": {
      const { kind, slot, imported, exported, deviation, basis } = event;
      const metered = { imported_wh: imported, exported_wh: exported, deviation_wh: deviation };
      return positionFrame(at, {
        kind,
        ...slotFields(slot),
        ...metered,
        is_estimate: kind === "delivery.estimated",
        ...(basis === undefined ? {} : { basis }),
      });
    }
    case "meter.read": {
      const { kind, imported, exported, isEstimate } = event;
      return positionFrame(at, { kind, imported_wh: imported, exported_wh: exported, is_estimate: isEstimate });
    }
    case "bill": {
      const { kind, slot, occasion, money, lines } = event;
      const posted = { ...slotFields(slot), occasion, reference: null, amount_nano: String(money) };
      return { channel: "bills", type: "bill", data: { kind, ...posted, lines: linesView(lines, event), at_ms: at } };
    }
    case "account.credited":
    case "account.paid-out": {
      const { kind, amount, reference, lines } = event;
      const sign = kind === "account.credited" ? amount : -amount;
      const posted = { slot: null, slot_ms: null, occasion: null, reference, amount_nano: String(sign) };
      return { channel: "bills", type: "bill", data: { kind, ...posted, lines: linesView(lines, event), at_ms: at } };
    }
    case "account.credit-line":
      return accountFrame(event, { limit_nano: String(event.limit) });
    case "party.admitted":
    case "party.standing":
      return accountFrame(event, { standing: event.standing });
    case "key.enrolled":
      return accountFrame(event, { key: event.did, role: event.role, from_ms: event.from });
    case "key.rotated":
      return accountFrame(event, { key: event.did, next: event.next, from_ms: event.from, until_ms: event.until });
    case "key.revoked":
      return accountFrame(event, { key: event.did, from_ms: event.from });
    case "grant.made":
    case "grant.revoked":
      return accountFrame(event, { grant: event.grant });
  }
}

function transactionView(event: EventPlace & Extract<PrivateEvent, { kind: "trade" }>): TransactionView {
  return {
    market_transaction_id: `${event.entry}/${event.clientOrderId}`,
    client_order_id: event.clientOrderId,
    ...slotFields(event.slot),
    side: event.side,
    energy_wh: event.energy,
    price_micro_per_kwh: event.price,
    amount_nano: String(event.value),
    at_ms: event.at,
  };
}

function positionFrame(at: InstantMs, known: Partial<PositionChange> & Pick<PositionChange, "kind">): PrivateFrame {
  const nothing = {
    ...{ slot: null, slot_ms: null, number: null, energy_wh: null, price_micro_per_kwh: null },
    ...{ imported_wh: null, exported_wh: null, deviation_wh: null, is_estimate: false },
  };
  return { channel: "positions", type: "position", data: { ...nothing, ...known, at_ms: at } };
}

function accountFrame({ kind, at }: PrivateEvent, details: Record<string, unknown>): PrivateFrame {
  return { channel: "bills", type: "account", data: { kind, details, at_ms: at } };
}

function linesView(lines: readonly BillLine[], { party }: EventPlace): BillView["lines"] {
  return lines.map(({ reason, counter, money, energy, price, tender }) => ({
    ...{ reason, counter, amount_nano: String(money), energy_wh: energy, price_micro_per_kwh: price },
    client_order_id: tender === null ? null : clientOrderId({ id: tender, party }),
  }));
}

function slotFields(slot: InstantMs): { slot: string; slot_ms: number } {
  return { slot: formatInstant(slot), slot_ms: slot };
}
