/** A caller's session from its greeting to the signed root, and a node that does not say what is so. */
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  canonicalText,
  hashText,
  instantMs,
  marketId,
  partyId,
  type HashHex,
  type InstantMs,
} from "@micromarket/kernel";
import {
  CallerSession,
  greetingOf,
  isUnderRoot,
  leafOf,
  merkleTree,
  openAsCaller,
  openAsNode,
  PublicKey,
  readAnswer,
  readEnvelope,
  readSessionEnd,
  readSlotRoot,
  sealAnswer,
  sealEnvelope,
  sealGreeting,
  sealSessionEnd,
  sealSlotRoot,
  Session,
  slotRootOf,
  type Envelope,
  type SessionAddress,
  type SessionMessage,
} from "@micromarket/identity";
import { secretOf, signer } from "./keys.ts";

const [BOT, OPERATOR] = [signer("bot"), signer("operator")];
const ADDRESS: SessionAddress = {
  net: hashText("genesis"),
  market: marketId("street"),
  party: partyId("ann"),
  notBefore: instantMs(0),
  expires: instantMs(86_400_000),
  salt: "1",
};
const NODE: Omit<SessionAddress, "grant"> = { ...ADDRESS, party: partyId("grid"), expires: instantMs(50_000_000) };
const IDS = { caller: hashText("first greeting"), called: hashText("second greeting") };
const slot = (number: number): InstantMs => instantMs(number * 900_000);

function envelopeIn(text: string): Envelope {
  const read = readEnvelope(text);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value;
}

const GREETING = sealGreeting(ADDRESS, secretOf("caller"), BOT);
const ANSWER = sealAnswer(NODE, envelopeIn(GREETING), secretOf("node"), OPERATOR);

const openCaller = (change: Partial<Parameters<typeof openAsCaller>[0]> = {}) =>
  openAsCaller({
    ...{ greeting: GREETING, answer: ANSWER, ephemeral: secretOf("caller"), operator: OPERATOR.key },
    ...change,
  });
const openNode = (change: Partial<Parameters<typeof openAsNode>[0]> = {}) =>
  openAsNode({ greeting: GREETING, answer: ANSWER, ephemeral: secretOf("node"), ...change });

function opened(): { readonly caller: CallerSession; readonly node: Session } {
  const [caller, node] = [openCaller(), openNode()];
  if (!caller.ok || !node.ok) throw new Error("the greetings are sound");
  return { caller: caller.value, node: node.value };
}

describe("opening", () => {
  test("gives both sides one session, which lives until the earlier of the greetings' ends", () => {
    const { caller, node } = opened();
    expect(caller.id).toBe(node.id);
    expect(caller.expires).toBe(NODE.expires);
    expect(node.accept(caller.seal({ buy: 1 }))).toEqual({ ok: true, value: `{"buy":1}` });
    expect(caller.accept(node.seal("taken"))).toEqual({ ok: true, value: `"taken"` });
  });

  const answered = (change: object, by = OPERATOR, greeting = GREETING) =>
    sealAnswer({ ...NODE, ...change }, envelopeIn(greeting), secretOf("node"), by);
  test.each<[string, Parameters<typeof openCaller>[0]]>([
    ["ENVELOPE_TOO_LARGE", { greeting: "x".repeat(9_000) }],
    ["VALUE_MALFORMED", { answer: "" }],
    ["TYPE_UNKNOWN", { greeting: ANSWER }],
    ["TYPE_UNKNOWN", { answer: GREETING }],
    ["ANSWER_OF_OTHER_MARKET", { answer: answered({ net: hashText("another founding") }) }],
    ["ANSWER_OF_OTHER_MARKET", { answer: answered({ market: marketId("avenue") }) }],
    ["ANSWER_NOT_OPERATORS", { answer: answered({}, BOT) }],
    ["SIGNATURE_WRONG", { answer: ANSWER.replace(/"signature":"(..)/, `"signature":"01`) }],
    ["ANSWER_OF_OTHER_GREETING", { answer: answered({}, OPERATOR, sealGreeting(ADDRESS, secretOf("other"), BOT)) }],
  ])("is refused to the caller with %s", (code, change) => {
    expect(openCaller(change)).toMatchObject({ ok: false, error: { code } });
  });

  test.each<[string, Parameters<typeof openNode>[0]]>([
    ["TYPE_UNKNOWN", { greeting: ANSWER }],
    ["VALUE_MALFORMED", { answer: sealEnvelope({ ...NODE, type: "session-answer", body: {} }, OPERATOR) }],
    ["ANSWER_OF_OTHER_GREETING", { greeting: sealGreeting(ADDRESS, secretOf("other"), BOT) }],
    [
      "KEY_MALFORMED",
      (() => {
        const greeting = sealEnvelope({ ...ADDRESS, type: "session", body: { ephemeral: `02${"f".repeat(64)}` } }, BOT);
        return { greeting, answer: answered({}, OPERATOR, greeting) };
      })(),
    ],
  ])("is refused to the node with %s", (code, change) => {
    expect(openNode(change)).toMatchObject({ ok: false, error: { code } });
  });

  test("with a key that only looks like the operator's is refused, whatever the verifier is told", () => {
    const other = PublicKey.fromDid(signer("other").key.did);
    expect(other.ok && openCaller({ operator: other.value })).toMatchObject({
      error: { code: "ANSWER_NOT_OPERATORS" },
    });
    expect(openCaller({ verify: () => false })).toMatchObject({ error: { code: "SIGNATURE_WRONG" } });
  });
});

describe("envelopes of a session", () => {
  const { id } = opened().caller;

  test("say what they say, each with its type and its party's grant", () => {
    const root = { session: id, slot: slot(3), count: 2, root: hashText("root") };
    const byGrant = { ...ADDRESS, grant: "g" };
    const signed = envelopeIn(sealSlotRoot(byGrant, root, BOT)).payload;
    expect(signed).toMatchObject({ type: "slot-root", party: "ann", grant: "g", signer: BOT.key.did });
    expect(readSlotRoot(signed.body)).toEqual({ ok: true, value: root });
    const answer = envelopeIn(ANSWER).payload;
    expect(answer).not.toHaveProperty("grant");
    expect(readAnswer(answer.body)).toMatchObject({ value: { answers: envelopeIn(GREETING).id } });
    const end = envelopeIn(sealSessionEnd(ADDRESS, { session: id, waivesRoots: true }, BOT)).payload;
    expect([end.type, readSessionEnd(end.body)]).toEqual([
      "session-end",
      { ok: true, value: { session: id, waivesRoots: true } },
    ]);
  });

  test.each([
    ["a root of no session", () => readSlotRoot({ session: "x", slot: 0, count: 0, root: id }), "body.session"],
    ["a root without a count", () => readSlotRoot({ session: id, slot: 0, root: id }), "body.count"],
    ["an end that waives a bit", () => readSessionEnd({ session: id, waivesRoots: 1 }), "body.waivesRoots"],
    ["an answer to nobody", () => readAnswer({ ephemeral: `02${"0".repeat(64)}` }), "body.answers"],
  ])("are refused: %s", (_, read, path) => {
    expect(read()).toMatchObject({ ok: false, error: { code: "VALUE_MALFORMED", path } });
  });
});

describe("what the node says of messages", () => {
  test("is believed of what was said, in order, and makes the roots", () => {
    const { caller } = opened();
    const said = ["a", "b", "c", "d"].map((body) => caller.seal(body));
    expect(caller.waiting).toEqual([1, 2, 3, 4]);
    expect(caller.noteTaken(1, slot(7))).toEqual({ ok: true, value: null });
    expect(caller.noteRefused(2)).toEqual({ ok: true, value: null });
    expect(caller.noteTaken(3, slot(7)).ok).toBe(true);
    expect(caller.noteTaken(4, slot(8)).ok).toBe(true);
    expect([caller.waiting, caller.unsignedSlots]).toEqual([[], [slot(7), slot(8)]]);
    const [first, , third] = said as [SessionMessage, SessionMessage, SessionMessage, SessionMessage];
    expect(caller.rootOf(slot(7))).toEqual(slotRootOf(caller.id, slot(7), [first, third]));
    expect(caller.rootOf(slot(9))).toEqual(slotRootOf(caller.id, slot(9), []));
    caller.noteSigned(slot(7));
    expect(caller.unsignedSlots).toEqual([slot(8)]);
  });

  test.each<[string, (caller: CallerSession) => unknown]>([
    ["MESSAGE_NOT_WAITING", (caller) => caller.noteTaken(9, slot(7))],
    ["MESSAGE_NOT_WAITING", (caller) => caller.noteTaken(2, slot(7))],
    ["MESSAGE_NOT_WAITING", (caller) => caller.noteRefused(2)],
    ["MESSAGE_OUT_OF_ORDER", (caller) => caller.noteTaken(1, slot(7))],
    ["SLOT_OVER", (caller) => caller.noteTaken(3, slot(6))],
    [
      "SLOT_OVER",
      (caller) => {
        caller.noteSigned(slot(7));
        return caller.noteTaken(3, slot(7));
      },
    ],
  ])("is refused with %s where it cannot be", (code, claim) => {
    const { caller } = opened();
    for (const body of ["a", "b", "c"]) caller.seal(body);
    caller.noteTaken(2, slot(7));
    const before = caller.rootOf(slot(7));
    expect(claim(caller)).toMatchObject({ ok: false, error: { code } });
    if (caller.unsignedSlots.length > 0) expect(caller.rootOf(slot(7))).toEqual(before);
  });

  test("whatever is taken or refused, the root proves each message that was taken, and no other", () => {
    const fate = fc.record({ isTaken: fc.boolean(), slots: fc.nat(2) });
    const session = Session.open("caller", secretOf("caller"), greetingOf(secretOf("node")), IDS);
    if (!session.ok) throw new Error("the greeting is sound");
    fc.assert(
      fc.property(fc.array(fate, { maxLength: 40 }), (fates) => {
        const caller = new CallerSession(session.value, ADDRESS.expires); // agreeing on keys anew costs more than all else
        const bySlot = new Map<InstantMs, SessionMessage[]>();
        let now = 0;
        for (const { isTaken, slots } of fates) {
          const message = caller.seal({ at: now });
          now += slots;
          if (isTaken) bySlot.set(slot(now), [...(bySlot.get(slot(now)) ?? []), message]);
          expect(
            (isTaken ? caller.noteTaken(message.sequence, slot(now)) : caller.noteRefused(message.sequence)).ok,
          ).toBe(true);
        }
        expect(caller.unsignedSlots).toEqual([...bySlot.keys()]);
        for (const [each, messages] of bySlot) {
          const { count, root } = caller.rootOf(each);
          const tree = merkleTree(messages.map(leafOf));
          expect({ count, root }).toEqual({ count: messages.length, root: tree.root });
          messages.forEach((message, index) => {
            const proves = (claim: Pick<SessionMessage, "sequence" | "body">): boolean =>
              isUnderRoot(leafOf(claim), index, count, tree.proof(index), root);
            expect([proves(message), proves({ ...message, body: canonicalText({ at: -1 }) })]).toEqual([true, false]);
          });
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

test("a session is of its two envelopes: another answer is another session", () => {
  const ids = new Set<HashHex>();
  for (const salt of ["1", "2", "3"]) {
    const answer = sealAnswer({ ...NODE, salt }, envelopeIn(GREETING), secretOf("node"), OPERATOR);
    const node = openNode({ answer });
    if (node.ok) ids.add(node.value.id);
  }
  expect(ids.size).toBe(3);
});
