/** News as the objects that streams carry. */
import type { DeliveryEstimated } from "@micromarket/engine";
import { unreachable } from "@micromarket/kernel";
import { pointReading, snapshotOf } from "./market-view.ts";
import { nextSlotToClose, type Moment } from "./moment.ts";
import { openSlot, type IndicativeSource } from "./open-slot.ts";
import type { MarketReadModel, NumberedNews } from "./read-model.ts";
import { slotSummary } from "./slot-view.ts";
import type { ControlNews } from "@micromarket/protocol";
import type { LiveEvent } from "@micromarket/protocol";
import { instantText } from "@micromarket/protocol";

/** The whole as of now, numbered like the latest piece of news that it includes. */
export function snapshotEvent(model: MarketReadModel, moment: Moment): LiveEvent {
  return {
    type: "snapshot",
    seq: model.lastSequence(),
    at: instantText(moment.now),
    at_ms: moment.now,
    data: snapshotOf(model, moment),
  };
}

/** What the slot whose gate closes next would clear at now; `null` where nobody says. */
export function indicativeEvent(
  model: MarketReadModel,
  indicative: IndicativeSource | undefined,
  moment: Moment,
): LiveEvent | null {
  const slot = openSlot(model, indicative, nextSlotToClose(model.rules, moment.now).startMs, moment);
  if (slot === null) return null;
  const { now } = moment;
  return { type: "indicative", seq: model.lastSequence(), at: instantText(now), at_ms: now, data: slot };
}

/** What is to be told of the controls. */
export function controlsEvent(model: MarketReadModel, data: ControlNews, { now }: Moment): LiveEvent {
  return { type: "controls", seq: model.lastSequence(), at: instantText(now), at_ms: now, data };
}

/** One piece of news. */
export function liveEvent(model: MarketReadModel, { sequence, at, event }: NumberedNews, moment: Moment): LiveEvent {
  const head = { seq: sequence, at: instantText(at), at_ms: at };
  switch (event.type) {
    case "PartyRegistered":
      return { type: "party-registered", ...head, data: { party: event.party } };
    case "AccountCredited": {
      const { party, amount, reference } = event;
      return { type: "account-credited", ...head, data: { party, amount_nano: String(amount), reference } };
    }
    case "PaidOut": {
      const { party, amount, reference } = event;
      return { type: "paid-out", ...head, data: { party, amount_nano: String(amount), reference } };
    }
    case "CreditLineSet":
      return { type: "credit-line-set", ...head, data: { party: event.party, limit_nano: String(event.limit) } };
    case "TariffSet":
      return {
        type: "tariff-set",
        ...head,
        data: {
          from: instantText(event.from),
          from_ms: event.from,
          tariff_micro_per_kwh: event.tariff,
          feed_in_micro_per_kwh: event.feedIn,
        },
      };
    case "GateClosed": {
      const record = model.slot(event.slot) ?? { closed: { at, event }, position: null, ...NOTHING_METERED };
      return { type: "gate-closed", ...head, data: slotSummary(model, record, moment) };
    }
    case "DeliveryPosted":
      return { type: "delivery-posted", ...head, data: { ...reading(event), deviation_wh: event.deviation } };
    case "DeliveryEstimated":
      return { type: "delivery-estimated", ...head, data: reading(event) };
    case "DeliveryTruedUp":
      return { type: "delivery-trued-up", ...head, data: reading(event) };
    case "SlotSettled":
      return {
        type: "slot-settled",
        ...head,
        data: { slot: instantText(event.slot), slot_ms: event.slot, unaccounted_wh: event.unaccounted },
      };
    case "DeviceObserved":
      return {
        type: "device-observed",
        ...head,
        data: { device: event.device, points: event.readings.map(pointReading) },
      };
    default:
      return unreachable(event);
  }
}

const NOTHING_METERED = { deliveries: [], adjustments: [], settled: null };

function reading({ slot, party, imported, exported }: Omit<DeliveryEstimated, "type">) {
  return { slot: instantText(slot), slot_ms: slot, party, imported_wh: imported, exported_wh: exported };
}
