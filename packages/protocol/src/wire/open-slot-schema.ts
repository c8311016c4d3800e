/** An open slot on the wire: what its auction would say now, and nothing of the tenders behind it. */
import { Type, type Static } from "@sinclair/typebox";
import { closedObject, Count, Instant, Integer, nullable } from "./units.ts";

/** The indicative result of a slot whose gate is open. It binds nobody and changes with every tender. */
export const OpenSlot = closedObject({
  start: Instant,
  start_ms: Integer,
  end_ms: Integer,
  phase: Type.Literal("open"),
  indicative: closedObject({
    /** `null`: nothing would trade, or it is not told. */
    price_micro_per_kwh: nullable(Integer),
    /** `null`: not told, because too few parties tender. */
    energy_wh: nullable(Count),
    interval: closedObject({ low_micro_per_kwh: nullable(Integer), high_micro_per_kwh: nullable(Integer) }),
  }),
});
export type OpenSlot = Static<typeof OpenSlot>;
