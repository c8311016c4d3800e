/** Live events on the wire: one object per event, the same in every transport. */
import { Type, type Static } from "@sinclair/typebox";
import { ControlNews } from "./control-schema.ts";
import { PointReading, Snapshot } from "./market-schema.ts";
import { OpenSlot } from "./open-slot-schema.ts";
import { SlotDetail, SlotSummary } from "./slot-schema.ts";
import { Amount, closedObject, Instant, Integer, Name } from "./units.ts";

function liveEvent<const Name extends string, Data extends Parameters<typeof closedObject>[0][string]>(
  type: Name,
  data: Data,
) {
  return closedObject({ type: Type.Literal(type), seq: Integer, at: Instant, at_ms: Integer, data });
}

const delivery = SlotDetail.properties.deliveries.items.properties;
const reading = {
  slot: Instant,
  slot_ms: Integer,
  party: Name,
  imported_wh: delivery.imported_wh,
  exported_wh: delivery.exported_wh,
};

/**
 * What a stream carries; `seq` is the event's number, also of a snapshot: it holds all up to there. `indicative` and
 * `controls` are no news of the market and have no number of their own: `seq` is that of the latest news. What was missed
 * of them is not told again; a stream begins with all controls.
 */
export const LiveEvent = Type.Union([
  liveEvent("snapshot", Snapshot),
  liveEvent("party-registered", closedObject({ party: Name })),
  liveEvent("account-credited", closedObject({ party: Name, amount_nano: Amount, reference: Name })),
  liveEvent(
    "tariff-set",
    closedObject({ from: Instant, from_ms: Integer, tariff_micro_per_kwh: Integer, feed_in_micro_per_kwh: Integer }),
  ),
  liveEvent("gate-closed", SlotSummary),
  liveEvent("indicative", OpenSlot),
  liveEvent("controls", ControlNews),
  liveEvent("paid-out", closedObject({ party: Name, amount_nano: Amount, reference: Name })),
  liveEvent("credit-line-set", closedObject({ party: Name, limit_nano: Amount })),
  liveEvent("delivery-posted", closedObject({ ...reading, deviation_wh: Integer })),
  liveEvent("delivery-estimated", closedObject(reading)),
  liveEvent("delivery-trued-up", closedObject(reading)),
  liveEvent("slot-settled", closedObject({ slot: Instant, slot_ms: Integer, unaccounted_wh: Integer })),
  liveEvent("device-observed", closedObject({ device: Name, points: Type.Array(PointReading) })),
]);
export type LiveEvent = Static<typeof LiveEvent>;
