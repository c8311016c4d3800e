/**
 * What makes a request count in a market that takes signed orders only: an envelope over the command that it comes to.
 *
 * The seam for signed sessions is `OrderAuthority`: what signs a command is asked for each of them, and may answer with the
 * place and code of a message of a session instead of an envelope.
 */
import { encodeCommand, type BareCommand } from "@micromarket/engine";
import { sealEnvelope, type Signer } from "@micromarket/identity";
import { instantMs, partyId, tenderId, type CanonicalValue, type HashHex } from "@micromarket/kernel";
import {
  cancelCommands,
  commandOfBatch,
  commandOfTenders,
  orderName,
  tendersOfMessage,
  type ClientMessage,
  type TenderTerms,
} from "@micromarket/protocol";
import type { ClientOrder } from "./client-order.ts";
import type { KeptRequest } from "./order-journal.ts";

type Authority = NonNullable<ClientMessage<"EiCreateTender">["data"]["authority"]>;

/** Signs commands of a party. */
export interface OrderAuthority {
  /** The market's terms: of them depends which command a message comes to. */
  readonly terms: TenderTerms;
  /** What goes along with the command. `salt` tells two requests of one content apart, and names a repeated one. */
  readonly authorise: (command: BareCommand, salt: string) => Authority;
}

/** How envelopes are made. */
export interface EnvelopeInit {
  readonly signer: Signer;
  /** The genesis hash of the market's journal. */
  readonly net: HashHex;
  readonly party: string;
  readonly terms: TenderTerms;
  /** The market's time, milliseconds. */
  readonly marketNowMs: () => number;
  /** How long an envelope counts, market time. @default 900000 */
  readonly lifeMs?: number;
  /** The grant by which the signer acts for the party. */
  readonly grant?: string;
}

/** Clocks may differ by so much. */
const EARLIER_MS = 60_000;

/** Signs each command in an envelope of its own. */
export function envelopeAuthority(init: EnvelopeInit): OrderAuthority {
  const { signer, net, party, terms, marketNowMs, lifeMs = 900_000, grant } = init;
  return {
    terms,
    authorise: (command, salt) => {
      const now = marketNowMs();
      const payload = {
        ...{ type: "order", net, market: terms.market, party: partyId(party), salt },
        ...(grant === undefined ? {} : { grant }),
        notBefore: instantMs(now - EARLIER_MS),
        expires: instantMs(now + lifeMs),
        body: JSON.parse(encodeCommand(command)) as CanonicalValue,
      };
      return { envelope: sealEnvelope(payload, signer) };
    },
  };
}

/** Why a request cannot be signed. */
export class RequestUnsignable extends Error {
  override readonly name = "RequestUnsignable";
}

/**
 * The request with what makes it count. It is signed before it is kept, so that what goes out again is the same envelope.
 * Throws `RequestUnsignable` where it is against the terms, or not one command.
 */
export function authorised(
  request: KeptRequest,
  authority: OrderAuthority,
  orderOf: (id: string) => ClientOrder | null,
): KeptRequest {
  switch (request.form) {
    case "tenders": {
      const { data } = request;
      const read = tendersOfMessage(data, authority.terms);
      if (!read.ok)
        throw new RequestUnsignable(
          read.error.map((each) => `${each.attributeViolated}: ${each.responseDescription}`).join("; "),
        );
      const command = commandOfTenders(partyId(data.partyId), read.value);
      if (!command.ok) throw new RequestUnsignable(command.error.detail);
      return { form: "tenders", data: { ...data, authority: authority.authorise(command.value, data.requestId) } };
    }
    case "batch":
      commandOfBatch(request.batch);
      throw new RequestUnsignable("a binary batch has no room for an envelope: it needs a signed session");
    case "cancel": {
      const { data } = request;
      const [command, second] = cancelCommand(data, orderOf);
      if (command === undefined || second !== undefined)
        throw new RequestUnsignable("one signature is over one command: cancel orders of one slot at a time, or all");
      return { form: "cancel", data: { ...data, authority: authority.authorise(command, data.requestId) } };
    }
  }
}

function cancelCommand(
  { partyId: party, tenderId: ids, marketOrderId }: ClientMessage<"EiCancelTender">["data"],
  orderOf: (id: string) => ClientOrder | null,
): readonly BareCommand[] {
  if (marketOrderId !== undefined) throw new RequestUnsignable("cancel by the client's own ids");
  const owner = partyId(party);
  if (ids === undefined) return [{ type: "CancelTenders", party: owner, slot: null, tenders: null }];
  const places = ids.map((id) => {
    const order = orderOf(id);
    const slotMs = order?.view?.slot_ms ?? order?.requested?.slotMs;
    if (slotMs === undefined) throw new RequestUnsignable(`nothing is known of the order "${id}"`);
    return { slot: instantMs(slotMs), tender: tenderId(orderName(party, id)) };
  });
  return cancelCommands(owner, places, false);
}
