import { describe, expect, test } from "@jest/globals";
import { instantMs, tenderId, type InstantMs } from "@micromarket/kernel";
import {
  CANCELLATIONS_MAX,
  indicative,
  restoreState,
  snapshotText,
  type CancelTenders,
  type RefusalCode,
  type State,
} from "@micromarket/engine";
import { batch, good, lot } from "./batches.ts";
import { ANNE, BERT, CLEO, GRID, minute, obeyed, refused, slot, START, street, submit, tender } from "./street.ts";

const now = minute(55);

describe("CancelTenders", () => {
  const cancel = (from: InstantMs | null, tenders: readonly string[] | null, party = ANNE): CancelTenders => {
    return { type: "CancelTenders", party, slot: from, tenders: tenders?.map((id) => tenderId(id)) ?? null };
  };
  /** Anne: a.0 and a.1 in slots 4 and 5, b in 5; Bert: c in 5, a.1 in 6. */
  const ready = (): State => {
    const state = street();
    obeyed(state, batch("a", lot(slot(4), good, [200_000, -6])), START);
    obeyed(state, submit(slot(5), tender("b", ANNE, "buy", [300_000, 1])), START);
    obeyed(state, batch("a", lot(slot(5), good, [200_000, -6])), START);
    obeyed(state, submit(slot(5), tender("c", BERT, "sell", [300_000, 1])), START);
    obeyed(state, submit(slot(6), tender("a.1", BERT, "sell", [300_000, 1])), START);
    return state;
  };
  const tooMany = Array.from({ length: CANCELLATIONS_MAX + 1 }, () => "none");

  // by descending precedence: every line has the faults of the lines below it as well, as far as they go together
  test.each<[RefusalCode, CancelTenders]>([
    ["PARTY_UNKNOWN", cancel(instantMs(slot(4) + 1), tooMany, CLEO)],
    ["SLOT_MISALIGNED", cancel(instantMs(slot(4) + 1), tooMany)],
    ["GATE_CLOSED", cancel(slot(4), tooMany)],
    ["BATCH_TOO_LARGE", cancel(slot(5), tooMany)],
    ["BATCH_TOO_LARGE", cancel(null, tooMany)],
    ["TENDERS_NONE", cancel(slot(7), null)],
    ["TENDERS_NONE", cancel(slot(6), null)],
    ["TENDERS_NONE", cancel(null, null, GRID)],
    ["TENDERS_NONE", cancel(slot(5), [])],
  ])("refuses with %s", (code, command) => {
    expect(refused(ready(), command, now)).toMatchObject({ code });
  });

  test.each<[number, RefusalCode, CancelTenders]>([
    [1, "TENDER_UNKNOWN", cancel(slot(5), ["b", "none", "c"])],
    [1, "TENDER_NOT_OWN", cancel(slot(5), ["b", "c", "none"])],
    [1, "TENDER_UNKNOWN", cancel(slot(5), ["a.0", "a.0"])],
    [0, "TENDER_UNKNOWN", cancel(slot(5), ["a.2"])],
    [0, "TENDER_UNKNOWN", cancel(slot(7), ["a.0"])],
    [0, "TENDER_NOT_OWN", cancel(null, ["c"])],
    [0, "TENDER_NOT_OWN", cancel(slot(6), ["a.1"])],
    [0, "TENDER_NOT_OWN", cancel(null, ["a.0"], BERT)],
  ])("names tender %d: %s", (index, code, command) => {
    expect(refused(ready(), command, now)).toMatchObject({ code: "BATCH_REFUSED", index, refusal: { code } });
  });

  const cancelled = (from: InstantMs, ...tenders: readonly string[]) => {
    return { type: "TendersCancelled", slot: from, party: ANNE, tenders };
  };

  test("takes back what is named, in every slot that is open, and of its own party alone", () => {
    const state = ready();
    expect(obeyed(state, cancel(null, ["a.1", "b"]), START)).toEqual([
      cancelled(slot(4), "a.1"),
      cancelled(slot(5), "a.1", "b"),
    ]);
    expect([...(state.books.get(slot(6))?.tenders.keys() ?? [])]).toEqual(["a.1"]);
    expect([...(state.books.get(slot(5))?.tenders.keys() ?? [])]).toEqual(["a.0", "c"]);
    expect(refused(state, submit(slot(5), tender("a.1", ANNE, "buy", [null, 1])), START)?.code).toBe(
      "TENDER_ALREADY_EXISTS",
    );
  });

  test("without names takes back all of the party, where the gate is open still", () => {
    const state = ready();
    expect(obeyed(state, cancel(null, null), now)).toEqual([cancelled(slot(5), "b", "a.0", "a.1")]);
    expect(state.books.get(slot(4))?.tenders.size).toBe(2);
    expect(obeyed(ready(), cancel(slot(4), null), START)).toEqual([cancelled(slot(4), "a.0", "a.1")]);
    expect(refused(state, cancel(null, null), now)?.code).toBe("TENDERS_NONE");
  });

  test("the name of a batch stays used when nothing of it stands, also after a restart", () => {
    const state = ready();
    obeyed(state, cancel(null, null), START);
    const restored = restoreState(snapshotText(state));
    if (!restored.ok) throw new Error(JSON.stringify(restored.error));
    for (const each of [state, restored.value]) {
      expect(refused(each, batch("a", lot(slot(8), good), lot(slot(5), good)), START)?.code).toBe("BATCH_REFUSED");
      const shifted = batch("a", lot(slot(8), good, good), lot(slot(5), good));
      expect(refused(each, shifted, START)).toEqual({ code: "BATCH_NAME_USED", slot: slot(5), batch: "a" });
      expect(indicative(each, slot(4))).toEqual(indicative(street(), slot(4)));
    }
  });
});
