/** Which slot a message belongs to, when a root is due, and when a session is over. */
import { instantMs, slotAt, times, type HashHex, type InstantMs, type PartyId } from "@micromarket/kernel";
import type { Did } from "@micromarket/identity";
import { endOfSlot } from "../gate.ts";
import { SESSION_DEFAULTS } from "../rules.ts";
import type { SessionRecord, StateView, View } from "../state.ts";

/** A session whose signer owes a root. */
export interface OverdueSession {
  readonly session: HashHex;
  readonly party: PartyId;
  readonly signer: Did;
  /** The oldest slot whose root is missing. */
  readonly slot: InstantMs;
}

/** The slot to whose root what is said at `now` belongs: the market's slot that runs, by the node's time. */
export function accountingSlot({ rules }: Pick<StateView, "rules">, now: InstantMs): InstantMs {
  return slotAt(now, rules.slotLength).startMs;
}

/** Whether nothing more is said in the session. */
export function isOver({ isEnded, expires }: View<SessionRecord>, now: InstantMs): boolean {
  return isEnded || now >= expires;
}

/** The oldest slot of the session whose root is overdue at `now`, or `null`. */
export function overdueSlot(
  { rules }: Pick<StateView, "rules">,
  { unsigned }: View<SessionRecord>,
  now: InstantMs,
): InstantMs | null {
  const [oldest] = unsigned.keys();
  if (oldest === undefined) return null;
  const { graceSlots } = rules.sessions ?? SESSION_DEFAULTS;
  const due = instantMs(endOfSlot(rules, oldest) + times(rules.slotLength, graceSlots));
  return now >= due ? oldest : null;
}

/** The sessions that take no message at `now` until their signer has signed: for the operator to see. */
export function overdueSessions(state: StateView, now: InstantMs): readonly OverdueSession[] {
  return [...state.sessions].flatMap(([session, record]) => {
    const slot = overdueSlot(state, record, now);
    const { party, signer } = record;
    return slot === null ? [] : [{ session, party, signer, slot }];
  });
}

/**
 * Whether nobody will ask for the session any more: it is over and signed, or its signer's key, or who has it, does not count
 * any more and will sign nothing.
 */
export function isForgettable({ registry }: StateView, session: View<SessionRecord>, now: InstantMs): boolean {
  const key = registry.keys.get(session.signer);
  if (key === undefined || (key.revokedAt !== null && now >= key.revokedAt)) return true;
  if ([key.party, session.party].some((party) => registry.parties.get(party) === "left")) return true;
  return isOver(session, now) && session.unsigned.size === 0;
}
