/**
 * Obeying what was said in a session, as if it had come in an envelope of the session's signer.
 *
 * The MAC is checked where the message comes in, by who has the session's key (`vouchFor`); here, and for whoever reads the
 * journal, the operator vouches for it until the slot's root is signed. Invariant: a refusal changes nothing, and a number
 * that was refused may be used again; one that was obeyed, and every one below it, may not.
 *
 * Precedence: SESSION_UNKNOWN, SESSION_ENDED, SESSION_EXPIRED, the signer's key and standing and the party's
 * (`SignerRefusal`), SESSION_ROOT_OVERDUE, SEQUENCE_BROKEN, MESSAGE_TOO_LONG, MESSAGE_NESTED_TOO_DEEP, VALUE_MALFORMED of the
 * body, COMMAND_NOT_OF_TYPE, ROLE_MAY_NOT; then as in an envelope from GRANT_NOT_FOR_TYPE on (`obey-signed.ts`).
 */
import {
  checkStanding,
  countingKey,
  ENVELOPE_DEPTH_MAX,
  isShallow,
  MerkleFrontier,
  messageHash,
  type KeyRole,
} from "@micromarket/identity";
import { fail, hashOfDigest, ok, type InstantMs, type Result, type Sha256 } from "@micromarket/kernel";
import type { BareCommand, InSession } from "../command.ts";
import { decodeCommand } from "../command-text.ts";
import { isBare, SIGNING_ROLES, typeInSession, type EnvelopeType } from "../commitments.ts";
import { MESSAGE_LENGTH_MAX } from "../limits.ts";
import { obeySaying, type Obey } from "../obey-signed.ts";
import { accept, refuse, type Outcome } from "../outcome.ts";
import type { Refusal } from "../refusal.ts";
import type { SessionRecord, State } from "../state.ts";
import { accountingSlot, overdueSlot } from "./session-time.ts";

/** Obeys the message; it stands under the root of the slot that runs. */
export function obeyInSession(state: State, message: InSession, now: InstantMs, sha256: Sha256, obey: Obey): Outcome {
  const { session: id, sequence } = message;
  const speaking = checkSpeaking(state, message, now);
  if (!speaking.ok) return refuse(speaking.error);
  const { session, role } = speaking.value;
  const read = readBody(message);
  if (!read.ok) return refuse(read.error);
  const { command, type } = read.value;
  if (SIGNING_ROLES.get(type)?.includes(role) !== true) return refuse({ code: "ROLE_MAY_NOT", type });
  const hash = messageHash(message, sha256);
  const { party, signer, grant } = session;
  const saying = { type, party, signer, ...(grant === null ? {} : { grant }), id: hashOfDigest(hash) };
  const outcome = obeySaying(state, saying, command, now, obey);
  if (!outcome.ok) return outcome;

  const slot = accountingSlot(state, now);
  const frontier = session.unsigned.get(slot) ?? new MerkleFrontier();
  frontier.add(hash, sha256);
  session.unsigned.set(slot, frontier);
  session.sequence = sequence;
  return accept(...outcome.events, { type: "SessionMessageTaken", session: id, sequence, slot });
}

/** The session, and what its signer's key is for, where it may go on speaking. */
function checkSpeaking(
  state: State,
  { session: id, sequence }: InSession,
  now: InstantMs,
): Result<{ readonly session: SessionRecord; readonly role: KeyRole }, Refusal> {
  const session = state.sessions.get(id);
  if (session === undefined) return fail({ code: "SESSION_UNKNOWN", session: id });
  const { party, signer, expires, isEnded, sequence: last } = session;
  if (isEnded) return fail({ code: "SESSION_ENDED", session: id });
  if (now >= expires) return fail({ code: "SESSION_EXPIRED", session: id, expires });
  const key = countingKey(state.registry, signer, now);
  if (!key.ok) return key;
  const standing = checkStanding(state.registry, party);
  if (!standing.ok) return standing;
  const slot = overdueSlot(state, session, now);
  if (slot !== null) return fail({ code: "SESSION_ROOT_OVERDUE", session: id, slot });
  if (sequence <= last) return fail({ code: "SEQUENCE_BROKEN", sequence, last });
  return ok({ session, role: key.value.role });
}

/** The command in the message, and the type of envelope in the place of which it stands. */
function readBody({
  body,
}: InSession): Result<{ readonly command: BareCommand; readonly type: EnvelopeType }, Refusal> {
  const [length, most] = [body.length, MESSAGE_LENGTH_MAX];
  if (length > most) return fail({ code: "MESSAGE_TOO_LONG", length, most });
  if (!isShallow(body)) return fail({ code: "MESSAGE_NESTED_TOO_DEEP", most: ENVELOPE_DEPTH_MAX });
  const read = decodeCommand(body);
  if (!read.ok) return read;
  const command = read.value;
  const type = isBare(command) ? typeInSession(command) : null;
  if (!isBare(command) || type === null)
    return fail({ code: "COMMAND_NOT_OF_TYPE", type: "session", command: command.type });
  return ok({ command, type });
}
