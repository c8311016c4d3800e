/** Messages about orders as commands of the engine. Clients that sign make the same ones. */
import type { BareCommand } from "@micromarket/engine";
import { assert, type PartyId } from "@micromarket/kernel";
import type { Refusal } from "@micromarket/engine";
import type { Batch } from "./order-service.ts";
import type { MessageTender, OrderRecord } from "@micromarket/protocol";

/** All of the tenders or none of them: one command. */
export function batchCommand(_party: PartyId, _requestId: string, tenders: readonly MessageTender[]): BareCommand {
  const [first] = tenders;
  assert(first !== undefined, "a request places something");
  return { type: "SubmitTender", slot: first.slot, tender: first.tender };
}

/** Takes back the orders. */
export function cancelCommands(
  party: PartyId,
  orders: readonly OrderRecord[],
  _isWhole: boolean,
): readonly BareCommand[] {
  return orders.map(({ slot, tender }) => ({ type: "CancelTender", slot, party, tender }));
}

/** The rows of a binary batch. */
export function batchOfRows(_batch: Batch): BareCommand {
  throw new Error("not yet");
}

/** The row that a refusal is about; `null`: it is about the whole. */
export function rowOfRefusal(_refusal: Refusal): number | null {
  return null;
}
