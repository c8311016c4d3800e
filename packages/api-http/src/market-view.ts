/** The market's present and its devices as they stand on the wire. */
import type { Reading } from "@micromarket/assets";
import { gateInstant, type MarketRules } from "@micromarket/engine";
import { minus, slotAt, slotEnd } from "@micromarket/kernel";
import { nextSlotToClose, overdueMs, phaseOf, type Moment } from "./moment.ts";
import type { DeviceDescription, MarketReadModel } from "./read-model.ts";
import { slotSummary } from "./slot-view.ts";
import { tieView } from "./tie-view.ts";
import type { DeviceList, MarketView, PointReading, Snapshot } from "@micromarket/protocol";
import { instantText, mapNullable } from "@micromarket/protocol";

type DeviceItem = DeviceList["devices"][number];

/** A day of quarter hours: what a page draws at first. */
const SNAPSHOT_SLOTS = 96;

/** Rules and present moment. */
export function marketView(model: MarketReadModel, moment: Moment): MarketView {
  const { rules } = model;
  const { now, factor } = moment;
  const tie = tieView(model, moment);
  return {
    market: rules.market,
    currency: rules.currency,
    rules: rulesView(rules),
    clock: { server_time: instantText(now), server_ms: now, factor },
    current_slot: currentSlot(model, moment),
    next_gate: nextGate(rules, moment),
    closed_through: mapNullable(model.closedThrough(), instantText),
    ...(tie === null ? {} : { tie }),
    stale: {
      market: isMarketStale(model, moment),
      devices: deviceList(model, moment).devices.some(({ up }) => !up),
    },
    last_sequence: model.lastSequence(),
  };
}

/** Whether a gate has been due for more than a slot. */
export function isMarketStale(model: MarketReadModel, { now }: Moment): boolean {
  return overdueMs(model, now) > model.rules.slotLength;
}

function rulesView(rules: MarketRules): MarketView["rules"] {
  const { auction, residual } = rules;
  return {
    version: rules.rulesVersion,
    slot_length_ms: rules.slotLength,
    gate_lead_ms: rules.gateLead,
    horizon_ms: rules.horizon,
    tick_micro_per_kwh: auction.tick,
    price_floor_micro_per_kwh: auction.priceFloor,
    price_cap_micro_per_kwh: auction.priceCap,
    k: { numerator: String(auction.k.numerator), denominator: String(auction.k.denominator) },
    rationing: auction.rationing,
    residual: {
      party: residual.party,
      import_limit_wh: residual.importLimit,
      export_limit_wh: residual.exportLimit,
    },
  };
}

function currentSlot(model: MarketReadModel, { now }: Moment): MarketView["current_slot"] {
  const slot = slotAt(now, model.rules.slotLength);
  const closed = model.slot(slot.startMs)?.closed.event;
  const prices = closed ?? model.pricesAt(slot.startMs);
  return {
    start: instantText(slot.startMs),
    start_ms: slot.startMs,
    end_ms: slotEnd(slot),
    phase: phaseOf(model, slot.startMs, now),
    price_micro_per_kwh: closed?.result.price ?? null,
    tariff_micro_per_kwh: prices?.tariff ?? null,
    feed_in_micro_per_kwh: prices?.feedIn ?? null,
  };
}

function nextGate(rules: MarketRules, { now }: Moment): MarketView["next_gate"] {
  const { startMs } = nextSlotToClose(rules, now);
  const gate = gateInstant(rules, startMs);
  return {
    slot: instantText(startMs),
    slot_ms: startMs,
    gate: instantText(gate),
    gate_ms: gate,
    remaining_ms: minus(gate, now),
  };
}

/** All devices, each point with its age. */
export function deviceList(model: MarketReadModel, moment: Moment): DeviceList {
  return {
    devices: model.devices().map(({ device, readings, description }) => {
      const points = readings.map((reading) => agedPoint(reading, moment));
      return { device, up: points.some(({ stale }) => !stale), points, ...described(description) };
    }),
  };
}

function described({ profile, link, trouble, flags }: DeviceDescription): Omit<DeviceItem, "device" | "up" | "points"> {
  return {
    profile: mapNullable(profile, ({ name, version, kind, vendor, verified, requirements, caveats }) => ({
      ...{ name, version, kind, vendor, verified },
      requirements: [...requirements],
      caveats: [...caveats],
    })),
    link: mapNullable(link, ({ requests, timeouts, exceptions, reconnects, lastGood }) => ({
      ...{ requests, timeouts, exceptions, reconnects },
      last_good: mapNullable(lastGood, instantText),
      last_good_ms: lastGood,
    })),
    trouble,
    flags: [...flags],
  };
}

function agedPoint(reading: Reading, { now, deviceStaleAfter }: Moment): DeviceItem["points"][number] {
  const ageMs = Math.max(0, minus(now, reading.at)); // a clock that was set back makes nothing younger than now
  return {
    ...pointReading(reading),
    age_ms: ageMs,
    stale: reading.value.kind === "missing" || ageMs > deviceStaleAfter,
  };
}

/** A point as it was read. */
export function pointReading({ point, value, at }: Reading): PointReading {
  return {
    point,
    value: value.kind === "value" ? value.value : null,
    missing: value.kind === "missing" ? value.reason : null,
    at: instantText(at),
    at_ms: at,
  };
}

/** Everything that a page shows at first. */
export function snapshotOf(model: MarketReadModel, moment: Moment): Snapshot {
  const latest = model.slots({ from: null, to: null, limit: SNAPSHOT_SLOTS, order: "newest-first" });
  return {
    market: marketView(model, moment),
    slots: latest.map((record) => slotSummary(model, record, moment)),
    devices: deviceList(model, moment).devices,
  };
}
