import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { greatest, instantMs, partsPerMillion, priceMicro, wattHours } from "@micromarket/kernel";
import { curveOfDrops, levelsAt } from "@micromarket/market";
import {
  apply,
  decodeCommand,
  encodeCommand,
  restoreState,
  snapshotText,
  stateHash,
  violatedInvariants,
  type Command,
  type MarketRules,
  type State,
} from "@micromarket/engine";
import { anyFundedRules, fundedActions, fundedStreet } from "./funded-street.ts";
import { ANNE, BERT, CLEO, rulesWith, slot, street } from "./street.ts";
import { actions, timesOf, type Action } from "./traffic.ts";

const nextSlot = (state: State, count: number): number => (state.closedThrough ?? slot(0)) + count * 900_000;
const limit = fc.option(fc.nat(900).map(wattHours), { nil: null });

const setTie = fc
  .record({
    importLimit: limit,
    exportLimit: limit,
    feeIn: fc.nat(30_000).map(priceMicro),
    feeOut: fc.nat(30_000).map(priceMicro),
    loss: fc.constantFrom(0, 0, 50_000, 300_000).map(partsPerMillion),
  })
  .chain((tie) => fc.constantFrom(tie, tie, tie, null))
  .map((tie) => (state: State): Command => ({ type: "SetTie", from: instantMs(nextSlot(state, 1)), tie }));

const submitPosition = fc
  .tuple(fc.constantFrom(ANNE, BERT, CLEO), fc.integer({ min: 1, max: 9 }), fc.nat(900), fc.nat(900), fc.nat(30))
  .map(([party, number, bought, sold, cents]) => (state: State): Command => {
    const price = cents * 10_000;
    const drops = [
      { price, kind: 0, energy: bought },
      { price: price + 7, kind: 1, energy: sold },
    ];
    const curve = curveOfDrops(wattHours(bought), drops);
    return { type: "SubmitPosition", slot: instantMs(nextSlot(state, 2)), party, number, curve };
  });

/** An award on the position, now and then off it; where nothing waits, for a slot that does not. */
const applyAward = fc.tuple(fc.nat(50), fc.boolean(), fc.constantFrom(0, 0, 0, 0, 1)).map(([cents, most, off]) => {
  return (state: State): Command => {
    const [at, waiting] = [...state.waiting][0] ?? [slot(1), undefined];
    const price = priceMicro(cents * 10_000);
    const levels = waiting === undefined ? { least: 0, most: 0 } : levelsAt(waiting.presented.curve, price);
    const energy = wattHours((most ? levels.most : levels.least) + off);
    return { type: "ApplyAward", slot: at, number: waiting?.presented.number ?? 1, price, energy };
  };
});

const fallBack = fc
  .constantFrom("island" as const, "tariff" as const)
  .map((to) => (state: State): Command => ({ type: "FallBack", slot: [...state.waiting.keys()][0] ?? slot(1), to }));

const ofTree = fc.record({
  waitMinutes: fc.constantFrom(0, 0, 1),
  command: fc.oneof(
    { weight: 2, arbitrary: setTie },
    { weight: 3, arbitrary: submitPosition },
    { weight: 4, arbitrary: applyAward },
    { weight: 1, arbitrary: fallBack },
  ),
});

/** The street's traffic with a tree's between. */
const amidTree = (ofStreet: fc.Arbitrary<readonly Action[]>): fc.Arbitrary<readonly Action[]> =>
  fc
    .tuple(ofStreet, fc.array(ofTree, { minLength: 20, maxLength: 50, size: "max" }))
    .map(([list, tree]) => list.flatMap((action, at) => [action, ...tree.slice(at, at + 1)]));

const node = { above: "market", positionSteps: 4, membersMin: 2 } as const;
const ignore = (): void => undefined;

test.each<[string, fc.Arbitrary<MarketRules>, fc.Arbitrary<readonly Action[]>, (rules: MarketRules) => State]>([
  ["below a market", fc.constant(rulesWith({ node })), actions, street],
  [
    "below a market, with settlement",
    anyFundedRules.map((rules) => ({ ...rules, node })),
    fundedActions,
    (rules) => fundedStreet(rules, ignore),
  ],
])(
  "whatever a market %s is told, its books hold, and replay and snapshot say the same",
  (_, anyRules, ofStreet, found) => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(anyRules, amidTree(ofStreet), (rules, list) => {
        const [live, replayed] = [found(rules), found(rules)];
        const times = timesOf(list, greatest(live.at, slot(1)));
        for (const [index, action] of list.entries()) {
          const at = times[index] ?? live.at;
          const command = action.command(live, at);
          const outcome = apply(live, command, at);
          const faults = violatedInvariants(live);
          if (faults.length > 0) throw new Error(`${command.type}: ${faults.join("\n")}`);
          if (!outcome.ok) continue;
          const read = decodeCommand(encodeCommand(command));
          expect(read.ok && apply(replayed, read.value, at)).toEqual(outcome);
          for (const event of outcome.events) {
            const name = event.type === "GateClosed" ? (event.node?.mode ?? "none") : event.type;
            seen.set(name, (seen.get(name) ?? 0) + 1);
          }
        }
        expect(stateHash(replayed)).toBe(stateHash(live));
        const restored = restoreState(snapshotText(live));
        expect(restored.ok && stateHash(restored.value)).toBe(stateHash(live));
      }),
      { numRuns: 400 },
    );
    for (const name of ["award", "islanded", "fallback-island", "fallback-tariff", "PositionAccepted", "SlotSettled"]) {
      expect({ name, often: (seen.get(name) ?? 0) > 20 }).toEqual({ name, often: true });
    }
  },
);
