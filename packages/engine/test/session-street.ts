/** Sessions on the signed street: who greets, what is said, what is signed of it. */
import { hashText, instantMs, type HashHex, type InstantMs } from "@micromarket/kernel";
import {
  openAsCaller,
  openAsNode,
  readEnvelope,
  sealAnswer,
  sealGreeting,
  sealSessionEnd,
  sealSlotRoot,
  type CallerSession,
  type Envelope,
  type Session,
  type SessionAddress,
  type SessionEnd,
  type Signer,
  type SlotRoot,
} from "@micromarket/identity";
import {
  encodeCommand,
  marketGenesis,
  type BareCommand,
  type Command,
  type OpenSession,
  type State,
} from "@micromarket/engine";
import { ANNE, GRID, minute, obeyed, slot, submit, tender } from "./street.ts";
import { ANNES, NOW, OPERATOR, SIGNED_RULES, signedStreet } from "./signed-street.ts";

type Change = Partial<SessionAddress>;

/** When sessions end that nobody ends before: after three hours. */
export const UNTIL = minute(190);

/** Where the envelopes of a session go and how long they count. */
export function addressed(change: Change = {}): SessionAddress {
  return {
    net: marketGenesis(SIGNED_RULES),
    market: SIGNED_RULES.market,
    party: ANNE,
    notBefore: instantMs(NOW - 60_000),
    expires: UNTIL,
    salt: "1",
    ...change,
  };
}

/** 32 bytes of this name. */
export function secretOf(name: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hashText(name), "hex"));
}

export function envelopeIn(text: string): Envelope {
  const read = readEnvelope(text);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value;
}

/** Anne's gateway greets, and the operator answers; or whoever is named. */
export function greetings(change: Change = {}, by: Signer = ANNES.gateway, answering: Change = {}): OpenSession {
  const greeting = sealGreeting(addressed(change), secretOf("caller"), by);
  const { party, salt, ...window } = { ...addressed(), party: GRID, ...answering };
  const answer = sealAnswer({ ...window, party, salt }, envelopeIn(greeting), secretOf("node"), OPERATOR);
  return { type: "OpenSession", greeting, answer };
}

/** Both sides of a session that the market has opened. */
export interface Conversation {
  readonly id: HashHex;
  readonly caller: CallerSession;
  readonly node: Session;
}

/** The two sides of these greetings. */
export function sidesOf({ greeting, answer }: OpenSession): Conversation {
  const caller = openAsCaller({ greeting, answer, ephemeral: secretOf("caller"), operator: OPERATOR.key });
  const node = openAsNode({ greeting, answer, ephemeral: secretOf("node") });
  if (!caller.ok || !node.ok) throw new Error("the greetings are sound");
  return { id: caller.value.id, caller: caller.value, node: node.value };
}

/** A street on which Anne's gateway speaks in a session, or whoever greets. */
export function talking(
  opening: OpenSession = greetings(),
  state: State = signedStreet(),
): Conversation & { readonly state: State } {
  obeyed(state, opening, NOW);
  return { ...sidesOf(opening), state };
}

/** Anne buys; the gate of slot 4 closes at minute 55. */
export function bid(name: string, energy = 500, at: InstantMs = slot(4)): BareCommand {
  return submit(at, tender(`anne/${name}`, ANNE, "buy", [200_000, energy])) as BareCommand;
}

/** What is said in the session under this number. */
export function said(session: HashHex, sequence: number, command: Command): Command {
  return { type: "InSession", session, sequence, body: encodeCommand(command) };
}

/** The signature over what was said in a slot. */
export function signedRoot(root: SlotRoot, by: Signer = ANNES.gateway, change: Change = {}): Command {
  return { type: "CloseSessionSlot", envelope: sealSlotRoot(addressed(change), root, by) };
}

/** The end of a session, by one side. */
export function ended(end: SessionEnd, by: Signer = ANNES.gateway, change: Change = {}): Command {
  return { type: "EndSession", envelope: sealSessionEnd(addressed(change), end, by) };
}

/** What the state owes a signature for: the root of what was said in `at`. */
export function rootOwed(state: State, session: HashHex, at: InstantMs): SlotRoot {
  const owed = state.sessions.get(session)?.unsigned.get(at);
  if (owed === undefined) throw new Error("nothing is owed");
  return { session, slot: at, count: owed.count, root: owed.root() };
}
