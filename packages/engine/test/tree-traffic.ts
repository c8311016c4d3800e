/** Random commands for a market below a market: ties, positions, awards and their absence. */
import fc from "fast-check";
import { amountNano, instantMs, partsPerMillion, priceMicro, wattHours } from "@micromarket/kernel";
import { curveOfDrops, levelsAt } from "@micromarket/market";
import type { Command, State } from "@micromarket/engine";
import { ANNE, BERT, CLEO, slot } from "./street.ts";
import type { Action } from "./traffic.ts";

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

const settleTie = fc.tuple(fc.integer({ min: -5, max: 5 }), fc.constantFrom(0, 0, 0, 1)).map(([cents, gap]) => {
  return (state: State): Command => {
    const after = state.tieStatement + gap;
    const amount = amountNano(BigInt(cents) * 1_000_000n);
    return {
      type: "SettleTie",
      slot: [...state.cleared.keys()][0] ?? slot(1),
      number: after + 2,
      after,
      amount,
      award: amount,
    };
  };
});

const ofTree = fc.record({
  waitMinutes: fc.constantFrom(0, 0, 1),
  command: fc.oneof(
    { weight: 2, arbitrary: setTie },
    { weight: 3, arbitrary: submitPosition },
    { weight: 4, arbitrary: applyAward },
    { weight: 1, arbitrary: fallBack },
    { weight: 1, arbitrary: settleTie },
  ),
});

/** This traffic with a tree's between. */
export function withTree(traffic: fc.Arbitrary<readonly Action[]>): fc.Arbitrary<readonly Action[]> {
  return fc
    .tuple(traffic, fc.array(ofTree, { minLength: 20, maxLength: 50, size: "max" }))
    .map(([ofStreet, tree]) => ofStreet.flatMap((action, at) => [action, ...tree.slice(at, at + 1)]));
}
