/** What an example of a client's message is: what is sent, and what answers it. */
import type { ClientMessage, ClientType, ServerType } from "../wire/messages.ts";

/**
 * One message that a client sends. Examples of one list are said in its order, to a street of three homes, `anne`, `bert`
 * and `carl`, an hour before the slot of 2026-07-01T12:00Z begins.
 */
export type ClientExample = {
  readonly [Name in ClientType]: {
    readonly type: Name;
    /** In a few words, what it is for. */
    readonly title: string;
    readonly data: ClientMessage<Name>["data"];
    /** The type of what answers it; `null`: nothing does. */
    readonly answer: ServerType | null;
    /** Said when the slot's gate has closed and it was cleared; else while it is open. */
    readonly after?: "gate";
    /** A value in it is somebody's own (a ticket, a signature): as it stands here it is refused with this code. */
    readonly own?: "AUTH_FAILED" | "BAD_SCHEMA" | "SIGNATURE_WRONG";
  };
}[ClientType];
