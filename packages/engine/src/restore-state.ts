/** A state from the text of its snapshot. Nothing is believed: form, order and the books' invariants are checked. */
import {
  decodeAs,
  decodeCanonical,
  decodeChecked,
  decodeInteger,
  decodeList,
  decodeNullable,
  decodeObject,
  decodePair,
  decodeText,
  fail,
  ok,
  type DecodeFailure,
  type Decoder,
  type InstantMs,
  type Result,
} from "@micromarket/kernel";
import { decodeLedger } from "@micromarket/ledger";
import { checkMarketRules } from "./check-market-rules.ts";
import {
  decodeEnergy,
  decodeInstant,
  decodeMap,
  decodePartyId,
  decodePrice,
  decodeSet,
  decodeTenderId,
} from "./decode-quantities.ts";
import { violatedInvariants } from "./invariants.ts";
import { decodeRules } from "./rules-record.ts";
import { slotBook } from "./slot-book.ts";
import { SNAPSHOT_FORMAT, snapshotText } from "./snapshot.ts";
import type { ClearedSlot, SlotBook, State } from "./state.ts";
import { refuseContent } from "./submit-tender.ts";
import { decodeTender } from "./tender-record.ts";

/** Why a text is no state. */
export type RestoreFailure =
  | DecodeFailure
  /** The text is well-formed, but what it says cannot be. */
  | { readonly code: "STATE_INCONSISTENT"; readonly violations: readonly string[] };

const decodeBook = decodeObject({
  tenders: decodeAs(decodeList(decodeTender), (tenders) => new Map(tenders.map((tender) => [tender.id, tender]))),
  cancelled: decodeSet(decodeList(decodeTenderId)),
});

const decodeCleared: Decoder<ClearedSlot> = decodeObject({
  tariff: decodePrice,
  feedIn: decodePrice,
  traded: decodeMap(decodeList(decodePair(decodePartyId, decodeEnergy))),
  awaiting: decodeSet(decodeList(decodePartyId)),
  metered: decodeEnergy,
  tie: decodeNullable(decodeEnergy),
});

const decodeRecord = decodeObject({
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
});

const decodeSound = decodeChecked(
  decodeRecord,
  ({ books, rules }) =>
    [...books.values()].every(({ tenders }) =>
      [...tenders.values()].every((tender) => refuseContent(tender, rules.auction) === null),
    ),
  "tenders that the rules admit",
);

const decodeState: Decoder<State> = decodeAs(
  decodeSound,
  ({ rules, at, parties, ledger, references, tariffs, closedThrough, books: records, cleared }) => {
    const books = new Map<InstantMs, SlotBook>();
    for (const [slot, { tenders, cancelled }] of records) books.set(slot, slotBook(rules.auction, tenders, cancelled));
    return { rules, at, parties, ledger, references, tariffs, closedThrough, books, cleared };
  },
);

/** The state whose `snapshotText` is `text`. */
export function restoreState(text: string): Result<State, RestoreFailure> {
  const decoded = decodeCanonical(text, decodeState, snapshotText);
  if (!decoded.ok) return decoded;
  const violations = violatedInvariants(decoded.value);
  return violations.length > 0 ? fail({ code: "STATE_INCONSISTENT", violations }) : ok(decoded.value);
}
