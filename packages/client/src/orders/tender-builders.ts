/** Tenders of CTS from plain numbers: a limit order of one slot, a stream of slots. */
import { durationMs, formatInstant, instantMs } from "@micromarket/kernel";
import { formatDuration, PRICE_SCALE, QUANTITY_SCALE, type EiTender, type Interval } from "@micromarket/protocol";

/** A limit order. */
export interface LimitOrder {
  /** The client's own id, 1 to 36 of `A-Z a-z 0-9 . _ : -`; unique among the party's orders for seven days. */
  readonly id: string;
  readonly side: "buy" | "sell";
  /** The slot's start, milliseconds, and its length. */
  readonly slotMs: number;
  readonly slotLengthMs: number;
  /** Millionths of the currency per kWh; `null`: at any price. */
  readonly priceMicro: number | null;
  readonly quantityWh: number;
}

/** What a stream has in each of its slots, one after the other; a quantity of 0 is no tender. */
export interface StreamOrder extends Pick<LimitOrder, "id" | "side" | "slotLengthMs"> {
  readonly startMs: number;
  readonly slots: readonly Pick<LimitOrder, "priceMicro" | "quantityWh">[];
}

/** A limit order as a tender. Throws a RangeError on numbers that the wire cannot say. */
export function limitTender({ id, side, slotMs, slotLengthMs, priceMicro, quantityWh }: LimitOrder): EiTender {
  return {
    ...terms(id, side),
    tenderDetail: {
      interval: interval(slotMs, slotMs + slotLengthMs),
      price: priceMicro === null ? null : whole(priceMicro, "priceMicro"),
      quantity: whole(quantityWh, "quantityWh"),
    },
  };
}

/** A stream as a tender: as many orders, `ID.0`, `ID.1`, …. */
export function streamTender({ id, side, startMs, slotLengthMs, slots }: StreamOrder): EiTender {
  return {
    ...terms(id, side),
    tenderDetail: {
      stream: {
        streamStart: formatInstant(instantMs(startMs)),
        streamIntervalDuration: formatDuration(durationMs(slotLengthMs)),
        streamIntervals: slots.map(({ priceMicro, quantityWh }, index) => ({
          streamUid: index,
          streamIntervalPrice: priceMicro === null ? null : whole(priceMicro, "priceMicro"),
          streamIntervalQuantity: whole(quantityWh, "quantityWh"),
        })),
      },
    },
  };
}

/** From `fromMs` up to, but not including, `toMs`. */
export function interval(fromMs: number, toMs: number): Interval {
  return { dtStart: formatInstant(instantMs(fromMs)), duration: formatDuration(durationMs(toMs - fromMs)) };
}

function terms(id: string, side: LimitOrder["side"]) {
  if (!/^[A-Za-z0-9._:-]{1,36}$/.test(id)) throw new RangeError(`"${id}" is no id: 1 to 36 of A-Z a-z 0-9 . _ : -`);
  return {
    tenderId: id,
    priceScale: PRICE_SCALE,
    quantityScale: QUANTITY_SCALE,
    resourceDesignator: "ENERGY" as const,
    side: side === "buy" ? ("BUY" as const) : ("SELL" as const),
  };
}

function whole(value: number, name: string): number {
  if (Number.isSafeInteger(value)) return value;
  throw new RangeError(`${name} is ${value}: it takes a whole number`);
}
