/** Words that everything about sockets shares: who asks, what is answered, which order is meant. */
import type { InstantMs, PartyId } from "@micromarket/kernel";
import type { BatchFrame, ServerMessage, ServerType } from "@micromarket/protocol";
import type { Pass, RateMeter, SessionSeat } from "../access/principal.ts";

/** An answer of some type. */
export type Answer = {
  readonly [Type in ServerType]: { readonly type: Type; readonly data: ServerMessage<Type>["data"] };
}[ServerType];

/** Who asks. */
export interface Asker {
  readonly pass: Pass;
  readonly meter: RateMeter;
}

/** Who was recognised on a socket, and what it may use. */
export interface Identity extends Asker {
  readonly seat: SessionSeat;
}

/** Says something to the other side. */
export interface Speaker {
  readonly id: string;
  /** Sends an answer, or something of the server's own accord. */
  say<Type extends ServerType>(type: Type, data: ServerMessage<Type>["data"], id?: string): void;
  /** Sends something that a subscription asked for. */
  readonly push: (message: Answer) => void;
}

/** An order by its party's own name. */
export interface OrderName {
  readonly party: PartyId;
  readonly clientOrderId: string;
}

/** A binary batch as it was read. */
export interface Batch extends Omit<BatchFrame, "party" | "slotMs"> {
  readonly party: PartyId;
  readonly slot: InstantMs;
}
