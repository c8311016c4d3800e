/** Cleared slots as they stand on the wire: summary, detail and book. */
import { slotEnd, tradeValue, type TenderId } from "@micromarket/kernel";
import type { AuctionResult, Side } from "@micromarket/market";
import { curveOf, marginalLevel, type CurveLevel } from "./curves.ts";
import { phaseOf, slotStarting, type Moment } from "./moment.ts";
import type { MarketReadModel, SlotQuery, SlotRecord } from "./read-model.ts";
import { slotNode } from "./tie-view.ts";
import type { SlotBook, SlotDetail, SlotPage, SlotSummary } from "@micromarket/protocol";
import { instantText, mapNullable } from "@micromarket/protocol";

/** One page of results, newest first. */
export function slotPage(model: MarketReadModel, query: Omit<SlotQuery, "order">, moment: Moment): SlotPage {
  const { page, next } = newestFirst(model, query);
  return { slots: page.map((record) => slotSummary(model, record, moment)), next };
}

/** The newest records of the range, and where the next page ends. */
export function newestFirst(
  model: MarketReadModel,
  { from, to, limit }: Omit<SlotQuery, "order">,
): { readonly page: readonly SlotRecord[]; readonly next: string | null } {
  const found = model.slots({ from, to, limit: limit + 1, order: "newest-first" });
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return { page, next: found.length > limit && last !== undefined ? instantText(last.closed.event.slot) : null };
}

/** A result in short. */
export function slotSummary(model: MarketReadModel, record: SlotRecord, { now }: Moment): SlotSummary {
  const { at, event } = record.closed;
  const { slot, result, tariff, feedIn } = event;
  return {
    start: instantText(slot),
    start_ms: slot,
    end_ms: slotEnd(slotStarting(model.rules, slot)),
    phase: phaseOf(model, slot, now),
    closed_at: instantText(at),
    closed_at_ms: at,
    price_micro_per_kwh: result.price,
    energy_wh: result.energy,
    interval: intervalOf(result),
    surplus: { buyers_nano: String(result.surplus.buyers), sellers_nano: String(result.surplus.sellers) },
    scarcity: result.scarcity,
    tariff_micro_per_kwh: tariff,
    feed_in_micro_per_kwh: feedIn,
    tender_count: event.tenders.length,
    trade_count: result.trades.length,
    delivery_count: record.deliveries.length,
    unaccounted_wh: record.settled?.event.unaccounted ?? null,
  };
}

/** A result in full. */
export function slotDetail(model: MarketReadModel, record: SlotRecord, moment: Moment): SlotDetail {
  const { result, tenders } = record.closed.event;
  const owner = ownerIn(record);
  const node = slotNode(record);
  const sides = new Map<TenderId, Side>(tenders.map(({ id, side }) => [id, side]));
  return {
    ...slotSummary(model, record, moment),
    fills: result.fills.map(({ id, energy, price }) => ({
      tender: id,
      party: owner(id),
      side: sides.get(id) ?? "buy",
      energy_wh: energy,
      price_micro_per_kwh: price,
    })),
    trades: result.trades.map(({ buy, sell, energy, price }) => ({
      buy,
      sell,
      buyer: owner(buy),
      seller: owner(sell),
      energy_wh: energy,
      price_micro_per_kwh: price,
      amount_nano: String(tradeValue(price, energy)),
    })),
    unfilled: result.unfilled.map(({ id, energy, reason }) => ({
      tender: id,
      party: owner(id),
      energy_wh: energy,
      reason,
    })),
    rejections: result.rejections.map(({ id, code }) => ({ tender: id, code })),
    self_trades: [...result.selfTrades],
    deliveries: record.deliveries.map(({ at, event }) => ({
      party: event.party,
      imported_wh: event.imported,
      exported_wh: event.exported,
      deviation_wh: event.deviation,
      is_estimate: event.isEstimate,
      at: instantText(at),
      at_ms: at,
    })),
    ...(node === null ? {} : { node }),
  };
}

/** The book of a cleared slot and its curves. */
export function slotBook(model: MarketReadModel, { closed }: SlotRecord): SlotBook {
  const { slot, result, tenders } = closed.event;
  const rejected = new Set(result.rejections.map(({ id }) => id));
  const admitted = tenders.filter(({ id }) => !rejected.has(id));
  const demand = curveOf(admitted, "buy", model.rules.auction);
  const supply = curveOf(admitted, "sell", model.rules.auction);
  const marginal = { buy: marginalLevel(demand, result.energy), sell: marginalLevel(supply, result.energy) };
  const filled = new Map<TenderId, number>(result.fills.map(({ id, energy }) => [id, energy]));
  const unfilled = new Map<TenderId, number>(result.unfilled.map(({ id, energy }) => [id, energy]));
  return {
    start: instantText(slot),
    start_ms: slot,
    price_micro_per_kwh: result.price,
    energy_wh: result.energy,
    interval: intervalOf(result),
    demand: demand.map(({ price, cumulativeWh }) => [price, cumulativeWh]),
    supply: supply.map(({ price, cumulativeWh }) => [price, cumulativeWh]),
    marginal: { buy: mapNullable(marginal.buy, levelView), sell: mapNullable(marginal.sell, levelView) },
    tenders: tenders.map(({ id, party, side, steps }) => ({
      tender: id,
      party,
      side,
      steps: steps.map(({ price, energy }) => [price, energy]),
      filled_wh: filled.get(id) ?? 0,
      unfilled_wh: unfilled.get(id) ?? 0,
      marginal: !rejected.has(id) && (marginal[side]?.tenders.has(id) ?? false),
    })),
  };
}

/** Who stands behind a tender of the slot. */
export function ownerIn({ closed }: SlotRecord): (tender: TenderId) => string {
  const { owners, slot } = closed.event;
  return (tender) => {
    const owner = owners.get(tender);
    if (owner === undefined) throw new Error(`nobody stands behind tender ${tender} of slot ${instantText(slot)}`);
    return owner;
  };
}

function levelView({ price, tenders }: CurveLevel): { price_micro_per_kwh: number | null; tenders: string[] } {
  return { price_micro_per_kwh: price, tenders: [...tenders] };
}

function intervalOf({ interval }: AuctionResult): SlotSummary["interval"] {
  return { low_micro_per_kwh: interval.low, high_micro_per_kwh: interval.high };
}
