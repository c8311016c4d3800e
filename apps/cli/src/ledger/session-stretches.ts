/**
 * What a journal holds of sessions, stretch by stretch: all that was said in one slot of a session. A stretch is its signer's
 * word once its root is signed, and the operator's alone before, because nobody else saw the MACs.
 *
 * Invariant: each signed root is computed once more, from the messages as the entries have them and by another way than the
 * market's own (the whole tree instead of its edge). Of a stretch that began before a pruned journal's base, the market's own
 * account of it is all there is.
 */
import {
  decodeCommand,
  type JournalEntry,
  type MarketEvent,
  type NodePosition,
  type SessionSlotSigned,
} from "@micromarket/engine";
import { leafOf, merkleTree, type Did } from "@micromarket/identity";
import { sha256ByOpenssl } from "@micromarket/identity-node";
import { formatInstant, type HashHex, type InstantMs, type PartyId } from "@micromarket/kernel";
import { damageAt, type JournalTrouble } from "./journal-trouble.ts";
import type { JournalWatch } from "./replay-journal.ts";

/** What was said in one slot of a session. */
export interface SessionStretch {
  readonly session: HashHex;
  readonly party: PartyId;
  readonly signer: Did;
  readonly slot: InstantMs;
  readonly messages: number;
  /** Sequences of the entries of the first and the last message; `null`: they were left behind with older entries. */
  readonly first: number | null;
  readonly last: number | null;
  /** The entry that signs it; `null`: the operator alone vouches for it. */
  readonly signedIn: number | null;
}

interface OpenStretch extends SessionStretch {
  messages: number;
  first: number | null;
  last: number | null;
  signedIn: number | null;
  /** `null`: some of them are not in the journal any more. */
  leaves: Uint8Array[] | null;
}

/** Gathers the stretches while a journal is replayed by `watch`; `stretches` and `trouble` are asked for at the end. */
export function gatherStretches(): {
  readonly watch: JournalWatch;
  readonly stretches: () => readonly SessionStretch[];
  /** The first root that is not over what the journal holds; `null` where there is none. */
  readonly trouble: () => JournalTrouble | null;
} {
  const gathered: OpenStretch[] = [];
  const open = new Map<string, OpenStretch>();
  const callers = new Map<HashHex, { readonly party: PartyId; readonly signer: Did }>();
  let trouble: JournalTrouble | null = null;
  const begin = (session: HashHex, slot: InstantMs, messages: number): OpenStretch => {
    const caller = callers.get(session);
    if (caller === undefined) throw new Error(`session ${session} was never opened`);
    const leaves = messages === 0 ? [] : null;
    const stretch = { session, ...caller, slot, messages, first: null, last: null, signedIn: null, leaves };
    gathered.push(stretch);
    open.set(`${session} ${slot}`, stretch);
    return stretch;
  };
  const note = (entry: JournalEntry, event: MarketEvent): void => {
    if (event.type === "SessionOpened") callers.set(event.session, { party: event.party, signer: event.signer });
    if (event.type === "SessionMessageTaken") {
      const { session, slot } = event;
      take(open.get(`${session} ${slot}`) ?? begin(session, slot, 0), entry);
    }
    if (event.type !== "SessionSlotSigned") return;
    const stretch = open.get(`${event.session} ${event.slot}`);
    if (stretch === undefined) throw new Error(`nothing was said in the slot that entry ${entry.sequence} signs`);
    trouble ??= differenceOf(stretch, entry.sequence, event);
    stretch.signedIn = entry.sequence;
    stretch.leaves = null;
    open.delete(`${event.session} ${event.slot}`);
  };
  const watch: JournalWatch = ({ state }: NodePosition) => {
    for (const [session, record] of state.sessions) {
      callers.set(session, { party: record.party, signer: record.signer });
      for (const [slot, { count }] of record.unsigned) begin(session, slot, count);
    }
    return (entry, events) => events.forEach((event) => note(entry, event));
  };
  return { watch, stretches: () => gathered.map(withoutLeaves), trouble: () => trouble };
}

/** A line for each stretch. */
export function stretchText({ session, party, signer, slot, messages, first, last, signedIn }: SessionStretch): string {
  const entries =
    first === null ? "before the base" : first === last ? `entry ${first}` : `entries ${first} to ${last}`;
  const whose = signedIn === null ? "the operator's word alone" : `signed by ${signer} in entry ${signedIn}`;
  const what = `${messages} message${messages === 1 ? "" : "s"} of ${party}`;
  return `${formatInstant(slot)} session ${session.slice(0, 12)}… ${what}, ${entries}: ${whose}`;
}

function take(stretch: OpenStretch, { sequence, command }: JournalEntry): void {
  stretch.messages += 1;
  stretch.first ??= sequence;
  stretch.last = sequence;
  const read = decodeCommand(command);
  if (read.ok && read.value.type === "InSession") stretch.leaves?.push(leafOf(read.value));
}

function differenceOf(
  { leaves, session, slot }: OpenStretch,
  sequence: number,
  { count, root }: SessionSlotSigned,
): JournalTrouble | null {
  if (leaves === null) return null;
  if (leaves.length === count && merkleTree(leaves, sha256ByOpenssl).root === root) return null;
  const what = `the root that entry ${sequence} signs for ${formatInstant(slot)} of session ${session} is over other messages`;
  return damageAt({ part: "entry", sequence }, "SESSION_ROOT_DIFFERS", what);
}

function withoutLeaves(stretch: OpenStretch): SessionStretch {
  const { session, party, signer, slot, messages, first, last, signedIn } = stretch;
  return { session, party, signer, slot, messages, first, last, signedIn };
}
