import { expect, test } from "@jest/globals";
import { amountNano, instantMs, partsPerMillion, priceMicro } from "@micromarket/kernel";
import { balanceOf } from "@micromarket/ledger";
import {
  AMOUNT_MAX,
  AWARDS_MISSED_MAX,
  IMBALANCE,
  partyAccount,
  restoreState,
  snapshotText,
  type MarketRules,
  type RefusalCode,
  type SettleTie,
  type State,
} from "@micromarket/engine";
import { funded, SETTLEMENT } from "./funded-street.ts";
import {
  ANNE,
  BERT,
  GRID,
  LATER,
  minute,
  obeyed,
  only,
  refused,
  report,
  rulesWith,
  slot,
  START,
  street,
  submit,
  tender,
} from "./street.ts";

const node = { above: "market", positionSteps: 4, membersMin: 0 } as const;
const statement = (change: Partial<SettleTie> = {}): SettleTie => ({
  type: "SettleTie",
  slot: slot(4),
  number: 7,
  after: 0,
  amount: amountNano(-5_000n),
  award: amountNano(0n),
  ...change,
});
const money = (state: State, account: string): bigint | null => balanceOf(state.ledger, "money", account);

test.each<[RefusalCode, SettleTie]>([
  ["SLOT_MISALIGNED", statement({ slot: instantMs(slot(4) + 1), after: 3 })],
  ["STATEMENT_OUT_OF_TURN", statement({ after: 3, number: 3 })],
  ["STATEMENT_NUMBER_NOT_RISING", statement({ number: 0, slot: slot(9) })],
  ["STATEMENT_TOO_EARLY", statement({ slot: slot(9), amount: amountNano(AMOUNT_MAX + 1n) })],
  ["STATEMENT_TOO_LARGE", statement({ amount: amountNano(AMOUNT_MAX + 1n) })],
  ["STATEMENT_TOO_LARGE", statement({ amount: amountNano(-AMOUNT_MAX - 1n) })],
  ["STATEMENT_TOO_LARGE", statement({ award: amountNano(AMOUNT_MAX + 1n) })],
])("refuses with %s", (code, command) => {
  expect(refused(street(rulesWith({ node })), command, slot(9))).toMatchObject({ code });
});

test("is nothing for a market below a supplier", () => {
  expect(refused(street(), statement(), LATER)).toEqual({ code: "NO_MARKET_ABOVE" });
});

test("books what the market above booked, each statement once and none left out, over a snapshot as well", () => {
  const state = street(rulesWith({ node }));
  const { transfers } = only(obeyed(state, statement(), LATER), "TieSettled");
  expect(transfers).toEqual([
    { ledger: "money", debit: IMBALANCE, credit: partyAccount(GRID), amount: 5_000n, reason: "imbalance" },
  ]);
  const restored = restoreState(snapshotText(state));
  if (!restored.ok) throw new Error(JSON.stringify(restored.error));
  for (const each of [state, restored.value]) {
    expect(refused(each, statement(), LATER)).toEqual({ code: "STATEMENT_OUT_OF_TURN", after: 0, last: 7 });
    expect(refused(each, statement({ after: 8, number: 9 }), LATER)).toMatchObject({ code: "STATEMENT_OUT_OF_TURN" });
    obeyed(each, statement({ after: 7, number: 8, amount: amountNano(2_000n) }), LATER);
    expect(money(each, partyAccount(GRID))).toBe(3_000n);
    expect(money(each, IMBALANCE)).toBe(-3_000n);
  }
});

/** Anne buys 300 Wh of Bert's 100 and what the tariff gives; no award came. */
function fallenBack(state: State): State {
  const tie = { importLimit: null, exportLimit: null, feeIn: priceMicro(0), feeOut: priceMicro(0) };
  obeyed(state, { type: "SetTie", from: slot(4), tie: { ...tie, loss: partsPerMillion(0) } }, START);
  obeyed(state, submit(slot(4), tender("a", ANNE, "buy", [400_000, 300])), START);
  obeyed(state, submit(slot(4), tender("b", BERT, "sell", [200_000, 100])), START);
  obeyed(state, { type: "CloseGate", slot: slot(4) }, minute(55));
  obeyed(state, { type: "FallBack", slot: slot(4), to: "tariff" }, minute(56));
  return state;
}

test.each<[string, () => State]>([
  ["posted at once", () => fallenBack(street(rulesWith({ node })))],
  [
    "settled by meter",
    () => {
      const rules: MarketRules = rulesWith({ node, settlement: { ...SETTLEMENT, levies: [] } });
      return fallenBack(funded({}, 1_000_000_000n, rules));
    },
  ],
])("what is traded at the tariff for want of an award is the market's own risk, %s", (_, begin) => {
  const state = begin();
  obeyed(state, report(slot(4), ANNE, 320, 0), LATER);
  obeyed(state, report(slot(4), BERT, 0, 100), LATER);
  obeyed(state, report(slot(4), GRID, 0, 220), LATER);
  expect(money(state, partyAccount(GRID))).toBe(0n);
  expect(money(state, IMBALANCE)).toBe(220n * 300_000n);
  expect(balanceOf(state.ledger, "energy", partyAccount(GRID))).toBe(0n);
  expect(balanceOf(state.ledger, "energy", IMBALANCE)).toBe(0n);
  // the market above had awarded 200 Wh at 0.25, which did not arrive in time, and settled the other 20 Wh at 0.32
  const above = statement({ amount: amountNano(-20n * 320_000n), award: amountNano(-200n * 250_000n) });
  obeyed(state, above, LATER);
  expect(money(state, partyAccount(GRID))).toBe(20n * 320_000n + 200n * 250_000n);
  expect(money(state, IMBALANCE)).toBe(220n * 300_000n - 20n * 320_000n - 200n * 250_000n);
  obeyed(state, { ...above, after: 7, number: 8 }, LATER);
  expect(money(state, partyAccount(GRID))).toBe(40n * 320_000n + 200n * 250_000n);
});

test("the award of a slot that was cleared by it is not booked again, and missed ones are not waited for for ever", () => {
  const state = street(rulesWith({ node }));
  obeyed(state, statement({ award: amountNano(-900n) }), minute(75));
  expect(money(state, partyAccount(GRID))).toBe(5_000n);
  const other = street(rulesWith({ node }));
  for (let count = 1; count <= AWARDS_MISSED_MAX; count++) other.awardsMissed.add(slot(4 - count));
  fallenBack(other);
  expect(other.awardsMissed.size).toBe(AWARDS_MISSED_MAX);
  expect([...other.awardsMissed].at(-1)).toBe(slot(4));
  expect(other.awardsMissed.has(slot(3))).toBe(false);
});
