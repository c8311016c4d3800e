/**
 * What the operator's node does where messages come in: it alone has the session's key, and by journaling a message it
 * vouches that the caller said it.
 */
import type { Session, SessionMessage, SessionRefusal } from "@micromarket/identity";
import { ok, type Result } from "@micromarket/kernel";
import type { InSession } from "../command.ts";

/** The command that the message is, if the caller said it: its MAC is right and it is the next one. */
export function vouchFor(session: Session, message: SessionMessage): Result<InSession, SessionRefusal> {
  const accepted = session.accept(message);
  if (!accepted.ok) return accepted;
  return ok({ type: "InSession", session: session.id, sequence: message.sequence, body: accepted.value });
}
