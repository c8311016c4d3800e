/**
 * Messages about orders as commands of the engine. Both sides need them: the market to obey, a client to sign exactly the
 * command that its message comes to.
 */
import type { BareCommand, Refusal, SubmitTenders } from "@micromarket/engine";
import {
  fail,
  instantMs,
  ok,
  partyId,
  priceMicro,
  tenderId,
  wattHours,
  type InstantMs,
  type PartyId,
  type Result,
  type TenderId,
} from "@micromarket/kernel";
import type { BatchFrame } from "../wire/binary-batch.ts";
import { orderName, type MessageTender } from "./tenders-of-message.ts";

/** Why several tenders are not one command. */
export interface NotOneBatch {
  readonly code: "NOT_ONE_BATCH";
  readonly detail: string;
}

/** An order that is to be taken back. */
export interface OrderPlace {
  readonly slot: InstantMs;
  readonly tender: TenderId;
}

const NUMBERED = /^(.+)\.(0|[1-9]\d{0,2})$/;

/**
 * The one command that places all of the tenders or none of them. One tender is placed as it is; several are a batch, whose
 * tenders the engine numbers: their ids must be `NAME.0`, `NAME.1`, …, slot after slot, as those of a stream are. Refuses
 * other ones, and none at all.
 */
export function commandOfTenders(party: PartyId, tenders: readonly MessageTender[]): Result<BareCommand, NotOneBatch> {
  const [first, second] = tenders;
  if (first === undefined) return fail(notOne("it places nothing"));
  if (second === undefined) return ok({ type: "SubmitTender", slot: first.slot, tender: first.tender });
  const [, name = ""] = NUMBERED.exec(first.clientOrderId) ?? [];
  const stray = tenders.find(({ clientOrderId }, index) => clientOrderId !== `${name}.${index}`);
  if (name === "" || stray !== undefined)
    return fail(
      notOne(
        `tenders that are placed all or none are numbered NAME.0, NAME.1, … without a gap: "${(stray ?? first).clientOrderId}"`,
      ),
    );
  const slots = [...new Set(tenders.map(({ slot }) => slot))];
  const lots = slots.map((slot) => lotOf(slot, tenders));
  const inOrder = lots.flatMap(({ members }) => members);
  if (inOrder.some((each, index) => each !== tenders[index])) return fail(notOne("its tenders go slot after slot"));
  const batch = tenderId(orderName(party, name));
  return ok({ type: "SubmitTenders", party, batch, lots: lots.map(({ lot }) => lot) });
}

function lotOf(slot: InstantMs, tenders: readonly MessageTender[]) {
  const members = tenders.filter((each) => each.slot === slot);
  const steps = members.flatMap(({ tender }) => tender.steps.map((step) => ({ ...step, side: tender.side })));
  const lot = {
    slot,
    prices: steps.map(({ price }) => price),
    energies: steps.map(({ energy, side }) => wattHours(side === "sell" ? -energy : energy)),
  };
  return { members, lot };
}

function notOne(detail: string): NotOneBatch {
  return { code: "NOT_ONE_BATCH", detail };
}

/** The commands that take the orders back; `isWhole`: whatever the party has open, in one command. None where there are no orders. */
export function cancelCommands(
  party: PartyId,
  orders: readonly OrderPlace[],
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

/** The command that the rows of a binary batch come to. */
export function commandOfBatch(batch: Omit<BatchFrame, "said">): SubmitTenders {
  const { requestId, prices, energies, sides } = batch;
  const party = partyId(batch.party);
  const lot = {
    slot: instantMs(batch.slotMs),
    prices: prices.map((price) => (price === null ? null : priceMicro(price))),
    energies: energies.map((energy, row) => wattHours(sides[row] === "sell" ? -energy : energy)),
  };
  return { type: "SubmitTenders", party, batch: tenderId(orderName(party, requestId)), lots: [lot] };
}

/** The row that a refusal is about; `null`: it is about the whole. */
export function rowOfRefusal(refusal: Refusal): number | null {
  return refusal.code === "BATCH_REFUSED" ? refusal.index : null;
}
