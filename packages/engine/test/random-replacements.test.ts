/** A replacement is a cancellation and a submission, both or neither; whatever else happens to the market before and after. */
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { priceMicro, tenderId, wattHours, type InstantMs } from "@micromarket/kernel";
import {
  apply,
  decodeCommand,
  encodeCommand,
  fundsOf,
  snapshotText,
  violatedInvariants,
  type Command,
  type Outcome,
  type ReplaceTender,
  type State,
} from "@micromarket/engine";
import { batchCommands, copyOf } from "./batch-traffic.ts";
import { anyFundedRules, fundedCommands, fundedStreet } from "./funded-street.ts";
import { tender } from "./street.ts";
import { actionsOf, anybody, runActions, slotAhead, type Weighted } from "./traffic.ts";

const replacement = fc
  .record({
    index: fc.nat(20),
    otherwise: anybody,
    isOther: fc.nat(9).map((drawn) => drawn === 0),
    id: fc.nat(11).map((number) => `r${number}`),
    isSale: fc.boolean(),
    ticks: fc.integer({ min: -6, max: 12 }),
    energy: fc.nat(9).chain((drawn) => (drawn === 0 ? fc.constant(0) : fc.integer({ min: 1, max: 3_000 }))),
  })
  .map(({ index, otherwise, isOther, id, isSale, ticks, energy }) => (state: State, now: InstantMs): Command => {
    const all = [...state.books].flatMap(([at, { tenders }]) =>
      Array.from(tenders.values(), (standing) => ({ at, standing })),
    );
    const found = all.length === 0 ? undefined : all[index % all.length];
    const party = isOther ? otherwise : (found?.standing.party ?? otherwise);
    return {
      type: "ReplaceTender",
      slot: found?.at ?? slotAhead(now, 0),
      replaced: found?.standing.id ?? tenderId("none"),
      tender: tender(id, party, isSale ? "sell" : "buy", [priceMicro(ticks * 10_000), wattHours(energy)]),
    };
  });

const commands: readonly Weighted[] = [...fundedCommands, ...batchCommands, { weight: 14, arbitrary: replacement }];

/** All of the state but the names of what is held. */
function withoutHolds(state: State): unknown {
  const { ledger, ...rest } = JSON.parse(snapshotText(state)) as { ledger: { requests?: unknown } };
  const funds = [...state.parties].sort().map((party) => [party, String(fundsOf(state, party))]);
  return { ...rest, ledger: { ...ledger, requests: null }, funds };
}

function inTwo(state: State, { slot: at, replaced, tender: by }: ReplaceTender, now: InstantMs): readonly Outcome[] {
  const taken = apply(state, { type: "CancelTender", slot: at, party: by.party, tender: replaced }, now);
  return [taken, apply(state, { type: "SubmitTender", slot: at, tender: by }, now)];
}

test("replacing is taking back and placing, but all or none; its journal replays to the same state", () => {
  const seen = new Map<string, number>();
  const note = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1);
  const run = fc.property(anyFundedRules, actionsOf(commands), (rules, list) => {
    const live = fundedStreet(rules, () => undefined);
    const replayed = copyOf(live);
    let before = copyOf(live);
    runActions(live, list, ({ command, at, outcome }) => {
      const read = decodeCommand(encodeCommand(command));
      if (!read.ok) throw new Error(JSON.stringify(read.error));
      if (outcome.ok) apply(replayed, read.value, at);
      if (command.type === "ReplaceTender") {
        note(outcome.ok ? "ok" : outcome.refusal.code);
        if (!outcome.ok) expect(snapshotText(live)).toBe(snapshotText(before));
        const [taken, placed] = inTwo(before, command, at);
        expect(outcome.ok).toBe(taken?.ok === true && placed?.ok === true);
        if (outcome.ok && taken?.ok === true && placed?.ok === true) {
          expect(outcome.events).toEqual([...taken.events, ...placed.events]);
          expect(withoutHolds(live)).toEqual(withoutHolds(before));
          expect(violatedInvariants(live)).toEqual([]);
        }
      }
      before = copyOf(live);
    });
    expect(snapshotText(replayed)).toBe(snapshotText(live));
  });
  fc.assert(run, { numRuns: 60 });
  for (const what of ["ok", "FUNDS_INSUFFICIENT", "TENDER_NOT_OWN", "TENDER_ALREADY_EXISTS", "QUANTITY_NOT_POSITIVE"])
    expect({ what, often: (seen.get(what) ?? 0) > 2 }).toEqual({ what, often: true });
});
