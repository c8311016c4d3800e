import { describe, expect, test } from "@jest/globals";
import { amountNano, instantMs, wattHours, type PartyId } from "@micromarket/kernel";
import { foundMarket, fundsOf, marketGenesis, type BareCommand, type State } from "@micromarket/engine";
import { SETTLEMENT } from "./funded-street.ts";
import { ANNES, BERTS, NOW, SIGNED_RULES, signedBy, toldIn } from "./signed-street.ts";
import { ANNE, BERT, FEED_IN, obeyed, refused, slot, START, submit, TARIFF, tender } from "./street.ts";

describe("a signed market with settlement", () => {
  const rules = { ...SIGNED_RULES, settlement: SETTLEMENT };

  /** Anne and Bert have keys and 1 (10^9 nano) each. */
  function fundedSignedStreet(): State {
    const state = foundMarket(rules);
    const tell = (command: BareCommand): void => void obeyed(state, toldIn(rules, command), NOW);
    for (const [party, keys] of [[ANNE, ANNES] as const, [BERT, BERTS] as const]) {
      tell({ type: "RegisterParty", party });
      for (const role of ["owner", "gateway", "device"] as const) {
        tell({ type: "EnrolKey", party, did: keys[role].key.did, role, from: START });
      }
      tell({ type: "CreditAccount", party, amount: amountNano(1_000_000_000n), reference: `for ${party}` });
    }
    tell({ type: "SetTariff", from: instantMs(0), tariff: TARIFF, feedIn: FEED_IN });
    return state;
  }

  const net = marketGenesis(rules);
  const bid = (price: number) => submit(slot(4), tender("anne/1", ANNE, "buy", [price, 500])) as BareCommand;

  test("an equivocation, and a party that leaves, free the money of what they take out of the book", () => {
    const state = fundedSignedStreet();
    const all = fundsOf(state, ANNE);
    obeyed(state, signedBy("order", ANNE, ANNES.gateway, bid(100_000), { net }), NOW);
    expect(fundsOf(state, ANNE)).not.toBe(all);
    const other = signedBy("order", ANNE, ANNES.gateway, bid(200_000), { net, salt: "2" });
    expect(obeyed(state, other, NOW)).toMatchObject([{ type: "EquivocationFound" }]);
    expect(fundsOf(state, ANNE)).toBe(all);
    const another = submit(slot(4), tender("anne/2", ANNE, "buy", [100_000, 500])) as BareCommand;
    obeyed(state, signedBy("order", ANNE, ANNES.gateway, another, { net }), NOW);
    obeyed(
      state,
      signedBy("admin", ANNE, ANNES.owner, { type: "SetStanding", party: ANNE, standing: "left" }, { net }),
      NOW,
    );
    expect(fundsOf(state, ANNE)).toBe(all);
  });

  test("a device reports its own counters, nobody else's, and does not say where counting begins anew", () => {
    const state = fundedSignedStreet();
    const read = (party: PartyId, isStart: boolean): BareCommand => {
      const counters = { imported: wattHours(7), exported: wattHours(0) };
      return { type: "ReadMeter", party, at: slot(0), ...counters, ...(isStart ? { isStart } : {}) };
    };
    const byDevice = (command: BareCommand) => signedBy("reading", ANNE, ANNES.device, command, { net, salt: "r" });
    expect(refused(state, byDevice(read(BERT, false)), NOW)?.code).toBe("COMMAND_OF_OTHER_PARTY");
    expect(refused(state, byDevice(read(ANNE, true)), NOW)?.code).toBe("COUNTING_NOT_OWN_TO_START");
    expect(obeyed(state, byDevice(read(ANNE, false)), NOW)).toMatchObject([{ type: "MeterRead" }]);
    expect(obeyed(state, toldIn(rules, read(ANNE, true)), NOW)).toMatchObject([{ type: "MeterRead" }]);
  });

  test.each<[string, BareCommand]>([
    ["PayOut", { type: "PayOut", party: ANNE, amount: amountNano(1n), reference: "out" }],
    ["SetCreditLine", { type: "SetCreditLine", party: ANNE, limit: amountNano(1n) }],
  ])("%s is the operator's to say", (_, command) => {
    const state = fundedSignedStreet();
    expect(refused(state, command, NOW)?.code).toBe("UNSIGNED");
    expect(refused(state, signedBy("order", ANNE, ANNES.gateway, command, { net }), NOW)?.code).toBe(
      "COMMAND_NOT_OF_TYPE",
    );
  });
});
