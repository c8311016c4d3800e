/** A session from its greetings to its signed roots, and how it ends. */
import { describe, expect, test } from "@jest/globals";
import { amountNano, instantMs, priceMicro, tenderId, wattHours } from "@micromarket/kernel";
import { slotRootOf, type Grant, type SessionAddress, type SessionMessage, type Signer } from "@micromarket/identity";
import {
  checkMarketRules,
  commandWithin,
  decodeCommand,
  encodeCommand,
  marketGenesis,
  overdueSessions,
  vouchFor,
  type BareCommand,
  type Command,
  type SessionRules,
  type State,
} from "@micromarket/engine";
import { ANNE, BERT, GRID, minute, obeyed, only, refused, report, rulesWith, slot, submit, tender } from "./street.ts";
import { ANNES, BERTS, codeOf, NOW, OPERATOR, signedBy, signedStreet, told } from "./signed-street.ts";
import { bid, ended, greetings, rootOwed, said, sidesOf, signedRoot, talking, UNTIL } from "./session-street.ts";

/** The street as if it had been founded on these rules of sessions, and the hash of that founding. */
function onRules(sessions: SessionRules, { rules, ...state }: State = signedStreet()) {
  const changed = { ...rules, sessions };
  expect(checkMarketRules(changed)).toBeNull();
  return { state: { ...state, rules: changed }, net: marketGenesis(changed) };
}

describe("a session", () => {
  test("is opened once by both greetings, for whom and until when they say", () => {
    const state = signedStreet();
    const opening = greetings({}, ANNES.gateway, { expires: minute(100) });
    const { id } = sidesOf(opening);
    const { did } = ANNES.gateway.key;
    expect(obeyed(state, opening, NOW)).toEqual([
      { type: "SessionOpened", session: id, party: ANNE, signer: did, expires: minute(100) },
    ]);
    expect(refused(state, opening, NOW)?.code).toBe("REPLAYED");
  });

  test("carries what its caller says, to the same effect as an envelope", () => {
    const { caller, node, state } = talking();
    const twin = signedStreet();
    for (const [index, command] of [bid("a"), bid("b", 700)].entries()) {
      const vouched = vouchFor(node, caller.sealText(encodeCommand(command)));
      if (!vouched.ok) throw new Error(vouched.error.code);
      const events = obeyed(state, vouched.value, NOW);
      const taken = only(events, "SessionMessageTaken");
      expect(taken).toEqual({ type: "SessionMessageTaken", session: caller.id, sequence: index + 1, slot: slot(0) });
      expect(events.slice(0, -1)).toEqual(obeyed(twin, signedBy("order", ANNE, ANNES.gateway, command), NOW));
      expect(caller.noteTaken(taken.sequence, taken.slot).ok).toBe(true);
    }
    expect(state.books.get(slot(4))?.tenders).toEqual(twin.books.get(slot(4))?.tenders);
    const root = caller.rootOf(slot(0));
    expect(codeOf(signedRoot(root), state, minute(14))).toBe("SESSION_SLOT_RUNNING");
    const [event] = obeyed(state, signedRoot(root), minute(15));
    expect(event).toMatchObject({ type: "SessionSlotSigned", party: ANNE, slot: slot(0), count: 2, root: root.root });
    expect(codeOf(signedRoot(root), state, minute(15))).toBe("REPLAYED");
    expect(codeOf(signedRoot(root, ANNES.gateway, { salt: "2" }), state, minute(15))).toBe("SESSION_SLOT_NOT_OPEN");
  });

  test("carries readings and positions of who may give them, each by its role", () => {
    const { id, state } = talking();
    obeyed(state, { type: "CloseGate", slot: slot(4) }, minute(55));
    const reading = report(slot(4), ANNE, 5, 0);
    expect(obeyed(state, said(id, 1, reading), minute(75))[0]?.type).toBe("DeliveryPosted");
    const owner = talking(greetings({}, ANNES.owner));
    expect(codeOf(said(owner.id, 1, reading), owner.state)).toBe("ROLE_MAY_NOT");
    expect(codeOf(said(owner.id, 1, bid("a")), owner.state)).toBe("ok");
    const position = { type: "SubmitPosition", slot: slot(4), party: ANNE, number: 1 } as const;
    const curve = { top: wattHours(0), drops: [], prices: [] } as never;
    expect(codeOf(said(id, 1, { ...position, curve }), talking().state)).toBe("POSITIONS_NOT_TAKEN");
  });

  test("takes no number twice and none below another, and may leave some out: those were refused", () => {
    const { id, state } = talking();
    expect(codeOf(said(id, 3, bid("a")), state)).toBe("ok");
    expect(codeOf(said(id, 7, bid("a")), state)).toBe("TENDER_ALREADY_EXISTS");
    expect(codeOf(said(id, 4, bid("b")), state)).toBe("ok");
    const codes = [4, 3, 1, 0, -1].map((sequence) => codeOf(said(id, sequence, bid("c")), state));
    expect(new Set(codes)).toEqual(new Set(["SEQUENCE_BROKEN"]));
    expect(codeOf(said(id, Number.MAX_SAFE_INTEGER, bid("c")), state)).toBe("ok");
    expect(rootOwed(state, id, slot(0)).count).toBe(3);
  });

  test("keeps what was said in each slot apart, and signs them in any order", () => {
    const { id, state } = talking();
    const bodies = ["a", "b", "c"].map((name) => encodeCommand(bid(name)));
    const messages = bodies.map((body, index): Pick<SessionMessage, "sequence" | "body"> => ({
      sequence: index + 1,
      body,
    }));
    obeyed(state, said(id, 1, bid("a")), minute(14));
    obeyed(state, said(id, 2, bid("b")), minute(15));
    obeyed(state, said(id, 3, bid("c")), minute(29));
    expect(rootOwed(state, id, slot(0))).toEqual(slotRootOf(id, slot(0), messages.slice(0, 1)));
    expect(rootOwed(state, id, slot(1))).toEqual(slotRootOf(id, slot(1), messages.slice(1)));
    obeyed(state, signedRoot(rootOwed(state, id, slot(1))), minute(30));
    obeyed(state, signedRoot(rootOwed(state, id, slot(0))), minute(30));
    expect(state.sessions.get(id)?.unsigned.size).toBe(0);
  });

  test("two tenders of one id contradict each other, however they came", () => {
    const { id, state } = talking();
    obeyed(state, said(id, 1, bid("a")), NOW);
    const found = only(obeyed(state, signedBy("order", ANNE, ANNES.gateway, bid("a", 501)), NOW), "EquivocationFound");
    expect(found.envelopes[0]).toMatch(/^[0-9a-f]{64}$/);
    obeyed(state, said(id, 2, bid("b")), NOW);
    const [again] = obeyed(state, said(id, 3, bid("b", 501)), NOW);
    expect(again?.type).toBe("EquivocationFound");
    expect(rootOwed(state, id, slot(0)).count).toBe(3);
  });

  test("takes tenders back", () => {
    const { id, state } = talking();
    obeyed(state, said(id, 1, bid("a")), NOW);
    const cancel: Command = { type: "CancelTender", slot: slot(4), party: ANNE, tender: tenderId("anne/a") };
    expect(obeyed(state, said(id, 2, cancel), NOW)[0]?.type).toBe("TenderCancelled");
  });
});

describe("a root that is missing", () => {
  test("lets its session say nothing more after the grace, until it is signed", () => {
    const { id, state } = talking();
    obeyed(state, said(id, 1, bid("a")), NOW);
    expect(codeOf(said(id, 2, bid("b")), state, minute(44))).toBe("ok");
    const next = said(id, 3, bid("c"));
    expect(overdueSessions(state, minute(44))).toEqual([]);
    expect(refused(state, next, minute(45))).toEqual({ code: "SESSION_ROOT_OVERDUE", session: id, slot: slot(0) });
    expect(overdueSessions(state, minute(45))).toEqual([
      { session: id, party: ANNE, signer: ANNES.gateway.key.did, slot: slot(0) },
    ]);
    obeyed(state, signedRoot(rootOwed(state, id, slot(0))), minute(45));
    expect(codeOf(next, state, minute(45))).toBe("ok");
  });

  test.each([0, 1, 5])("is waited for as long as the market's rules say: %i slots", (graceSlots) => {
    const { state, net } = onRules({ graceSlots, perParty: 1 });
    const { id } = talking(greetings({ net }, ANNES.gateway, { net }), state);
    obeyed(state, said(id, 1, bid("a", 5, slot(2))), NOW);
    const due = 15 * (1 + graceSlots);
    expect(overdueSessions(state, minute(due - 1))).toEqual([]);
    expect(overdueSessions(state, minute(due))).toHaveLength(1);
  });

  test("keeps its signer's key, and no other, from opening another session", () => {
    const { id, state } = talking();
    obeyed(state, said(id, 1, bid("a")), NOW);
    obeyed(state, ended({ session: id }), minute(16));
    const [again, byOwner] = [greetings({ salt: "2" }), greetings({ salt: "3" }, ANNES.owner)];
    expect(refused(state, again, minute(45))).toEqual({ code: "SESSION_ROOT_OVERDUE", session: id, slot: slot(0) });
    expect(codeOf(byOwner, state, minute(45))).toBe("ok");
    obeyed(state, signedRoot(rootOwed(state, id, slot(0))), minute(45));
    expect(codeOf(again, state, minute(45))).toBe("ok");
  });

  test("is given up by the operator alone, and stays its own word", () => {
    const { id, state } = talking();
    obeyed(state, said(id, 1, bid("a")), NOW);
    const waiver = { session: id, waivesRoots: true };
    expect(codeOf(ended(waiver), state)).toBe("WAIVER_NOT_OWN");
    const byOperator = ended(waiver, OPERATOR, { party: GRID });
    expect(only(obeyed(state, byOperator, minute(45)), "SessionEnded")).toEqual({
      type: "SessionEnded",
      session: id,
      party: ANNE,
      signer: ANNES.gateway.key.did,
      by: OPERATOR.key.did,
      unsigned: [slot(0)],
      isAwaited: false,
    });
    expect(state.sessions.size).toBe(0);
    expect(codeOf(greetings({ salt: "2" }), state, minute(45))).toBe("ok");
  });
});

describe("a session is over", () => {
  test("when its caller says so; what was said can still be signed, at once, and then it is forgotten", () => {
    const { id, state } = talking();
    obeyed(state, said(id, 1, bid("a")), NOW);
    const root = rootOwed(state, id, slot(0));
    expect(only(obeyed(state, ended({ session: id }), NOW), "SessionEnded")).toMatchObject({
      by: ANNES.gateway.key.did,
      unsigned: [slot(0)],
      isAwaited: true,
    });
    expect(codeOf(said(id, 2, bid("b")), state)).toBe("SESSION_ENDED");
    expect(codeOf(ended({ session: id }, ANNES.gateway, { salt: "2" }), state)).toBe("SESSION_ENDED");
    obeyed(state, signedRoot(root), NOW);
    expect(codeOf(said(id, 2, bid("b")), state)).toBe("SESSION_UNKNOWN");
    expect(state.sessions.size).toBe(0);
  });

  test("when the operator says so, and at once where nothing is owed", () => {
    const { id, state } = talking();
    obeyed(state, ended({ session: id }, OPERATOR, { party: GRID }), NOW);
    expect(state.sessions.size).toBe(0);
    expect(codeOf(greetings(), state)).toBe("REPLAYED");
  });

  test("when the first of its greetings ends", () => {
    const { id, state } = talking();
    obeyed(state, said(id, 1, bid("a")), NOW);
    obeyed(state, signedRoot(rootOwed(state, id, slot(0))), minute(30));
    const last = instantMs(UNTIL - 1);
    expect(codeOf(said(id, 2, bid("b", 5, slot(16))), state, last)).toBe("ok");
    expect(refused(state, said(id, 3, bid("c", 5, slot(17))), UNTIL)).toMatchObject({ code: "SESSION_EXPIRED" });
    const root = rootOwed(state, id, slot(12));
    expect(codeOf(signedRoot(root), state, UNTIL)).toBe("EXPIRED");
    const later = { expires: instantMs(UNTIL + 60_000), notBefore: UNTIL };
    expect(codeOf(ended({ session: id }, ANNES.gateway, later), state, UNTIL)).toBe("SESSION_EXPIRED");
    expect(codeOf(signedRoot(root, ANNES.gateway, later), state, UNTIL)).toBe("ok");
    expect(state.sessions.size).toBe(0);
  });

  test("at the very instant at which its signer's key is revoked; its roots can be signed no more", () => {
    const { id, state } = talking();
    obeyed(state, said(id, 1, bid("a")), NOW);
    const root = rootOwed(state, id, slot(0));
    obeyed(state, told({ type: "RevokeKey", did: ANNES.gateway.key.did }), NOW);
    expect(codeOf(said(id, 2, bid("b")), state)).toBe("SIGNER_REVOKED");
    expect(codeOf(signedRoot(root), state, minute(15))).toBe("SIGNER_REVOKED");
    expect(codeOf(ended({ session: id }), state)).toBe("SIGNER_REVOKED");
    expect(state.books.get(slot(4))?.tenders.size).toBe(1);
    expect(codeOf(greetings({}, ANNES.owner), state)).toBe("ok");
    expect([...state.sessions.values()].map(({ signer }) => signer)).toEqual([ANNES.owner.key.did]);
  });

  test("while its party is suspended, and for good when it has left", () => {
    const { id, state } = talking();
    obeyed(state, told({ type: "SetStanding", party: ANNE, standing: "suspended" }), NOW);
    expect(codeOf(said(id, 1, bid("a")), state)).toBe("PARTY_SUSPENDED");
    const active = { type: "SetStanding", party: ANNE, standing: "active" } as const;
    obeyed(state, signedBy("operator", GRID, OPERATOR, active, { salt: "2" }), NOW);
    expect(codeOf(said(id, 1, bid("a")), state)).toBe("ok");
    obeyed(state, signedBy("admin", ANNE, ANNES.owner, { type: "SetStanding", party: ANNE, standing: "left" }), NOW);
    expect(codeOf(said(id, 2, bid("b")), state)).toBe("PARTY_LEFT");
    expect(codeOf(greetings({ party: BERT }, BERTS.gateway), state)).toBe("ok");
    expect(state.sessions.size).toBe(1);
  });
});

describe("a grantee's session", () => {
  const GRANT: Grant = {
    id: "anne to bert",
    party: ANNE,
    grantee: BERTS.gateway.key.did,
    parent: null,
    types: ["order"],
    from: NOW,
    expires: minute(50),
    energyPerSlot: wattHours(800),
    priceMax: priceMicro(300_000),
    spendPerDay: amountNano(200_000n * 1_000n),
  };
  const granted = (change: Partial<Grant> = {}): State => {
    const state = signedStreet();
    obeyed(state, signedBy("admin", ANNE, ANNES.owner, { type: "MakeGrant", grant: { ...GRANT, ...change } }), NOW);
    return state;
  };
  const opening = greetings({ grant: GRANT.id }, BERTS.gateway);

  test("keeps to the grant's limits, message by message, and signs by it", () => {
    const { id, state } = talking(opening, granted());
    expect(codeOf(said(id, 1, bid("a", 500)), state)).toBe("ok");
    expect(codeOf(said(id, 2, bid("b", 301)), state)).toBe("GRANT_ENERGY");
    expect(codeOf(said(id, 2, bid("b", 300)), state)).toBe("ok");
    const dear = submit(slot(6), tender("anne/c", ANNE, "buy", [310_000, 1]));
    expect(codeOf(said(id, 3, dear), state)).toBe("GRANT_PRICE");
    expect(codeOf(said(id, 3, bid("d", 201, slot(6))), state)).toBe("GRANT_SPEND");
    const ofBert = submit(slot(6), tender("bert/c", BERT, "buy", [1, 1]));
    expect(codeOf(said(id, 3, ofBert), state)).toBe("COMMAND_OF_OTHER_PARTY");
    expect(codeOf(said(id, 3, report(slot(0), ANNE, 1, 0)), state)).toBe("GRANT_TYPE");
    const root = rootOwed(state, id, slot(0));
    expect(codeOf(signedRoot(root, BERTS.gateway), state, minute(15))).toBe("SIGNER_NOT_OF_PARTY");
    expect(codeOf(signedRoot(root, BERTS.gateway, { grant: "x" }), state, minute(15))).toBe("SESSION_NOT_THE_SIGNERS");
    expect(codeOf(signedRoot(root, BERTS.gateway, { grant: GRANT.id }), state, minute(15))).toBe("ok");
  });

  test("ends for what is said with the grant, and not for what is signed", () => {
    const { id, state } = talking(opening, granted());
    obeyed(state, said(id, 1, bid("a", 1)), NOW);
    const revoke: BareCommand = { type: "RevokeGrant", grant: GRANT.id };
    obeyed(state, signedBy("admin", ANNE, ANNES.owner, revoke, { salt: "2" }), NOW);
    expect(codeOf(said(id, 2, bid("b", 1)), state)).toBe("GRANT_REVOKED");
    const root = rootOwed(state, id, slot(0));
    expect(codeOf(signedRoot(root, BERTS.gateway, { grant: GRANT.id }), state, minute(15))).toBe("ok");
    const lasting = talking(opening, granted());
    expect(codeOf(said(lasting.id, 1, bid("c")), lasting.state, minute(50))).toBe("GRANT_EXPIRED");
  });

  test.each<[string, Partial<Grant>]>([
    ["GRANT_TYPE", { types: ["delegation"] }],
    ["GRANT_NOT_YET", { from: minute(20) }],
    ["GRANT_NOT_THE_SIGNERS", { grantee: BERTS.owner.key.did }],
    ["GRANT_UNKNOWN", { id: "another" }],
    ["ok", { types: ["delegation", "reading"] }],
  ])("opens where the grant allows something of it: %s", (code, change) => {
    expect(codeOf(opening, granted(change))).toBe(code);
  });

  test("counts among the sessions of its own party", () => {
    const { state, net } = onRules({ graceSlots: 2, perParty: 1 }, granted());
    const opens = (change: Partial<SessionAddress>, by: Signer) => greetings({ net, ...change }, by, { net });
    obeyed(state, opens({ grant: GRANT.id }, BERTS.gateway), NOW);
    expect(codeOf(opens({}, ANNES.gateway), state)).toBe("ok");
    expect(codeOf(opens({ salt: "2" }, ANNES.owner), state)).toBe("SESSIONS_TOO_MANY");
    expect(refused(state, opens({ party: BERT }, BERTS.owner), NOW)).toEqual({
      code: "SESSIONS_TOO_MANY",
      party: BERT,
      most: 1,
    });
  });
});

test("the command in a message is found; what is about a session itself carries none", () => {
  const { id } = talking();
  expect(commandWithin(said(id, 1, bid("a")))).toEqual(bid("a"));
  const message = { type: "InSession", session: id, sequence: 1 } as const;
  expect(commandWithin({ ...message, body: "{}" })).toBeNull();
  expect(commandWithin({ ...message, body: "[".repeat(30_000) })).toBeNull();
  expect(commandWithin({ ...message, body: encodeCommand(greetings()) })).toBeNull();
  for (const command of [greetings(), ended({ session: id })]) {
    expect(commandWithin(command)).toBeNull();
    expect(decodeCommand(encodeCommand(command))).toEqual({ ok: true, value: command });
  }
});

test("an open market takes sessions as well, once there is an operator's key", () => {
  const rules = rulesWith({ operator: OPERATOR.key.did });
  const net = marketGenesis(rules);
  const state = { ...signedStreet(), rules };
  const { id } = talking(greetings({ net }, ANNES.gateway, { net }), state);
  expect(codeOf(said(id, 1, bid("a")), state)).toBe("ok");
  expect(codeOf(bid("b"), state)).toBe("ok");
});
