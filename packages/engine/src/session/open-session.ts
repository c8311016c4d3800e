/**
 * Opening a session between a key that may commit a party and the operator's node.
 *
 * Both greetings are signed, and the answer names the greeting that it answers, so that the session is this pair's alone.
 * Of what the ephemeral keys in them are worth the market knows nothing: keys are agreed on at the edge.
 *
 * Precedence: of the greeting the envelope's own (`AdmissionRefusal`), VALUE_MALFORMED of its body; the same of the answer
 * and GRANT_NOT_FOR_TYPE; ANSWER_OF_OTHER_GREETING; by grant the grant's (`GrantUseRefusal`), for whatever of orders,
 * readings and positions it allows; SESSION_ROOT_OVERDUE of the signer's sessions, SESSIONS_TOO_MANY.
 */
import {
  checkGrant,
  readAnswer,
  readGreeting,
  rememberAdmitted,
  sessionIdOf,
  type Payload,
  type Verify,
} from "@micromarket/identity";
import { least, type InstantMs } from "@micromarket/kernel";
import type { OpenSession } from "../command.ts";
import { isSaidInSessions } from "../commitments.ts";
import { idleUse } from "../grant-use.ts";
import { accept, refuse, type Outcome } from "../outcome.ts";
import type { Refusal } from "../refusal.ts";
import { SESSION_DEFAULTS } from "../rules.ts";
import type { SessionRecord, State } from "../state.ts";
import { checkSessionEnvelope } from "./admit-session-envelope.ts";
import { isForgettable, overdueSlot } from "./session-time.ts";

/** Opens the session; what is over and asked for by nobody leaves the state. */
export function openSession(state: State, { greeting, answer }: OpenSession, now: InstantMs, verify: Verify): Outcome {
  const caller = checkSessionEnvelope(state, "session", greeting, readGreeting, now, verify);
  if (!caller.ok) return refuse(caller.error);
  const called = checkSessionEnvelope(state, "session-answer", answer, readAnswer, now, verify);
  if (!called.ok) return refuse(called.error);
  const { payload, id } = caller.value.envelope;
  const { answers } = called.value.body;
  if (answers !== id) return refuse({ code: "ANSWER_OF_OTHER_GREETING", answers });
  const refusal = refuseByGrant(state, payload, now) ?? refuseMoreSessions(state, payload, now);
  if (refusal !== null) return refuse(refusal);

  for (const [known, record] of state.sessions) if (isForgettable(state, record, now)) state.sessions.delete(known);
  for (const { envelope, admission } of [caller.value, called.value]) rememberAdmitted(envelope, admission, now);
  const { party, signer, grant } = payload;
  const expires = least(payload.expires, called.value.envelope.payload.expires);
  const session = sessionIdOf({ caller: id, called: called.value.envelope.id });
  const record: SessionRecord = {
    ...{ party, signer, grant: grant ?? null, expires },
    ...{ isEnded: false, sequence: 0, unsigned: new Map() },
  };
  state.sessions.set(session, record);
  return accept({ type: "SessionOpened", session, party, signer, ...(grant === undefined ? {} : { grant }), expires });
}

function refuseByGrant({ grants }: State, { signer, party, grant }: Payload, now: InstantMs): Refusal | null {
  if (grant === undefined) return null;
  const type = grants.get(grant)?.grant.types.find(isSaidInSessions) ?? "session";
  const covered = checkGrant(grants, grant, { signer, party }, idleUse(type), now);
  return covered.ok ? null : covered.error;
}

/** Who owes a root opens no other session, and the sessions of a party are counted where its keys are, not where they act. */
function refuseMoreSessions(state: State, { signer }: Payload, now: InstantMs): Refusal | null {
  const { rules, registry, sessions } = state;
  const lasting = [...sessions].filter(([, record]) => !isForgettable(state, record, now));
  for (const [session, record] of lasting) {
    const slot = record.signer === signer ? overdueSlot(state, record, now) : null;
    if (slot !== null) return { code: "SESSION_ROOT_OVERDUE", session, slot };
  }
  const party = registry.keys.get(signer)?.party;
  const count = lasting.filter(([, record]) => registry.keys.get(record.signer)?.party === party).length;
  const { perParty: most } = rules.sessions ?? SESSION_DEFAULTS;
  return party !== undefined && count >= most ? { code: "SESSIONS_TOO_MANY", party, most } : null;
}
