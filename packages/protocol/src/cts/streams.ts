/** Positions, deliveries and transactions in the words of CTS. */
import type { MarketRules } from "@micromarket/engine";
import { formatInstant, parseInstant, instantMs, type InstantMs } from "@micromarket/kernel";
import { formatDuration, parseDuration } from "./duration.ts";
import type { EiTransaction, Interval, Stream } from "./objects.ts";
import { PRICE_SCALE, QUANTITY_SCALE } from "./tenders-of-message.ts";

/** What is known of a slot: its price (`null`: nothing was traded) and a quantity in Wh. */
export interface SlotQuantity {
  readonly slot: InstantMs;
  readonly price: number | null;
  readonly quantity: number;
}

/** A half-open stretch of time as two instants; `null`: it is malformed. */
export function rangeOf({ dtStart, duration }: Interval): { readonly from: InstantMs; readonly to: InstantMs } | null {
  const [start, length] = [parseInstant(dtStart), parseDuration(duration)];
  return start.ok && length.ok ? { from: start.value, to: instantMs(start.value + length.value) } : null;
}

/** The slots as one stream from the first to the last; slots in between that nothing is known of are 0 at no price. */
export function streamOf(quantities: readonly SlotQuantity[], { slotLength }: MarketRules): Stream | null {
  const known = new Map(quantities.map((each) => [each.slot, each]));
  const slots = [...known.keys()].sort((a, b) => a - b);
  const [first, last] = [slots[0], slots.at(-1)];
  if (first === undefined || last === undefined) return null;
  const length: number = slotLength;
  const count = Math.floor((last - first) / length) + 1;
  return {
    streamStart: formatInstant(first),
    streamIntervalDuration: formatDuration(slotLength),
    streamIntervals: Array.from({ length: count }, (_, index) => {
      const found = known.get(instantMs(first + index * length));
      return {
        streamUid: index,
        streamIntervalPrice: found?.price ?? null,
        streamIntervalQuantity: found?.quantity ?? 0,
      };
    }),
  };
}

/** What is told of an execution; the tender in it is as executed. */
export interface Executed {
  readonly marketTransactionId: string;
  readonly clientOrderId: string;
  readonly marketOrderId: string | null;
  readonly slot: InstantMs;
  readonly side: "buy" | "sell";
  /** `null`: of a tender that stands at any price. */
  readonly price: number | null;
  readonly energy: number;
}

/** The transaction of an execution. */
export function transactionOf(executed: Executed, rules: MarketRules): EiTransaction {
  const { marketTransactionId, clientOrderId, marketOrderId, slot, side, price, energy } = executed;
  return {
    marketTransactionId,
    tender: {
      tenderId: clientOrderId,
      ...(marketOrderId === null ? {} : { marketOrderId }),
      marketId: rules.market,
      priceScale: PRICE_SCALE,
      quantityScale: QUANTITY_SCALE,
      resourceDesignator: "ENERGY",
      side: side === "buy" ? "BUY" : "SELL",
      tenderDetail: {
        interval: { dtStart: formatInstant(slot), duration: formatDuration(rules.slotLength) },
        price,
        quantity: energy,
      },
    },
  };
}
