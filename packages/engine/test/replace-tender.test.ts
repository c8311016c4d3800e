import { describe, expect, test } from "@jest/globals";
import { hashText, instantMs, tenderId, type InstantMs, type TenderId } from "@micromarket/kernel";
import { GateBook, type Tender } from "@micromarket/market";
import {
  restoreState,
  snapshotText,
  StandingTenders,
  TENDERS_MAX,
  type BareCommand,
  type RefusalCode,
  type ReplaceTender,
  type State,
} from "@micromarket/engine";
import { free, funded } from "./funded-street.ts";
import { ANNES, codeOf, envelope, NOW, signed, signedStreet } from "./signed-street.ts";
import { ANNE, BERT, CLEO, GRID, minute, obeyed, refused, slot, START, street, submit, tender } from "./street.ts";

class FullTenders extends StandingTenders {
  override get size(): number {
    return TENDERS_MAX;
  }
}

function replace(replaced: string, by: Tender, at: InstantMs = slot(5)): ReplaceTender {
  return { type: "ReplaceTender", slot: at, replaced: tenderId(replaced), tender: by };
}

const idsIn = (state: State, at = slot(5)): readonly TenderId[] => [...(state.books.get(at)?.tenders.keys() ?? [])];

describe("ReplaceTender", () => {
  const at = minute(55);
  const ready = (): State => {
    const state = street();
    obeyed(state, submit(slot(5), tender("old", ANNE, "buy", [300_000, 1])), minute(0));
    obeyed(state, submit(slot(5), tender("berts", BERT, "buy", [300_000, 1])), minute(0));
    return state;
  };
  const withFullBook = (): State => {
    const state = ready();
    state.books.set(slot(6), {
      tenders: new FullTenders(),
      cancelled: new Set(),
      positions: new Map(),
      placed: new Map(),
      sums: new GateBook(state.rules.auction),
    });
    return state;
  };
  const conditional: Tender = { ...tender("x", ANNE, "buy", [1_000_001, 1]), conditions: ["allOrNone"] };
  const reserved: Tender = { ...conditional, id: tenderId("residual:sell") };

  // by descending precedence: every line has the faults of the lines below it as well, as far as they go together
  test.each<[RefusalCode, InstantMs, string, Tender]>([
    ["PARTY_UNKNOWN", instantMs(1), "none", { ...reserved, party: CLEO }],
    ["PARTY_RESERVED", instantMs(1), "none", { ...reserved, party: GRID }],
    ["SLOT_MISALIGNED", instantMs(slot(20) + 1), "none", reserved],
    ["SLOT_BEYOND_HORIZON", slot(13), "none", reserved],
    ["GATE_CLOSED", slot(4), "none", reserved],
    ["TENDER_ID_RESERVED", slot(6), "none", reserved],
    ["TENDER_ALREADY_EXISTS", slot(5), "none", { ...conditional, id: tenderId("old") }],
    ["TENDER_ALREADY_EXISTS", slot(5), "old", { ...conditional, id: tenderId("old") }],
    ["BOOK_FULL", slot(6), "none", conditional],
    ["CONDITION_UNSUPPORTED", slot(5), "none", conditional],
    ["PRICE_OUT_OF_BAND", slot(5), "none", tender("x", ANNE, "buy", [1_000_001, 1])],
    ["TENDER_UNKNOWN", slot(5), "none", tender("x", ANNE, "buy", [300_000, 1])],
    ["TENDER_UNKNOWN", slot(7), "old", tender("x", ANNE, "buy", [300_000, 1])],
    ["TENDER_NOT_OWN", slot(5), "berts", tender("x", ANNE, "buy", [300_000, 1])],
  ])("refuses with %s in slot %s", (code, of, replaced, by) => {
    expect(refused(withFullBook(), replace(replaced, by, of), at)).toMatchObject({ code });
  });

  test("takes the old tender back and puts the new one at the end of the book", () => {
    const state = ready();
    expect(obeyed(state, replace("old", tender("new", ANNE, "sell", [200_000, 7])), at)).toEqual([
      { type: "TenderCancelled", slot: slot(5), party: ANNE, tender: "old" },
      { type: "TenderAccepted", slot: slot(5), party: ANNE, tender: "new" },
    ]);
    expect(idsIn(state)).toEqual(["berts", "new"]);
    expect(refused(state, replace("old", tender("x", ANNE, "buy", [300_000, 1])), at)).toMatchObject({
      code: "TENDER_UNKNOWN",
    });
    expect(refused(state, submit(slot(5), tender("old", ANNE, "buy", [300_000, 1])), at)).toMatchObject({
      code: "TENDER_ALREADY_EXISTS",
    });
  });

  test("counts what the old tender held for the new one, and leaves the old one where that does not do", () => {
    const state = funded({ levies: [] });
    obeyed(state, submit(slot(4), tender("old", ANNE, "buy", [1_000_000, 900])), START);
    expect(free(state, ANNE)).toBe(100_000_000n);
    const most = tender("new", ANNE, "buy", [1_000_000, 1_000]);
    const more = tender("new", ANNE, "buy", [1_000_000, 1_001]);
    expect(refused(state, submit(slot(4), most), START)).toMatchObject({ code: "FUNDS_INSUFFICIENT" });
    expect(refused(state, replace("old", more, slot(4)), START)).toEqual({
      code: "FUNDS_INSUFFICIENT",
      party: ANNE,
      needed: 1_001_000_000n,
      available: 1_000_000_000n,
    });
    expect(idsIn(state, slot(4))).toEqual(["old"]);
    expect(obeyed(state, replace("old", most, slot(4)), START)[1]).toMatchObject({ held: 1_000_000_000n });
    expect(free(state, ANNE)).toBe(0n);
  });
});

describe("a signed ReplaceTender", () => {
  const bid = (id: string, energy: number) => tender(id, ANNE, "buy", [200_000, energy]);
  const says = (command: BareCommand, salt: string) =>
    signed(envelope("order", ANNE, ANNES.gateway, command, { salt }));
  const placed = (): State => {
    const state = signedStreet();
    obeyed(state, says(submit(slot(5), bid("anne/old", 1)) as BareCommand, "0"), NOW);
    return state;
  };

  test("is the party's own to say, under an id of its own", () => {
    expect(codeOf(replace("anne/old", bid("anne/new", 2)), placed())).toBe("UNSIGNED");
    expect(codeOf(says(replace("anne/old", bid("bert/new", 2)), "1"), placed())).toBe("TENDER_ID_NOT_OWN");
    const berts: BareCommand = replace("anne/old", { ...bid("bert/new", 2), party: BERT });
    expect(codeOf(says(berts, "1"), placed())).toBe("COMMAND_OF_OTHER_PARTY");
    expect(codeOf(says(replace("anne/old", bid("anne/new", 2)), "1"), placed())).toBe("ok");
  });

  test("is known by its envelope, also after a restart: another one of that id voids both", () => {
    const state = placed();
    obeyed(state, says(replace("anne/old", bid("anne/new", 2)), "1"), NOW);
    const restored = restoreState(snapshotText(state));
    if (!restored.ok) throw new Error(JSON.stringify(restored.error));
    const found = obeyed(restored.value, says(replace("anne/old", bid("anne/new", 3)), "2"), NOW);
    const idOf = (energy: number, salt: string) => {
      const text = envelope("order", ANNE, ANNES.gateway, replace("anne/old", bid("anne/new", energy)), { salt });
      return hashText((JSON.parse(text) as { payload: string }).payload);
    };
    expect(found).toMatchObject([
      { type: "EquivocationFound", tender: "anne/new", envelopes: [idOf(2, "1"), idOf(3, "2")] },
    ]);
    expect(idsIn(restored.value)).toEqual([]);
  });

  test("said twice in two envelopes contradicts nothing; nor does one that names its own id", () => {
    const state = placed();
    obeyed(state, says(replace("anne/old", bid("anne/new", 2)), "1"), NOW);
    expect(codeOf(says(replace("anne/old", bid("anne/new", 2)), "2"), state)).toBe("TENDER_ALREADY_EXISTS");
    expect(codeOf(says(replace("anne/new", bid("anne/new", 3)), "3"), state)).toBe("TENDER_ALREADY_EXISTS");
    expect(idsIn(state)).toEqual(["anne/new"]);
  });
});
