/** A state from the text of its snapshot. Nothing is believed: form, order and the books' invariants are checked. */
import {
  decodeAs,
  decodeCanonical,
  decodeChecked,
  decodeInteger,
  decodeList,
  decodeNullable,
  decodeObject,
  decodeOneOf,
  decodePair,
  decodeText,
  fail,
  ok,
  type DecodeFailure,
  type Decoder,
  type HashHex,
  type InstantMs,
  type PartyId,
  type Result,
} from "@micromarket/kernel";
import { decodeDid, decodeGrants, decodeRegistry, decodeSeen, newRegistry, SeenEnvelopes } from "@micromarket/identity";
import { decodeLedger } from "@micromarket/ledger";
import { checkMarketRules } from "./check-market-rules.ts";
import { decodePosition, decodeTie } from "./curve-record.ts";
import {
  decodeEnergy,
  decodeHash,
  decodeInstant,
  decodeMap,
  decodePartyId,
  decodePrice,
  decodeSet,
  decodeTenderId,
} from "./decode-quantities.ts";
import { violatedInvariants } from "./invariants.ts";
import { decodeArrival } from "./lot-record.ts";
import { decodeEstimated, decodeMeters, decodeOpenTrades } from "./open-trades-record.ts";
import { NODE_DEFAULTS } from "./rules.ts";
import { decodeRules } from "./rules-record.ts";
import { decodeSessions } from "./session/session-record.ts";
import { slotBook } from "./slot-book.ts";
import { SNAPSHOT_FORMAT, snapshotText } from "./snapshot.ts";
import { standingTenders, type StandingTenders } from "./standing-tenders.ts";
import type {
  ClearedSlot,
  CounterReading,
  EstimatedSlot,
  NumberedPosition,
  SessionRecord,
  SlotBook,
  State,
  WaitingSlot,
} from "./state.ts";
import { refuseCurve } from "./submit-position.ts";
import { refuseContent } from "./submit-tender.ts";
import type { UnmeteredBasis } from "./delivery-basis.ts";

/** Why a text is no state. */
export type RestoreFailure =
  | DecodeFailure
  /** The text is well-formed, but what it says cannot be. */
  | { readonly code: "STATE_INCONSISTENT"; readonly violations: readonly string[] };

const decodeUnmetered: Decoder<UnmeteredBasis> = decodeOneOf("scheduled", "financial");

const decodePositions = decodeMap(decodeList(decodePair(decodePartyId, decodePosition)));

const decodeBook = decodeObject(
  {
    tenders: decodeList(decodeArrival),
    cancelled: decodeSet(decodeList(decodeTenderId)),
  },
  {
    positions: decodePositions,
    placed: decodeMap(
      decodeList(decodePair(decodeTenderId, decodeObject({ envelope: decodeHash, signer: decodeDid }))),
    ),
  },
);

const decodeWaiting: Decoder<WaitingSlot> = decodeObject({
  tariff: decodePrice,
  feedIn: decodePrice,
  tie: decodeTie,
  tenders: decodeAs(decodeList(decodeArrival), (arrivals) => standingTenders(arrivals)),
  positions: decodePositions,
  presented: decodePosition,
  parties: decodeSet(decodeList(decodePartyId)),
});

const decodeCleared: Decoder<ClearedSlot> = decodeAs(
  decodeObject(
    {
      tariff: decodePrice,
      feedIn: decodePrice,
      traded: decodeMap(decodeList(decodePair(decodePartyId, decodeEnergy))),
      awaiting: decodeSet(decodeList(decodePartyId)),
      metered: decodeEnergy,
      tie: decodeNullable(decodeEnergy),
    },
    {
      price: decodePrice,
      flow: decodeObject({ above: decodeEnergy, below: decodeEnergy }),
      open: decodeOpenTrades,
    },
  ),
  ({ price = null, flow = null, open = null, ...record }) => ({ ...record, price, flow, open }),
);

const decodeRecord = decodeObject(
  {
    format: decodeChecked(decodeInteger, (format) => format === SNAPSHOT_FORMAT, `the format ${SNAPSHOT_FORMAT}`),
    rules: decodeChecked(
      decodeRules,
      (rules) => checkMarketRules(rules) === null,
      "rules that a market can be founded on",
    ),
    at: decodeInstant,
    parties: decodeSet(decodeList(decodePartyId)),
    ledger: decodeLedger,
    references: decodeSet(decodeList(decodeText)),
    tariffs: decodeAs(
      decodeList(decodeObject({ from: decodeInstant, tariff: decodePrice, feedIn: decodePrice })),
      (tariffs) => [...tariffs],
    ),
    closedThrough: decodeNullable(decodeInstant),
    books: decodeMap(decodeList(decodePair(decodeInstant, decodeBook))),
    cleared: decodeMap(decodeList(decodePair(decodeInstant, decodeCleared))),
  },
  {
    unmetered: decodeMap(decodeList(decodePair(decodePartyId, decodeUnmetered))),
    ties: decodeAs(decodeList(decodeObject({ from: decodeInstant, tie: decodeNullable(decodeTie) })), (ties) => [
      ...ties,
    ]),
    positionsFormed: decodeInteger,
    tieStatement: decodeInteger,
    awardsMissed: decodeSet(decodeList(decodeInstant)),
    waiting: decodeMap(decodeList(decodePair(decodeInstant, decodeWaiting))),
    estimated: decodeEstimated,
    meters: decodeMeters,
    registry: decodeRegistry,
    grants: decodeGrants,
    seen: decodeSeen,
    sessions: decodeSessions,
  },
);

const decodeSound = decodeChecked(
  decodeRecord,
  ({ books, waiting, rules }) => {
    const isSound = (tenders: StandingTenders, positions: Iterable<NumberedPosition>): boolean =>
      [...tenders.values()].every((tender) => refuseContent(tender, rules.auction) === null) &&
      [...positions].every(({ curve }) => refuseCurve(curve, rules.node ?? NODE_DEFAULTS) === null);
    return (
      [...books.values()].every(({ tenders, positions }) =>
        isSound(standingTenders(tenders), positions?.values() ?? []),
      ) && [...(waiting?.values() ?? [])].every(({ tenders, positions }) => isSound(tenders, positions.values()))
    );
  },
  "tenders that the rules admit",
);

const decodeState: Decoder<State> = decodeAs(
  decodeSound,
  ({ rules, at, parties, ledger, references, tariffs, closedThrough, books: records, cleared, ...rest }) => {
    const { registry = newRegistry(), grants = new Map(), seen = new SeenEnvelopes() } = rest;
    const books = new Map<InstantMs, SlotBook>();
    for (const [slot, { tenders, cancelled, positions, placed }] of records)
      books.set(slot, slotBook(rules.auction, tenders, cancelled, positions, placed));
    const sessions = rest.sessions ?? new Map<HashHex, SessionRecord>();
    const { ties = [], waiting = new Map<InstantMs, WaitingSlot>() } = rest;
    const { positionsFormed = 0, tieStatement = 0, awardsMissed = new Set<InstantMs>() } = rest;
    const { unmetered = new Map<PartyId, UnmeteredBasis>() } = rest;
    const { estimated = new Map<InstantMs, EstimatedSlot>(), meters = new Map<PartyId, CounterReading>() } = rest;
    return {
      rules,
      at,
      parties,
      ledger,
      references,
      unmetered,
      tariffs,
      ties,
      positionsFormed,
      tieStatement,
      awardsMissed,
      waiting,
      closedThrough,
      books,
      cleared,
      estimated,
      meters,
      registry,
      grants,
      seen,
      sessions,
    };
  },
);

/** The state whose `snapshotText` is `text`. */
export function restoreState(text: string): Result<State, RestoreFailure> {
  const decoded = decodeCanonical(text, decodeState, snapshotText);
  if (!decoded.ok) return decoded;
  const violations = violatedInvariants(decoded.value);
  return violations.length > 0 ? fail({ code: "STATE_INCONSISTENT", violations }) : ok(decoded.value);
}
