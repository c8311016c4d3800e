/** Messages about orders as commands of the engine. */
import type { BareCommand, Refusal, SubmitTenders } from "@micromarket/engine";
import { assert, priceMicro, tenderId, wattHours, type InstantMs, type PartyId } from "@micromarket/kernel";
import { orderName, type MessageTender, type OrderRecord } from "@micromarket/protocol";
import type { Batch } from "./answer.ts";

/**
 * All of the tenders or none of them: one command. Several are one batch: they are numbered under its name, and those of a
 * slot stand together (`tendersOfMessage`).
 */
export function batchCommand(party: PartyId, tenders: readonly MessageTender[]): BareCommand {
  const [first, second] = tenders;
  assert(first !== undefined, "a request places something");
  if (second === undefined) return { type: "SubmitTender", slot: first.slot, tender: first.tender };
  const name = first.clientOrderId.slice(0, first.clientOrderId.lastIndexOf("."));
  const slots = [...new Set(tenders.map(({ slot }) => slot))];
  const lots = slots.map((slot) =>
    lotOf(
      slot,
      tenders.filter((each) => each.slot === slot),
    ),
  );
  return { type: "SubmitTenders", party, batch: tenderId(orderName(party, name)), lots };
}

function lotOf(slot: InstantMs, tenders: readonly MessageTender[]): SubmitTenders["lots"][number] {
  const steps = tenders.flatMap(({ tender }) => {
    const isSale = tender.side === "sell";
    return tender.steps.map(({ price, energy }) => ({ price, energy: isSale ? wattHours(-energy) : energy }));
  });
  return { slot, prices: steps.map(({ price }) => price), energies: steps.map(({ energy }) => energy) };
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
