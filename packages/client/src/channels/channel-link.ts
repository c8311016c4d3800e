/** What a channel asks of the session that it is heard on. */
import type { ClientMessage } from "@micromarket/protocol";
import type { AskedType, Reply } from "../reply.ts";

/** The requests of a channel; nothing of their answers but whether they were refused: the frames themselves say the rest. */
export interface ChannelLink {
  readonly ask: <Type extends AskedType & ("subscribe" | "unsubscribe" | "resync" | "resume")>(
    type: Type,
    data: ClientMessage<Type>["data"],
  ) => Promise<Reply<unknown>>;
  /** Runs something once, later; the answer calls that off. */
  readonly after: (ms: number, run: () => void) => () => void;
  /** How long an answer may take. */
  readonly timeoutMs: number;
}
