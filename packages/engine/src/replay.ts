/**
 * From entries of a journal back to the state that they led to. Nothing is believed: every link is followed, every
 * command must be readable and accepted again, at the same time.
 */
import type { Verify } from "@micromarket/identity";
import { fail, ok, sha256InJavaScript, type DecodeFailure, type Result, type Sha256 } from "@micromarket/kernel";
import { chainStart, followGroup, groupsOf, type ChainBreak, type ChainHead } from "@micromarket/ledger";
import { apply } from "./apply.ts";
import { checkMarketRules, type MarketRulesProblem } from "./check-market-rules.ts";
import { decodeCommand } from "./command-text.ts";
import type { MarketEvent } from "./event.ts";
import { foundMarket } from "./found-market.ts";
import type { JournalEntry } from "./journal.ts";
import type { Libraries } from "./libraries.ts";
import type { Refusal } from "./refusal.ts";
import { marketGenesis } from "./rules-record.ts";
import type { MarketRules } from "./rules.ts";
import type { State } from "./state.ts";

/** A state and the entry of the chain that it stands at. */
export interface NodePosition {
  readonly state: State;
  readonly head: ChainHead;
}

/** Why a journal does not lead to a state. */
export type ReplayFailure =
  | { readonly code: "RULES_UNSOUND"; readonly problem: MarketRulesProblem }
  /** The entry was written under another version of the rules: it takes the build that applies that version. */
  | {
      readonly code: "RULES_VERSION_DIFFERS";
      readonly sequence: number;
      readonly found: number;
      readonly expected: number;
    }
  /** The first entry does not hang on these founding rules: the journal is another market's, or was founded otherwise. */
  | { readonly code: "FOUNDING_RULES_DIFFER" }
  | { readonly code: "CHAIN_BROKEN"; readonly break: ChainBreak }
  | { readonly code: "COMMAND_UNREADABLE"; readonly sequence: number; readonly failure: DecodeFailure }
  /** What was accepted once is refused now: the entry was not written by these rules. */
  | { readonly code: "COMMAND_REFUSED"; readonly sequence: number; readonly refusal: Refusal }
  /** The entry's time is before the founding's. */
  | { readonly code: "TIME_DIFFERS"; readonly sequence: number };

/** Sees each entry with what came of it. */
export type ReplayObserver = (entry: JournalEntry, events: readonly MarketEvent[]) => void;

/** The market before its first entry, or what is wrong with its rules. */
export function foundPosition(rules: MarketRules): Result<NodePosition, ReplayFailure> {
  const problem = checkMarketRules(rules);
  if (problem !== null) return fail({ code: "RULES_UNSOUND", problem });
  return ok({ state: foundMarket(rules), head: chainStart(marketGenesis(rules)) });
}

/** The chain with `group` added, or why it is no group of this market's journal. */
export function followEntries(
  rules: MarketRules,
  head: ChainHead,
  group: readonly JournalEntry[],
  sha256: Sha256 = sha256InJavaScript,
): Result<ChainHead, ReplayFailure> {
  const expected = rules.rulesVersion;
  for (const { sequence, rulesVersion: found } of group)
    if (found !== expected) return fail({ code: "RULES_VERSION_DIFFERS", sequence, found, expected });
  const next = followGroup(head, group, sha256);
  if (next.ok) return next;
  const { code, sequence } = next.error;
  if (code === "HASH_MISMATCH" && sequence === 1) return fail({ code: "FOUNDING_RULES_DIFFER" });
  return fail({ code: "CHAIN_BROKEN", break: next.error });
}

function reapply(
  state: State,
  entry: JournalEntry,
  { verify, sha256 }: Libraries,
): Result<readonly MarketEvent[], ReplayFailure> {
  const { sequence, at } = entry;
  const command = decodeCommand(entry.command);
  if (!command.ok) return fail({ code: "COMMAND_UNREADABLE", sequence, failure: command.error });
  if (at < state.at) return fail({ code: "TIME_DIFFERS", sequence });
  const outcome = apply(state, command.value, at, verify, sha256);
  if (!outcome.ok) return fail({ code: "COMMAND_REFUSED", sequence, refusal: outcome.refusal });
  return ok(outcome.events);
}

/**
 * Takes every signature for right, for whoever replays its own journal: it verified each of them before the entry was
 * written, and the chain holds what was written. Who was given a journal verifies.
 */
export const verifiedBefore: Verify = () => true;

/**
 * Applies entries that continue the chain at `position`, up to the end of a group; its state changes in place. A group is
 * applied once its link was found sound.
 *
 * @param libraries the arithmetic of hashes and signatures; with `verifiedBefore` for one's own journal
 */
export function replayEntries(
  rules: MarketRules,
  position: NodePosition,
  entries: Iterable<JournalEntry>,
  observe?: ReplayObserver,
  libraries: Libraries = {},
): Result<NodePosition, ReplayFailure> {
  const { state } = position;
  let { head } = position;
  for (const group of groupsOf(entries)) {
    const next = followEntries(rules, head, group, libraries.sha256);
    if (!next.ok) return next;
    for (const entry of group) {
      const events = reapply(state, entry, libraries);
      if (!events.ok) return events;
      observe?.(entry, events.value);
    }
    head = next.value;
  }
  return ok({ state, head });
}

/** Replays a whole journal from the founding on. */
export function replayFromZero(
  rules: MarketRules,
  entries: Iterable<JournalEntry>,
  observe?: ReplayObserver,
  libraries: Libraries = {},
): Result<NodePosition, ReplayFailure> {
  const founded = foundPosition(rules);
  return founded.ok ? replayEntries(rules, founded.value, entries, observe, libraries) : founded;
}
