/** A signed market is an open one with a gate in front: what passes the gate does the same, to the last byte. */
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { instantMs, tenderId, type InstantMs, type PartyId } from "@micromarket/kernel";
import {
  apply,
  effectiveAt,
  foundMarket,
  isBare,
  isDerived,
  marketGenesis,
  restoreState,
  snapshotText,
  verifiedBefore,
  violatedInvariants,
  type BareCommand,
  type Command,
  type MarketRules,
  type State,
} from "@micromarket/engine";
import { ANNE, BERT, FEED_IN, GRID, START, TARIFF } from "./street.ts";
import { OPERATOR, signedBy, signer } from "./signed-street.ts";
import { actions, anyRules, timesOf } from "./traffic.ts";

const HOUR = 3_600_000;

/** Both markets, told the same. */
class Twins {
  readonly open: State;
  readonly signed: State;
  readonly #rules: MarketRules;
  #count = 0;

  constructor(rules: MarketRules) {
    this.open = foundMarket(rules);
    this.#rules = { ...rules, identity: "signed", operator: OPERATOR.key.did };
    this.signed = foundMarket(this.#rules);
  }

  tell(command: BareCommand, at: InstantMs): void {
    const wanted = apply(this.open, command, at);
    const outcome = apply(this.signed, this.#sealed(command, at), at, verifiedBefore);
    expect(outcome).toEqual(wanted);
    expect(violatedInvariants(this.signed)).toEqual([]);
    if (command.type === "RegisterParty" && outcome.ok) this.#enrol(command.party, at);
  }

  #enrol(party: PartyId, at: InstantMs): void {
    const { did } = signer(`gateway of ${party}`).key;
    const enrol = { type: "EnrolKey", party, did, role: "gateway", from: instantMs(0) } as const;
    expect(apply(this.signed, this.#sealed(enrol, at), at, verifiedBefore)).toMatchObject({ ok: true });
  }

  #sealed(command: BareCommand, at: InstantMs): Command {
    if (isDerived(command)) return command;
    const now = effectiveAt(this.signed.at, at);
    this.#count += 1;
    const change = {
      ...{ net: marketGenesis(this.#rules), salt: String(this.#count) },
      ...{ notBefore: now, expires: instantMs(now + HOUR) },
    };
    const author = authorOf(command);
    if (author === null) return signedBy("operator", GRID, OPERATOR, command, change);
    return signedBy(author.type, author.party, signer(`gateway of ${author.party}`), command, change);
  }
}

function authorOf(command: BareCommand): { readonly type: string; readonly party: PartyId } | null {
  if (command.type === "SubmitTender") return { type: "order", party: command.tender.party };
  if (command.type === "CancelTender") return { type: "order", party: command.party };
  return command.type === "ReportDelivery" && command.party !== GRID ? { type: "reading", party: command.party } : null;
}

/** Tenders have ids of their own party; who has no key is nobody to compare. */
function asSignable(command: Command, { open }: Twins, index: number): BareCommand | null {
  if (!isBare(command)) return null;
  const author = authorOf(command);
  if (author !== null && (author.party === GRID || !open.parties.has(author.party))) return null;
  if (command.type !== "SubmitTender") return command;
  return { ...command, tender: { ...command.tender, id: tenderId(`${command.tender.party}/${index}`) } };
}

/** The state's text without what only a signed market has. */
function commonText(state: State): unknown {
  const { rules, registry, seen, books, ...rest } = JSON.parse(snapshotText(state)) as Record<string, unknown> & {
    readonly books: readonly (readonly [number, object])[];
  };
  expect([rules, registry, seen]).toHaveLength(3);
  return { ...rest, books: books.map(([slot, book]) => [slot, { ...book, placed: null }]) };
}

test("whatever both are told, both answer and become the same, and the signed one comes back from its text", () => {
  fc.assert(
    fc.property(anyRules, actions, (rules, run) => {
      const twins = new Twins(rules);
      for (const party of [ANNE, BERT]) twins.tell({ type: "RegisterParty", party }, START);
      twins.tell({ type: "SetTariff", from: instantMs(0), tariff: TARIFF, feedIn: FEED_IN }, START);
      const times = timesOf(run, START);
      for (const [index, { command }] of run.entries()) {
        const at = times[index] ?? START;
        const told = asSignable(command(twins.open, effectiveAt(twins.open.at, at)), twins, index);
        if (told !== null) twins.tell(told, at);
      }
      expect(commonText(twins.signed)).toEqual(commonText(twins.open));
      const text = snapshotText(twins.signed);
      const restored = restoreState(text);
      expect(restored.ok && snapshotText(restored.value)).toBe(text);
    }),
    { numRuns: 25 },
  );
});
