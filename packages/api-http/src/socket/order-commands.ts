/** Messages about orders as commands of the engine. */
import type { BareCommand, Refusal, SubmitTenders } from "@micromarket/engine";
import { assert, priceMicro, tenderId, wattHours, type PartyId } from "@micromarket/kernel";
import { orderName, type MessageTender, type OrderRecord } from "@micromarket/protocol";
import type { Batch } from "./order-service.ts";

/** All of the tenders or none of them: one command. */
export function batchCommand(_party: PartyId, _requestId: string, tenders: readonly MessageTender[]): BareCommand {
  const [first] = tenders;
  assert(first !== undefined, "a request places something");
  return { type: "SubmitTender", slot: first.slot, tender: first.tender };
}

/** Takes back the orders, or whatever the party has open. */
export function cancelCommands(
  party: PartyId,
  orders: readonly OrderRecord[],
  isWhole: boolean,
): readonly BareCommand[] {
  const [first, second] = orders;
  if (first === undefined) return [];
  if (isWhole) return [{ type: "CancelTenders", party, slot: null, tenders: null }];
  if (second === undefined) return [{ type: "CancelTender", slot: first.slot, party, tender: first.tender }];
  const slots = [...new Set(orders.map(({ slot }) => slot))];
  return slots.map((slot) => ({
    ...{ type: "CancelTenders" as const, party, slot },
    tenders: orders.filter((order) => order.slot === slot).map(({ tender }) => tender),
  }));
}

/** The rows of a binary batch. */
export function batchOfRows({ party, requestId, slot, prices, energies, sides }: Batch): SubmitTenders {
  const lot = {
    slot,
    prices: prices.map((price) => (price === null ? null : priceMicro(price))),
    energies: energies.map((energy, row) => wattHours(sides[row] === "sell" ? -energy : energy)),
  };
  return { type: "SubmitTenders", party, batch: tenderId(orderName(party, requestId)), lots: [lot] };
}

/** The row that a refusal is about; `null`: it is about the whole. */
export function rowOfRefusal(refusal: Refusal): number | null {
  return refusal.code === "BATCH_REFUSED" ? refusal.index : null;
}
