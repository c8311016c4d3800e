/** The slot that is being delivered and the gate that closes next, worked out from the rules and market time. */
import type { MarketView, SlotSummary } from "@micromarket/api-http";

/** The market at one moment. */
export interface Present {
  readonly startMs: number;
  readonly endMs: number;
  /** The result of the current slot; `null`: it was not cleared. */
  readonly slot: SlotSummary | null;
  /** The result of the slot after it; `null`: its gate is not closed. */
  readonly next: SlotSummary | null;
  readonly tariff: number | null;
  readonly feedIn: number | null;
  /** The slot whose gate closes next, and when. */
  readonly nextSlotMs: number;
  readonly gateMs: number;
}

/** What stands at market time `marketMs`. */
export function presentOf(market: MarketView, slots: readonly SlotSummary[], marketMs: number): Present {
  const { slot_length_ms: length, gate_lead_ms: lead } = market.rules;
  const startMs = Math.floor(marketMs / length) * length;
  const slot = slots.find(({ start_ms }) => start_ms === startMs) ?? null;
  const said = market.current_slot.start_ms === startMs ? market.current_slot : null;
  const nextSlotMs = Math.floor((marketMs + lead) / length) * length + length;
  return {
    startMs,
    endMs: startMs + length,
    slot,
    next: slots.find(({ start_ms }) => start_ms === startMs + length) ?? null,
    tariff: slot?.tariff_micro_per_kwh ?? said?.tariff_micro_per_kwh ?? null,
    feedIn: slot?.feed_in_micro_per_kwh ?? said?.feed_in_micro_per_kwh ?? null,
    nextSlotMs,
    gateMs: nextSlotMs - lead,
  };
}
