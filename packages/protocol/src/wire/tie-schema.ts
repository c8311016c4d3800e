/** A node of a tree of markets on the wire: its tie to the market above, its positions, its local price in parts. */
import { Type, type Static } from "@sinclair/typebox";
import { Amount, closedObject, Count, Instant, Integer, Name, nullable, oneOf } from "./units.ts";

/** The tie to the market above as it is now, and the positions whose award has not come. */
export const TieView = closedObject({
  state: oneOf("connected", "islanded"),
  /** At the sending end, like fees; `null`: no limit, or islanded. */
  import_limit_wh: nullable(Count),
  export_limit_wh: nullable(Count),
  fee_in_micro_per_kwh: nullable(Integer),
  fee_out_micro_per_kwh: nullable(Integer),
  loss_per_million: nullable(Count),
  awaiting_award: Type.Array(closedObject({ slot: Instant, slot_ms: Integer, number: Count })),
});
export type TieView = Static<typeof TieView>;

/** What a market presented to the market above: all that was told of its book. */
const Position = closedObject({
  number: Count,
  at: Instant,
  at_ms: Integer,
  /** Most that it would import at any price. */
  top_wh: Count,
  /** Where net demand falls, in order of price: demand that ends (`buy`) or supply that begins (`sell`). */
  steps: Type.Array(
    closedObject({ price_micro_per_kwh: nullable(Integer), side: oneOf("buy", "sell"), energy_wh: Count }),
  ),
  /** Welfare that fewer steps may cost, at most; `null`: without bound, or not known any more. */
  cost_max_nano: nullable(Amount),
});

/** What a market's place in a tree adds to a slot's result. */
export const SlotNode = closedObject({
  mode: oneOf("tariff", "award", "islanded", "fallback-island", "fallback-tariff"),
  /** The local price, also where nothing changed hands at it. */
  price_micro_per_kwh: Integer,
  /** They add up to the price. */
  parts: closedObject({
    energy_micro_per_kwh: Integer,
    congestion_micro_per_kwh: Integer,
    loss_micro_per_kwh: Integer,
    fee_micro_per_kwh: Integer,
  }),
  position: nullable(Position),
  /** What crossed the tie by an award: energies positive downwards, `sent_wh` at the sending end. */
  tie: nullable(
    closedObject({
      above_wh: Integer,
      below_wh: Integer,
      sent_wh: Integer,
      lost_wh: Count,
      fees_nano: Amount,
      rent_nano: Amount,
      residue_nano: Amount,
    }),
  ),
  /** What the markets below were given. */
  awards: Type.Array(closedObject({ party: Name, number: Count, energy_wh: Integer })),
});
export type SlotNode = Static<typeof SlotNode>;
