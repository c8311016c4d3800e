/**
 * The whole state as canonical text, and its hash.
 *
 * Invariant: states that behave alike have the same text. What has no order is sorted; the tenders of a book keep their
 * order of arrival, because time priority looks at it.
 */
import { canonicalText, compareText, hashText, type CanonicalValue, type HashHex } from "@micromarket/kernel";
import { grantsRecord, registryRecord, seenRecord } from "@micromarket/identity";
import { ledgerRecord } from "@micromarket/ledger";
import { positionRecord, tieRecord } from "./curve-record.ts";
import { arrivalRecord } from "./lot-record.ts";
import { openTradesRecord, readingsRecord } from "./open-trades-record.ts";
import { rulesRecord } from "./rules-record.ts";
import type { Placement } from "./lot.ts";
import { sessionsRecord } from "./session/session-record.ts";
import type { ClearedSlot, NumberedPosition, SlotBook, StateView, View, WaitingSlot } from "./state.ts";

/** The version of the snapshot's form; a text of another one is refused. */
export const SNAPSHOT_FORMAT = 1;

/** Canonical text of everything that the node knows. */
export function snapshotText(state: StateView): string {
  return canonicalText(stateRecord(state));
}

/** SHA-256 over the state's canonical text, with its domain in front. */
export function stateHash(state: StateView): HashHex {
  return hashOfSnapshot(snapshotText(state));
}

/** The state hash of a snapshot's text. */
export function hashOfSnapshot(text: string): HashHex {
  return hashText(`micromarket/state/v1\0${text}`);
}

function stateRecord(state: StateView): CanonicalValue {
  return {
    format: SNAPSHOT_FORMAT,
    rules: rulesRecord(state.rules),
    at: state.at,
    parties: sorted(state.parties),
    ledger: ledgerRecord(state.ledger),
    references: sorted(state.references),
    ...unmeteredRecord(state),
    tariffs: state.tariffs.map(({ from, tariff, feedIn }) => ({ from, tariff, feedIn })),
    closedThrough: state.closedThrough,
    ...treeRecord(state),
    ...identityRecord(state),
    books: bySlot(state.books).map(([slot, book]) => [slot, bookRecord(book)]),
    cleared: bySlot(state.cleared).map(([slot, record]) => [slot, clearedRecord(record)]),
    ...readingsRecord(state),
  };
}

/** Who has no meter; a market of meters alone has the same text as ever. */
function unmeteredRecord({ unmetered }: StateView): Record<string, CanonicalValue> {
  return unmetered.size === 0 ? {} : { unmetered: [...unmetered].sort(([a], [b]) => compareText(a, b)) };
}

/** What only a node of a tree has; a market that is none has the same text as ever. */
function treeRecord(state: StateView): Record<string, CanonicalValue> {
  const { ties, positionsFormed, tieStatement, awardsMissed, waiting } = state;
  return {
    ...(ties.length === 0 ? {} : { ties: ties.map(({ from, tie }) => ({ from, tie: tieRecord(tie) })) }),
    ...(positionsFormed === 0 ? {} : { positionsFormed }),
    ...(tieStatement === 0 ? {} : { tieStatement }),
    ...(awardsMissed.size === 0 ? {} : { awardsMissed: [...awardsMissed] }),
    ...(waiting.size === 0 ? {} : { waiting: bySlot(waiting).map(([slot, record]) => [slot, waitingRecord(record)]) }),
  };
}

/** What only a market has that knows keys; one that does not has the same text as ever. */
function identityRecord({ registry, grants, seen, sessions, at }: StateView): Record<string, CanonicalValue> {
  return {
    ...(registry.parties.size + registry.keys.size === 0 ? {} : { registry: registryRecord(registry) }),
    ...(grants.size === 0 ? {} : { grants: grantsRecord(grants) }),
    ...(seen.remembered(at).length === 0 ? {} : { seen: seenRecord(seen, at) }),
    ...(sessions.size === 0 ? {} : { sessions: sessionsRecord(sessions) }),
  };
}

function waitingRecord(waiting: View<WaitingSlot>): CanonicalValue {
  const { tariff, feedIn, tie, tenders, positions, presented, parties } = waiting;
  return {
    tariff,
    feedIn,
    tie: tieRecord(tie),
    tenders: Array.from(tenders.arrivals(), arrivalRecord),
    positions: positionsRecord(positions),
    presented: positionRecord(presented),
    parties: sorted(parties),
  };
}

/** In order of their first arrival, which is the order of the clearing's answers. */
function positionsRecord(positions: ReadonlyMap<string, NumberedPosition>): CanonicalValue {
  return [...positions].map(([party, position]) => [party, positionRecord(position)]);
}

function bookRecord({ tenders, cancelled, positions, placed }: View<SlotBook>): CanonicalValue {
  return {
    tenders: Array.from(tenders.arrivals(), arrivalRecord),
    cancelled: sorted(cancelled),
    ...(positions.size === 0 ? {} : { positions: positionsRecord(positions) }),
    ...(placed.size === 0 ? {} : { placed: placedRecord(placed) }),
  };
}

function placedRecord(placed: ReadonlyMap<string, Placement>): CanonicalValue {
  return [...placed]
    .sort(([a], [b]) => compareText(a, b))
    .map(([tender, { envelope, signer }]) => [tender, { envelope, signer }]);
}

function clearedRecord({
  tariff,
  feedIn,
  traded,
  awaiting,
  metered,
  tie,
  price,
  flow,
  open,
}: View<ClearedSlot>): CanonicalValue {
  const byParty = [...traded].sort(([a], [b]) => compareText(a, b));
  return {
    ...{ tariff, feedIn, traded: byParty, awaiting: sorted(awaiting), metered, tie },
    ...(price === null ? {} : { price }),
    ...(flow === null ? {} : { flow: { above: flow.above, below: flow.below } }),
    ...(open === null ? {} : { open: openTradesRecord(open) }),
  };
}

function sorted(texts: Iterable<string>): readonly string[] {
  return [...texts].sort(compareText);
}

function bySlot<Slot extends number, Value>(slots: ReadonlyMap<Slot, Value>): readonly (readonly [Slot, Value])[] {
  return [...slots].sort(([a], [b]) => a - b);
}
