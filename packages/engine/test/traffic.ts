/** Random commands that are mostly sound and often not: small names, few slots, prices around the tariff. */
import fc from "fast-check";
import {
  amountNano,
  greatest,
  instantMs,
  partyId,
  priceMicro,
  slotAt,
  slotEnd,
  tenderId,
  wattHours,
  type InstantMs,
  type PartyId,
} from "@micromarket/kernel";
import { apply, type Command, type MarketRules, type Outcome, type State } from "@micromarket/engine";
import { ANNE, BERT, CLEO, GRID, RULES, rulesWith, slot, START, tender } from "./street.ts";

/** A command that depends on how far the market and its time have come. */
export interface Action {
  /** How long after the action before it; now and then the clock goes back. */
  readonly waitMinutes: number;
  readonly command: (state: State, now: InstantMs) => Command;
}

const TICK = 10_000;
const SLOT = 900_000;

/** Somebody, mostly of the street. */
export const anybody = fc.constantFrom(
  ANNE,
  ANNE,
  ANNE,
  ANNE,
  BERT,
  BERT,
  BERT,
  BERT,
  CLEO,
  CLEO,
  GRID,
  partyId("stranger"),
);
const price = fc.integer({ min: -6, max: 12 }).map((ticks) => priceMicro(ticks * TICK));
const ahead = fc.constantFrom(0, 0, 0, 0, 1, 1, 2, -1, 9);

/** The first slot whose gate is open at `now`, or the one `count` slots after it. */
export function slotAhead(now: InstantMs, count: number): InstantMs {
  const next = slotEnd(slotAt(instantMs(now + RULES.gateLead), RULES.slotLength));
  return instantMs(next + count * SLOT);
}

/** The slot after the last closed one, or the one `count` slots after it. */
export function slotToClose(state: State, count: number): InstantMs {
  return instantMs((state.closedThrough ?? START) + (1 + count) * SLOT);
}

/** A slot that waits for deliveries, the `index`th of them; one that does not, where there is none. */
export function slotToReport(state: State, index: number): InstantMs {
  return [...state.cleared.keys()].sort((a, b) => a - b)[index] ?? slotToClose(state, -1 - index);
}

/** Somebody whose report is awaited, the `index`th of them; `otherwise` where there is none. */
function reporter(state: State, at: InstantMs, index: number, otherwise: PartyId): PartyId {
  return [...(state.cleared.get(at)?.awaiting ?? [])].sort()[index] ?? otherwise;
}

const register = anybody.map((party) => (): Command => ({ type: "RegisterParty", party }));

const credit = fc
  .record({
    party: anybody,
    amount: fc.bigInt(-1n, 9n).map(amountNano),
    reference: fc.constantFrom("a", "b", "c", "d", ""),
  })
  .map((payment) => (): Command => ({ type: "CreditAccount", ...payment }));

const setTariff = fc
  .tuple(ahead, price, fc.integer({ min: -1, max: 4 }))
  .map(([count, feedIn, margin]) => (state: State): Command => {
    const tariff = priceMicro(feedIn + margin * TICK);
    return { type: "SetTariff", from: slotToClose(state, count), tariff, feedIn };
  });

const step = fc.tuple(
  fc.oneof({ weight: 1, arbitrary: fc.constant(null) }, { weight: 4, arbitrary: price }),
  fc.integer({ min: 0, max: 900 }),
);
const submit = fc
  .record({
    count: ahead,
    id: fc.nat(99).map((number) => (number === 0 ? "residual:sell" : `t${number}`)),
    party: anybody,
    side: fc.constantFrom("buy" as const, "sell" as const),
    steps: fc.array(step, { minLength: 1, maxLength: 3 }),
  })
  .map(({ count, id, party, side, steps }) => (_: State, now: InstantMs): Command => {
    return { type: "SubmitTender", slot: slotAhead(now, count), tender: tender(id, party, side, ...steps) };
  });

const cancel = fc
  .tuple(fc.nat(3), fc.nat(3), anybody)
  .map(([book, index, party]) => (state: State, now: InstantMs): Command => {
    const at = [...state.books.keys()][book] ?? slotAhead(now, 0);
    const standing = [...(state.books.get(at)?.tenders.values() ?? [])][index];
    const own = standing !== undefined && book > 0 ? standing.party : party;
    return { type: "CancelTender", slot: at, party: own, tender: standing?.id ?? tenderId("none") };
  });

const close = fc
  .constantFrom(0, 0, 0, 0, 0, 1, -1)
  .map((count) => (state: State): Command => ({ type: "CloseGate", slot: slotToClose(state, count) }));

const report = fc
  .tuple(fc.constantFrom(0, 0, 0, 1), fc.nat(4), anybody, fc.integer({ min: -1, max: 900 }), fc.nat(900))
  .map(([index, who, otherwise, imported, exported]) => (state: State): Command => {
    const at = slotToReport(state, index);
    const party = reporter(state, at, who, otherwise);
    return { type: "ReportDelivery", slot: at, party, imported: wattHours(imported), exported: wattHours(exported) };
  });

/** A command with how often it comes. */
export interface Weighted {
  readonly weight: number;
  readonly arbitrary: fc.Arbitrary<Action["command"]>;
}

/** The commands of every market, payments left out. */
export const marketCommands: readonly Weighted[] = [
  { weight: 1, arbitrary: register },
  { weight: 2, arbitrary: setTariff },
  { weight: 14, arbitrary: submit },
  { weight: 4, arbitrary: cancel },
  { weight: 5, arbitrary: close },
  { weight: 9, arbitrary: report },
];

const limit = fc.constantFrom(0, 300, 10_000).map(wattHours);

/** The street's rules with other limits at the tie, and either way of rationing. */
export const anyRules: fc.Arbitrary<MarketRules> = fc
  .record({
    importLimit: limit,
    exportLimit: limit,
    rationing: fc.constantFrom("pro-rata" as const, "time-priority" as const),
  })
  .map(({ importLimit, exportLimit, rationing }) =>
    rulesWith({ residual: { party: GRID, importLimit, exportLimit } }, { rationing }),
  );

/** A run of actions, from the start of the first slot on. */
export const actions = actionsOf([...marketCommands, { weight: 1, arbitrary: credit }]);

/** A run of actions of these commands. */
export function actionsOf(commands: readonly Weighted[]): fc.Arbitrary<readonly Action[]> {
  return fc.array(
    fc.record({
      waitMinutes: fc.constantFrom(0, 0, 0, 0, 0, 1, 2, 5, 10, -7),
      command: fc.oneof(...commands),
    }),
    { minLength: 20, maxLength: 70, size: "max" },
  );
}

/** When each action comes, from `start` on. */
export function timesOf(run: readonly Action[], start: InstantMs): readonly InstantMs[] {
  let at: number = start;
  return run.map(({ waitMinutes }) => instantMs((at += waitMinutes * 60_000)));
}

/** A command that was given, and what became of it. */
export interface Step {
  readonly command: Command;
  readonly at: InstantMs;
  readonly outcome: Outcome;
}

/** Runs the actions, asking `observe` after each. */
export function runActions(state: State, list: readonly Action[], observe: (step: Step) => void): readonly Step[] {
  const times = timesOf(list, greatest(state.at, slot(1)));
  return list.map((action, index) => {
    const at = times[index] ?? state.at;
    const command = action.command(state, at);
    const taken = { command, at, outcome: apply(state, command, at) };
    observe(taken);
    return taken;
  });
}
