/** Whatever a key that may sign puts into an envelope, the node answers: an exception would stop the market for everybody. */
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Signer } from "@micromarket/identity";
import {
  apply,
  encodeCommand,
  stateHash,
  verifiedBefore,
  violatedInvariants,
  type BareCommand,
} from "@micromarket/engine";
import { amountNano, priceMicro, tenderId, wattHours, type CanonicalValue, type PartyId } from "@micromarket/kernel";
import { ANNE, BERT, GRID, minute, obeyed, report, slot, submit, tender } from "./street.ts";
import { ANNES, BERTS, NOW, OPERATOR, signedBy, signedStreet, signer } from "./signed-street.ts";

const GRANT = {
  ...{ id: "g", party: ANNE, grantee: BERTS.gateway.key.did, parent: null, from: NOW, expires: minute(50) },
  ...{ types: ["order", "reading", "delegation"], energyPerSlot: wattHours(800), priceMax: priceMicro(300_000) },
  spendPerDay: amountNano(10n ** 12n),
};
const { did } = ANNES.gateway.key;
const next = signer("next").key.did;
const bid = submit(slot(4), tender("anne/load", ANNE, "buy", [200_000, 5], [100_000, 5])) as BareCommand;

type Case = readonly [type: string, party: PartyId, by: Signer, command: BareCommand, grant?: string];

const CASES: readonly Case[] = [
  ["order", ANNE, ANNES.gateway, bid],
  ["order", ANNE, BERTS.gateway, bid, "g"],
  ["order", ANNE, BERTS.gateway, submit(slot(4), tender("anne/pv", ANNE, "sell", [-5_000, 5])) as BareCommand, "g"],
  [
    "order",
    ANNE,
    BERTS.gateway,
    { type: "CancelTender", slot: slot(4), party: ANNE, tender: tenderId("anne/load") },
    "g",
  ],
  ["reading", ANNE, ANNES.device, report(slot(0), ANNE, 5, 0) as BareCommand],
  ["reading", ANNE, BERTS.gateway, report(slot(0), ANNE, 5, 0) as BareCommand, "g"],
  ["admin", ANNE, ANNES.owner, { type: "RotateKey", did, next, from: NOW, until: NOW }],
  ["admin", ANNE, ANNES.owner, { type: "MakeGrant", grant: { ...GRANT, id: "h" } }],
  ["admin", ANNE, ANNES.owner, { type: "RevokeGrant", grant: "g" }],
  ["admin", ANNE, ANNES.owner, { type: "SetStanding", party: ANNE, standing: "left" }],
  ["delegation", ANNE, BERTS.gateway, { type: "MakeGrant", grant: { ...GRANT, id: "c", parent: "g" } }, "g"],
  ["operator", GRID, OPERATOR, { type: "EnrolKey", party: BERT, did: next, role: "gateway", from: NOW }],
  ["operator", GRID, OPERATOR, { type: "CreditAccount", party: BERT, amount: amountNano(5n), reference: "x" }],
  ["operator", GRID, OPERATOR, { type: "SetTariff", from: slot(4), tariff: priceMicro(5), feedIn: priceMicro(1) }],
];

const EXTREMES = [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, -1, 0, 1, 1_000_000_000_000, 8_640_000_000_000_000];
const TEXTS = [
  "",
  "x",
  "anne",
  "bert/load",
  "anne/",
  "g",
  "__proto__",
  "constructor",
  "\u0000",
  "9".repeat(40),
  did,
  next,
];

/** Each number and each text of `value` in the place of which `draw` gives another one. */
function spoilt(value: CanonicalValue, draw: () => number): CanonicalValue {
  const drawn = draw();
  if (typeof value === "number") return drawn % 3 === 0 ? (EXTREMES[drawn % EXTREMES.length] ?? 0) : value;
  if (typeof value === "string") return drawn % 11 === 0 ? (TEXTS[drawn % TEXTS.length] ?? "") : value;
  if (Array.isArray(value)) return value.map((item: CanonicalValue) => spoilt(item, draw));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, key === "type" ? member : spoilt(member, draw)]),
  );
}

test("extreme numbers and strange texts are answered, and a refusal changes nothing", () => {
  const codes = new Map<string, number>();
  fc.assert(
    fc.property(
      fc.constantFrom(...CASES),
      fc.infiniteStream(fc.nat(10_000)),
      ([type, party, by, command, grant], draws) => {
        const state = signedStreet();
        obeyed(state, signedBy("admin", ANNE, ANNES.owner, { type: "MakeGrant", grant: GRANT }), NOW);
        const body = spoilt(JSON.parse(encodeCommand(command)) as CanonicalValue, () => Number(draws.next().value));
        const change = { body, salt: "2", ...(grant === undefined ? {} : { grant }) };
        const before = stateHash(state);
        const outcome = apply(state, signedBy(type, party, by, command, change), NOW, verifiedBefore);
        const code = outcome.ok ? "ok" : outcome.refusal.code;
        codes.set(code, (codes.get(code) ?? 0) + 1);
        if (!outcome.ok) expect(stateHash(state)).toBe(before);
        expect(violatedInvariants(state)).toEqual([]);
      },
    ),
    { numRuns: 400 },
  );
  expect(codes.size).toBeGreaterThan(8);
});
