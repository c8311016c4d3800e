/** The name that a party gives to an order. */
import type { PartyId, TenderId } from "@micromarket/kernel";

/** Of the tender `PARTY/NAME` the NAME; of any other one its whole id. */
export function clientOrderId({ id, party }: { readonly id: TenderId; readonly party: PartyId }): string {
  return id.startsWith(`${party}/`) ? id.slice(party.length + 1) : id;
}
