import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { amountNano, instantMs, partyId, priceMicro, tenderId, wattHours, type InstantMs } from "@micromarket/kernel";
import {
  apply,
  ENERGY_MAX,
  PRICE_MAX,
  PRICE_MIN,
  restoreState,
  snapshotText,
  violatedInvariants,
  type Command,
} from "@micromarket/engine";
import {
  ANNE,
  BERT,
  GRID,
  LATER,
  minute,
  obeyed,
  report,
  RULES,
  rulesWith,
  slot,
  START,
  street,
  submit,
  tender,
} from "./street.ts";

const edges = [
  0,
  1,
  -1,
  ENERGY_MAX,
  ENERGY_MAX + 1,
  PRICE_MAX,
  PRICE_MIN,
  8.64e15,
  Number.MAX_SAFE_INTEGER,
  Number.MIN_SAFE_INTEGER,
];
const number = fc.oneof(fc.constantFrom(...edges), fc.maxSafeInteger());
const when: fc.Arbitrary<InstantMs> = fc.oneof(fc.constantFrom(slot(4), slot(5), slot(-4)), number.map(instantMs));
const party = fc.constantFrom(ANNE, BERT, GRID, partyId("x".repeat(128)));

const commands: fc.Arbitrary<Command> = fc.oneof(
  party.map((name): Command => ({ type: "RegisterParty", party: name })),
  fc.record({
    type: fc.constant("CreditAccount" as const),
    party,
    amount: fc.bigInt().map(amountNano),
    reference: fc.string(),
  }),
  fc.record({
    type: fc.constant("SetTariff" as const),
    from: when,
    tariff: number.map(priceMicro),
    feedIn: number.map(priceMicro),
  }),
  fc.record({
    type: fc.constant("SubmitTender" as const),
    slot: when,
    tender: fc.record({
      id: fc.nat(99).map((count) => tenderId(`t${count}`)),
      party,
      side: fc.constantFrom("buy" as const, "sell" as const),
      steps: fc.array(fc.record({ price: fc.option(number.map(priceMicro)), energy: number.map(wattHours) }), {
        minLength: 1,
        maxLength: 2,
      }),
    }),
  }),
  fc.record({ type: fc.constant("CancelTender" as const), slot: when, party, tender: fc.constant(tenderId("t1")) }),
  fc.record({ type: fc.constant("CloseGate" as const), slot: when }),
  fc.record({
    type: fc.constant("ReportDelivery" as const),
    slot: when,
    party,
    imported: number.map(wattHours),
    exported: number.map(wattHours),
  }),
);

test("no number, however large, makes a market fail", () => {
  const rules = rulesWith(
    { residual: { party: GRID, importLimit: ENERGY_MAX, exportLimit: ENERGY_MAX } },
    { tick: priceMicro(1), priceFloor: null, priceCap: null },
  );
  fc.assert(
    fc.property(fc.array(commands, { maxLength: 30 }), (list) => {
      const state = street(rules);
      for (const command of list) apply(state, command, START);
      for (const command of list) apply(state, command, LATER);
      expect(violatedInvariants(state)).toEqual([]);
      expect(restoreState(snapshotText(state)).ok).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});

test("the largest trade at the highest price is posted exactly", () => {
  const state = street(rulesWith({ residual: RULES.residual }, { priceFloor: null, priceCap: null }));
  obeyed(state, submit(slot(4), tender("b", BERT, "buy", [PRICE_MAX, ENERGY_MAX])), START);
  obeyed(state, submit(slot(4), tender("s", ANNE, "sell", [PRICE_MAX, ENERGY_MAX])), START);
  obeyed(state, { type: "CloseGate", slot: slot(4) }, LATER);
  obeyed(state, report(slot(4), BERT, 0, ENERGY_MAX), LATER);
  expect(state.ledger.money.get("party:anne")?.balance).toBe(
    BigInt(PRICE_MAX) * BigInt(ENERGY_MAX - RULES.residual.importLimit),
  );
});

test("a state does not grow with the slots that are over", () => {
  const state = street();
  const lengths: number[] = [];
  for (let count = 4; count < 604; count += 2) {
    const opening = minute(count * 15 - 15);
    const prices = { tariff: priceMicro(300_000), feedIn: priceMicro(80_000) };
    obeyed(state, { type: "SetTariff", from: slot(count), ...prices }, opening);
    obeyed(state, submit(slot(count), tender("b", BERT, "buy", [null, 700])), opening);
    obeyed(state, submit(slot(count), tender("s", ANNE, "sell", [0, 500])), opening);
    obeyed(state, { type: "CloseGate", slot: slot(count) }, minute(count * 15 - 5));
    obeyed(state, report(slot(count), ANNE, 0, 500), minute(count * 15 + 15));
    obeyed(state, report(slot(count), BERT, 700, 0), minute(count * 15 + 15));
    obeyed(state, report(slot(count), GRID, 0, 200), minute(count * 15 + 15));
    lengths.push(snapshotText(state).length);
  }
  // a digit more in each of three balances now and then
  expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThan(20);
});
