import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { greatest, partsPerMillion, priceMicro, tradeValue, wattHours } from "@micromarket/kernel";
import { balanceOf } from "@micromarket/ledger";
import {
  apply,
  partyAccount,
  statementLines,
  sumOfLines,
  transfersOf,
  type MarketEvent,
  type State,
  type StatementLine,
} from "@micromarket/engine";
import { ANNE, BERT, GRID, minute, obeyed, report, rulesWith, slot, START, street, submit, tender } from "./street.ts";
import { actions, anyRules, timesOf } from "./traffic.ts";

function holdings(state: State): ReadonlyMap<string, { readonly money: bigint; readonly energy: bigint }> {
  const accounts = new Set([...state.ledger.money.keys(), ...state.ledger.energy.keys()]);
  return new Map(
    [...accounts].map((account) => [
      account,
      {
        money: balanceOf(state.ledger, "money", account) ?? 0n,
        energy: balanceOf(state.ledger, "energy", account) ?? 0n,
      },
    ]),
  );
}

test("the lines of every account sum to what it holds, in both books, and no transfer is left out", () => {
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(anyRules, actions, (rules, list) => {
      const state = street(rules);
      const before = holdings(state);
      const events: MarketEvent[] = [];
      const times = timesOf(list, greatest(state.at, slot(1)));
      for (const [index, action] of list.entries()) {
        const at = times[index] ?? state.at;
        const outcome = apply(state, action.command(state, at), at);
        if (outcome.ok) events.push(...outcome.events);
      }
      let taken = 0;
      for (const [account, held] of holdings(state)) {
        const lines = events.flatMap((event) => statementLines(event, account));
        const { money, energy } = before.get(account) ?? { money: 0n, energy: 0n };
        const sum = sumOfLines(lines);
        expect({ account, money: money + sum.money, energy: energy + sum.energy }).toEqual({ account, ...held });
        taken += lines.reduce((count, { transfers }) => count + transfers.length, 0);
        for (const line of lines) {
          seen.set(line.reason, (seen.get(line.reason) ?? 0) + 1);
          checkDetails(line);
        }
      }
      expect(taken).toBe(2 * events.reduce((count, event) => count + transfersOf(event).length, 0));
    }),
    { numRuns: 60 },
  );
  for (const reason of ["trade", "deviation", "delivery"])
    expect({ reason, often: (seen.get(reason) ?? 0) > 20 }).toEqual({ reason, often: true });
});

function checkDetails({ reason, tenders, price, money, energy, reading }: StatementLine): void {
  if (reason === "trade") expect(tenders).not.toBeNull();
  if (reason === "trade" || reason === "deviation")
    expect(-money).toBe(tradeValue(priceMicro(Number(price)), wattHours(Number(energy))));
  if (reason === "deviation") expect(reading).not.toBeNull();
}

const AT_GATE = minute(55);

/** Anne buys 900 Wh at the price at which Bert sells them. */
function traded(price: number): readonly MarketEvent[] {
  const state = street(
    rulesWith({}, { priceFloor: priceMicro(-1_000_000) }),
    priceMicro(900_000),
    priceMicro(-900_000),
  );
  obeyed(state, submit(slot(4), tender("a", ANNE, "buy", [price, 900])), START);
  obeyed(state, submit(slot(4), tender("b", BERT, "sell", [price, 900])), START);
  return obeyed(state, { type: "CloseGate", slot: slot(4) }, AT_GATE);
}

describe("a trade", () => {
  test.each([
    ["at a price", 200_000, -180_000_000n, [0, 1]],
    ["at a price of 0", 0, 0n, [0]],
    ["below 0", -200_000, 180_000_000n, [0, 1]],
  ])("%s is one line on either side", (_, price, money, transfers) => {
    const lines = (party: typeof ANNE) => traded(price).flatMap((event) => statementLines(event, partyAccount(party)));
    const line = { reason: "trade", slot: slot(4), price: BigInt(price), transfers, reading: null, reference: null };
    expect(lines(ANNE)).toEqual([
      { ...line, counter: "party:bert", money, energy: 900n, tenders: { own: "a", counter: "b" } },
    ]);
    expect(lines(BERT)).toEqual([
      { ...line, counter: "party:anne", money: -money, energy: -900n, tenders: { own: "b", counter: "a" } },
    ]);
  });
});

test("below a market, fee, rent and losses of the tie, and deviations against the imbalance, have their lines", () => {
  const state = street(rulesWith({ node: { above: "market", positionSteps: 4, membersMin: 0 } }));
  const tie = {
    importLimit: wattHours(400),
    exportLimit: wattHours(400),
    feeIn: priceMicro(20_000),
    feeOut: priceMicro(10_000),
    loss: partsPerMillion(100_000),
  };
  const before = holdings(state);
  obeyed(state, { type: "SetTie", from: slot(4), tie }, START);
  obeyed(state, submit(slot(4), tender("a", ANNE, "buy", [250_000, 900])), START);
  obeyed(state, { type: "CloseGate", slot: slot(4) }, AT_GATE);
  const cleared = obeyed(
    state,
    { type: "ApplyAward", slot: slot(4), number: 1, price: priceMicro(100_000), energy: wattHours(400) },
    AT_GATE,
  );
  const end = minute(75);
  const events = [
    ...cleared,
    ...obeyed(state, report(slot(4), ANNE, 500, 0), end),
    ...obeyed(state, report(slot(4), GRID, 510, 0), end),
  ];
  const reasons = (account: string): readonly string[] => [
    ...new Set(events.flatMap((event) => statementLines(event, account)).map(({ reason }) => reason)),
  ];
  expect(reasons(partyAccount(GRID))).toEqual(expect.arrayContaining(["trade", "loss", "fee", "rent"]));
  expect(reasons("imbalance")).toContain("deviation");
  for (const [account, held] of holdings(state)) {
    const { money, energy } = before.get(account) ?? { money: 0n, energy: 0n };
    const sum = sumOfLines(events.flatMap((event) => statementLines(event, account)));
    expect({ account, money: money + sum.money, energy: energy + sum.energy }).toEqual({ account, ...held });
  }
});

test("a reason that nobody thought of has its line", () => {
  const event = {
    type: "SlotSettled",
    slot: slot(4),
    unaccounted: wattHours(0),
    transfers: [{ ledger: "money", debit: "party:anne", credit: "bonds", amount: 7n, reason: "penalty" }],
  } as unknown as MarketEvent;
  expect(statementLines(event, "party:anne")).toEqual([
    {
      reason: "penalty",
      slot: slot(4),
      counter: "bonds",
      money: -7n,
      energy: 0n,
      price: null,
      tenders: null,
      reading: null,
      reference: null,
      transfers: [0],
    },
  ]);
});
