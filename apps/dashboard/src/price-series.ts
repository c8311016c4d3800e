/** The history of prices and volumes as columns for the chart. Times in seconds, prices in micro per kWh. */
import type { SlotSummary } from "@micromarket/api-http";

type Value = number | null;

/** One instant: times in seconds; an energy that is `undefined` is no bar and no gap between bars. */
type Row = readonly [time: number, price: Value, tariff: Value, feedIn: Value, energyWh: Value | undefined];

/** Times, clearing price, tariff, feed-in price, energy traded in Wh. */
export type PriceSeries = readonly [
  times: readonly number[],
  price: readonly Value[],
  tariff: readonly Value[],
  feedIn: readonly Value[],
  energy: readonly (Value | undefined)[],
];

/**
 * One row a slot at its start, which holds until the next; where no price follows, one more just before its end, for a
 * line is not drawn up to a value that is missing. Where a slot is missing, a row without values: a gap is a gap, neither
 * zero nor the price before it.
 */
export function priceSeries(slots: readonly SlotSummary[]): PriceSeries {
  const rows = slots.flatMap((slot, index): readonly Row[] => {
    const next = slots[index + 1];
    const own = rowOf(slot, slot.start_ms);
    if (next === undefined) return [own, endRow(slot, slot.end_ms)];
    if (next.start_ms !== slot.end_ms) {
      return [own, endRow(slot, slot.end_ms - 1), [slot.end_ms / 1_000, null, null, null, undefined]];
    }
    const isLineEnd = next.price_micro_per_kwh === null && slot.price_micro_per_kwh !== null;
    return isLineEnd ? [own, endRow(slot, slot.end_ms - 1)] : [own];
  });
  return [
    rows.map(([time]) => time),
    rows.map(([, price]) => price),
    rows.map(([, , tariff]) => tariff),
    rows.map(([, , , feedIn]) => feedIn),
    rows.map(([, , , , energyWh]) => energyWh),
  ];
}

function endRow(slot: SlotSummary, atMs: number): Row {
  const [time, price, tariff, feedIn] = rowOf(slot, atMs);
  return [time, price, tariff, feedIn, undefined];
}

function rowOf(slot: SlotSummary, atMs: number): Row {
  return [
    atMs / 1_000,
    slot.price_micro_per_kwh,
    slot.tariff_micro_per_kwh,
    slot.feed_in_micro_per_kwh,
    slot.energy_wh,
  ];
}

/** The slot that holds the instant, or the nearest one. */
export function slotNear(slots: readonly SlotSummary[], instantMs: number): SlotSummary | null {
  const distance = ({ start_ms, end_ms }: SlotSummary): number =>
    instantMs < start_ms ? start_ms - instantMs : Math.max(0, instantMs - end_ms + 1);
  const [first] = slots;
  if (first === undefined) return null;
  return slots.reduce((nearest, slot) => (distance(slot) < distance(nearest) ? slot : nearest), first);
}
