/**
 * From the journal back to a running node, to what the page shows of the past, and to what forecasts go by.
 *
 * The node itself starts from its newest snapshot; a snapshot that cannot be used is no loss, the journal is the truth.
 */
import { createReadModel, type ReadModel } from "@micromarket/api-http";
import {
  decodeCommand,
  commandWithin,
  openNode,
  replayEntries,
  startPosition,
  verifiedBefore,
  type Journal,
  type MarketNode,
  type MarketRules,
  type OpenFailure,
  type ReadMeter,
  type ReplayObserver,
  type ReportDelivery,
  type StateView,
} from "@micromarket/engine";
import type { Verify } from "@micromarket/identity";
import { sha256ByOpenssl, verifyByOpenssl } from "@micromarket/identity-node";
import { greatest, minus, ok, slotEnd, type InstantMs, type PartyId, type Result } from "@micromarket/kernel";

/** Replayed as a whole for the page's sake; a longer journal shows its slots from the start on. */
const REPLAYED_ENTRIES_MAX = 200_000;
/** Where forecasts look for deliveries: two days of a large street. */
const RECALLED_ENTRIES_MAX = 200_000;

/** A node that goes on. */
export interface ResumedMarket {
  readonly node: MarketNode;
  /** Whether the newest snapshot was left aside. */
  readonly snapshotRefused: OpenFailure | null;
}

/**
 * Opens the node of `rules` on `journal`. Its signatures were verified before they were written, and are not once more;
 * `micromarket ledger verify` does. A `JournalFailure` passes through.
 */
export function resumeMarket(
  rules: MarketRules,
  journal: Journal,
  verify: Verify = verifyByOpenssl,
): Result<ResumedMarket, OpenFailure> {
  const options = { verifiesJournal: false, sha256: sha256ByOpenssl, verify };
  const opened = openNode(rules, journal, options);
  if (opened.ok) return ok({ node: opened.value, snapshotRefused: null });
  if (!opened.error.code.startsWith("SNAPSHOT_")) return opened;
  const replayed = openNode(rules, journal, { ...options, useSnapshot: false });
  return replayed.ok ? ok({ node: replayed.value, snapshotRefused: opened.error }) : replayed;
}

/** Where the page and the API start. */
export interface RecallOptions {
  readonly now: InstantMs;
  /** Above all numbers of news that were ever given out. */
  readonly lastSequence: number;
  /** `undefined`: seven days of quarter hours. */
  readonly slotsKept?: number | undefined;
}

/** What the API shows. */
export function recallPast(node: MarketNode, journal: Journal, options: RecallOptions): ReadModel {
  const { now, lastSequence, slotsKept } = options;
  const { rules } = node.state;
  const kept = { lastSequence, ...(slotsKept === undefined ? {} : { slotsKept }) };
  const fromNowOn = (): ReadModel =>
    createReadModel({ rules, since: knownSince(node.state, now), runningSince: now, state: node.state, ...kept });
  const start = startPosition(rules, journal);
  if (!start.ok) return fromNowOn();
  const { state, head } = start.value;
  const [first] = journal.read(head.sequence + 1);
  if (first === undefined || node.head.sequence - head.sequence > REPLAYED_ENTRIES_MAX) return fromNowOn();
  const base = head.at === null ? { since: first.at } : { since: knownSince(state, head.at), state };
  const model = createReadModel({ rules, runningSince: now, ...base, ...kept });
  const entries = journal.read(head.sequence + 1);
  const observe: ReplayObserver = ({ at }, events) => model.record(events, at);
  const replayed = replayEntries(rules, start.value, entries, observe, {
    sha256: sha256ByOpenssl,
    verify: verifiedBefore,
  });
  return replayed.ok ? model : fromNowOn();
}

/** From when on nothing is missing to a page that begins with `state` at `at`: the gate of a slot closes before it starts. */
function knownSince({ closedThrough, rules }: StateView, at: InstantMs): InstantMs {
  if (closedThrough === null) return at;
  return greatest(at, slotEnd({ startMs: closedThrough, lengthMs: rules.slotLength }));
}

/** The latest deliveries that were reported or follow from the counters of a slot's two ends, oldest first. */
export function recentDeliveries(node: MarketNode, journal: Journal): readonly ReportDelivery[] {
  const from = Math.max(1, node.head.sequence - RECALLED_ENTRIES_MAX);
  const counters = new Map<PartyId, ReadMeter>();
  const deliveries: ReportDelivery[] = [];
  for (const { command } of journal.read(from)) {
    if (!command.includes("ReportDelivery") && !command.includes("ReadMeter")) continue; // reading all takes longer
    const decoded = decodeCommand(command);
    const told = decoded.ok ? commandWithin(decoded.value) : null;
    if (told?.type === "ReportDelivery") deliveries.push(told);
    if (told?.type !== "ReadMeter") continue;
    const between = deliveryBetween(counters.get(told.party), told, node.state.rules.slotLength);
    if (between !== null) deliveries.push(between);
    counters.set(told.party, told);
  }
  return deliveries;
}

/** What a meter counted between two readings of one slot's ends; else `null`. */
function deliveryBetween(before: ReadMeter | undefined, after: ReadMeter, slotMs: number): ReportDelivery | null {
  if (before === undefined || after.isStart === true || after.at - before.at !== slotMs) return null;
  const [imported, exported] = [minus(after.imported, before.imported), minus(after.exported, before.exported)];
  return { type: "ReportDelivery", slot: before.at, party: after.party, imported, exported };
}
