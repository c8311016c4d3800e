/** A signed market as a whole: its snapshot, its journal, and who verifies what again. */
import { describe, expect, test } from "@jest/globals";
import { amountNano, hashText, wattHours } from "@micromarket/kernel";
import { chainHash } from "@micromarket/ledger";
import { verifyInJavaScript, type Grant, type Verify } from "@micromarket/identity";
import {
  checkMarketRules,
  commandWithin,
  decodeCommand,
  foundMarket,
  marketGenesis,
  openNode,
  replayFromZero,
  restoreState,
  snapshotText,
  stateHash,
  verifiedBefore,
  violatedInvariants,
  type BareCommand,
  type Command,
  type JournalEntry,
  type State,
} from "@micromarket/engine";
import { createMemoryDisk, createMemoryJournal } from "@micromarket/testkit";
import { ANNE, BERT, minute, obeyed, refused, rulesWith, slot, START, submit, tender } from "./street.ts";
import {
  ANNES,
  BERTS,
  envelope,
  NOW,
  OPERATOR,
  signed,
  SIGNED_RULES,
  signedBy,
  signedStreet,
  signer,
  told,
} from "./signed-street.ts";

const bid = (id: string, energy = 500) => submit(slot(4), tender(id, ANNE, "buy", [200_000, energy])) as BareCommand;
const GRANT: Grant = {
  id: "g",
  party: ANNE,
  grantee: BERTS.gateway.key.did,
  parent: null,
  types: ["order"],
  from: NOW,
  expires: minute(50),
  energyPerSlot: wattHours(800),
  priceMax: null,
  spendPerDay: amountNano(10n ** 12n),
};

/** Commands that leave something of everything behind. */
const BUSY: readonly Command[] = [
  signedBy("admin", BERT, BERTS.owner, {
    type: "RotateKey",
    did: BERTS.device.key.did,
    next: signer("next").key.did,
    from: NOW,
    until: minute(20),
  }),
  signedBy("admin", ANNE, ANNES.owner, { type: "RevokeKey", did: ANNES.device.key.did }),
  signedBy("admin", ANNE, ANNES.owner, { type: "MakeGrant", grant: GRANT }),
  signedBy("order", ANNE, ANNES.gateway, bid("anne/a")),
  signedBy("order", ANNE, BERTS.gateway, bid("anne/b", 300), { grant: "g" }),
];

function busy(): State {
  const state = signedStreet();
  for (const command of BUSY) obeyed(state, command, NOW);
  return state;
}

describe("founding rules", () => {
  test("a signed market has an operator, and the operator a key", () => {
    expect(checkMarketRules(rulesWith({ identity: "signed" }))).toBe("OPERATOR_MISSING");
    expect(checkMarketRules(rulesWith({ identity: "signed", operator: "did:key:zQ3s" }))).toBe("OPERATOR_MALFORMED");
    expect(checkMarketRules(rulesWith({ operator: "x" }))).toBe("OPERATOR_MALFORMED");
    expect(checkMarketRules(SIGNED_RULES)).toBeNull();
    expect(checkMarketRules(rulesWith({ identity: "open" }))).toBeNull();
  });

  test("another operator founds another market", () => {
    const other = { ...SIGNED_RULES, operator: signer("another").key.did };
    expect(marketGenesis(other)).not.toBe(marketGenesis(SIGNED_RULES));
    expect(refused(foundMarket(other), told({ type: "RegisterParty", party: ANNE }), NOW)?.code).toBe("NET_MISMATCH");
  });
});

describe("the snapshot", () => {
  test("says everything, and gives the state back", () => {
    const text = snapshotText(busy());
    const restored = restoreState(text);
    expect(restored.ok && snapshotText(restored.value)).toBe(text);
    const state = restored.ok ? restored.value : signedStreet();
    const replay = BUSY.at(-2);
    if (replay === undefined) throw new Error("there are commands");
    expect(refused(state, replay, NOW)?.code).toBe("REPLAYED");
    const tooMuch = signedBy("order", ANNE, BERTS.gateway, bid("anne/c", 501), { grant: "g" });
    expect(refused(state, tooMuch, NOW)?.code).toBe("GRANT_ENERGY");
    const twice = signedBy("order", ANNE, ANNES.gateway, bid("anne/a", 501), { salt: "2" });
    expect(obeyed(state, twice, NOW)).toMatchObject([{ type: "EquivocationFound" }]);
  });

  test("of an open market without keys has the same text as ever", () => {
    const text = snapshotText(foundMarket(rulesWith({})));
    expect(text).not.toMatch(/registry|grants|seen|placed|identity|operator/);
  });

  test("forgets envelopes when they are refused as expired", () => {
    const state = busy();
    expect(snapshotText(state)).toContain(`"seen"`);
    obeyed(state, { type: "CloseGate", slot: slot(4) }, minute(24 * 60));
    expect(snapshotText(state)).not.toContain(`"seen"`);
  });

  test.each<[string, RegExp | string, string]>([
    ["a key that is none", ANNES.owner.key.did, `did:key:zQ3s${"1".repeat(45)}`],
    ["a key twice", ANNES.owner.key.did, ANNES.gateway.key.did],
    ["an unknown role", `"role":"device"`, `"role":"king"`],
    ["an unknown standing", `["anne","active"]`, `["anne","asleep"]`],
    ["a grant without a grantee", `"grantee":"${BERTS.gateway.key.did}"`, `"grantee":"bert"`],
    ["an id that is no hash", /"seen":\[\["[0-9a-f]{64}"/, `"seen":[["00"`],
  ])("refuses %s", (_, part, replacement) => {
    const text = snapshotText(busy());
    expect(text).toMatch(part);
    expect(restoreState(text.replace(part, replacement))).toMatchObject({ error: { code: "VALUE_MALFORMED" } });
  });

  test.each<[string, (state: State) => unknown]>([
    ["a stranger has a standing", (state) => state.registry.parties.set("zoe" as never, "active")],
    ["is a stranger's", (state) => state.registry.parties.delete(ANNE)],
    ["is no operator's", (state) => Object.assign(state.registry.keys.get(OPERATOR.key.did) ?? {}, { party: ANNE })],
    [
      "acts for a stranger",
      (state) => Object.assign(state.grants.get("g") ?? {}, { grant: { ...GRANT, party: "zoe" } }),
    ],
    [
      "was made from nothing",
      (state) => Object.assign(state.grants.get("g") ?? {}, { grant: { ...GRANT, parent: "x" } }),
    ],
    [
      "knows who placed no tender",
      (state) => state.books.get(slot(4))?.placed.set("x" as never, { envelope: hashText("x"), signer: "x" }),
    ],
    ["somebody who left tenders", (state) => state.registry.parties.set(ANNE, "left")],
  ])("of a state where %s is unsound", (words, change) => {
    const state = busy();
    change(state);
    expect(violatedInvariants(state).join()).toContain(words);
  });
});

describe("the journal", () => {
  /** A node that has lived, and its disk. */
  function lived(verify?: Verify) {
    const disk = createMemoryDisk();
    const node = openNode(SIGNED_RULES, createMemoryJournal(disk), verify === undefined ? {} : { verify });
    if (!node.ok) throw new Error(JSON.stringify(node.error));
    const told_: Command[] = [
      told({ type: "RegisterParty", party: ANNE }, START),
      told({ type: "EnrolKey", party: ANNE, did: ANNES.gateway.key.did, role: "gateway", from: START }, START),
      { type: "RegisterParty", party: BERT },
      signedBy("order", ANNE, ANNES.gateway, bid("anne/a")),
      signedBy("order", ANNE, ANNES.gateway, bid("anne/a")),
    ];
    const outcomes = node.value.execute(told_, NOW).map((outcome) => (outcome.ok ? "ok" : outcome.refusal.code));
    return { disk, node: node.value, outcomes };
  }

  /** The entries with one command changed, linked anew: what somebody would hand out who forges a whole journal. */
  function relinked(entries: readonly JournalEntry[], change: (command: string) => string): readonly JournalEntry[] {
    let hash = marketGenesis(SIGNED_RULES);
    return entries.map(({ sequence, at, rulesVersion, command }) => {
      const fields = { sequence, at, rulesVersion, command: change(command) };
      hash = chainHash(hash, fields);
      return { ...fields, hash };
    });
  }

  test("holds envelopes whole, and nothing that was refused", () => {
    const { disk, node, outcomes } = lived();
    expect(outcomes).toEqual(["ok", "ok", "UNSIGNED", "ok", "REPLAYED"]);
    const commands = disk.entries.map(({ command }) => decodeCommand(command));
    expect(commands.map((read) => read.ok && read.value.type)).toEqual(["Signed", "Signed", "Signed"]);
    const within = commands.map((read) => (read.ok ? commandWithin(read.value) : null));
    expect(within.map((command) => command?.type)).toEqual(["RegisterParty", "EnrolKey", "SubmitTender"]);
    const replayed = replayFromZero(SIGNED_RULES, disk.entries);
    expect(replayed.ok && stateHash(replayed.value.state)).toBe(stateHash(node.state));
  });

  test("forged and linked anew is found by whoever verifies it, and by nobody who trusts it", () => {
    const { disk } = lived();
    const forgery = relinked(disk.entries, (command) => command.replace(":500", ":5"));
    expect(forgery.at(-1)?.command).not.toBe(disk.entries.at(-1)?.command);
    expect(replayFromZero(SIGNED_RULES, forgery)).toMatchObject({
      error: { code: "COMMAND_REFUSED", sequence: 3, refusal: { code: "SIGNATURE_WRONG" } },
    });
    expect(replayFromZero(SIGNED_RULES, forgery, undefined, { verify: verifiedBefore }).ok).toBe(true);
    const opened = (options: Parameters<typeof openNode>[2]) =>
      openNode(SIGNED_RULES, createMemoryJournal({ ...createMemoryDisk(), entries: [...forgery] }), options).ok;
    expect(opened({})).toBe(false);
    expect(opened({ verifiesJournal: false })).toBe(true);
  });

  test("of one's own is opened without verifying its signatures again; new ones are verified by the port", () => {
    const asked: string[] = [];
    const verify: Verify = (message, signature, key) => {
      asked.push(key.did);
      return verifyInJavaScript(message, signature, key);
    };
    const { disk, node } = lived(verify);
    expect(asked).toHaveLength(4); // bare commands ask nobody, and a replay is found after its signature
    const again = openNode(SIGNED_RULES, createMemoryJournal({ ...disk, inUse: false }), {
      verify,
      verifiesJournal: false,
    });
    expect(asked).toHaveLength(4);
    expect(again.ok && stateHash(again.value.state)).toBe(stateHash(node.state));
    if (again.ok) again.value.execute([signedBy("order", ANNE, ANNES.gateway, bid("anne/z"))], NOW);
    expect(asked).toHaveLength(5);
  });
});

describe("commandWithin", () => {
  const text = envelope("order", ANNE, ANNES.gateway, bid("anne/a"));

  test("finds what an envelope carries, and nothing in what is none", () => {
    expect(commandWithin(bid("anne/a"))).toEqual(bid("anne/a"));
    expect(commandWithin(signed(text))).toEqual(bid("anne/a"));
    expect(commandWithin(signed("{}"))).toBeNull();
    expect(commandWithin(signed(envelope("order", ANNE, ANNES.gateway, bid("x"), { body: 5 })))).toBeNull();
    const nested = { type: "Signed", envelope: text } as const;
    expect(commandWithin(signed(envelope("order", ANNE, ANNES.gateway, bid("x"), { body: nested })))).toBeNull();
  });
});
