import { describe, expect, test } from "@jest/globals";
import { amountNano, hashText, tenderId } from "@micromarket/kernel";
import { accountOf } from "@micromarket/ledger";
import {
  restoreState,
  snapshotText,
  standingTenders,
  stateHash,
  violatedInvariants,
  type State,
} from "@micromarket/engine";
import { ANNE, BERT, CLEO, minute, obeyed, report, slot, START, street, submit, tender } from "./street.ts";

/** A state that has something of everything. */
function busy(): State {
  const state = street();
  obeyed(state, { type: "CreditAccount", party: BERT, amount: amountNano(5n), reference: "z" }, START);
  obeyed(state, { type: "CreditAccount", party: BERT, amount: amountNano(5n), reference: "a" }, START);
  obeyed(state, submit(slot(4), tender("b", BERT, "buy", [null, 700])), START);
  obeyed(state, submit(slot(4), tender("s", ANNE, "sell", [0, 500])), START);
  obeyed(state, submit(slot(6), tender("y", BERT, "buy", [null, 1], [0, 2])), START);
  obeyed(state, submit(slot(6), tender("x", ANNE, "sell", [0, 3])), START);
  obeyed(state, submit(slot(5), tender("c", ANNE, "sell", [0, 500])), START);
  obeyed(state, { type: "CancelTender", slot: slot(5), party: ANNE, tender: tenderId("c") }, START);
  obeyed(state, { type: "CloseGate", slot: slot(4) }, minute(55));
  obeyed(state, report(slot(4), BERT, 650, 0), minute(75));
  obeyed(state, { type: "RegisterParty", party: CLEO }, minute(76));
  return state;
}

describe("snapshotText", () => {
  // what stands in snapshots on disk: this text must stay readable
  test("is canonical and says everything", () => {
    expect(snapshotText(busy())).toBe(
      [
        `{"at":1782868560000,`,
        `"books":[[1782868500000,{"cancelled":["c"],"tenders":[]}],`,
        `[1782869400000,{"cancelled":[],"tenders":[`,
        `{"id":"y","party":"bert","side":"buy","steps":[{"energy":1,"price":null},{"energy":2,"price":0}]},`,
        `{"id":"x","party":"anne","side":"sell","steps":[{"energy":3,"price":0}]}]}]],`,
        `"cleared":[[1782867600000,{"awaiting":["anne","grid"],"feedIn":80000,"metered":650,"tariff":300000,"tie":null,`,
        `"traded":[["anne",-500],["bert",700],["grid",-200]]}]],`,
        `"closedThrough":1782867600000,"format":1,`,
        `"ledger":{"energy":[["delivered","650"],["party:anne","-500"],["party:bert","0"],["party:cleo","0"],`,
        `["party:grid","-150"],["unaccounted","0"]],`,
        `"money":[["outside","-10"],["party:anne","150000000"],["party:bert","-205999990"],["party:cleo","0"],["party:grid","56000000"]]},`,
        `"parties":["anne","bert","cleo","grid"],"references":["a","z"],`,
        `"rules":{"auction":{"k":{"denominator":"2","numerator":"1"},"priceCap":1000000,"priceFloor":-500000,`,
        `"rationing":"pro-rata","tick":10000},`,
        `"currency":"EUR","gateLead":300000,"horizon":7200000,"market":"street",`,
        `"residual":{"exportLimit":10000,"importLimit":10000,"party":"grid"},"rulesVersion":1,"slotLength":900000},`,
        `"tariffs":[{"feedIn":80000,"from":0,"tariff":300000}]}`,
      ].join(""),
    );
  });

  test("keeps the order of arrival and forgets every other one", () => {
    const state = busy();
    const shuffled: State = {
      ...state,
      parties: new Set([...state.parties].reverse()),
      references: new Set([...state.references].reverse()),
      books: new Map([...state.books].reverse()),
      ledger: {
        ...state.ledger,
        money: new Map([...state.ledger.money].reverse()),
        energy: new Map([...state.ledger.energy].reverse()),
      },
    };
    expect(stateHash(shuffled)).toBe(stateHash(state));
    const book = state.books.get(slot(6));
    if (book === undefined) throw new Error("a busy state has a book for slot 6");
    const overtaken = {
      ...book,
      tenders: standingTenders([...book.tenders.values()].reverse()),
      cancelled: new Set<never>(),
    };
    expect(stateHash({ ...state, books: new Map([...state.books, [slot(6), overtaken]]) })).not.toBe(stateHash(state));
  });

  test("the state hash has its domain in front", () => {
    const state = busy();
    expect(stateHash(state)).toBe(hashText(`micromarket/state/v1\0${snapshotText(state)}`));
  });
});

describe("restoreState", () => {
  const text = snapshotText(busy());

  test("gives the state back", () => {
    const restored = restoreState(text);
    expect(restored.ok && snapshotText(restored.value)).toBe(text);
    expect(restored.ok && restored.value.books).toEqual(busy().books);
    expect(restored.ok && restored.value.cleared).toEqual(busy().cleared);
  });

  test.each([
    ["another format", `"format":1`, `"format":2`, "format"],
    ["unsound rules", `"slotLength":900000`, `"slotLength":0`, "rules"],
    ["a missing part", `"references":["a","z"],`, ``, "references"],
    ["an unknown part", `"parties"`, `"extra":1,"parties"`, "extra"],
    ["a wrong type", `"at":1782868560000`, `"at":"1782868560000"`, "at"],
    ["a balance from nowhere", `["party:anne","-500"]`, `["party:anne","-499"]`, "ledger"],
    ["parties out of order", `["anne","bert","cleo","grid"]`, `["bert","anne","cleo","grid"]`, ""],
    ["a party twice", `"references":["a","z"]`, `"references":["a","a","z"]`, ""],
    [
      "slots out of order",
      `[[1782868500000,{"cancelled":["c"],"tenders":[]}],`,
      `[[1782870300000,{"cancelled":["c"],"tenders":[]}],`,
      "",
    ],
    ["a tender twice", `{"id":"x","party":"anne","side":"sell"`, `{"id":"y","party":"anne","side":"sell"`, ""],
    ["a tender that the auction refuses", `{"energy":3,"price":0}`, `{"energy":0,"price":0}`, ""],
    ["a blank", `,"format"`, `, "format"`, ""],
  ])("refuses %s", (_, part, replacement, path) => {
    expect(text).toContain(part);
    expect(restoreState(text.replace(part, replacement))).toMatchObject({ error: { code: "VALUE_MALFORMED", path } });
  });

  test("refuses no JSON", () => {
    expect(restoreState("")).toMatchObject({ error: { code: "VALUE_MALFORMED" } });
  });

  // well-formed, but it cannot be
  test.each([
    [
      "a party without accounts",
      `"parties":["anne","bert","cleo","grid"]`,
      `"parties":["anne","bert","carl","cleo","grid"]`,
    ],
    ["a supplier who is not registered", `"party":"grid"},"rulesVersion"`, `"party":"hydro"},"rulesVersion"`],
    ["energy of nobody's slot", `["anne",-500],["bert",700],["grid",-200]`, `["anne",-400],["bert",600],["grid",-200]`],
    ["meters that nobody read", `"metered":650`, `"metered":651`],
    ["a tie that was read, from whom is awaited", `"tie":null`, `"tie":5`],
    ["a slot that sold more than was bought", `["bert",700],["grid",-200]`, `["bert",701],["grid",-200]`],
    ["a slot that waits for a stranger", `"awaiting":["anne","grid"]`, `"awaiting":["anne","cleo","grid"]`],
    ["a book of a closed gate", `[1782868500000,{"cancelled"`, `[1782867600000,{"cancelled"`],
    ["a tender that stands and was cancelled", `[1782869400000,{"cancelled":[]`, `[1782869400000,{"cancelled":["x"]`],
    ["a tender of a stranger", `{"id":"x","party":"anne"`, `{"id":"x","party":"zoe"`],
    ["a cleared slot of an open gate", `"closedThrough":1782867600000`, `"closedThrough":null`],
    [
      "a tariff below its feed-in price",
      `{"feedIn":80000,"from":0,"tariff":300000}`,
      `{"feedIn":80000,"from":0,"tariff":0}`,
    ],
    [
      "tariffs out of order",
      `{"feedIn":80000,"from":0,"tariff":300000}`,
      `{"feedIn":80000,"from":0,"tariff":300000},{"feedIn":80000,"from":0,"tariff":300000}`,
    ],
  ])("refuses %s", (_, part, replacement) => {
    expect(text).toContain(part);
    const restored = restoreState(text.replace(part, replacement));
    expect(restored).toMatchObject({ ok: false, error: { code: "STATE_INCONSISTENT" } });
  });
});

test("a ledger that does not balance is a violated invariant", () => {
  const state = busy();
  state.ledger.money.set("outside", accountOf(0n));
  expect(violatedInvariants(state)).toEqual(["the money balances do not sum to 0"]);
});
