/** What is counted as slots are cleared and settled. */
import { minus } from "@micromarket/kernel";
import { RESIDUAL_BUY, RESIDUAL_SELL, type GateClosed } from "@micromarket/engine";
import type { Side } from "@micromarket/market";
import { Counter, Gauge, type Registry } from "prom-client";
import type { MarketReadModel, SlotRecord } from "./read-model.ts";

/** Counts from now on, until the function that is returned is called. */
export function countSlots(registry: Registry, orders: Counter<"side" | "result">, model: MarketReadModel): () => void {
  const counters = slotCounters(registry);
  const gauges = slotGauges(registry);
  return model.subscribe(({ at, event }) => {
    if (event.type === "GateClosed") {
      const { result } = event;
      countOrders(orders, event);
      counters.trades.inc(result.trades.length);
      counters.traded.inc(result.energy);
      gauges.price.set(result.price ?? NaN);
      for (const side of ["buy", "sell"] as const) gauges.unmatched.set({ side }, unmatchedWh(event, side));
      const marginMs: number = minus(event.slot, at);
      gauges.margin.set(marginMs / 1_000);
    }
    if (event.type === "SlotSettled") {
      const record = model.slot(event.slot);
      if (record !== null) gauges.imbalance.set(imbalanceWh(record));
    }
  });
}

function slotCounters(registry: Registry) {
  const registers = [registry];
  return {
    trades: new Counter({ name: "micromarket_trades_total", help: "Trades", registers }),
    traded: new Counter({ name: "micromarket_traded_watthours_total", help: "Energy that was traded", registers }),
  };
}

function slotGauges(registry: Registry) {
  const registers = [registry];
  const unknown = (name: string, help: string): Gauge => {
    const gauge = new Gauge({ name, help, registers });
    gauge.set(NaN);
    return gauge;
  };
  return {
    price: unknown("micromarket_price_micro", "Last clearing price per kWh, NaN where nothing traded"),
    margin: unknown("micromarket_gate_margin_seconds", "Time from the last clearing to the start of its slot"),
    imbalance: unknown("micromarket_imbalance_watthours", "Sum of all deviations, unsigned, of the last settled slot"),
    unmatched: new Gauge({
      name: "micromarket_unmatched_watthours",
      help: "Energy of members' tenders that stayed untraded at the last clearing",
      labelNames: ["side"],
      registers,
    }),
  };
}

function countOrders(orders: Counter<"side" | "result">, { tenders, result }: GateClosed): void {
  const filled = new Set(result.fills.map(({ id }) => id));
  const unfilled = new Set(result.unfilled.map(({ id }) => id));
  for (const { id, side } of tenders) {
    const outcome = !filled.has(id) ? "unfilled" : unfilled.has(id) ? "part-filled" : "filled";
    orders.inc({ side, result: outcome });
  }
}

function unmatchedWh({ tenders, result }: GateClosed, side: Side): number {
  const members = new Set(
    tenders.filter((tender) => tender.side === side && !isResidual(tender.id)).map(({ id }) => id),
  );
  return result.unfilled.reduce((sum, { id, energy }) => (members.has(id) ? sum + energy : sum), 0);
}

function isResidual(id: string): boolean {
  return id === RESIDUAL_BUY || id === RESIDUAL_SELL;
}

function imbalanceWh({ deliveries }: SlotRecord): number {
  return deliveries.reduce((sum, { event }) => sum + Math.abs(event.deviation), 0);
}
