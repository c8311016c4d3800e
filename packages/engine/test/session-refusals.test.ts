/**
 * Every refusal of the commands about sessions, by precedence: each row stands with the faults of all rows below it, and is
 * the one that is named. Nothing changes by any of them.
 */
import { describe, expect, test } from "@jest/globals";
import { durationMs, hashText, instantMs } from "@micromarket/kernel";
import { revokeKey, sealEnvelope, setStanding, type SessionAddress, type SlotRoot } from "@micromarket/identity";
import { encodeCommand, MESSAGE_LENGTH_MAX, type Command, type SessionRecord, type State } from "@micromarket/engine";
import { ANNE, BERT, GRID, minute, obeyed, report, slot, submit, tender } from "./street.ts";
import { ANNES, BERTS, codeOf, NOW, OPERATOR, signedStreet, signer } from "./signed-street.ts";
import { addressed, bid, ended, greetings, rootOwed, said, signedRoot, talking, UNTIL } from "./session-street.ts";

/** A fault: what it does to the state, or to what is sent. */
type Fault<Sent> = readonly [
  code: string,
  change: (on: { readonly state: State; readonly session: SessionRecord }, sent: Sent) => void,
];

/** Each code with the faults from its row on, last fault first. */
function codesOf<Sent>(
  faults: readonly Fault<Sent>[],
  begin: () => { readonly state: State; readonly session: SessionRecord; readonly sent: Sent },
  command: (sent: Sent) => Command,
  at = minute(20),
): readonly string[] {
  return faults.map((_, first) => {
    const { state, session, sent } = begin();
    for (const [, change] of faults.slice(first).toReversed()) change({ state, session }, sent);
    return codeOf(command(sent), state, at);
  });
}

/** Anne's gateway has said one thing in slot 0. */
function begun() {
  const { id, state } = talking();
  obeyed(state, said(id, 1, bid("first")), NOW);
  const session = state.sessions.get(id);
  if (session === undefined) throw new Error("the session is open");
  return { id, state, session };
}

describe("InSession", () => {
  interface Sent {
    session: string;
    sequence: number;
    body: string;
  }
  const NONE = hashText("no session");
  const textOf = encodeCommand;
  const faults: readonly Fault<Sent>[] = [
    ["SESSION_UNKNOWN", (_, sent) => (sent.session = NONE)],
    ["SESSION_ENDED", ({ session }) => (session.isEnded = true)],
    ["SESSION_EXPIRED", ({ session }) => Object.assign(session, { expires: minute(20) })],
    ["SIGNER_REVOKED", ({ state, session }) => void revokeKey(state.registry, session.signer, minute(20))],
    ["PARTY_SUSPENDED", ({ state }) => void setStanding(state.registry, ANNE, "suspended")],
    [
      "SESSION_ROOT_OVERDUE",
      ({ session }) => {
        const owed = session.unsigned.get(slot(0));
        session.unsigned.clear();
        if (owed !== undefined) session.unsigned.set(slot(-3), owed);
      },
    ],
    ["SEQUENCE_BROKEN", (_, sent) => (sent.sequence = 1)],
    ["MESSAGE_TOO_LONG", (_, sent) => (sent.body = sent.body.padEnd(MESSAGE_LENGTH_MAX + 1))],
    ["MESSAGE_NESTED_TOO_DEEP", (_, sent) => (sent.body = "[".repeat(30_000))],
    ["VALUE_MALFORMED", (_, sent) => (sent.body = ` ${sent.body}`)],
  ];
  const rest: readonly Fault<Sent>[] = [
    ["COMMAND_NOT_OF_TYPE", (_, sent) => (sent.body = textOf({ type: "CloseGate", slot: slot(4) }))],
    ["ROLE_MAY_NOT", (_, sent) => (sent.body = textOf(report(slot(0), BERT, 1, 0)))],
    ["COMMAND_OF_OTHER_PARTY", (_, sent) => (sent.body = textOf(submit(slot(0), tender("x", BERT, "buy", [1, 1]))))],
    ["TENDER_ID_NOT_OWN", (_, sent) => (sent.body = textOf(submit(slot(0), tender("x", ANNE, "buy", [1, 1]))))],
    ["GATE_CLOSED", (_, sent) => (sent.body = textOf(submit(slot(0), tender("anne/x", ANNE, "buy", [1, 1]))))],
  ];
  const begin = () => {
    const { id, state, session } = begun();
    return { state, session, sent: { session: id as string, sequence: 2, body: encodeCommand(bid("next")) } };
  };
  const command = (sent: Sent) => ({ type: "InSession", ...sent }) as Command;

  test("is refused in the documented order, up to what its body says", () => {
    expect(codesOf(faults, begin, command)).toEqual(faults.map(([code]) => code));
  });

  test.each(rest.filter(([code]) => code !== "ROLE_MAY_NOT"))(
    "is refused with %s for what its body says",
    (code, change) => {
      const { state, session, sent } = begin();
      change({ state, session }, sent);
      expect(codeOf(command(sent), state, minute(20))).toBe(code);
    },
  );

  test("of a key that may not say such a thing is refused for the key, before anybody looks whom it commits", () => {
    const { id, state } = talking(greetings({}, ANNES.owner));
    expect(codeOf(said(id, 1, report(slot(0), BERT, 1, 0)), state)).toBe("ROLE_MAY_NOT");
  });

  test("carries nothing that is about sessions, envelopes, keys or money", () => {
    const { id, state } = talking();
    const commands: readonly Command[] = [
      said(id, 2, bid("inner")),
      greetings({ salt: "2" }),
      ended({ session: id }),
      { type: "Signed", envelope: "{}" },
      { type: "RevokeKey", did: BERTS.gateway.key.did },
      { type: "RegisterParty", party: BERT },
    ];
    const codes = commands.map((inner) => codeOf(said(id, 1, inner), state));
    expect(new Set(codes)).toEqual(new Set(["COMMAND_NOT_OF_TYPE"]));
  });

  test("of a rotated key, and of one whose party left, is refused for it", () => {
    const { id, state } = talking();
    const record = state.registry.keys.get(ANNES.gateway.key.did);
    if (record !== undefined) record.until = minute(20);
    expect(codeOf(said(id, 1, bid("a")), state, minute(20))).toBe("SIGNER_ROTATED");
    void setStanding(state.registry, ANNE, "left");
    expect(codeOf(said(id, 1, bid("a")), state, NOW)).toBe("PARTY_LEFT");
  });

  test("as long as a message may be is still an entry that can be read again", () => {
    const { id } = talking();
    const body = `"${'\\"'.repeat((MESSAGE_LENGTH_MAX - 2) / 2)}"`;
    expect(body).toHaveLength(MESSAGE_LENGTH_MAX);
    expect(
      encodeCommand({ type: "InSession", session: id, sequence: Number.MAX_SAFE_INTEGER, body }).length,
    ).toBeLessThan(65_536);
  });
});

describe("OpenSession", () => {
  const expired: Partial<SessionAddress> = { expires: NOW };
  const sealed = (type: string, body: object, by = ANNES.gateway, change: Partial<SessionAddress> = {}): string =>
    sealEnvelope({ ...addressed(change), type, body: body as never }, by);
  test.each<[string, () => Command]>([
    ["ENVELOPE_TOO_LARGE", () => ({ ...greetings(), greeting: "x".repeat(9_000) })],
    ["NET_MISMATCH", () => greetings({ net: hashText("another founding") })],
    ["TYPE_UNKNOWN", () => ({ ...greetings(), greeting: greetings().answer })],
    ["WINDOW_INVALID", () => greetings({ expires: instantMs(NOW + 86_400_001) })],
    ["EXPIRED", () => greetings(expired, ANNES.gateway, expired)],
    ["SIGNER_UNKNOWN", () => greetings({}, signer("stranger"))],
    ["SIGNER_NOT_OF_PARTY", () => greetings({ party: BERT })],
    ["ROLE_MAY_NOT", () => greetings({}, ANNES.device, expired)],
    ["ROLE_MAY_NOT", () => greetings({ party: GRID }, OPERATOR)],
    [
      "SIGNATURE_WRONG",
      () => ({
        ...greetings(),
        greeting: greetings()
          .greeting.replace('\\"02', '\\"03')
          .replace('\\"03', '\\"02')
          .replace(/signature":"../, 'signature":"01'),
      }),
    ],
    ["VALUE_MALFORMED", () => ({ ...greetings(), greeting: sealed("session", {}) })],
    ["TYPE_UNKNOWN", () => ({ ...greetings(), answer: greetings().greeting })],
    ["EXPIRED", () => greetings({}, ANNES.gateway, expired)],
    ["ROLE_MAY_NOT", () => ({ ...greetings(), answer: sealed("session-answer", {}) })],
    ["VALUE_MALFORMED", () => ({ ...greetings(), answer: sealed("session-answer", {}, OPERATOR, { party: GRID }) })],
    [
      "GRANT_NOT_FOR_TYPE",
      () => ({ ...greetings(), answer: sealed("session-answer", {}, OPERATOR, { party: ANNE, grant: "g" }) }),
    ],
    ["ANSWER_OF_OTHER_GREETING", () => ({ ...greetings(), answer: greetings({ salt: "2" }).answer })],
    ["GRANT_UNKNOWN", () => greetings({ grant: "g" }, BERTS.gateway)],
    ["ok", greetings],
  ])("is refused with %s", (code, command) => {
    expect(codeOf(command())).toBe(code);
  });

  test("an answer that is a replay, or a greeting that is one, opens nothing", () => {
    const state = signedStreet();
    const [one, two] = [greetings(), greetings({ salt: "2" })];
    obeyed(state, one, NOW);
    expect(codeOf({ ...two, greeting: one.greeting }, state)).toBe("REPLAYED");
    expect(codeOf({ ...two, answer: one.answer }, state)).toBe("REPLAYED");
    expect(codeOf(two, state)).toBe("ok");
  });

  test("sixteen of a party are enough, those that are over and signed not counted", () => {
    const state = signedStreet();
    const keys = [ANNES.gateway, ANNES.owner] as const;
    const opening = (index: number) => greetings({ salt: `${index}` }, keys[index % 2]);
    for (let index = 0; index < 16; index++) obeyed(state, opening(index), NOW);
    expect(codeOf(opening(16), state)).toBe("SESSIONS_TOO_MANY");
    const [id] = state.sessions.keys();
    if (id === undefined) throw new Error("there are sessions");
    obeyed(state, ended({ session: id }), NOW);
    expect(codeOf(opening(16), state)).toBe("ok");
    const later = instantMs(UNTIL + durationMs(60_000));
    expect(
      codeOf(
        greetings({ notBefore: UNTIL, expires: later }, ANNES.gateway, { notBefore: UNTIL, expires: later }),
        state,
        UNTIL,
      ),
    ).toBe("ok");
    expect(state.sessions.size).toBe(1);
  });
});

describe("CloseSessionSlot and EndSession", () => {
  interface Sent {
    root: SlotRoot;
    party: typeof ANNE;
    by: typeof ANNES.gateway;
  }
  const begin = () => {
    const { id, state, session } = begun();
    return { state, session, sent: { root: rootOwed(state, id, slot(0)), party: ANNE, by: ANNES.gateway } };
  };
  const closing: readonly Fault<Sent>[] = [
    ["ROLE_MAY_NOT", (_, sent) => (sent.by = ANNES.device)],
    ["SESSION_UNKNOWN", (_, sent) => (sent.root = { ...sent.root, session: hashText("none") })],
    ["SESSION_NOT_THE_SIGNERS", (_, sent) => (sent.by = ANNES.owner)],
    ["SESSION_SLOT_NOT_OPEN", (_, sent) => (sent.root = { ...sent.root, slot: slot(1) })],
    [
      "SESSION_SLOT_RUNNING",
      ({ session }, sent) => {
        session.unsigned.set(slot(2), session.unsigned.get(slot(0)) as never);
        sent.root = { ...sent.root, slot: slot(2) };
      },
    ],
    ["SESSION_COUNT_DIFFERS", (_, sent) => (sent.root = { ...sent.root, count: 2 })],
    ["SESSION_ROOT_DIFFERS", (_, sent) => (sent.root = { ...sent.root, root: hashText("other words") })],
  ];

  test("a root is refused in the documented order", () => {
    const codes = codesOf(closing, begin, ({ root, party, by }) => signedRoot(root, by, { party }), minute(30));
    expect(codes).toEqual(closing.map(([code]) => code));
  });

  test.each<[string, () => Command]>([
    ["TYPE_UNKNOWN", () => ({ type: "CloseSessionSlot", envelope: greetings({ salt: "9" }).greeting })],
    ["SIGNER_NOT_OF_PARTY", () => signedRoot(begun().session as never, BERTS.gateway)],
    ["VALUE_MALFORMED", () => signedRoot({} as never)],
    ["SESSION_NOT_THE_SIGNERS", () => ended({ session: begun().id }, BERTS.gateway, { party: BERT })],
    ["SESSION_UNKNOWN", () => ended({ session: hashText("none") }, BERTS.gateway, { party: BERT })],
    ["ROLE_MAY_NOT", () => ended({ session: begun().id }, ANNES.device)],
    ["VALUE_MALFORMED", () => ended({ session: "x" } as never)],
    ["SESSION_NOT_THE_SIGNERS", () => ended({ session: begun().id }, OPERATOR, { party: ANNE, grant: "g" })],
    ["WAIVER_NOT_OWN", () => ended({ session: begun().id, waivesRoots: true })],
    ["ok", () => ended({ session: begun().id, waivesRoots: false })],
    ["ok", () => ended({ session: begun().id, waivesRoots: true }, OPERATOR, { party: GRID })],
  ])("are refused with %s for what they are", (code, command) => {
    const sent = command();
    expect(codeOf(sent, begun().state, minute(15))).toBe(code);
  });
});
