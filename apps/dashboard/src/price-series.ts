/** The history of prices as columns for the chart. Times in seconds, prices in micro per kWh. */
import type { SlotSummary } from "@micromarket/api-http";

type Column = readonly (number | null)[];

/** Times, clearing price, tariff, feed-in price. */
export type PriceSeries = readonly [times: readonly number[], price: Column, tariff: Column, feedIn: Column];

/**
 * One row a slot at its start, which holds until the next; one more at the end of the last. Where a slot is missing, a
 * row without values: a gap is a gap, neither zero nor the price before it.
 */
export function priceSeries(slots: readonly SlotSummary[]): PriceSeries {
  const rows = slots.flatMap((slot, index) => {
    const next = slots[index + 1];
    const own = rowOf(slot, slot.start_ms);
    if (next === undefined) return [own, rowOf(slot, slot.end_ms)];
    return next.start_ms === slot.end_ms ? [own] : [own, [slot.end_ms / 1_000, null, null, null] as const];
  });
  return [rows.map(([time]) => time), rows.map((row) => row[1]), rows.map((row) => row[2]), rows.map((row) => row[3])];
}

type Row = readonly [number, number | null, number | null, number | null];

function rowOf(slot: SlotSummary, atMs: number): Row {
  return [atMs / 1_000, slot.price_micro_per_kwh, slot.tariff_micro_per_kwh, slot.feed_in_micro_per_kwh];
}

/** The slot that holds the instant, or the nearest one. */
export function slotNear(slots: readonly SlotSummary[], instantMs: number): SlotSummary | null {
  const distance = ({ start_ms, end_ms }: SlotSummary): number =>
    instantMs < start_ms ? start_ms - instantMs : Math.max(0, instantMs - end_ms + 1);
  const [first] = slots;
  if (first === undefined) return null;
  return slots.reduce((nearest, slot) => (distance(slot) < distance(nearest) ? slot : nearest), first);
}
