/** The orders that a request places, by the ids that the market knows them by. */
import { formatInstant, instantMs, parseInstant, times } from "@micromarket/kernel";
import { parseDuration, type BatchFrame, type EiTender } from "@micromarket/protocol";
import type { RequestedOrder } from "./client-order.ts";
import type { KeptRequest } from "./order-journal.ts";

/** The orders that the request places, in its order; of a cancel none. */
export function ordersOf(request: KeptRequest): readonly RequestedOrder[] {
  if (request.form === "cancel") return [];
  if (request.form === "batch") return rowsOf(request.batch);
  return request.data.tender.flatMap(slotsOf);
}

/** The id by which the market knows a request. */
export function requestIdOf(request: KeptRequest): string {
  return request.form === "batch" ? request.batch.requestId : request.data.requestId;
}

function rowsOf({ requestId, slotMs, prices, energies, sides }: Omit<BatchFrame, "said">): readonly RequestedOrder[] {
  return energies.map((quantityWh, row) => ({
    ...{ id: `${requestId}.${row}`, slotMs, quantityWh },
    side: sides[row] ?? "buy",
    priceMicro: prices[row] ?? null,
  }));
}

function slotsOf({ tenderId, side, tenderDetail }: EiTender): readonly RequestedOrder[] {
  const way = side === "BUY" ? "buy" : "sell";
  if ("interval" in tenderDetail) {
    const { interval, price, quantity } = tenderDetail;
    const slotMs = msOf(interval.dtStart);
    return [{ id: tenderId, slotMs, side: way, quantityWh: quantity, priceMicro: price }];
  }
  const { streamStart, streamIntervalDuration, streamIntervals } = tenderDetail.stream;
  const [start, length] = [msOf(streamStart), parseDuration(streamIntervalDuration)];
  return streamIntervals.flatMap(({ streamUid, streamIntervalPrice, streamIntervalQuantity }, index) =>
    streamIntervalQuantity === 0
      ? []
      : [
          {
            ...{ id: `${tenderId}.${streamUid}`, side: way, priceMicro: streamIntervalPrice },
            slotMs: start + (length.ok ? times(length.value, index) : 0),
            quantityWh: streamIntervalQuantity,
          },
        ],
  );
}

function msOf(text: string): number {
  const read = parseInstant(text);
  return read.ok ? read.value : Number.NaN;
}

/** A slot's start as the standard writes it. */
export function slotText(slotMs: number): string {
  return formatInstant(instantMs(slotMs));
}
