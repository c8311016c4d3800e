import { describe, expect, test } from "@jest/globals";
import { instantMs } from "@micromarket/kernel";
import { apply, effectiveAt, type Command } from "@micromarket/engine";
import { ANNE, BERT, CLEO, minute, obeyed, refused, slot, START, street, submit, tender } from "./street.ts";

const closeFirst: Command = { type: "CloseGate", slot: slot(4) };

describe("time", () => {
  test("effectiveAt is the later of the two", () => {
    expect(effectiveAt(minute(1), minute(2))).toBe(minute(2));
    expect(effectiveAt(minute(2), minute(1))).toBe(minute(2));
  });

  test("a clock that goes back opens no gate again", () => {
    const state = street();
    obeyed(state, closeFirst, minute(55));
    expect(state.at).toBe(minute(55));
    expect(refused(state, submit(slot(4), tender("a", ANNE, "buy", [300_000, 1])), minute(10))?.code).toBe(
      "GATE_CLOSED",
    );
    obeyed(state, { type: "RegisterParty", party: CLEO }, minute(10));
    expect(state.at).toBe(minute(55));
  });

  test("a refused command does not move time", () => {
    const state = street();
    obeyed(state, { type: "RegisterParty", party: CLEO }, minute(0));
    expect(refused(state, { type: "RegisterParty", party: CLEO }, minute(500))?.code).toBe("PARTY_ALREADY_REGISTERED");
    expect(state.at).toBe(START);
    obeyed(state, submit(slot(4), tender("a", ANNE, "buy", [300_000, 1])), minute(1));
  });
});

test("equal commands give equal outcomes on equal states", () => {
  const commands: Command[] = [
    submit(slot(4), tender("b", BERT, "sell", [100_000, 500])),
    submit(slot(4), tender("a", ANNE, "buy", [300_000, 700])),
    { type: "CloseGate", slot: slot(5) },
    closeFirst,
  ];
  const run = () => {
    const state = street();
    return commands.map((command, index) => apply(state, command, instantMs(minute(40) + index * 600_000)));
  };
  expect(run()).toEqual(run());
});
