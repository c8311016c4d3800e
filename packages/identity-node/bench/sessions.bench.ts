/**
 * Orders of one signer through the market node: said in a session whose slot is signed at its end, beside one envelope an
 * order, and beside bare orders in a market that asks for no signature. Both sides' work is counted, from the command to the
 * journal's text of it; the journal's storage is not. Last, what a session adds to an order, each part by itself.
 */
import {
  apply,
  encodeCommand,
  foundMarket,
  vouchFor,
  marketGenesis,
  type BareCommand,
  type Command,
  type MarketRules,
  type State,
} from "@micromarket/engine";
import {
  CallerSession,
  greetingOf,
  MerkleFrontier,
  messageHash,
  readEnvelope,
  sealAnswer,
  sealEnvelope,
  sealGreeting,
  sealSlotRoot,
  SeenEnvelopes,
  Session,
  signerOf,
  type SessionAddress,
} from "@micromarket/identity";
import { sha256ByOpenssl, verifyByOpenssl } from "@micromarket/identity-node";
import { hashText, instantMs, partyId, times, type CanonicalValue, type PartyId } from "@micromarket/kernel";
import { marketRules, NOON, registerParty, submitTender, tender } from "@micromarket/testkit";
import { compareGrowth } from "../../../tools/bench/compare-growth.ts";

const SEED = 1;
const SIZES = [16, 128, 1_024];
const secretOf = (name: string): Uint8Array => Uint8Array.from(Buffer.from(hashText(name), "hex"));
const [OPERATOR, BOT] = [signerOf(secretOf("operator")), signerOf(secretOf("bot"))];
const HOME = partyId("home-1");
const OPEN = marketRules();
const RULES: MarketRules = { ...OPEN, identity: "signed", operator: OPERATOR.key.did };
const LATER = instantMs(NOON + RULES.slotLength);
const DELIVERY = instantMs(NOON + times(RULES.slotLength, 4));

function address(party: PartyId, salt: string): SessionAddress {
  const window = { notBefore: NOON, expires: instantMs(NOON + times(RULES.slotLength, 8)) };
  return { net: marketGenesis(RULES), market: RULES.market, party, ...window, salt };
}

function inEnvelope(type: string, party: PartyId, by: typeof BOT, command: BareCommand, salt: string): Command {
  const body = JSON.parse(encodeCommand(command)) as CanonicalValue;
  return { type: "Signed", envelope: sealEnvelope({ ...address(party, salt), type, body }, by) };
}

/** Obeyed, and written as the journal's entry is. */
function obeyed(state: State, command: Command, at = NOON): number {
  const outcome = apply(state, command, at, verifyByOpenssl, sha256ByOpenssl);
  if (!outcome.ok) throw new Error(outcome.refusal.code);
  return encodeCommand(command).length;
}

/** Each run has a caller's session of its own over the same keys, because a slot is signed once. */
interface Talk {
  readonly state: State;
  readonly ours: Session;
  readonly node: Session;
}

function talk(): Talk {
  const [state, grid] = [foundMarket(RULES), RULES.residual.party];
  obeyed(state, inEnvelope("operator", grid, OPERATOR, registerParty("home-1") as BareCommand, "register"));
  const enrol = { type: "EnrolKey", party: HOME, did: BOT.key.did, role: "gateway", from: NOON } as const;
  obeyed(state, inEnvelope("operator", grid, OPERATOR, enrol, "enrol"));
  const greeting = sealGreeting(address(HOME, "greeting"), secretOf("caller"), BOT);
  const read = readEnvelope(greeting);
  if (!read.ok) throw new Error(read.error.code);
  const answer = sealAnswer(address(grid, "answer"), read.value, secretOf("node"), OPERATOR);
  obeyed(state, { type: "OpenSession", greeting, answer });
  const called = readEnvelope(answer);
  if (!called.ok) throw new Error(called.error.code);
  const ids = { caller: read.value.id, called: called.value.id };
  const [one, two] = [secretOf("caller"), secretOf("node")];
  const ours = Session.open("caller", one, greetingOf(two), ids, sha256ByOpenssl);
  const node = Session.open("called", two, greetingOf(one), ids, sha256ByOpenssl);
  if (!ours.ok || !node.ok) throw new Error("the greetings are sound");
  return { state, ours: ours.value, node: node.value };
}

/** The market as it was before the first order. */
function fresh(state: State): State {
  const sessions = [...state.sessions].map(([id, record]) => [id, { ...record, unsigned: new Map() }] as const);
  return { ...state, books: new Map(), seen: new SeenEnvelopes(), sessions: new Map(sessions) };
}

function orders(count: number): readonly BareCommand[] {
  return Array.from({ length: count }, (_, index) => {
    const step = [80_000 + 10_000 * ((index * 104_729) % 24), 100 + ((index * 7_919) % 2_000)] as const;
    const side = index % 2 === 0 ? "buy" : "sell";
    return submitTender(DELIVERY, tender(`home-1/${index}`, "home-1", side, step)) as BareCommand;
  });
}

interface Prepared {
  readonly commands: readonly BareCommand[];
  readonly talk: Talk;
  /** The same street in a market that asks for no signature. */
  readonly open: State;
}

function prepare(count: number): Prepared {
  const open = foundMarket(OPEN);
  obeyed(open, registerParty("home-1"));
  return { commands: orders(count), talk: talk(), open };
}

function bySession({ commands, talk: { state: before, ours, node } }: Prepared): number {
  const state = fresh(before);
  const session = new CallerSession(ours, LATER, sha256ByOpenssl);
  let written = 0;
  for (const command of commands) {
    const message = session.sealText(encodeCommand(command));
    const vouched = vouchFor(node, message);
    if (!vouched.ok) throw new Error(vouched.error.code);
    written += obeyed(state, vouched.value);
    const noted = session.noteTaken(message.sequence, NOON);
    if (!noted.ok) throw new Error(noted.error.code);
  }
  const envelope = sealSlotRoot(address(HOME, "root"), session.rootOf(NOON), BOT);
  return written + obeyed(state, { type: "CloseSessionSlot", envelope }, LATER);
}

function byEnvelopes({ commands, talk: { state: before } }: Prepared): number {
  const state = fresh(before);
  let written = 0;
  for (const [index, command] of commands.entries())
    written += obeyed(state, inEnvelope("order", HOME, BOT, command, String(index)));
  return written;
}

function bare({ commands, open }: Prepared): number {
  const state = fresh(open);
  return commands.reduce((written, command) => written + obeyed(state, command), 0);
}

compareGrowth<Prepared>({
  title: "orders through the node, in a session",
  seed: SEED,
  unit: "order",
  peer: "one envelope an order, sealed by @noble/secp256k1 and verified by OpenSSL",
  sizes: SIZES,
  prepare,
  run: bySession,
  runPeer: byEnvelopes,
});
compareGrowth<Prepared>({
  title: "orders through the node, in a session",
  seed: SEED,
  unit: "order",
  peer: "the same orders bare, in an open market",
  sizes: SIZES,
  prepare,
  run: bySession,
  runPeer: bare,
});

/** The MAC: made by the caller, checked by the node. */
function macs({ texts, talk: { ours, node } }: Said): number {
  for (const text of texts) if (!node.accept(ours.sealText(text)).ok) throw new Error("a message was not believed");
  return texts.length;
}

/** The hash under the root, on one side. */
function leaves({ texts }: Said): string {
  const frontier = new MerkleFrontier();
  for (const [sequence, body] of texts.entries())
    frontier.add(messageHash({ sequence, body }, sha256ByOpenssl), sha256ByOpenssl);
  return frontier.root(sha256ByOpenssl);
}

interface Said {
  readonly texts: readonly string[];
  readonly talk: Talk;
}

compareGrowth<Said>({
  title: "the MAC of an order, made and checked",
  seed: SEED,
  unit: "order",
  peer: "its place under the root, on one side",
  sizes: SIZES,
  prepare: (count) => ({ texts: orders(count).map(encodeCommand), talk: talk() }),
  run: macs,
  runPeer: leaves,
});
