/** How sessions are drawn: greetings, messages, roots over what was said, ends. */
import { encodeCommand, marketGenesis, type SessionRecord, type View } from "@micromarket/engine";
import {
  readEnvelope,
  sealAnswer,
  sealGreeting,
  sealSessionEnd,
  sealSlotRoot,
  type SessionAddress,
  type Signer,
} from "@micromarket/identity";
import {
  hashText,
  instantMs,
  MINUTE,
  slotAt,
  times,
  type HashHex,
  type InstantMs,
  type PartyId,
} from "@micromarket/kernel";
import { anyKey, OPERATOR_KEY, signerOfKey, type CommandOf, type IdentityDraw } from "./identity-rows.ts";
import { pick } from "./random-book.ts";

/** A home's key greets, now and then by a grant, and the operator answers: for half an hour or two. */
export function drawOpening(from: IdentityDraw): CommandOf<"OpenSession"> | null {
  const { state, now, stream, fresh } = from;
  const did = anyKey(state, stream);
  const by = did === null ? undefined : signerOfKey(did);
  const [caller, operator] = [did === null ? undefined : state.registry.keys.get(did), signerOfKey(OPERATOR_KEY)];
  if (caller === undefined || by === undefined || operator === undefined) return null;
  const [granted] = [...state.grants.values()].filter(({ grant }) => grant.grantee === did && stream.below(2) === 0);
  const expires = instantMs(now + times(MINUTE, 30 * (1 + stream.below(4))));
  const own = { ...addressOf(from, caller.party), expires };
  const address = granted === undefined ? own : { ...own, party: granted.grant.party, grant: granted.grant.id };
  const greeting = sealGreeting(address, secretOf(`caller ${fresh()}`), by);
  const read = readEnvelope(greeting);
  if (!read.ok) return null;
  const answering = { ...addressOf(from, state.rules.residual.party), expires };
  return {
    type: "OpenSession",
    greeting,
    answer: sealAnswer(answering, read.value, secretOf(`node ${fresh()}`), operator),
  };
}

/** A tender of who speaks in one of the sessions; a number that was used before, or skipped, now and then. */
export function drawMessage(
  { state, stream, fresh }: IdentityDraw,
  tenderOf: (party: PartyId, id: string) => CommandOf<"SubmitTender"> | null,
): CommandOf<"InSession"> | null {
  const drawn = anySession({ state, stream });
  if (drawn === null) return null;
  const [session, { party, sequence }] = drawn;
  const placed = tenderOf(party, `${party}/${fresh()}`);
  if (placed === null) return null;
  const step = stream.below(10) === 0 ? stream.below(4) : 1;
  return { type: "InSession", session, sequence: sequence + step, body: encodeCommand(placed) };
}

/** The root of the oldest unsigned slot that is over; a wrong one in eight. */
export function drawSlotRoot(from: IdentityDraw): CommandOf<"CloseSessionSlot"> | null {
  const { state, now, stream } = from;
  const running = slotAt(now, state.rules.slotLength).startMs;
  const owing = [...state.sessions]
    .flatMap(([id, record]) => [...record.unsigned].map(([slot, said]) => ({ id, record, slot, said })))
    .filter(({ slot }) => slot < running)
    .sort((a, b) => a.slot - b.slot || (a.id < b.id ? -1 : 1));
  const [oldest] = owing;
  const by = oldest === undefined ? undefined : signerOfKey(oldest.record.signer);
  if (oldest === undefined || by === undefined) return null;
  const { id: session, record, slot, said } = oldest;
  const isWrong = stream.below(8) === 0;
  const root = { session, slot, count: said.count, root: isWrong ? hashText("another root") : said.root() };
  return { type: "CloseSessionSlot", envelope: sealSlotRoot(callersAddress(from, record), root, by) };
}

/** Either side ends one of the sessions; the operator waits for its roots or does not. */
export function drawEnd(from: IdentityDraw): CommandOf<"EndSession"> | null {
  const { state, stream } = from;
  const drawn = anySession(from);
  if (drawn === null) return null;
  const [session, record] = drawn;
  const [caller, operator] = [signerOfKey(record.signer), signerOfKey(OPERATOR_KEY)];
  if (caller === undefined || operator === undefined) return null;
  const seal = (address: SessionAddress, by: Signer, waivesRoots: boolean): CommandOf<"EndSession"> => {
    return { type: "EndSession", envelope: sealSessionEnd(address, { session, waivesRoots }, by) };
  };
  if (stream.below(2) === 0) return seal(callersAddress(from, record), caller, false);
  return seal(addressOf(from, state.rules.residual.party), operator, stream.below(2) === 0);
}

function anySession({
  state,
  stream,
}: Pick<IdentityDraw, "state" | "stream">): readonly [HashHex, View<SessionRecord>] | null {
  const known = [...state.sessions].sort(([a], [b]) => (a < b ? -1 : 1));
  return known.length === 0 ? null : pick(stream, known);
}

function callersAddress(from: IdentityDraw, { party, grant }: View<SessionRecord>): SessionAddress {
  const own = addressOf(from, party);
  return grant === null ? own : { ...own, grant };
}

function addressOf({ state, now, fresh }: IdentityDraw, party: PartyId): SessionAddress {
  const window: { readonly notBefore: InstantMs; readonly expires: InstantMs } = {
    notBefore: now,
    expires: instantMs(now + times(MINUTE, 30)),
  };
  return { net: marketGenesis(state.rules), market: state.rules.market, party, ...window, salt: `${fresh()}` };
}

/** 32 bytes that follow from a name: runs that differ in nothing are the same. */
function secretOf(name: string): Uint8Array {
  return Uint8Array.from(hashText(name).match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
