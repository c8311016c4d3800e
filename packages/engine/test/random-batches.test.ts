/** A batch is its tenders one by one, all or none; whatever else happens to the market before and after. */
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { InstantMs } from "@micromarket/kernel";
import {
  apply,
  decodeCommand,
  encodeCommand,
  fundsOf,
  indicative,
  snapshotText,
  violatedInvariants,
  type Command,
  type MarketRules,
  type Outcome,
  type State,
} from "@micromarket/engine";
import { batchCommands, copyOf, OneByOne } from "./batch-traffic.ts";
import { anyFundedRules, fundedCommands, fundedStreet } from "./funded-street.ts";
import { street } from "./street.ts";
import { actionsOf, anyRules, marketCommands, runActions, type Weighted } from "./traffic.ts";

const ignore = (): void => undefined;

/** What the states must agree on: all but how money is set aside, and how tenders are written down. */
function commonText(state: State): unknown {
  const { ledger, books, ...rest } = JSON.parse(snapshotText(state)) as Record<
    string,
    { requests?: unknown; now?: unknown }
  >;
  const funds = [...state.parties].sort().map((party) => [party, String(fundsOf(state, party))]);
  const tenders = [...state.books.keys()]
    .sort((a, b) => a - b)
    .map((slot) => {
      const book = state.books.get(slot);
      return [slot, [...(book?.tenders.values() ?? [])], [...(book?.cancelled ?? [])].sort(), indicative(state, slot)];
    });
  expect(books).toBeDefined();
  return { ...rest, ledger: { ...ledger, requests: null, now: null }, tenders, funds };
}

/** Compares texts first: of two outcomes that agree, as they nearly always do, that is quicker. */
function agree(one: Outcome, other: Outcome): void {
  if (textOf(one) !== textOf(other)) expect(one).toEqual(other);
}

function textOf(outcome: Outcome): string {
  return JSON.stringify(outcome, (_, value: unknown) => {
    if (typeof value === "bigint") return String(value);
    return value instanceof Map ? [...value] : value;
  });
}

/** The market, the same told one by one, the same replayed from its journal, and from time to time the same restarted. */
class Witnesses {
  readonly seen = new Map<string, number>();

  run(live: State, list: Parameters<typeof runActions>[1]): void {
    const single = new OneByOne(copyOf(live));
    const replayed = copyOf(live);
    let restarted = copyOf(live);
    let text = snapshotText(live);
    let count = 0;
    runActions(live, list, ({ command, at, outcome }) => {
      this.#note(command, outcome);
      const isOfMany = command.type === "SubmitTenders" || command.type === "CancelTenders";
      const now = outcome.ok || isOfMany ? snapshotText(live) : text;
      if (!outcome.ok && now !== text) throw new Error(`${outcome.refusal.code} changed the state`);
      text = now;
      if (violatedInvariants(live).length > 0) expect(violatedInvariants(live)).toEqual([]);
      this.#compare(single, command, at, outcome);
      if (outcome.ok && isOfMany) expect(commonText(single.state)).toEqual(commonText(live));
      agree(apply(restarted, command, at), outcome);
      count += 1;
      if (count % 20 === 0) restarted = copyOf(restarted);
      if (!outcome.ok) return;
      const read = decodeCommand(encodeCommand(command));
      if (!read.ok) throw new Error(JSON.stringify(read.error));
      agree(apply(replayed, read.value, at), outcome);
    });
    expect(commonText(single.state)).toEqual(commonText(live));
    expect(snapshotText(replayed)).toBe(text);
    expect(snapshotText(restarted)).toBe(text);
  }

  #compare(single: OneByOne, command: Command, at: InstantMs, outcome: Outcome): void {
    if (command.type === "SubmitTenders") {
      if (!outcome.ok && /^BATCH_(?!REFUSED)/.test(outcome.refusal.code)) return;
      if (command.lots.every((lot) => (lot.steps ?? lot.energies).length === 0)) {
        expect(outcome.ok).toBe(false);
        return;
      }
      const { refusal, held } = single.submit(command, at, outcome.ok);
      const wholeHeld = outcome.ok
        ? outcome.events.reduce((sum, event) => sum + ("held" in event ? (event.held ?? 0n) : 0n), 0n)
        : held;
      expect(wholeHeld).toBe(held);
      // what a whole batch needs is more than what its first tender beyond the funds does
      if (refusal?.code === "FUNDS_INSUFFICIENT") expect(outcome).toMatchObject({ refusal: { code: refusal.code } });
      else expect(outcome.ok ? null : outcome.refusal).toEqual(refusal);
    } else if (command.type === "CancelTenders") {
      if (!outcome.ok) return;
      const ids = outcome.events.flatMap((event) => (event.type === "TendersCancelled" ? event.tenders : []));
      expect(single.cancel(command, at)).toEqual(ids);
    } else agree(apply(single.state, command, at), outcome);
  }

  #note(command: Command, outcome: Outcome): void {
    const code = outcome.ok ? "ok" : outcome.refusal.code;
    for (const what of [`${command.type} ${code}`, code]) this.seen.set(what, (this.seen.get(what) ?? 0) + 1);
  }
}

function check(
  rules: fc.Arbitrary<MarketRules>,
  found: (rules: MarketRules) => State,
  commands: readonly Weighted[],
  numRuns: number,
): ReadonlyMap<string, number> {
  const witnesses = new Witnesses();
  fc.assert(
    fc.property(rules, actionsOf([...commands, ...batchCommands]), (own, list) => witnesses.run(found(own), list)),
    { numRuns },
  );
  return witnesses.seen;
}

function expectOften(seen: ReadonlyMap<string, number>, ...wanted: readonly string[]): void {
  for (const what of wanted) expect({ what, often: (seen.get(what) ?? 0) > 10 }).toEqual({ what, often: true });
}

const OFTEN = [
  "SubmitTenders ok",
  "CancelTenders ok",
  "CancelTender ok",
  "BATCH_REFUSED",
  "BATCH_NAME_USED",
  "TENDERS_NONE",
];

test("in a market without funds", () => {
  const seen = check(anyRules, street, marketCommands, 250);
  expectOften(seen, ...OFTEN, "CloseGate ok", "BATCH_EMPTY");
});

test("in a market that sets money aside", () => {
  const seen = check(anyFundedRules, (rules) => fundedStreet(rules, ignore), fundedCommands, 250);
  expectOften(seen, ...OFTEN, "CloseGate ok", "SubmitTenders FUNDS_INSUFFICIENT");
});
