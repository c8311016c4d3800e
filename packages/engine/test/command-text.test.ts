import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  amountNano,
  canonicalText,
  isIdentifier,
  partyId,
  priceMicro,
  hashHex,
  instantMs,
  tenderId,
  wattHours,
} from "@micromarket/kernel";
import { COMMAND_LENGTH_MAX, decodeCommand, encodeCommand, type Command } from "@micromarket/engine";
import { ANNE, report, slot, submit, tender } from "./street.ts";

const at = slot(4);
const DID = "did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme";

// what stands in journals on disk: these texts must stay readable
const written: readonly [Command, string][] = [
  [{ type: "RegisterParty", party: ANNE }, `{"party":"anne","type":"RegisterParty"}`],
  [
    { type: "CreditAccount", party: ANNE, amount: amountNano(10n ** 20n), reference: "bank 1" },
    `{"amount":"100000000000000000000","party":"anne","reference":"bank 1","type":"CreditAccount"}`,
  ],
  [
    { type: "SetTariff", from: at, tariff: priceMicro(300_000), feedIn: priceMicro(-1) },
    `{"feedIn":-1,"from":1782867600000,"tariff":300000,"type":"SetTariff"}`,
  ],
  [
    submit(at, tender("t1", ANNE, "buy", [null, 5], [200_000, 7])),
    `{"slot":1782867600000,"tender":{"id":"t1","party":"anne","side":"buy","steps":` +
      `[{"energy":5,"price":null},{"energy":7,"price":200000}]},"type":"SubmitTender"}`,
  ],
  [
    submit(at, { ...tender("t1", ANNE, "sell", [1, 5]), conditions: ["allOrNone"] }),
    `{"slot":1782867600000,"tender":{"conditions":["allOrNone"],"id":"t1","party":"anne","side":"sell","steps":` +
      `[{"energy":5,"price":1}]},"type":"SubmitTender"}`,
  ],
  [
    { type: "CancelTender", slot: at, party: ANNE, tender: tenderId("t1") },
    `{"party":"anne","slot":1782867600000,"tender":"t1","type":"CancelTender"}`,
  ],
  [
    { type: "ReplaceTender", slot: at, replaced: tenderId("t1"), tender: tender("t2", ANNE, "buy", [200_000, 7]) },
    `{"replaced":"t1","slot":1782867600000,"tender":{"id":"t2","party":"anne","side":"buy","steps":` +
      `[{"energy":7,"price":200000}]},"type":"ReplaceTender"}`,
  ],
  [{ type: "CloseGate", slot: at }, `{"slot":1782867600000,"type":"CloseGate"}`],
  [
    { type: "EnrolKey", party: ANNE, did: DID, role: "device", from: at },
    `{"did":"${DID}","from":1782867600000,"party":"anne","role":"device","type":"EnrolKey"}`,
  ],
  [
    { type: "RotateKey", did: DID, next: "x", from: at, until: at },
    `{"did":"${DID}","from":1782867600000,"next":"x","type":"RotateKey","until":1782867600000}`,
  ],
  [{ type: "RevokeKey", did: DID }, `{"did":"${DID}","type":"RevokeKey"}`],
  [{ type: "SetStanding", party: ANNE, standing: "left" }, `{"party":"anne","standing":"left","type":"SetStanding"}`],
  [
    {
      type: "MakeGrant",
      grant: {
        ...{ id: "g", party: ANNE, grantee: DID, parent: null, types: ["order"], from: at, expires: at },
        ...{ energyPerSlot: wattHours(5), priceMax: null, spendPerDay: amountNano(7n) },
      },
    },
    `{"grant":{"energyPerSlot":5,"expires":1782867600000,"from":1782867600000,"grantee":"${DID}","id":"g",` +
      `"parent":null,"party":"anne","priceMax":null,"spendPerDay":"7","types":["order"]},"type":"MakeGrant"}`,
  ],
  [{ type: "RevokeGrant", grant: "g" }, `{"grant":"g","type":"RevokeGrant"}`],
  [{ type: "Signed", envelope: "{}" }, `{"envelope":"{}","type":"Signed"}`],
  [{ type: "OpenSession", greeting: "{}", answer: "[]" }, `{"answer":"[]","greeting":"{}","type":"OpenSession"}`],
  [
    { type: "InSession", session: hashHex("a".repeat(64)), sequence: 3, body: `{"a":1}` },
    `{"body":"{\\"a\\":1}","sequence":3,"session":"${"a".repeat(64)}","type":"InSession"}`,
  ],
  [{ type: "CloseSessionSlot", envelope: "{}" }, `{"envelope":"{}","type":"CloseSessionSlot"}`],
  [{ type: "EndSession", envelope: "{}" }, `{"envelope":"{}","type":"EndSession"}`],
  [report(at, ANNE, 5, 0), `{"exported":0,"imported":5,"party":"anne","slot":1782867600000,"type":"ReportDelivery"}`],
];

test.each(written)("%j has one text", (command, text) => {
  expect(encodeCommand(command)).toBe(text);
  expect(decodeCommand(text)).toEqual({ ok: true, value: command });
});

test("an empty list of conditions is no field", () => {
  expect(encodeCommand(submit(at, { ...tender("t1", ANNE, "sell"), conditions: [] }))).toBe(
    encodeCommand(submit(at, tender("t1", ANNE, "sell"))),
  );
});

test("what is no field of a command does not get into its text", () => {
  const chatty = { type: "CloseGate", slot: at, note: "hello" } as const;
  expect(encodeCommand(chatty)).toBe(`{"slot":1782867600000,"type":"CloseGate"}`);
});

describe("decodeCommand refuses", () => {
  test.each([
    ["no JSON", `{`, ""],
    ["no object", `"CloseGate"`, ""],
    ["null", `null`, ""],
    ["no type", `{"slot":0}`, ""],
    ["an unknown type", `{"type":"OpenGate"}`, "type"],
    ["an inherited type", `{"type":"constructor"}`, "type"],
    ["a type that is no text", `{"type":["CloseGate"]}`, "type"],
    ["a missing field", `{"type":"CloseGate"}`, "slot"],
    ["an unknown field", `{"note":"","slot":0,"type":"CloseGate"}`, "note"],
    [
      "an unknown field deep inside",
      `{"slot":0,"tender":{"id":"t","limit":1,"party":"a","side":"buy","steps":[]},"type":"SubmitTender"}`,
      "tender.limit",
    ],
    ["a text for a number", `{"slot":"0","type":"CloseGate"}`, "slot"],
    ["a number for an amount", `{"amount":1,"party":"a","reference":"r","type":"CreditAccount"}`, "amount"],
    ["a fraction", `{"exported":0,"imported":0.5,"party":"a","slot":0,"type":"ReportDelivery"}`, "imported"],
    ["too long an identifier", `{"party":"${"x".repeat(129)}","type":"RegisterParty"}`, "party"],
    ["an identifier with a line break", `{"party":"a\\nb","type":"RegisterParty"}`, "party"],
    ["a lone surrogate", `{"amount":"1","party":"a","reference":"\\ud800","type":"CreditAccount"}`, "reference"],
    [
      "no such side",
      `{"slot":0,"tender":{"id":"t","party":"a","side":"hold","steps":[]},"type":"SubmitTender"}`,
      "tender.side",
    ],
    [
      "a step without a price",
      `{"slot":0,"tender":{"id":"t","party":"a","side":"buy","steps":[{"energy":1}]},"type":"SubmitTender"}`,
      "tender.steps[0].price",
    ],
    [
      "no such condition",
      `{"slot":0,"tender":{"conditions":["maybe"],"id":"t","party":"a","side":"buy","steps":[]},"type":"SubmitTender"}`,
      "tender.conditions[0]",
    ],
    [
      "an empty list of conditions",
      `{"slot":0,"tender":{"conditions":[],"id":"t","party":"a","side":"buy","steps":[]},"type":"SubmitTender"}`,
      "",
    ],
    ["another order of fields", `{"type":"CloseGate","slot":0}`, ""],
    ["a blank", `{"slot":0, "type":"CloseGate"}`, ""],
    ["minus zero", `{"slot":-0,"type":"CloseGate"}`, ""],
    ["a field twice", `{"slot":1,"slot":0,"type":"CloseGate"}`, ""],
    ["too long a text", " ".repeat(COMMAND_LENGTH_MAX + 1), ""],
  ])("%s", (_, text, path) => {
    expect(decodeCommand(text)).toMatchObject({ ok: false, error: { code: "VALUE_MALFORMED", path } });
  });

  test("or reads any text, and writes what it read as it was", () => {
    const mutated = fc
      .tuple(fc.constantFrom(...written), fc.nat(200), fc.string({ maxLength: 2 }))
      .map(([[, text], where, patch]) => {
        return text.slice(0, where % text.length) + patch + text.slice((where % text.length) + patch.length);
      });
    fc.assert(
      fc.property(mutated, (text) => {
        const decoded = decodeCommand(text);
        if (decoded.ok) expect(encodeCommand(decoded.value)).toBe(text);
      }),
      { numRuns: 5_000 },
    );
  });
});

test("every command comes back from its text", () => {
  const identifier = fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }).filter(isIdentifier);
  const commands: fc.Arbitrary<Command> = fc.oneof(
    fc.record({ type: fc.constant("RegisterParty" as const), party: identifier.map(partyId) }),
    fc.record({
      type: fc.constant("CreditAccount" as const),
      party: identifier.map(partyId),
      amount: fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }).map(amountNano),
      reference: identifier,
    }),
    fc.record({
      type: fc.constant("SubmitTender" as const),
      slot: fc.maxSafeInteger().map(instantMs),
      tender: fc.record({
        id: identifier.map(tenderId),
        party: identifier.map(partyId),
        side: fc.constantFrom("buy" as const, "sell" as const),
        steps: fc.array(
          fc.record({
            price: fc.option(fc.maxSafeInteger().map(priceMicro)),
            energy: fc.maxSafeInteger().map(wattHours),
          }),
        ),
      }),
    }),
  );
  fc.assert(
    fc.property(commands, (command) => {
      const text = encodeCommand(command);
      expect(decodeCommand(text)).toEqual({ ok: true, value: command });
      expect(canonicalText(JSON.parse(text) as never)).toBe(text);
    }),
  );
});
