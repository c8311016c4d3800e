/** Attacks on the gate before the commands: each is refused with its own code, through `apply`, and changes nothing. */
import { describe, expect, test } from "@jest/globals";
import { amountNano, hashText, instantMs, marketId, partyId, priceMicro, tenderId } from "@micromarket/kernel";
import { apply, stateHash, type BareCommand, type Command, type State } from "@micromarket/engine";
import { ANNE, BERT, minute, obeyed, only, refused, report, slot, submit, tender } from "./street.ts";
import {
  ANNES,
  BERTS,
  codeOf,
  envelope,
  forged,
  NOW,
  OPERATOR,
  signed,
  signedBy,
  signedStreet,
  signer,
  STRANGER,
  told,
} from "./signed-street.ts";

const bid = (id = "anne/load", energy = 500, at = slot(4)) =>
  submit(at, tender(id, ANNE, "buy", [200_000, energy])) as BareCommand;
const order = (change: Parameters<typeof envelope>[4] = {}) => envelope("order", ANNE, ANNES.gateway, bid(), change);
const n = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
/** The other signature of the same payload that some libraries take, too. */
function highTwin(): Command {
  const { payload, signature } = JSON.parse(order()) as { payload: string; signature: string };
  const s = (n - BigInt(`0x${signature.slice(64)}`)).toString(16).padStart(64, "0");
  return signed(JSON.stringify({ payload, signature: signature.slice(0, 64) + s }));
}

describe("an order", () => {
  test("of who may counts once: a second time it is a replay, and named", () => {
    const state = signedStreet();
    expect(obeyed(state, signed(order()), NOW)).toEqual([
      { type: "TenderAccepted", slot: slot(4), party: ANNE, tender: "anne/load" },
    ]);
    const { payload } = JSON.parse(order()) as { payload: string };
    expect(refused(state, signed(order()), NOW)).toEqual({ code: "REPLAYED", id: hashText(payload) });
  });

  test("is a replay in the slots after, until it is refused as expired", () => {
    const state = signedStreet();
    obeyed(state, signed(order()), NOW);
    obeyed(state, { type: "CloseGate", slot: slot(4) }, minute(55));
    expect(codeOf(signed(order()), state, minute(56))).toBe("REPLAYED");
    expect(codeOf(signed(order()), state, instantMs(NOW + 3_600_000))).toBe("EXPIRED");
  });

  test.each<[string, number]>([
    ["NOT_YET_VALID", -60_001],
    ["ok", -60_000],
    ["ok", 3_599_999 - 900_000],
    ["GATE_CLOSED", 3_599_999],
    ["EXPIRED", 3_600_000],
  ])("at the edges of its time: %s after %i ms", (code, later) => {
    expect(codeOf(signed(order()), signedStreet(), instantMs(NOW + later))).toBe(code);
  });

  test("changed in any byte is refused, and nothing is remembered of it", () => {
    const state = signedStreet();
    const [text, before] = [order(), stateHash(state)];
    const codes = new Map<string, number>();
    for (let index = 0; index < text.length; index++) {
      const flipped = String.fromCharCode(text.charCodeAt(index) ^ (1 << (index % 7)));
      const outcome = apply(state, signed(text.slice(0, index) + flipped + text.slice(index + 1)), NOW);
      const code = outcome.ok ? "ok" : outcome.refusal.code;
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
    expect(codes.has("ok")).toBe(false);
    expect(codes.get("SIGNATURE_WRONG")).toBeGreaterThan(100);
    expect(stateHash(state)).toBe(before);
    expect(codeOf(signed(text), state)).toBe("ok");
  });

  test.each<[string, () => Command]>([
    ["ENVELOPE_TOO_LARGE", () => signed(`{"payload":"${"x".repeat(10_000_000)}"}`)],
    ["ENVELOPE_NESTED_TOO_DEEP", () => signed("[".repeat(4_000))],
    ["VALUE_MALFORMED", () => signed("")],
    ["VALUE_MALFORMED", () => forged(order(), (p) => p.replace('"salt"', '"body":{},"salt"'))], // a key twice
    ["VALUE_MALFORMED", () => forged(order(), (p) => p.replace('"body":{', '"body":{"__proto__":1,'))],
    ["VALUE_MALFORMED", () => forged(order(), (p) => p.replace('"energy":500', '"energy":9007199254740993'))],
    ["VALUE_MALFORMED", () => forged(order(), (p) => p.replace('"energy":500', '"energy":500.0'))],
    ["NET_MISMATCH", () => signed(order({ net: hashText("another founding") }))],
    ["MARKET_MISMATCH", () => signed(order({ market: marketId("avenue") }))],
    ["MARKET_MISMATCH", () => signed(order({ market: marketId("strееt") }))], // with Cyrillic letters
    ["TYPE_UNKNOWN", () => signed(order({ type: "voucher" }))],
    ["WINDOW_INVALID", () => signed(order({ expires: instantMs(NOW + 86_400_001) }))],
    ["NOT_YET_VALID", () => signed(order({ notBefore: instantMs(NOW + 1) }))],
    ["EXPIRED", () => signed(order({ expires: NOW }))],
    ["SIGNER_UNKNOWN", () => signedBy("order", ANNE, signer("stranger"), bid())],
    ["SIGNER_NOT_OF_PARTY", () => signedBy("order", ANNE, BERTS.gateway, bid())],
    ["SIGNER_NOT_OF_PARTY", () => signed(order({ party: partyId("аnne") }))], // a Cyrillic look-alike of Anne
    ["SIGNER_NOT_OF_PARTY", () => signedBy("order", ANNE, OPERATOR, bid())],
    ["ROLE_MAY_NOT", () => signedBy("order", ANNE, ANNES.device, bid())],
    ["SIGNATURE_LENGTH", () => signed(order().replace(/"signature":".*"/, '"signature":"00"'))],
    ["SIGNATURE_RANGE", () => signed(order().replace(/"signature":".*"/, `"signature":"${"0".repeat(128)}"`))],
    ["SIGNATURE_HIGH_S", highTwin],
    ["SIGNATURE_WRONG", () => forged(order(), (p) => p.replace('"energy":500', '"energy":501'))],
    ["SIGNATURE_WRONG", () => forged(order(), (p) => p.replace('"type":"order"', '"type":"delegation"'))], // another domain
  ])("is refused with %s before anybody looks at what it says", (code, attack) => {
    expect(codeOf(attack())).toBe(code);
  });

  const says = (command: BareCommand) => signedBy("order", ANNE, ANNES.gateway, command);
  test.each<[string, () => Command]>([
    ["VALUE_MALFORMED", () => signed(order({ body: { type: "SubmitTender" } }))],
    [
      "VALUE_MALFORMED",
      () => signed(order({ body: { ...(JSON.parse(JSON.stringify(bid())) as object), slot: "99999999999999999999" } })),
    ],
    ["COMMAND_NOT_OF_TYPE", () => says({ type: "RegisterParty", party: STRANGER })],
    ["COMMAND_NOT_OF_TYPE", () => says({ type: "CloseGate", slot: slot(4) })],
    ["COMMAND_NOT_OF_TYPE", () => signed(order({ body: { type: "Signed", envelope: order() } }))],
    ["COMMAND_NOT_OF_TYPE", () => signedBy("reading", ANNE, ANNES.device, bid())],
    ["COMMAND_OF_OTHER_PARTY", () => says(submit(slot(4), tender("anne/load", BERT, "buy", [1, 1])) as BareCommand)],
    [
      "COMMAND_OF_OTHER_PARTY",
      () => says({ type: "CancelTender", slot: slot(4), party: BERT, tender: tenderId("bert/load") }),
    ],
    ["TENDER_ID_NOT_OWN", () => says(bid("bert/load"))],
    ["TENDER_ID_NOT_OWN", () => says(bid("anne"))],
    ["TENDER_ID_NOT_OWN", () => says(bid("anne/pv/1"))],
    ["TENDER_ID_NOT_OWN", () => says(bid("аnne/load"))],
    ["QUANTITY_NOT_POSITIVE", () => says(bid("anne/load", 0))],
    ["QUANTITY_NOT_POSITIVE", () => says(bid("anne/load", -5))],
    ["SLOT_MISALIGNED", () => says(bid("anne/load", 5, minute(61)))],
    ["GATE_CLOSED", () => says(bid("anne/load", 5, slot(0)))],
    ["SLOT_BEYOND_HORIZON", () => says(bid("anne/load", 5, slot(40)))],
  ])("is refused with %s for what it says", (code, attack) => {
    expect(codeOf(attack())).toBe(code);
  });

  test("that is refused for what it says is no replay: it may come again when it is time", () => {
    const state = signedStreet();
    const early = signed(envelope("order", ANNE, ANNES.gateway, bid("anne/load", 5, slot(9))));
    expect(codeOf(early, state, minute(10))).toBe("SLOT_BEYOND_HORIZON");
    expect(codeOf(early, state, minute(15))).toBe("ok");
    expect(codeOf(early, state, minute(15))).toBe("REPLAYED");
  });
});

describe("a bare command in a signed market", () => {
  test.each<[Command]>([
    [{ type: "RegisterParty", party: STRANGER }],
    [{ type: "CreditAccount", party: ANNE, amount: amountNano(1n), reference: "gift" }],
    [{ type: "SetTariff", from: slot(4), tariff: priceMicro(0), feedIn: priceMicro(0) }],
    [{ type: "SetTie", from: slot(4), tie: null }],
    [bid()],
    [{ type: "CancelTender", slot: slot(4), party: ANNE, tender: tenderId("anne/load") }],
    [report(slot(0), ANNE, 1, 0)],
    [{ type: "EnrolKey", party: ANNE, did: signer("mine").key.did, role: "owner", from: NOW }],
    [{ type: "RevokeKey", did: ANNES.owner.key.did }],
    [{ type: "SetStanding", party: BERT, standing: "left" }],
  ])("is refused: %j", (command) => {
    expect(refused(signedStreet(), command, NOW)).toEqual({ code: "UNSIGNED", command: command.type });
  });

  test("counts where the node says it by its clock: a gate closes", () => {
    expect(codeOf({ type: "CloseGate", slot: slot(4) }, signedStreet(), minute(55))).toBe("ok");
    expect(codeOf({ type: "FallBack", slot: slot(4), to: "island" }, signedStreet(), minute(55))).toBe(
      "NO_MARKET_ABOVE",
    );
  });
});

describe("keys", () => {
  const revoked = (state: State) => obeyed(state, told({ type: "RevokeKey", did: ANNES.gateway.key.did }), NOW);

  test("that are revoked count no more at the very instant, and what they signed before stands", () => {
    const state = signedStreet();
    obeyed(state, signed(order()), NOW);
    revoked(state);
    expect(codeOf(signed(order({ salt: "2" })), state)).toBe("SIGNER_REVOKED");
    expect(state.books.get(slot(4))?.tenders.size).toBe(1);
  });

  test("a reading of a wrong device is refused", () => {
    const state = signedStreet();
    obeyed(state, { type: "CloseGate", slot: slot(4) }, minute(55));
    const reading = (by: keyof typeof ANNES, of: typeof ANNES, change = {}) =>
      signedBy("reading", ANNE, of[by], report(slot(4), ANNE, 5, 0) as BareCommand, {
        expires: instantMs(minute(75) + 1),
        ...change,
      });
    const codes = [reading("device", BERTS), reading("owner", ANNES), reading("device", ANNES, { type: "order" })];
    expect(codes.map((command) => codeOf(command, state, minute(75)))).toEqual([
      "SIGNER_NOT_OF_PARTY",
      "ROLE_MAY_NOT",
      "ROLE_MAY_NOT",
    ]);
    const ofBert = signedBy("reading", ANNE, ANNES.device, report(slot(4), BERT, 5, 0) as BareCommand);
    expect(codeOf(ofBert, state, minute(69))).toBe("COMMAND_OF_OTHER_PARTY");
    expect(codeOf(reading("device", ANNES), state, minute(75))).toBe("ok");
  });

  test("of the operator say who takes part, and nobody's orders", () => {
    const state = signedStreet();
    expect(codeOf(told(bid()), state)).toBe("COMMAND_NOT_OF_TYPE");
    expect(codeOf(told({ type: "RegisterParty", party: STRANGER }), state)).toBe("ok");
    const byOwner = signedBy("operator", ANNE, ANNES.owner, { type: "RegisterParty", party: partyId("zoe") });
    expect(codeOf(byOwner, state)).toBe("ROLE_MAY_NOT");
  });
});

describe("trading with oneself", () => {
  test("is legal in a uniform auction, and flagged", () => {
    const state = signedStreet();
    obeyed(state, signed(order()), NOW);
    const sell = submit(slot(4), tender("anne/pv", ANNE, "sell", [100_000, 500])) as BareCommand;
    obeyed(state, signedBy("order", ANNE, ANNES.gateway, sell), NOW);
    const events = obeyed(state, { type: "CloseGate", slot: slot(4) }, minute(55));
    expect(only(events, "GateClosed").result.selfTrades).toEqual([ANNE]);
  });
});

describe("equivocation", () => {
  const other = (change = {}) =>
    envelope("order", ANNE, ANNES.gateway, bid("anne/load", 501), { salt: "2", ...change });
  const idOf = (text: string) => hashText((JSON.parse(text) as { payload: string }).payload);

  test("two different orders of one id, one slot and one signer: neither stands, both are the evidence", () => {
    const state = signedStreet();
    obeyed(state, signed(order()), NOW);
    expect(obeyed(state, signed(other()), NOW)).toEqual([
      {
        type: "EquivocationFound",
        slot: slot(4),
        party: ANNE,
        tender: "anne/load",
        signer: ANNES.gateway.key.did,
        envelopes: [idOf(order()), idOf(other())],
      },
    ]);
    expect(state.books.get(slot(4))?.tenders.size).toBe(0);
    expect(codeOf(signed(other()), state)).toBe("REPLAYED");
    expect(codeOf(signed(other({ salt: "3" })), state)).toBe("TENDER_ALREADY_EXISTS");
  });

  test("the same order once more, in another envelope, contradicts nothing", () => {
    const state = signedStreet();
    obeyed(state, signed(order()), NOW);
    expect(codeOf(signed(order({ salt: "2" })), state)).toBe("TENDER_ALREADY_EXISTS");
    expect(state.books.get(slot(4))?.tenders.size).toBe(1);
  });

  test("another key of the party does not take part in it, nor does a tender that was taken back", () => {
    const state = signedStreet();
    obeyed(state, signed(order()), NOW);
    const byOwner = signedBy("order", ANNE, ANNES.owner, bid("anne/load", 501));
    expect(codeOf(byOwner, state)).toBe("TENDER_ALREADY_EXISTS");
    const cancel: BareCommand = { type: "CancelTender", slot: slot(4), party: ANNE, tender: tenderId("anne/load") };
    obeyed(state, signedBy("order", ANNE, ANNES.gateway, cancel), NOW);
    expect(codeOf(signed(other()), state)).toBe("TENDER_ALREADY_EXISTS");
  });
});
