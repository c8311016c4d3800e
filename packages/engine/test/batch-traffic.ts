/** Random batches and mass cancellations, and the same said tender by tender. */
import fc from "fast-check";
import { instantMs, priceMicro, tenderId, wattHours, type InstantMs, type TenderId } from "@micromarket/kernel";
import {
  apply,
  gateInstant,
  idInBatch,
  restoreState,
  snapshotText,
  type CancelTenders,
  type Command,
  type Outcome,
  type Refusal,
  type State,
  type SubmitTenders,
  type TenderLot,
} from "@micromarket/engine";
import type { Tender } from "@micromarket/market";
import { ANNE, tender } from "./street.ts";
import { anybody, slotAhead, type Weighted } from "./traffic.ts";

const TICK = 10_000;

const price = fc.oneof(
  { weight: 1, arbitrary: fc.constant(null) },
  { weight: 9, arbitrary: fc.integer({ min: -6, max: 12 }).map((ticks) => ticks * TICK) },
  { weight: 1, arbitrary: fc.constantFrom(1, 1_010_000) },
);
/** Of one tender: the prices of its steps, and their energy. */
const row = fc.record({
  prices: fc.oneof(
    { weight: 5, arbitrary: fc.tuple(price) },
    { weight: 1, arbitrary: fc.array(price, { minLength: 0, maxLength: 3 }) },
  ),
  energy: fc.integer({ min: -40, max: 400 }).map((energy) => (energy > 200 ? 200 - energy : energy)),
});
const sound = fc.record({
  prices: fc.array(
    fc.integer({ min: -6, max: 12 }).map((ticks) => ticks * TICK),
    { minLength: 1, maxLength: 2 },
  ),
  energy: fc.oneof(fc.integer({ min: -300, max: -1 }), fc.integer({ min: 1, max: 300 })),
});
const rows = fc.oneof(
  { weight: 1, arbitrary: fc.array(row, { minLength: 0, maxLength: 4 }) },
  { weight: 5, arbitrary: fc.array(sound, { minLength: 1, maxLength: 6 }) },
);
const name = fc.nat(12).map((number) => `b${number}`);

const submitMany = fc
  .record({
    party: anybody,
    name,
    lots: fc.oneof(
      { weight: 5, arbitrary: fc.uniqueArray(fc.nat(2), { minLength: 1, maxLength: 3 }) },
      { weight: 1, arbitrary: fc.array(fc.integer({ min: -1, max: 8 }), { minLength: 0, maxLength: 2 }) },
    ),
    rows: fc.array(rows, { minLength: 3, maxLength: 3 }),
  })
  .map(({ party, name: batch, lots, rows: all }) => (_: State, now: InstantMs): Command => {
    const ofLot = (count: number, index: number): TenderLot => {
      const own = all[index] ?? [];
      return {
        slot: slotAhead(now, count),
        prices: own.flatMap(({ prices }) => prices.map((limit) => (limit === null ? null : priceMicro(limit)))),
        energies: own.flatMap(({ prices, energy }) => prices.map((_limit, at) => wattHours(energy + at))),
        ...(own.every(({ prices }) => prices.length === 1) ? {} : { steps: own.map(({ prices }) => prices.length) }),
      };
    };
    return { type: "SubmitTenders", party, batch: tenderId(batch), lots: lots.map(ofLot) };
  });

/** An id that one of a batch may have, too. */
const submitAlike = fc
  .record({ party: anybody, name, number: fc.nat(6), limit: fc.integer({ min: 0, max: 12 }), count: fc.nat(2) })
  .map(({ party, name: batch, number, limit, count }) => (_: State, now: InstantMs): Command => {
    const own = tender(`${batch}.${number}`, party, "buy", [limit * TICK, 70]);
    return { type: "SubmitTender", slot: slotAhead(now, count), tender: own };
  });

const cancelMany = fc
  .record({ party: anybody, book: fc.option(fc.nat(3)), picks: fc.option(fc.array(fc.nat(9), { maxLength: 4 })) })
  .map(({ party, book, picks }) => (state: State, now: InstantMs): Command => {
    const slots = [...state.books.keys()];
    const slot = book === null ? null : (slots[book] ?? slotAhead(now, 0));
    const standing = slots
      .filter((at) => slot === null || at === slot)
      .flatMap((at) => [...(state.books.get(at)?.tenders.values() ?? [])]);
    const own = standing.filter((each) => each.party === party);
    const ids = picks?.flatMap((pick) => (own[pick] ?? standing[pick])?.id ?? []) ?? null;
    return { type: "CancelTenders", party, slot, tenders: ids };
  });

const cancelOne = fc.tuple(fc.nat(2), fc.nat(12)).map(([book, index]) => (state: State, now: InstantMs): Command => {
  const [slot, found] = [...state.books][book] ?? [slotAhead(now, 0), null];
  const standing = [...(found?.tenders.values() ?? [])][index];
  const { party, id } = standing ?? tender("none", ANNE, "buy");
  return { type: "CancelTender", slot, party, tender: id };
});

/** Commands about several tenders, and about single ones of them. */
export const batchCommands: readonly Weighted[] = [
  { weight: 14, arbitrary: submitMany },
  { weight: 2, arbitrary: submitAlike },
  { weight: 7, arbitrary: cancelMany },
  { weight: 5, arbitrary: cancelOne },
];

/** The tenders of a batch, made of its columns one by one. */
function singlesOf({
  party,
  batch,
  lots,
}: SubmitTenders): readonly { readonly slot: InstantMs; readonly tender: Tender }[] {
  let number = 0;
  return lots.flatMap(({ slot, prices, energies, steps }) => {
    let at = 0;
    return (steps ?? energies.map(() => 1)).map((count) => {
      const own = energies.slice(at, at + count).map((energy, step) => [prices[at + step] ?? null, energy] as const);
      at += count;
      const isSale = (own[0]?.[1] ?? 0) < 0;
      const flipped = own.map(([limit, energy]) => [limit, isSale ? -energy : energy + 0] as const);
      return { slot, tender: tender(idInBatch(batch, number++), party, isSale ? "sell" : "buy", ...flipped) };
    });
  });
}

/** A state that is told tender by tender what another one is told at once. */
export class OneByOne {
  state: State;

  constructor(state: State) {
    this.state = state;
  }

  /** The refusal of a batch that the refusals of its tenders lead to, or the outcomes of all. */
  submit(
    command: SubmitTenders,
    at: InstantMs,
    isTaken: boolean,
  ): { readonly refusal: Refusal | null; readonly held: bigint } {
    const trial = isTaken ? this.state : copyOf(this.state);
    const outcomes = singlesOf(command).map(({ slot, tender: own }) => {
      return apply(trial, { type: "SubmitTender", slot, tender: own }, at);
    });
    const refusals = outcomes.map((outcome) => (outcome.ok ? null : outcome.refusal));
    const index = refusals.findIndex((refusal) => refusal !== null && refusal.code !== "FUNDS_INSUFFICIENT");
    const refusal = refusals[index] ?? refusals.find((each) => each !== null) ?? null;
    if (refusal === null) this.state = trial;
    const isOfTender = index >= 0 && !/^PARTY_(?!HAS)/.test(refusal?.code ?? "");
    const named = isOfTender ? ({ code: "BATCH_REFUSED", index, refusal } as Refusal) : refusal;
    return { refusal: named, held: outcomes.reduce((sum, outcome) => sum + heldBy(outcome), 0n) };
  }

  /** Takes back what the other state took back. */
  cancel({ party, slot, tenders }: CancelTenders, at: InstantMs): readonly TenderId[] {
    const now = instantMs(Math.max(at, this.state.at));
    const taken: TenderId[] = [];
    for (const [open, book] of [...this.state.books].sort(([a], [b]) => a - b)) {
      if (now >= gateInstant(this.state.rules, open) || (slot !== null && slot !== open)) continue;
      for (const id of tenders ?? [...book.tenders.keys()]) {
        const outcome = apply(this.state, { type: "CancelTender", slot: open, party, tender: id }, at);
        if (outcome.ok) taken.push(id);
      }
    }
    return taken;
  }
}

function heldBy(outcome: Outcome): bigint {
  if (!outcome.ok) return 0n;
  return outcome.events.reduce((sum, event) => sum + ("held" in event ? (event.held ?? 0n) : 0n), 0n);
}

/** The same state once more. */
export function copyOf(state: State): State {
  const copy = restoreState(snapshotText(state));
  if (!copy.ok) throw new Error(JSON.stringify(copy.error));
  return copy.value;
}
