/**
 * A journal file replayed from its founding, for commands that look at it offline and change nothing.
 *
 * The founding rules are the gateway file's where one is named, else those of the newest snapshot. Nothing is believed of
 * them either: the first entry's hash hangs on them. Every signature is verified again.
 */
import {
  foundPosition,
  JournalFailure,
  replayEntries,
  restoreState,
  stateHash,
  violatedInvariants,
  type Journal,
  type JournalEntry,
  type MarketRules,
  type NodePosition,
  type ReplayFailure,
  type ReplayObserver,
  type Snapshot,
} from "@micromarket/engine";
import { foundingRules, loadGatewayFile } from "@micromarket/gateway";
import { verifyByOpenssl } from "@micromarket/identity-node";
import {
  fail,
  formatInstant,
  ok,
  type Complaint,
  type InputProblem,
  type InstantMs,
  type Result,
} from "@micromarket/kernel";
import { readSqliteJournal } from "@micromarket/store-sqlite";
import type { ConsolePort } from "../console-port.ts";
import { showProgress } from "../progress.ts";

/** Options that all commands on a journal share. */
export interface JournalOptions {
  /** Gateway file that the market was founded on. */
  readonly config?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Why a journal was not replayed to its end: what was named cannot be used, or the journal is damaged. */
export type JournalTrouble =
  | { readonly kind: "input"; readonly problems: readonly InputProblem[] }
  /** `sequence`: the first entry that does not hold; `null` where the file as a whole is damaged. */
  | { readonly kind: "damage"; readonly sequence: number | null; readonly complaint: Complaint };

/** A journal that holds to its end. */
export interface JournalReplay extends NodePosition {
  /** `null` of a journal without entries. */
  readonly first: InstantMs | null;
  /** Sequence of the snapshot that was compared; `null` where there is none. */
  readonly snapshot: number | null;
}

const RESTORE = "keep the file and its -wal for study, then restore a backup";

/** Replays the journal at `path` to its end; `observe` sees each entry after it was found sound. */
export function replayJournal(
  path: string,
  options: JournalOptions,
  port: ConsolePort,
  observe?: ReplayObserver,
): Result<JournalReplay, JournalTrouble> {
  let journal: Journal | null = null;
  let next: number | null = null; // no entry was read yet
  try {
    journal = readSqliteJournal(path);
    const snapshot = journal.latestSnapshot();
    const rules = rulesOf(path, options, journal, snapshot);
    if (!rules.ok) return rules;
    const quiet = options.quiet === true || !port.interactive;
    const progress = showProgress(journal.last()?.sequence ?? 0, "entries", quiet, port);
    next = 1;
    try {
      return replay(rules.value, journal, snapshot, (entry, events) => {
        next = entry.sequence + 1;
        progress.report(entry.sequence);
        observe?.(entry, events);
      });
    } finally {
      progress.end();
    }
  } catch (error) {
    if (!(error instanceof JournalFailure)) throw error;
    return fail(journal === null ? troubleOfOpening(path, error) : troubleOfReading(next, error));
  } finally {
    journal?.close();
  }
}

function rulesOf(
  path: string,
  { config }: JournalOptions,
  journal: Journal,
  snapshot: Snapshot | null,
): Result<MarketRules, JournalTrouble> {
  if (config !== undefined) {
    const loaded = loadGatewayFile(config, { env: process.env });
    return loaded.ok
      ? ok(foundingRules(loaded.value.rules, journal, null))
      : fail({ kind: "input", problems: loaded.error });
  }
  const mend = "name the gateway file that the market was founded on: --config gateway.yaml";
  if (snapshot === null) {
    const what = "has no snapshot yet, and so does not say on which rules its market was founded";
    return fail(inputTrouble(path, { code: "RULES_NOT_KNOWN", what, mend }));
  }
  const restored = restoreState(snapshot.state);
  if (restored.ok) return ok(restored.value.rules);
  const what = `the snapshot at entry ${snapshot.sequence} cannot be read (${restored.error.code})`;
  return fail(damage(snapshot.sequence, "SNAPSHOT_UNREADABLE", what, `${mend}; ${RESTORE}`));
}

function replay(
  rules: MarketRules,
  journal: Journal,
  snapshot: Snapshot | null,
  observe: ReplayObserver,
): Result<JournalReplay, JournalTrouble> {
  const founded = foundPosition(rules);
  if (!founded.ok) return fail(troubleOfReplay(founded.error));
  const upTo = snapshot?.sequence ?? 0;
  let first: InstantMs | null = null;
  const watch: ReplayObserver = (entry, events) => {
    first ??= entry.at;
    observe(entry, events);
  };
  const before = replayEntries(rules, founded.value, through(journal.read(1), upTo), watch, verifyByOpenssl);
  if (!before.ok) return fail(troubleOfReplay(before.error));
  const differs = snapshot === null ? null : differenceOf(snapshot, before.value);
  if (differs !== null) return fail(differs);
  const after = replayEntries(rules, before.value, journal.read(upTo + 1), watch, verifyByOpenssl);
  if (!after.ok) return fail(troubleOfReplay(after.error));
  const [violation] = violatedInvariants(after.value.state);
  if (violation !== undefined) return fail(damage(after.value.head.sequence, "INVARIANT_VIOLATED", violation, RESTORE));
  return ok({ ...after.value, first, snapshot: snapshot?.sequence ?? null });
}

function* through(entries: Iterable<JournalEntry>, last: number): Generator<JournalEntry> {
  if (last === 0) return;
  for (const entry of entries) {
    yield entry;
    if (entry.sequence >= last) return;
  }
}

function differenceOf(
  { sequence, chainHash, stateHash: stored }: Snapshot,
  { state, head }: NodePosition,
): JournalTrouble | null {
  const replayed = stateHash(state);
  if (head.sequence === sequence && head.hash === chainHash && stored === replayed) return null;
  const what =
    head.sequence !== sequence || head.hash !== chainHash
      ? `the snapshot at entry ${sequence} was taken on another chain`
      : `the snapshot at entry ${sequence} has the state hash ${stored}, the replay ${replayed}`;
  return damage(sequence, "SNAPSHOT_DIFFERS", what, RESTORE);
}

function troubleOfReplay(failure: ReplayFailure): JournalTrouble {
  switch (failure.code) {
    case "RULES_UNSOUND":
      return damage(null, failure.code, `no market can be founded on its rules (${failure.problem})`, RESTORE);
    case "RULES_VERSION_DIFFERS": {
      const { sequence, found, expected } = failure;
      const what = `entry ${sequence} was written under version ${found} of the rules, this build applies ${expected}`;
      return damage(sequence, failure.code, what, "verify it with the build that applies that version");
    }
    case "FOUNDING_RULES_DIFFER": {
      const what = "entry 1 was changed, or does not hang on these founding rules";
      return damage(1, failure.code, what, `check that the gateway file is this market's; ${RESTORE}`);
    }
    case "CHAIN_BROKEN":
      return chainTrouble(failure.break);
    case "COMMAND_UNREADABLE":
      return damage(failure.sequence, failure.code, `the command of entry ${failure.sequence} is malformed`, RESTORE);
    case "COMMAND_REFUSED": {
      const what = `the command of entry ${failure.sequence} is refused on replay (${failure.refusal.code})`;
      return damage(failure.sequence, failure.code, what, RESTORE);
    }
    case "TIME_DIFFERS":
      return damage(failure.sequence, failure.code, `entry ${failure.sequence} is before the founding`, RESTORE);
  }
}

function chainTrouble(broken: Extract<ReplayFailure, { code: "CHAIN_BROKEN" }>["break"]): JournalTrouble {
  const { code, sequence } = broken;
  if (code === "SEQUENCE_BROKEN")
    return damage(broken.expected, code, `entry ${sequence} stands where ${broken.expected} belongs`, RESTORE);
  if (code === "TIME_WENT_BACK") {
    const what = `entry ${sequence} is of ${formatInstant(broken.at)}, the one before it of ${formatInstant(broken.previous)}`;
    return damage(sequence, code, what, RESTORE);
  }
  return damage(sequence, code, `entry ${sequence} has another hash than its content and the entry before it`, RESTORE);
}

function troubleOfOpening(path: string, { message }: JournalFailure): JournalTrouble {
  if (message.includes("SQLITE_BUSY")) {
    const what = "a gateway has it open, and nobody else can read it meanwhile";
    const mend = "stop the gateway and copy the file with its -wal, or look at a backup";
    return inputTrouble(path, { code: "JOURNAL_IN_USE", what, mend });
  }
  const complaint = complaintOf("JOURNAL_UNREADABLE", message);
  if (message.includes("is damaged")) return { kind: "damage", sequence: null, complaint };
  return inputTrouble(path, complaint);
}

function troubleOfReading(sequence: number | null, { message }: JournalFailure): JournalTrouble {
  const { what } = complaintOf("", message);
  if (sequence === null) return damage(null, "JOURNAL_UNREADABLE", what, RESTORE);
  return damage(sequence, "ENTRY_UNREADABLE", `entry ${sequence}: ${what}`, RESTORE);
}

/** A journal's failure says what and how to mend it in one line. */
function complaintOf(code: string, message: string): Complaint {
  const at = message.lastIndexOf("; ");
  return { code, what: message.slice(0, at), mend: message.slice(at + 2) };
}

function inputTrouble(file: string, complaint: Complaint): JournalTrouble {
  return { kind: "input", problems: [{ file, line: 1, column: 1, ...complaint }] };
}

function damage(sequence: number | null, code: string, what: string, mend: string): JournalTrouble {
  return { kind: "damage", sequence, complaint: { code, what, mend } };
}
