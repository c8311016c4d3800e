/** What an example of a server's message is: the frame as it is sent. */
import type { ServerMessage, ServerType } from "../wire/messages.ts";

/** A frame of the server. */
export type ServerExample = { readonly [Name in ServerType]: ServerMessage<Name> }[ServerType];
