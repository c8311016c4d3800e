import { expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  amountNano,
  instantMs,
  MINUTE,
  partsPerMillion,
  partyId,
  priceMicro,
  times,
  tradeValue,
  wattHours,
} from "@micromarket/kernel";
import { balanceOf } from "@micromarket/ledger";
import {
  apply,
  arrearsAccount,
  foundMarket,
  partyAccount,
  violatedInvariants,
  type Command,
  type ImbalanceRules,
  type MarketEvent,
  type ReportDelivery,
  type State,
} from "@micromarket/engine";
import { clearTree, reconcileTie, TieLedger, tieStatements, type TreeNode } from "@micromarket/aggregator";
import { ABOVE, COPPER, rulesAt, SLOT, tender, TIMES } from "./tree.ts";

const ROW = partyId("row");
const AFTER = instantMs(SLOT + times(MINUTE, 15));
const DUE = instantMs(AFTER + times(MINUTE, 5));

function must(state: State, command: Command, at = instantMs(SLOT - times(MINUTE, 60))): readonly MarketEvent[] {
  const outcome = apply(state, command, at);
  if (!outcome.ok) throw new Error(`${command.type}: ${JSON.stringify(outcome.refusal, (_, v: unknown) => String(v))}`);
  const violated = violatedInvariants(state);
  if (violated.length > 0) throw new Error(violated.join("\n"));
  return outcome.events;
}

/** A street in which Ida sells to the row below, with rules of settlement or without. */
function streetAbove(imbalance: ImbalanceRules | null): State {
  const settlement = {
    funding: { kind: "mutual", limit: amountNano(50_000n) },
    bond: partsPerMillion(0),
    levies: [{ name: "grid", price: priceMicro(3) }],
    readingsDue: times(MINUTE, 5),
    trueUp: times(MINUTE, 60),
  } as const;
  const { auction, ...rules } = rulesAt(0);
  const state = foundMarket({
    ...rules,
    auction: { ...auction, priceFloor: priceMicro(0), priceCap: priceMicro(400) },
    ...(imbalance === null ? {} : { settlement: { ...settlement, imbalance } }),
  });
  must(state, { type: "SetTariff", from: instantMs(0), tariff: priceMicro(300), feedIn: priceMicro(80) });
  for (const party of [partyId("ida"), ROW]) must(state, { type: "RegisterParty", party });
  must(state, { type: "SubmitTender", slot: SLOT, tender: tender("i", "ida", "sell", 20, 60) });
  return state;
}

function rowBelow(): State {
  const state = foundMarket(rulesAt(1));
  must(state, { type: "SetTariff", from: instantMs(0), tariff: priceMicro(300), feedIn: priceMicro(80) });
  must(state, { type: "SetTie", from: instantMs(0), tie: { ...COPPER, feeIn: priceMicro(2) } });
  must(state, { type: "RegisterParty", party: partyId("anne") });
  must(state, { type: "SubmitTender", slot: SLOT, tender: tender("a", "anne", "buy", 50, 40) });
  return state;
}

const nodeOf = (party: string, state: State, below: readonly TreeNode[], fallback: TreeNode["fallback"]): TreeNode => ({
  ...{ party: partyId(party), below, fallback },
  obey: (command, at) => apply(state, command, at),
});

const report = (party: string, net: number): ReportDelivery => ({
  type: "ReportDelivery",
  slot: SLOT,
  party: partyId(party),
  imported: wattHours(Math.max(net, 0)),
  exported: wattHours(Math.max(-net, 0)),
});

const RULES = fc.constantFrom<ImbalanceRules | null>(
  null,
  { kind: "parent" },
  { kind: "dual" },
  { kind: "penalty", share: partsPerMillion(250_000) },
);
const net = fc.integer({ min: -80, max: 80 });

test("whatever is metered, estimated and set right above, and whether the award came, both accounts tell the same story", () => {
  const seen = { statements: 0, late: 0, missed: 0 };
  const late = fc.constantFrom<"row" | "ida" | null>(null, "row", "ida");
  const fallback = fc.constantFrom("island" as const, "tariff" as const);
  fc.assert(
    fc.property(RULES, net, net, late, fc.boolean(), fallback, (imbalance, row, ida, missing, isCut, to) => {
      const [street, below] = [streetAbove(imbalance), rowBelow()];
      const root = nodeOf("street", street, [nodeOf("row", below, [], to)], "island");
      const cleared = clearTree(root, TIMES, { carriesDown: () => !isCut });
      const own = cleared[0]?.closed.node?.awards.find(({ party }) => party === ROW);
      const award = amountNano(own === undefined ? 0n : -tradeValue(own.price, own.energy));
      expect(award).not.toBe(0n);
      const ends = [new TieLedger("above", ROW), new TieLedger("below", ABOVE)] as const;
      for (const [at, end] of ends.entries()) end.note(cleared.slice(at, at + 1).map(({ closed }) => closed));
      const tell = (command: Command, at: typeof AFTER): void => {
        const told = must(street, command, at);
        ends[0].note(told);
        for (const statement of tieStatements(told, ROW, () => award)) {
          const { tieStatement: after } = below;
          expect(reconcileTie(...ends)[0]?.verdict).not.toBe("agrees");
          ends[1].note(must(below, { type: "SettleTie", number: after + 3, after, ...statement }, at));
          seen.statements += 1;
        }
      };
      const held = imbalance === null ? null : missing;
      for (const each of [report("row", row), report("ida", ida), report(ABOVE, -row - ida)])
        if (each.party !== held) tell(each, AFTER);
      if (held !== null) {
        tell({ type: "EstimateDeliveries", slot: SLOT }, DUE);
        tell(held === "row" ? report("row", row) : report("ida", ida), DUE);
        seen.late += 1;
      }
      if (isCut) seen.missed += 1;
      const booked = money(street, partyAccount(ROW)) + money(street, arrearsAccount(ROW));
      expect(money(below, partyAccount(ABOVE))).toBe(-booked);
      expect(street.cleared.size + below.awardsMissed.size).toBe(0);
      expect(reconcileTie(...ends)).toMatchObject([{ verdict: "open" }]);
      for (const each of [report("anne", 40), report(ABOVE, -40)]) ends[1].note(must(below, each, DUE));
      expect(reconcileTie(...ends)).toMatchObject([{ verdict: "agrees", difference: 0n, above: { metered: row } }]);
      const wrong = { type: "SettleTie", slot: SLOT, amount: amountNano(1n), award: amountNano(0n) } as const;
      const { tieStatement: after } = below;
      const events = must(below, { ...wrong, number: after + 1, after }, DUE);
      ends[1].note(events);
      expect(reconcileTie(...ends)).toMatchObject([{ verdict: "untold", difference: -1n }]);
    }),
    { numRuns: 500 },
  );
  for (const often of Object.values(seen)) expect(often).toBeGreaterThan(100);
});

function money(state: State, account: string): bigint {
  return balanceOf(state.ledger, "money", account) ?? 0n;
}
