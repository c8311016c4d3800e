/** Cleared slots on the wire: results, books and curves. */
import { Type, type Static } from "@sinclair/typebox";
import { SlotNode } from "./tie-schema.ts";
import { Amount, closedObject, Count, Instant, Integer, Name, nullable, oneOf } from "./units.ts";

/** Where a slot may stand in its life. */
export const PHASES = ["open", "clearing", "cleared", "delivering", "metering", "settled", "passed-over"] as const;

/** Where a slot stands in its life. */
export const Phase = oneOf(...PHASES);
export type Phase = Static<typeof Phase>;

const Side = oneOf("buy", "sell");

const Interval = closedObject({
  low_micro_per_kwh: nullable(Integer),
  high_micro_per_kwh: nullable(Integer),
});

const summaryFields = {
  start: Instant,
  start_ms: Integer,
  end_ms: Integer,
  phase: Phase,
  closed_at: Instant,
  closed_at_ms: Integer,
  /** `null`: nothing traded. */
  price_micro_per_kwh: nullable(Integer),
  energy_wh: Count,
  interval: Interval,
  surplus: closedObject({ buyers_nano: Amount, sellers_nano: Amount }),
  scarcity: nullable(oneOf("demand", "supply")),
  tariff_micro_per_kwh: Integer,
  feed_in_micro_per_kwh: Integer,
  tender_count: Count,
  trade_count: Count,
  delivery_count: Count,
  /** What the tie metered beyond what the parties' meters add up to; `null` until the slot is settled. */
  unaccounted_wh: nullable(Integer),
};

/** A slot's result in short. */
export const SlotSummary = closedObject(summaryFields);
export type SlotSummary = Static<typeof SlotSummary>;

/** A page of results, newest first. */
export const SlotPage = closedObject({
  slots: Type.Array(SlotSummary),
  /** Ask again with `to` set to this; `null`: there are no older ones. */
  next: nullable(Instant),
});
export type SlotPage = Static<typeof SlotPage>;

/** A slot's result in full. */
export const SlotDetail = closedObject({
  ...summaryFields,
  fills: Type.Array(
    closedObject({ tender: Name, party: Name, side: Side, energy_wh: Count, price_micro_per_kwh: Integer }),
  ),
  trades: Type.Array(
    closedObject({
      buy: Name,
      sell: Name,
      buyer: Name,
      seller: Name,
      energy_wh: Count,
      price_micro_per_kwh: Integer,
      amount_nano: Amount,
    }),
  ),
  unfilled: Type.Array(
    closedObject({
      tender: Name,
      party: Name,
      energy_wh: Count,
      reason: oneOf("OUT_OF_MONEY", "RATIONED", "CURTAILED"),
    }),
  ),
  rejections: Type.Array(closedObject({ tender: Name, code: Name })),
  self_trades: Type.Array(Name),
  deliveries: Type.Array(
    closedObject({
      party: Name,
      imported_wh: Count,
      exported_wh: Count,
      deviation_wh: Integer,
      /** The reading has not come: it is assumed that the party kept its trades. */
      is_estimate: Type.Boolean(),
      at: Instant,
      at_ms: Integer,
    }),
  ),
  /** Absent where the market is no node of a tree. */
  node: Type.Optional(SlotNode),
});
export type SlotDetail = Static<typeof SlotDetail>;

/** [limit price in micro per kWh, Wh]; the price is `null` for orders at any price where no cap or floor bounds them. */
const PricedEnergy = Type.Tuple([nullable(Integer), Count]);

/** [price, energy up to and including it], best price first; energies grow strictly. */
const Curve = Type.Array(PricedEnergy);

const MarginalLevel = closedObject({ price_micro_per_kwh: nullable(Integer), tenders: Type.Array(Name) });

/** The book of a cleared slot, and its picture: demand falls, supply rises, they cross at `energy_wh`. */
export const SlotBook = closedObject({
  start: Instant,
  start_ms: Integer,
  price_micro_per_kwh: nullable(Integer),
  energy_wh: Count,
  interval: Interval,
  demand: Curve,
  supply: Curve,
  /** The last level of each side that trades; `null` where nothing does. */
  marginal: closedObject({ buy: nullable(MarginalLevel), sell: nullable(MarginalLevel) }),
  /** In order of arrival, the residual counterparty's last. */
  tenders: Type.Array(
    closedObject({
      tender: Name,
      party: Name,
      side: Side,
      /** [limit price, additional energy]. */
      steps: Type.Array(PricedEnergy),
      filled_wh: Count,
      unfilled_wh: Count,
      marginal: Type.Boolean(),
    }),
  ),
});
export type SlotBook = Static<typeof SlotBook>;
