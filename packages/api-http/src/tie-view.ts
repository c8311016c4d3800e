/** A node of a tree of markets as it stands on the wire. A market that is none has nothing of this. */
import { slotAt } from "@micromarket/kernel";
import type { NodeClearing, PositionFormed } from "@micromarket/engine";
import { BUY, dropsOf } from "@micromarket/market";
import type { Moment } from "./moment.ts";
import type { Dated, MarketReadModel, SlotRecord } from "./read-model.ts";
import type { SlotNode, TieView } from "@micromarket/protocol";
import { instantText, mapNullable } from "@micromarket/protocol";

/** The tie for the slot that is delivered now; `null` where no market is above. */
export function tieView(model: MarketReadModel, { now }: Moment): TieView | null {
  if (model.rules.node?.above !== "market") return null;
  const tie = model.tieAt(slotAt(now, model.rules.slotLength).startMs);
  return {
    state: tie === null ? "islanded" : "connected",
    import_limit_wh: tie?.importLimit ?? null,
    export_limit_wh: tie?.exportLimit ?? null,
    fee_in_micro_per_kwh: tie?.feeIn ?? null,
    fee_out_micro_per_kwh: tie?.feeOut ?? null,
    loss_per_million: tie?.loss ?? null,
    awaiting_award: model
      .awaiting()
      .map(({ event: { slot, number } }) => ({ slot: instantText(slot), slot_ms: slot, number })),
  };
}

/** What the place in a tree adds to a cleared slot; `null` where the market has none. */
export function slotNode({ closed, position }: SlotRecord): SlotNode | null {
  return mapNullable(closed.event.node ?? null, (node) => nodeView(node, position));
}

function nodeView({ mode, price, parts, awards, tie }: NodeClearing, position: SlotRecord["position"]): SlotNode {
  return {
    mode,
    price_micro_per_kwh: price,
    parts: {
      energy_micro_per_kwh: parts.energy,
      congestion_micro_per_kwh: parts.congestion,
      loss_micro_per_kwh: parts.loss,
      fee_micro_per_kwh: parts.fee,
    },
    position: mapNullable(position, positionView),
    tie: mapNullable(tie, ({ flow, money }) => ({
      above_wh: flow.above,
      below_wh: flow.below,
      sent_wh: flow.sent,
      lost_wh: flow.lost,
      fees_nano: String(money.fees),
      rent_nano: String(money.rent),
      residue_nano: String(money.residue),
    })),
    awards: awards.map(({ party, number, energy }) => ({ party, number, energy_wh: energy })),
  };
}

function positionView({ at, event }: Dated<PositionFormed>): NonNullable<SlotNode["position"]> {
  const { number, curve, costMax } = event;
  return {
    number,
    at: instantText(at),
    at_ms: at,
    top_wh: curve.top,
    steps: dropsOf(curve).map(({ price, kind, energy }) => ({
      price_micro_per_kwh: Number.isFinite(price) ? price : null,
      side: kind === BUY ? "buy" : "sell",
      energy_wh: energy,
    })),
    cost_max_nano: mapNullable(costMax, String),
  };
}
