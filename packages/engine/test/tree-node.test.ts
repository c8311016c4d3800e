import { describe, expect, test } from "@jest/globals";
import { instantMs, partsPerMillion, partyId, priceMicro, wattHours } from "@micromarket/kernel";
import { balanceOf } from "@micromarket/ledger";
import { curveOfDrops } from "@micromarket/market";
import type { Tie } from "@micromarket/grid";
import {
  apply,
  decodeCommand,
  encodeCommand,
  FEES,
  IMBALANCE,
  indicative,
  LOSSES,
  partyAccount,
  POSITIONS_MAX,
  RENT,
  restoreState,
  snapshotText,
  stateHash,
  TIES_MAX,
  type ApplyAward,
  type Command,
  type MarketRules,
  type NodeRules,
  type RefusalCode,
  type SetTie,
  type State,
  type SubmitPosition,
} from "@micromarket/engine";
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

const rules = (node: Partial<NodeRules> = {}): MarketRules =>
  rulesWith({ node: { above: "market", positionSteps: 4, membersMin: 0, ...node } });
const TIE: Tie = {
  importLimit: wattHours(400),
  exportLimit: wattHours(400),
  feeIn: priceMicro(20_000),
  feeOut: priceMicro(10_000),
  loss: partsPerMillion(100_000),
};
const setTie = (change: Partial<Tie> | null, from = slot(4)): SetTie => ({
  type: "SetTie",
  from,
  tie: change === null ? null : { ...TIE, ...change },
});
const close = (at = slot(4)): Command => ({ type: "CloseGate", slot: at });
const award = (price: number, energy: number, change: Partial<ApplyAward> = {}): ApplyAward => ({
  type: "ApplyAward",
  slot: slot(4),
  number: 1,
  price: priceMicro(price),
  energy: wattHours(energy),
  ...change,
});
const fallBack = (to: "island" | "tariff", at = slot(4)): Command => ({ type: "FallBack", slot: at, to });
const curve = curveOfDrops(wattHours(500), [{ price: 200_000, kind: 0, energy: 900 }]);
const position = (change: Partial<SubmitPosition> = {}): SubmitPosition => ({
  type: "SubmitPosition",
  slot: slot(4),
  party: BERT,
  number: 1,
  curve,
  ...change,
});

/** Anne wants 900 Wh at up to 0.25, Bert sells 450 at 0.20; the slot waits for its award. */
function waiting(tie: Partial<Tie> | null = {}): State {
  const state = street(rules());
  obeyed(state, setTie(tie), START);
  obeyed(state, submit(slot(4), tender("a", ANNE, "buy", [250_000, 900])), START);
  obeyed(state, submit(slot(4), tender("b", BERT, "sell", [200_000, 450])), START);
  obeyed(state, close(), minute(55));
  return state;
}

describe("SetTie", () => {
  test.each<[RefusalCode, SetTie]>([
    ["SLOT_MISALIGNED", setTie({ importLimit: wattHours(-1) }, instantMs(slot(3) + 1))],
    ["TIE_LIMIT_OUT_OF_RANGE", setTie({ exportLimit: wattHours(-1), feeIn: priceMicro(2e12) }, slot(3))],
    ["TIE_FEE_OUT_OF_RANGE", setTie({ feeOut: priceMicro(-2e12), loss: partsPerMillion(1_000_000) }, slot(3))],
    ["TIE_LOSS_OUT_OF_RANGE", setTie({ loss: partsPerMillion(1_000_000) }, slot(3))],
    ["TIE_IN_THE_PAST", setTie({}, slot(4))],
    ["TIE_IN_THE_PAST", setTie(null, slot(3))],
  ])("refuses with %s", (code, command) => {
    expect(refused(waiting(), command, LATER)).toMatchObject({ code });
  });

  test("refuses with NO_MARKET_ABOVE below a supplier", () => {
    expect(refused(street(), setTie({}), START)).toEqual({ code: "NO_MARKET_ABOVE" });
  });

  test("refuses one change more than the list may hold, but replaces one that is there", () => {
    const state = street(rules());
    for (let count = 5; state.ties.length < TIES_MAX; count++) state.ties.push({ from: slot(count), tie: null });
    const last = state.ties.at(-1)?.from ?? START;
    const beyond = setTie({}, instantMs(last + (slot(5) - slot(4))));
    expect(refused(state, beyond, START)).toEqual({ code: "TIES_TOO_MANY", most: TIES_MAX });
    obeyed(state, setTie({}, last), START);
  });
});

describe("SubmitPosition", () => {
  const steps = Array.from({ length: 5 }, (_, at) => ({ price: at, kind: 0, energy: 200 }));
  const huge = curveOfDrops(wattHours(0), [{ price: 3e12, kind: 1, energy: 2e9 }]);
  const large = curveOfDrops(wattHours(0), [{ price: 3, kind: 1, energy: 2e9 }]);
  const broken = { ...huge, top: wattHours(3e9) };
  test.each<[RefusalCode, SubmitPosition]>([
    ["PARTY_UNKNOWN", position({ party: partyId("stranger"), slot: instantMs(1) })],
    ["PARTY_RESERVED", position({ party: GRID, slot: instantMs(1) })],
    ["SLOT_MISALIGNED", position({ slot: instantMs(1) })],
    ["SLOT_BEYOND_HORIZON", position({ slot: slot(40), number: 0 })],
    ["GATE_CLOSED", position({ slot: slot(1), number: 0 })],
    ["PARTY_TENDERS", position({ party: ANNE, number: 0 })],
    ["POSITION_NUMBER_NOT_POSITIVE", position({ number: 0, curve: broken })],
    ["POSITION_STALE", position({ number: 7, curve: broken })],
    [
      "POSITION_STEPS_TOO_MANY",
      position({ number: 8, curve: { ...curveOfDrops(wattHours(0), steps), top: wattHours(-1) } }),
    ],
    ["POSITION_MALFORMED", position({ number: 8, curve: broken })],
    ["POSITION_PRICE_TOO_LARGE", position({ number: 8, curve: huge })],
    ["POSITION_ENERGY_TOO_LARGE", position({ number: 8, curve: large })],
  ])("refuses with %s", (code, command) => {
    const state = street(rules({ above: "tariff" }));
    obeyed(state, submit(slot(4), tender("a", ANNE, "buy", [250_000, 900])), START);
    obeyed(state, position({ number: 7 }), START);
    expect(refused(state, command, minute(11))).toMatchObject({ code });
  });

  test("is taken by nodes alone, and its party tenders nothing beside it", () => {
    expect(refused(street(), position(), START)).toEqual({ code: "POSITIONS_NOT_TAKEN" });
    const state = street(rules());
    obeyed(state, position(), START);
    const bert = submit(slot(4), tender("b", BERT, "sell", [200_000, 450]));
    expect(refused(state, bert, START)).toEqual({ code: "PARTY_HAS_POSITION", party: BERT });
    const reserved = submit(slot(4), tender("position:x", ANNE, "sell", [200_000, 450]));
    expect(refused(state, reserved, START)).toMatchObject({ code: "TENDER_ID_RESERVED" });
  });

  test("refuses one market more than a slot may hold, but replaces a position that is there", () => {
    const state = street(rules());
    obeyed(state, position(), START);
    const positions = state.books.get(slot(4))?.positions;
    const bert = positions?.get(BERT);
    if (positions === undefined || bert === undefined) throw new Error("Bert's position stands in the book");
    while (positions.size < POSITIONS_MAX) positions.set(partyId(`market-${positions.size}`), bert);
    const beyond = position({ party: ANNE, curve: { ...curve, top: wattHours(-1) } });
    const outcome = apply(state, beyond, START);
    expect(outcome).toEqual({ ok: false, refusal: { code: "POSITIONS_TOO_MANY", most: POSITIONS_MAX } });
    expect(positions.size).toBe(POSITIONS_MAX);
    expect(apply(state, position({ number: 2 }), START)).toMatchObject({ ok: true });
  });

  test("is cleared with the tenders, and the indicative price foretold it", () => {
    const state = street(rules({ above: "tariff" }));
    obeyed(state, submit(slot(4), tender("a", ANNE, "sell", [100_000, 300])), START);
    obeyed(state, position(), START);
    const foretold = indicative(state, slot(4));
    const { result, node } = only(obeyed(state, close(), minute(55)), "GateClosed");
    expect(foretold).toEqual({ price: result.price, energy: result.energy, interval: result.interval });
    expect(node?.awards).toMatchObject([{ party: BERT, number: 1, price: result.price, energy: 300 }]);
    expect(balanceOf(state.ledger, "energy", partyAccount(BERT))).toBe(300n);
  });
});

describe("ApplyAward", () => {
  const parts = { energy: priceMicro(1), congestion: priceMicro(0), loss: priceMicro(0), fee: priceMicro(0) };
  test.each<[RefusalCode, Command]>([
    ["SLOT_MISALIGNED", award(100_000, 400, { slot: instantMs(1), number: 2 })],
    ["AWARD_NOT_AWAITED", award(100_000, 400, { slot: slot(5), number: 2 })],
    ["AWARD_LATE", award(100_000, 400, { slot: slot(3), number: 2 })],
    ["AWARD_STALE", award(100_000, 9_999, { number: 2, parts })],
    ["AWARD_MALFORMED", award(100_000, 9_999, { parts })],
    ["AWARD_OFF_POSITION", award(100_000, 401)],
    ["AWARD_OFF_POSITION", award(100_000, 399)],
    ["AWARD_OFF_POSITION", award(900_000, 1)],
  ])("refuses with %s", (code, command) => {
    expect(refused(waiting(), command, LATER)).toMatchObject({ code });
  });

  test("is nothing for a market below a supplier", () => {
    expect(refused(street(), award(1, 0), LATER)).toEqual({ code: "NO_MARKET_ABOVE" });
    expect(refused(street(), fallBack("island"), LATER)).toEqual({ code: "NO_MARKET_ABOVE" });
  });

  test("clears at the local price, mirrors the market above, and is refused the second time", () => {
    const state = waiting();
    const { node, result } = only(obeyed(state, award(100_000, 400), minute(56)), "GateClosed");
    expect(node?.tie?.flow).toEqual({ above: 400, below: 360, sent: 400, lost: 40 });
    expect(result.price).toBe(250_000);
    const money = (account: string): bigint => balanceOf(state.ledger, "money", account) ?? 0n;
    expect(money(partyAccount(GRID))).toBe(400n * 100_000n);
    expect(money(FEES)).toBe(400n * 20_000n);
    expect(money(FEES) + money(RENT) + money(LOSSES) + money(partyAccount(GRID))).toBe(360n * 250_000n);
    expect(balanceOf(state.ledger, "energy", partyAccount(GRID))).toBe(-400n);
    expect(balanceOf(state.ledger, "energy", LOSSES)).toBe(40n);
    expect(refused(state, award(100_000, 400), LATER)).toEqual({ code: "AWARD_LATE", slot: slot(4) });
    expect(refused(state, fallBack("island"), LATER)).toEqual({ code: "AWARD_LATE", slot: slot(4) });
    obeyed(state, report(slot(4), ANNE, 830, 0), LATER);
    obeyed(state, report(slot(4), BERT, 0, 460), LATER);
    const settled = obeyed(state, report(slot(4), GRID, 0, 415), LATER);
    expect(only(settled, "SlotSettled").unaccounted).toBe(415 - 40 - 370);
    expect(balanceOf(state.ledger, "energy", IMBALANCE)).toBe(0n);
    expect(balanceOf(state.ledger, "energy", partyAccount(GRID))).toBe(0n);
    expect(money(partyAccount(GRID))).toBe(400n * 100_000n);
  });
});

describe("without an award", () => {
  test.each([
    ["island" as const, 450, 0n],
    ["tariff" as const, 450, 0n],
  ])("falls back to the %s", (to, energy, grid) => {
    const state = waiting();
    const { result, node } = only(obeyed(state, fallBack(to), minute(57)), "GateClosed");
    expect(node?.mode).toBe(`fallback-${to}`);
    expect(result.energy).toBe(energy);
    expect(balanceOf(state.ledger, "money", partyAccount(GRID))).toBe(grid);
    expect(refused(state, award(100_000, 400), LATER)).toMatchObject({ code: "AWARD_LATE" });
  });

  test("an islanded market clears at its gate", () => {
    const state = street(rules());
    obeyed(state, setTie(null), START);
    obeyed(state, submit(slot(4), tender("a", ANNE, "buy", [250_000, 900])), START);
    expect(only(obeyed(state, close(), minute(55)), "GateClosed").node?.mode).toBe("islanded");
  });

  test("an islanded market settles deviations without the tie party, of which the market above knows nothing", () => {
    const state = street(rules());
    obeyed(state, setTie(null), START);
    obeyed(state, submit(slot(4), tender("a", ANNE, "buy", [250_000, 900])), START);
    obeyed(state, submit(slot(4), tender("b", BERT, "sell", [200_000, 450])), START);
    obeyed(state, close(), minute(55));
    obeyed(state, report(slot(4), ANNE, 460, 0), LATER);
    obeyed(state, report(slot(4), BERT, 0, 450), LATER);
    expect(only(obeyed(state, report(slot(4), GRID, 0, 0), LATER), "SlotSettled").unaccounted).toBe(-10);
    expect(balanceOf(state.ledger, "money", partyAccount(GRID))).toBe(0n);
    expect(balanceOf(state.ledger, "money", IMBALANCE)).toBeGreaterThan(0n);
    expect(balanceOf(state.ledger, "energy", IMBALANCE)).toBe(0n);
  });
});

test("commands, waiting slots and awarded ones survive text and snapshot", () => {
  const live = waiting();
  obeyed(live, position({ slot: slot(6) }), minute(56));
  for (const command of [
    award(100_000, 400),
    close(slot(5)),
    setTie(null, slot(6)),
    close(slot(6)),
    report(slot(4), ANNE, 800, 0),
  ]) {
    const restored = restoreState(snapshotText(live));
    if (!restored.ok) throw new Error(JSON.stringify(restored.error));
    expect(stateHash(restored.value)).toBe(stateHash(live));
    const read = decodeCommand(encodeCommand(command));
    expect(read.ok && apply(restored.value, read.value, LATER)).toEqual(apply(live, command, LATER));
    expect(stateHash(restored.value)).toBe(stateHash(live));
  }
});
