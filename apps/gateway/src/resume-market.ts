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
  replayFromZero,
  verifiedBefore,
  type Journal,
  type MarketNode,
  type MarketRules,
  type OpenFailure,
  type ReportDelivery,
} from "@micromarket/engine";
import type { Verify } from "@micromarket/identity";
import { ok, type InstantMs, type Result } from "@micromarket/kernel";

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
  verify?: Verify,
): Result<ResumedMarket, OpenFailure> {
  const options = { verifiesJournal: false, ...(verify === undefined ? {} : { verify }) };
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
  const [first] = journal.read(1);
  const fromNowOn = (): ReadModel => createReadModel({ rules, since: now, state: node.state, ...kept });
  if (first === undefined || node.head.sequence > REPLAYED_ENTRIES_MAX) return fromNowOn();
  const model = createReadModel({ rules, since: first.at, runningSince: now, ...kept });
  const replayed = replayFromZero(rules, journal.read(1), ({ at }, events) => model.record(events, at), verifiedBefore);
  return replayed.ok ? model : fromNowOn();
}

/** The latest deliveries that were reported, oldest first. */
export function recentDeliveries(node: MarketNode, journal: Journal): readonly ReportDelivery[] {
  const from = Math.max(1, node.head.sequence - RECALLED_ENTRIES_MAX);
  const deliveries: ReportDelivery[] = [];
  for (const { command } of journal.read(from)) {
    if (!command.includes("ReportDelivery")) continue; // most are not; reading them all takes longer
    const decoded = decodeCommand(command);
    const told = decoded.ok ? commandWithin(decoded.value) : null;
    if (told?.type === "ReportDelivery") deliveries.push(told);
  }
  return deliveries;
}
