/**
 * Ending a session, by its signer or by the operator: nothing more is said in it. What was said and is not signed can still
 * be, unless the operator waits for it no more; it remains the operator's word alone then.
 *
 * A session ends without a command, too: at the earlier of its greetings' ends, and when its signer's key is revoked, from
 * that very instant on.
 *
 * Precedence: the envelope's own (`AdmissionRefusal`), VALUE_MALFORMED of its body, SESSION_UNKNOWN, SESSION_NOT_THE_SIGNERS,
 * WAIVER_NOT_OWN; unless roots are waived SESSION_ENDED, SESSION_EXPIRED.
 */
import { readSessionEnd, rememberAdmitted, type Payload } from "@micromarket/identity";
import type { InstantMs } from "@micromarket/kernel";
import type { Verify } from "@micromarket/identity";
import type { EndSession } from "../command.ts";
import { accept, refuse, type Outcome } from "../outcome.ts";
import type { State } from "../state.ts";
import { checkSessionEnvelope } from "./admit-session-envelope.ts";
import { isSignersOf } from "./close-session-slot.ts";

/** Ends the session; one without a root to wait for leaves the state. */
export function endSession(state: State, { envelope: text }: EndSession, now: InstantMs, verify: Verify): Outcome {
  const admissible = checkSessionEnvelope(state, "session-end", text, readSessionEnd, now, verify);
  if (!admissible.ok) return refuse(admissible.error);
  const { envelope, admission, body } = admissible.value;
  const { session: id, waivesRoots = false } = body;
  const session = state.sessions.get(id);
  if (session === undefined) return refuse({ code: "SESSION_UNKNOWN", session: id });
  const byOperator = isOperators(state, envelope.payload);
  if (!byOperator && !isSignersOf(session, envelope.payload))
    return refuse({ code: "SESSION_NOT_THE_SIGNERS", session: id });
  if (waivesRoots && !byOperator) return refuse({ code: "WAIVER_NOT_OWN", session: id });
  const { party, signer, expires } = session;
  if (!waivesRoots && session.isEnded) return refuse({ code: "SESSION_ENDED", session: id });
  if (!waivesRoots && now >= expires) return refuse({ code: "SESSION_EXPIRED", session: id, expires });

  rememberAdmitted(envelope, admission, now);
  session.isEnded = true;
  const unsigned = [...session.unsigned.keys()];
  if (waivesRoots || unsigned.length === 0) state.sessions.delete(id);
  const by = envelope.payload.signer;
  return accept({ type: "SessionEnded", session: id, party, signer, by, unsigned, isAwaited: !waivesRoots });
}

function isOperators({ registry }: State, { signer, grant }: Payload): boolean {
  return grant === undefined && registry.keys.get(signer)?.role === "operator";
}
