import { describe, expect, test } from "@jest/globals";
import { floorDivide, instantMs, partsPerMillion, partyId, priceMicro, tenderId, wattHours } from "@micromarket/kernel";
import {
  BATCH_SLOTS_MAX,
  BATCH_STEPS_MAX,
  CANCELLATIONS_MAX,
  COMMAND_LENGTH_MAX,
  decodeCommand,
  encodeCommand,
  ENERGY_MAX,
  fundsOf,
  idInBatch,
  PRICE_MAX,
  restoreState,
  snapshotText,
  StandingTenders,
  stateHash,
  TENDERS_MAX,
  type Command,
  type RefusalCode,
  type State,
  type SubmitTenders,
} from "@micromarket/engine";
import { batch, good, lot, type Row } from "./batches.ts";
import { curveOfDrops, GateBook } from "@micromarket/market";
import { fundedStreet, SETTLEMENT } from "./funded-street.ts";
import {
  ANNE,
  BERT,
  CLEO,
  GRID,
  minute,
  obeyed,
  refused,
  rulesWith,
  slot,
  START,
  street,
  submit,
  tender,
} from "./street.ts";

class FullTenders extends StandingTenders {
  override get size(): number {
    return TENDERS_MAX - 2;
  }
}

/** Slot 5: a tender and one that was taken back; slot 6: room for two; gates of slots up to 4 are closed at minute 55. */
function busy(): State {
  const state = street();
  obeyed(state, submit(slot(5), tender("b.1", BERT, "buy", [300_000, 1])), minute(0));
  obeyed(state, submit(slot(5), tender("c.2", ANNE, "buy", [300_000, 1])), minute(0));
  obeyed(state, { type: "CancelTender", slot: slot(5), party: ANNE, tender: tenderId("c.2") }, minute(0));
  state.books.set(slot(6), {
    tenders: new FullTenders(),
    cancelled: new Set(),
    positions: new Map(),
    placed: new Map(),
    sums: new GateBook(state.rules.auction),
  });
  return state;
}

const at = minute(55);
const many = (count: number): Row[] => Array.from({ length: count }, () => good);

describe("SubmitTenders", () => {
  const long = "n".repeat(125);

  // by descending precedence: every line has the faults of the lines below it as well, as far as they go together
  test.each<[RefusalCode, SubmitTenders]>([
    ["PARTY_UNKNOWN", { ...batch(long), party: CLEO }],
    ["PARTY_RESERVED", { ...batch(long), party: GRID }],
    ["BATCH_NAME_TOO_LONG", batch(long)],
    ["BATCH_EMPTY", batch("a")],
    ["BATCH_EMPTY", batch("a", lot(slot(5), ...many(BATCH_STEPS_MAX + 1)), lot(slot(5)))],
    [
      "BATCH_TOO_LARGE",
      batch("a", ...Array.from({ length: BATCH_SLOTS_MAX + 1 }, () => ({ ...lot(slot(4), good), steps: [2] }))),
    ],
    ["BATCH_TOO_LARGE", batch("a", lot(slot(4), ...many(BATCH_STEPS_MAX)), lot(slot(4), good))],
    ["BATCH_TOO_LARGE", batch("a", { ...lot(slot(4), good), steps: Array<number>(BATCH_STEPS_MAX + 1).fill(0) })],
    ["BATCH_RAGGED", batch("a", { ...lot(slot(4), good), prices: [] }, lot(slot(4), good))],
    ["BATCH_RAGGED", batch("a", { ...lot(slot(4), good), steps: [1, 1] })],
    ["BATCH_RAGGED", batch("a", { ...lot(slot(4), good), steps: [2, -1] })],
    ["BATCH_RAGGED", batch("a", { ...lot(slot(4), good), steps: [0.5, 0.5] })],
    ["BATCH_SLOT_TWICE", batch("a", lot(slot(4), good), lot(slot(4), good))],
    ["BATCH_NAME_USED", batch("b", lot(slot(5), good))],
    ["BATCH_NAME_USED", batch("c", lot(slot(5), good))],
  ])("refuses with %s", (code, command) => {
    expect(refused(busy(), command, at)).toMatchObject({ code });
  });

  const off: Row = [300_001, 5];

  // the first tender that is refused is named; of its faults the first in the order of a tender that comes alone
  test.each<[number, RefusalCode, SubmitTenders]>([
    [1, "SLOT_MISALIGNED", batch("a", lot(slot(5), good), lot(instantMs(slot(4) + 1), off))],
    [2, "SLOT_BEYOND_HORIZON", batch("a", lot(slot(5), good, good), lot(slot(12), off))],
    [0, "GATE_CLOSED", batch("a", lot(slot(4), off), lot(slot(12), good))],
    [1, "TENDER_ALREADY_EXISTS", batch("b", lot(slot(5), good, off))],
    [2, "TENDER_ALREADY_EXISTS", batch("c", lot(slot(5), good, good, off))],
    [1, "PRICE_OFF_TICK", batch("c", lot(slot(5), good, off, off))],
    [2, "BOOK_FULL", batch("a", lot(slot(6), good, good, off))],
    [1, "PRICE_OFF_TICK", batch("a", lot(slot(6), good, off, good))],
    [1, "STEPS_TOO_MANY", batch("a", { ...lot(slot(5), good, ...many(65)), steps: [1, 65] })],
    [1, "STEPS_EMPTY", batch("a", { ...lot(slot(5), good, good), steps: [1, 0, 1] })],
    [1, "QUANTITY_NOT_POSITIVE", batch("a", lot(slot(5), good, [300_001, 0]))],
    [0, "QUANTITY_NOT_POSITIVE", batch("a", { ...lot(slot(5), good, [300_001, -1]), steps: [2] })],
    [0, "QUANTITY_NOT_POSITIVE", batch("a", { ...lot(slot(5), [300_001, -1], good), steps: [2] })],
    [1, "PRICE_OUT_OF_BAND", batch("a", lot(slot(5), [300_000, -5], [-500_001, -5]))],
    [1, "PRICE_OUT_OF_BAND", batch("a", lot(slot(5), [null, -5], [1_000_001, 5]))],
    [1, "ENERGY_TOO_LARGE", batch("a", lot(slot(5), good, [300_000, ENERGY_MAX + 1]))],
    [0, "ENERGY_TOO_LARGE", batch("a", { ...lot(slot(5), [null, -ENERGY_MAX], [null, -1]), steps: [2] })],
  ])("names tender %d: %s", (index, code, command) => {
    expect(refused(busy(), command, at)).toMatchObject({ code: "BATCH_REFUSED", index, refusal: { code } });
  });

  test("without a band, prices still have an end", () => {
    const state = street(rulesWith({}, { priceFloor: null, priceCap: null }));
    const placed = (price: number) => batch("a", lot(slot(5), good, [price, -5]));
    expect(refused(state, placed(PRICE_MAX + 10_000), at)).toMatchObject({ refusal: { code: "PRICE_TOO_LARGE" } });
    expect(refused(state, placed(-PRICE_MAX - 10_000), at)).toMatchObject({ refusal: { code: "PRICE_TOO_LARGE" } });
    obeyed(state, placed(PRICE_MAX), at);
  });

  test("in a node of a tree ids of positions are reserved, and a market below does not tender", () => {
    const state = street(rulesWith({ node: { above: "tariff", positionSteps: 8, membersMin: 2 } }));
    expect(refused(state, batch("position:x", lot(slot(5), good)), at)).toMatchObject({
      index: 0,
      refusal: { code: "TENDER_ID_RESERVED", tender: "position:x.0" },
    });
    const curve = curveOfDrops(wattHours(5), [{ price: 300_000, kind: 0, energy: 5 }]);
    obeyed(state, { type: "SubmitPosition", slot: slot(6), party: ANNE, number: 1, curve }, START);
    expect(refused(state, batch("a", lot(slot(5), good), lot(slot(6), good)), at)).toMatchObject({
      index: 1,
      refusal: { code: "PARTY_HAS_POSITION" },
    });
  });

  test("places all tenders in their order, with ids that count through all lots", () => {
    const state = street();
    const command = batch("a", lot(slot(4), good, [null, -7]), {
      ...lot(slot(5), good, [200_000, 1], good),
      steps: [2, 1],
    });
    expect(obeyed(state, command, START)).toEqual([
      { type: "TendersAccepted", slot: slot(4), party: ANNE, batch: "a", first: 0, count: 2 },
      { type: "TendersAccepted", slot: slot(5), party: ANNE, batch: "a", first: 2, count: 2 },
    ]);
    expect([...(state.books.get(slot(4))?.tenders.values() ?? [])]).toEqual([
      tender("a.0", ANNE, "buy", [300_000, 5]),
      tender("a.1", ANNE, "sell", [null, 7]),
    ]);
    expect([...(state.books.get(slot(5))?.tenders.values() ?? [])]).toEqual([
      tender("a.2", ANNE, "buy", [300_000, 5], [200_000, 1]),
      tender("a.3", ANNE, "buy", [300_000, 5]),
    ]);
    expect(refused(state, command, START)).toMatchObject({ index: 0, refusal: { code: "TENDER_ALREADY_EXISTS" } });
    expect(refused(state, submit(slot(5), tender("a.3", BERT, "buy", [null, 1])), START)?.code).toBe(
      "TENDER_ALREADY_EXISTS",
    );
    obeyed(state, submit(slot(5), tender("a.4", BERT, "buy", [null, 1])), START);
    obeyed(state, batch("a", lot(slot(6), good)), START);
  });

  test("what a lot was given is its own: arrays that are used again change nothing", () => {
    const state = street();
    const energies = [wattHours(5), wattHours(-7)];
    const prices = [priceMicro(300_000), null];
    obeyed(state, batch("a", { slot: slot(4), prices, energies }), START);
    const before = stateHash(state);
    energies.fill(wattHours(1));
    prices.fill(null);
    expect(stateHash(state)).toBe(before);
  });

  test("the longest batch and the longest list of cancellations are commands that can be read back", () => {
    const awkward = `"${"\\".repeat(122)}"`;
    const count = BATCH_STEPS_MAX - BATCH_SLOTS_MAX + 1;
    const far = (index: number) => instantMs(8_639_999_999_100_000 - index * 900_000);
    const widest = { prices: priceMicro(-PRICE_MAX), energies: wattHours(-ENERGY_MAX) };
    const lots = Array.from({ length: BATCH_SLOTS_MAX }, (_, index) => {
      const tenders = index === 0 ? count : 1;
      const column = <Value>(value: Value): Value[] => Array<Value>(tenders).fill(value);
      const steps = index === 0 ? [2, ...Array<number>(count - 2).fill(1)] : [1];
      return { slot: far(index), prices: column(widest.prices), energies: column(widest.energies), steps };
    });
    const longest = { ...batch(awkward, ...lots), party: partyId(awkward) };
    const ids = Array.from({ length: CANCELLATIONS_MAX }, () => tenderId(`"${"\\".repeat(126)}"`));
    const cancellation: Command = { type: "CancelTenders", party: longest.party, slot: far(0), tenders: ids };
    for (const command of [longest, cancellation]) {
      const text = encodeCommand(command);
      expect(text.length).toBeLessThan(COMMAND_LENGTH_MAX);
      const read = decodeCommand(text);
      expect(read.ok && encodeCommand(read.value)).toBe(text);
    }
  });
});

describe("funds of a batch", () => {
  const rules = rulesWith({ settlement: SETTLEMENT });
  const rich = (): State => fundedStreet(rules, () => undefined);
  const heldFor = (state: State, command: Command): bigint => {
    const before = fundsOf(state, ANNE) ?? 0n;
    obeyed(state, command, START);
    return before - (fundsOf(state, ANNE) ?? 0n);
  };
  const rows: readonly Row[] = [
    [300_000, 500],
    [null, -700],
    [-100_000, -900],
  ];
  const alone = () => rows.map((row, index) => heldFor(rich(), aloneCommand(`x${index}`, row)));
  const aloneCommand = (id: string, [price, energy]: Row): Command =>
    submit(slot(4), tender(id, ANNE, energy > 0 ? "buy" : "sell", [price, Math.abs(energy)]));

  test("as much is held as for the same tenders alone, and a tender that is taken back releases its part", () => {
    const state = rich();
    const [first = 0n, second = 0n, third = 0n] = alone();
    expect(new Set([0n, first, second, third]).size).toBe(4);
    expect(heldFor(state, batch("a", lot(slot(4), ...rows)))).toBe(first + second + third);
    expect(heldFor(state, { type: "CancelTender", slot: slot(4), party: ANNE, tender: tenderId("a.1") })).toBe(-second);
    const restored = restoreState(snapshotText(state));
    if (!restored.ok) throw new Error(JSON.stringify(restored.error));
    for (const each of [state, restored.value]) {
      const cancel: Command = { type: "CancelTenders", party: ANNE, slot: null, tenders: null };
      expect(heldFor(each, cancel)).toBe(-first - third);
    }
    expect(snapshotText(restored.value)).toBe(snapshotText(state));
  });

  test("a batch that costs more than its party has is refused whole", () => {
    const state = rich();
    const available = fundsOf(state, ANNE);
    const one: Row = [300_000, 1_000];
    const needed = heldFor(rich(), batch("a", lot(slot(4), one)));
    const count = Number(floorDivide(available ?? 0n, needed)) + 1;
    expect(count).toBeLessThan(BATCH_STEPS_MAX);
    const rowsOf = (length: number): Row[] => Array.from({ length }, () => one);
    const halves = [lot(slot(4), one), lot(slot(5), ...rowsOf(count - 1))];
    expect(refused(state, batch("a", ...halves), START)).toEqual({
      code: "FUNDS_INSUFFICIENT",
      party: ANNE,
      needed: needed * BigInt(count),
      available,
    });
    obeyed(state, batch("a", lot(slot(4), one), lot(slot(5), ...rowsOf(count - 2))), START);
  });

  test("the gate releases what was held", () => {
    const state = rich();
    const before = fundsOf(state, ANNE);
    obeyed(state, batch("a", lot(slot(4), [100_000, 500], [90_000, 500])), START);
    obeyed(state, { type: "CloseGate", slot: slot(4) }, minute(55));
    expect(fundsOf(state, ANNE)).toBe(before);
  });
});

describe("a lot in a snapshot", () => {
  const ready = (): State => {
    const state = street();
    obeyed(state, batch("a", { ...lot(slot(4), good, [null, -6], good, good), steps: [1, 1, 2] }), START);
    obeyed(state, { type: "CancelTender", slot: slot(4), party: ANNE, tender: tenderId("a.0") }, START);
    return state;
  };
  const written =
    `{"batch":"a","energies":[0,-6,5,5],"first":0,"party":"anne",` +
    `"prices":[null,null,300000,300000],"steps":[1,1,2]}`;

  test("is its columns; of what was taken back the place is left", () => {
    const state = ready();
    expect(snapshotText(state)).toContain(`"tenders":[${written}]`);
    const restored = restoreState(snapshotText(state));
    expect(restored.ok && snapshotText(restored.value)).toBe(snapshotText(state));
    expect(idInBatch(tenderId("a"), 0)).toBe("a.0");
  });

  test.each([
    ["columns that do not fit", `"steps":[1,1,2]`, `"steps":[1,1,1]`],
    ["a number below 0", `"first":0`, `"first":-1`],
    ["a number too high", `"first":0`, `"first":998`],
    ["a price of what was taken back", `"prices":[null,`, `"prices":[300000,`],
    ["a tender that was taken back in part", `"energies":[0,-6,5,5]`, `"energies":[0,-6,5,0]`],
    ["nothing that stands", `"energies":[0,-6,5,5]`, `"energies":[0,0,0,0]`],
    ["a loss that nobody took back", `"energies":[0,-6,5,5]`, `"energies":[0,0,5,5]`],
    ["a tender that the rules do not admit", `"prices":[null,null,300000,300000]`, `"prices":[null,1,300000,300000]`],
    ["an energy that is none", `"energies":[0,-6,5,5]`, `"energies":[0,-6,5,0.5]`],
    ["a cancelled tender that stands", `"energies":[0,-6,5,5]`, `"energies":[3,-6,5,5]`],
    [
      "an id twice",
      `[${written}]`,
      `[${written},{"id":"a.1","party":"anne","side":"buy","steps":[{"energy":1,"price":null}]}]`,
    ],
    ["a batch twice", `[${written}]`, `[${written},${written.replace('"first":0', '"first":5')}]`],
    ["a stranger", `"first":0,"party":"anne"`, `"first":0,"party":"cleo"`],
  ])("is refused with %s", (_, from, to) => {
    const text = snapshotText(ready());
    expect(text).toContain(from);
    expect(restoreState(text.replace(from, to)).ok).toBe(false);
  });

  test("waits for an award as it stood", () => {
    const rules = rulesWith({ node: { above: "market", positionSteps: 8, membersMin: 2 }, settlement: SETTLEMENT });
    const state = fundedStreet(rules, () => undefined);
    const none = {
      importLimit: null,
      exportLimit: null,
      feeIn: priceMicro(0),
      feeOut: priceMicro(0),
      loss: partsPerMillion(0),
    };
    obeyed(state, { type: "SetTie", from: slot(0), tie: none }, START);
    obeyed(state, batch("a", lot(slot(4), good, [400_000, 9], [200_000, -6])), START);
    obeyed(state, { type: "CancelTenders", party: ANNE, slot: slot(4), tenders: [tenderId("a.0")] }, START);
    obeyed(state, { type: "CloseGate", slot: slot(4) }, minute(55));
    const restored = restoreState(snapshotText(state));
    if (!restored.ok) throw new Error(JSON.stringify(restored.error));
    for (const each of [state, restored.value])
      obeyed(each, { type: "FallBack", slot: slot(4), to: "island" }, minute(56));
    expect(snapshotText(restored.value)).toBe(snapshotText(state));
  });
});
