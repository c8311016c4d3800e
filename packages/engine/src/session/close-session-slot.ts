/**
 * Taking the signature over what was said in a slot of a session. From then on each message under the root is its signer's
 * word before third parties; until then it is the operator's, who may have made it up.
 *
 * A root counts as long as the signer's key does, also after the session is over, and after the grant by which the signer
 * spoke: it says what was said, and nothing new.
 *
 * Precedence: the envelope's own (`AdmissionRefusal`), VALUE_MALFORMED of its body, SESSION_UNKNOWN, SESSION_NOT_THE_SIGNERS,
 * SESSION_SLOT_NOT_OPEN, SESSION_SLOT_RUNNING, SESSION_COUNT_DIFFERS, SESSION_ROOT_DIFFERS.
 */
import { readSlotRoot, rememberAdmitted, type Payload } from "@micromarket/identity";
import type { InstantMs } from "@micromarket/kernel";
import type { CloseSessionSlot } from "../command.ts";
import { endOfSlot } from "../gate.ts";
import type { Libraries } from "../libraries.ts";
import { accept, refuse, type Outcome } from "../outcome.ts";
import type { SessionRecord, State } from "../state.ts";
import { checkSessionEnvelope } from "./admit-session-envelope.ts";
import { isOver } from "./session-time.ts";

/** Takes the root; a session that is over and has no other root to sign leaves the state. */
export function closeSessionSlot(
  state: State,
  { envelope: text }: CloseSessionSlot,
  now: InstantMs,
  { verify, sha256 }: Required<Libraries>,
): Outcome {
  const admissible = checkSessionEnvelope(state, "slot-root", text, readSlotRoot, now, verify);
  if (!admissible.ok) return refuse(admissible.error);
  const { envelope, admission, body } = admissible.value;
  const { session: id, slot, count, root } = body;
  const session = state.sessions.get(id);
  if (session === undefined) return refuse({ code: "SESSION_UNKNOWN", session: id });
  if (!isSignersOf(session, envelope.payload)) return refuse({ code: "SESSION_NOT_THE_SIGNERS", session: id });
  const said = session.unsigned.get(slot);
  if (said === undefined) return refuse({ code: "SESSION_SLOT_NOT_OPEN", slot });
  const end = endOfSlot(state.rules, slot);
  if (now < end && !isOver(session, now)) return refuse({ code: "SESSION_SLOT_RUNNING", slot, end });
  if (count !== said.count) return refuse({ code: "SESSION_COUNT_DIFFERS", count, taken: said.count });
  if (root !== said.root(sha256)) return refuse({ code: "SESSION_ROOT_DIFFERS", session: id, slot, root });

  rememberAdmitted(envelope, admission, now);
  session.unsigned.delete(slot);
  if (isOver(session, now) && session.unsigned.size === 0) state.sessions.delete(id);
  const { party, signer } = session;
  return accept({ type: "SessionSlotSigned", session: id, party, signer, slot, count, root, envelope: envelope.id });
}

/** Whether the envelope is of who speaks in the session, for whom and by which grant it does. */
export function isSignersOf(session: SessionRecord, { signer, party, grant }: Payload): boolean {
  return signer === session.signer && party === session.party && (grant ?? null) === session.grant;
}
