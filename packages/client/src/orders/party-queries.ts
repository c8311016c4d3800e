/** Questions about a party and a stretch of time, in the words of CTS. */
import type { ServerMessage } from "@micromarket/protocol";
import type { Reply } from "../reply.ts";
import type { MarketSession } from "../session/market-session.ts";
import { interval } from "./tender-builders.ts";

/** Whose, and from when up to, but not including, when: milliseconds. */
export interface PartyRange {
  readonly party: string;
  readonly fromMs: number;
  readonly toMs: number;
}

let number = 0;
const nextId = (): string => `q${(number += 1).toString(36)}`;

/** What the party has bought (positive) or sold, slot by slot. */
export function askPosition(
  session: MarketSession,
  { party, fromMs, toMs }: PartyRange,
): Promise<Reply<ServerMessage<"EiReplyPosition">["data"]>> {
  return session.request("EiRequestPosition", {
    ...{ requestId: nextId(), requestor: party, positionParty: party, resourceDesignator: "ENERGY" },
    boundingInterval: interval(fromMs, toMs),
  });
}

/** What flowed into the grid (`injection`) or was taken from it, as it was metered. */
export function askDelivery(
  session: MarketSession,
  { party, fromMs, toMs }: PartyRange,
  injection: boolean,
): Promise<Reply<ServerMessage<"EiCreatedDelivery">["data"]>> {
  return session.request("EiCreateDelivery", {
    ...{ requestId: nextId(), partyId: party, resourceDesignator: "ENERGY", injection },
    boundingInterval: interval(fromMs, toMs),
  });
}

/** What was executed. */
export function askTransactions(
  session: MarketSession,
  { party, fromMs, toMs }: PartyRange,
): Promise<Reply<ServerMessage<"EiReplyTransaction">["data"]>> {
  return session.request("EiRequestTransaction", {
    ...{ requestId: nextId(), partyId: party, boundingInterval: interval(fromMs, toMs) },
  });
}
