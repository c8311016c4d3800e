/** What a state keeps of sessions: its snapshot, and what cannot be. */
import { describe, expect, test } from "@jest/globals";
import {
  checkMarketRules,
  restoreState,
  snapshotText,
  stateHash,
  violatedInvariants,
  type State,
} from "@micromarket/engine";
import { BERT, minute, obeyed, rulesWith, slot } from "./street.ts";
import { ANNES, BERTS, NOW, signedStreet } from "./signed-street.ts";
import { bid, greetings, rootOwed, said, signedRoot, talking } from "./session-street.ts";

describe("the state", () => {
  function busy(): { readonly state: State; readonly id: ReturnType<typeof talking>["id"] } {
    const { id, state } = talking();
    for (let sequence = 1; sequence <= 5; sequence++) obeyed(state, said(id, sequence, bid(`a${sequence}`)), NOW);
    obeyed(state, said(id, 9, bid("b")), minute(15));
    obeyed(state, greetings({ party: BERT }, BERTS.gateway), minute(16));
    return { state, id };
  }

  test("comes back from its snapshot with its sessions, and goes on", () => {
    const { state, id } = busy();
    const text = snapshotText(state);
    const restored = restoreState(text);
    if (!restored.ok) throw new Error(JSON.stringify(restored.error));
    expect(snapshotText(restored.value)).toBe(text);
    for (const each of [state, restored.value]) {
      obeyed(each, said(id, 10, bid("c")), minute(20));
      obeyed(each, signedRoot(rootOwed(each, id, slot(0))), minute(20));
      obeyed(each, signedRoot(rootOwed(each, id, slot(1))), minute(30));
    }
    expect(stateHash(restored.value)).toBe(stateHash(state));
  });

  test("of a market without sessions has the same text as ever", () => {
    expect(snapshotText(signedStreet())).not.toContain("session");
  });

  test.each<[string, RegExp, string]>([
    ["a count without its hashes", /"unsigned":\[\[(\d+),\[5,/, `"unsigned":[[$1,[4,`],
    ["a hash that is none", /"unsigned":\[\[(\d+),\[5,\["[0-9a-f]{64}/, `"unsigned":[[$1,[5,["00`],
    ["a signer that is none", /"sequence":9,"signer":"[^"]*"/, `"sequence":9,"signer":"anne"`],
    ["an end that is no yes or no", /"isEnded":false/, `"isEnded":0`],
  ])("refuses %s", (_, part, replacement) => {
    const text = snapshotText(busy().state);
    expect(text).toMatch(part);
    expect(restoreState(text.replace(part, replacement))).toMatchObject({ error: { code: "VALUE_MALFORMED" } });
  });

  test.each<[string, (state: State, session: ReturnType<typeof sessionOf>) => unknown]>([
    ["speaks in session", (state) => state.registry.keys.delete(ANNES.gateway.key.did)],
    ["speaks for a stranger", (_, session) => Object.assign(session, { party: BERT })],
    ["speaks for a stranger", (_, session) => Object.assign(session, { grant: "x" })],
    ["over more than was said", (_, session) => (session.sequence = 3)],
    ["out of order", (_, session) => session.unsigned.set(slot(-1), session.unsigned.get(slot(0)) as never)],
    ["out of order", (_, session) => session.unsigned.set(minute(16), session.unsigned.get(slot(0)) as never)],
    ["at a time to come", (_, session) => session.unsigned.set(slot(2), session.unsigned.get(slot(0)) as never)],
    [
      "outlived its end",
      (_, session) => {
        session.unsigned.clear();
        session.isEnded = true;
      },
    ],
  ])("in which a session %s is unsound", (words, change) => {
    const { state, id } = busy();
    const session = sessionOf(state, id);
    change(state, session);
    expect(violatedInvariants(state).join()).toContain(words);
  });

  test.each([
    [{ graceSlots: -1, perParty: 1 }],
    [{ graceSlots: 1_441, perParty: 1 }],
    [{ graceSlots: 0, perParty: 0 }],
    [{ graceSlots: 0, perParty: 1_001 }],
  ])("is of no market with the rules %j", (sessions) => {
    expect(checkMarketRules(rulesWith({ sessions }))).toBe("SESSION_RULES_OUT_OF_RANGE");
  });

  function sessionOf(state: State, id: ReturnType<typeof talking>["id"]) {
    const session = state.sessions.get(id);
    if (session === undefined) throw new Error("the session is there");
    return session;
  }
});
