import { describe, expect, test } from "@jest/globals";
import { instantMs, partyId, tenderId } from "@micromarket/kernel";
import { NOON, tender } from "@micromarket/testkit";
import { cancelCommands, commandOfBatch, commandOfTenders, type MessageTender } from "@micromarket/protocol";

const ANNE = partyId("anne");
const LATER = instantMs(NOON + 900_000);

function placed(
  name: string,
  slot = NOON,
  side: "buy" | "sell" = "buy",
  price: number | null = 100_000,
): MessageTender {
  return { clientOrderId: name, slot, tender: tender(`anne/${name}`, "anne", side, [price, 500]) };
}

describe("the command that places tenders", () => {
  test("is that of the one tender", () => {
    const one = placed("a");
    expect(commandOfTenders(ANNE, [one])).toEqual({
      ok: true,
      value: { type: "SubmitTender", slot: NOON, tender: one.tender },
    });
  });

  test("is a batch, lot by lot, where they are numbered", () => {
    const tenders = [placed("x.0"), placed("x.1", NOON, "sell", null), placed("x.2", LATER)];
    expect(commandOfTenders(ANNE, tenders)).toEqual({
      ok: true,
      value: {
        ...{ type: "SubmitTenders", party: "anne", batch: "anne/x" },
        lots: [
          { slot: NOON, prices: [100_000, null], energies: [500, -500] },
          { slot: LATER, prices: [100_000], energies: [500] },
        ],
      },
    });
  });

  test.each([
    ["nothing is placed", []],
    ["names are the client's own", [placed("a"), placed("b")]],
    ["a number is left out", [placed("x.0"), placed("x.2")]],
    ["the first number is not 0", [placed("x.1"), placed("x.2")]],
    ["the names differ", [placed("x.0"), placed("y.1")]],
    ["a slot comes twice", [placed("x.0"), placed("x.1", LATER), placed("x.2")]],
  ])("is none where %s", (_, tenders) => {
    expect(commandOfTenders(ANNE, tenders)).toMatchObject({ ok: false, error: { code: "NOT_ONE_BATCH" } });
  });
});

test("orders are taken back one by one, slot by slot, or all", () => {
  const [a, b, c] = [
    { slot: NOON, tender: tenderId("anne/a") },
    { slot: LATER, tender: tenderId("anne/b") },
    { slot: NOON, tender: tenderId("anne/c") },
  ];
  expect(cancelCommands(ANNE, [], true)).toEqual([]);
  expect(cancelCommands(ANNE, [a], true)).toEqual([
    { type: "CancelTenders", party: "anne", slot: null, tenders: null },
  ]);
  expect(cancelCommands(ANNE, [a], false)).toEqual([{ type: "CancelTender", party: "anne", ...a }]);
  expect(cancelCommands(ANNE, [a, b, c], false)).toEqual([
    { type: "CancelTenders", party: "anne", slot: NOON, tenders: ["anne/a", "anne/c"] },
    { type: "CancelTenders", party: "anne", slot: LATER, tenders: ["anne/b"] },
  ]);
});

test("a binary batch comes to the same command as its tenders", () => {
  const batch = {
    ...{ requestId: "x", party: "anne", slotMs: NOON },
    ...{ prices: [100_000, null], energies: [500, 500], sides: ["buy", "sell"] as const },
  };
  const tenders = [placed("x.0"), placed("x.1", NOON, "sell", null)];
  expect(commandOfTenders(ANNE, tenders)).toEqual({ ok: true, value: commandOfBatch(batch) });
});
