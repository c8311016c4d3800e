/** What is wrong with a journal, where, and in words. */
import type { JournalFailure, PruneFailure, RefusalCode, ReplayFailure, SnapshotFailure } from "@micromarket/engine";
import { formatInstant, type Complaint, type InputProblem } from "@micromarket/kernel";

/** Part of a journal file. */
export type JournalPlace =
  | { readonly part: "entry" | "snapshot" | "base"; readonly sequence: number }
  /** The file as a whole: its pages, its header. */
  | { readonly part: "file" }
  /** The definitions of tables and triggers. */
  | { readonly part: "schema" };

/** Why a journal was not replayed to its end: what was named cannot be used, or the journal is damaged. */
export type JournalTrouble =
  | { readonly kind: "input"; readonly problems: readonly InputProblem[] }
  /** `place`: the first that does not hold. */
  | { readonly kind: "damage"; readonly place: JournalPlace; readonly complaint: Complaint };

const RESTORE = "keep the file and its -wal for study, then restore a backup";

/** Something that does not hold at `place`. */
export function damageAt(place: JournalPlace, code: string, what: string, mend = RESTORE): JournalTrouble {
  return { kind: "damage", place, complaint: { code, what, mend } };
}

/** Something that was named wrongly. */
export function inputTrouble(file: string, complaint: Complaint): JournalTrouble {
  return { kind: "input", problems: [{ file, line: 1, column: 1, ...complaint }] };
}

/** Why the file at `path` does not open. */
export function troubleOfOpening(path: string, { code, what, mend }: JournalFailure): JournalTrouble {
  if (code === "JOURNAL_DAMAGED") return damageAt({ part: "file" }, code, what, mend);
  return inputTrouble(path, { code, what, mend });
}

/** Why what stands at `place` could not be read. */
export function troubleOfReading(place: JournalPlace, { code, what, mend }: JournalFailure): JournalTrouble {
  const isContent = code === "JOURNAL_DAMAGED" || code === "STORAGE_FAILED";
  if (!isContent) return damageAt(place, code, what, mend);
  return damageAt(place, `${place.part.toUpperCase()}_UNREADABLE`, `${placeText(place)}: ${what}`);
}

/** Where that is, for a sentence. */
export function placeText(place: JournalPlace): string {
  return "sequence" in place ? `${place.part} ${place.sequence}` : place.part;
}

/** Why entries or snapshots do not lead to a state. */
export function troubleOfReplay(failure: ReplayFailure | SnapshotFailure | PruneFailure): JournalTrouble {
  switch (failure.code) {
    case "RULES_UNSOUND":
      return damageAt({ part: "file" }, failure.code, `no market can be founded on its rules (${failure.problem})`);
    case "RULES_VERSION_DIFFERS": {
      const { sequence, found, expected } = failure;
      const what = `entry ${sequence} was written under version ${found} of the rules, this build applies ${expected}`;
      return damageAt(entry(sequence), failure.code, what, "verify it with the build that applies that version");
    }
    case "FOUNDING_RULES_DIFFER": {
      const what = "entry 1 or the base was changed, or does not hang on these founding rules";
      return damageAt(entry(1), failure.code, what, `check that the gateway file is this market's; ${RESTORE}`);
    }
    case "CHAIN_BROKEN":
      return chainTrouble(failure.break);
    case "COMMAND_UNREADABLE":
      return damageAt(entry(failure.sequence), failure.code, `the command of entry ${failure.sequence} is malformed`);
    case "COMMAND_REFUSED": {
      const { sequence, refusal } = failure;
      const what = `the command of entry ${sequence} is refused on replay (${refusal.code})${hintOf(refusal.code)}`;
      return damageAt(entry(sequence), failure.code, what);
    }
    case "TIME_DIFFERS":
      return damageAt(entry(failure.sequence), failure.code, `entry ${failure.sequence} is before the founding`);
    case "INVARIANT_VIOLATED":
      return damageAt(entry(failure.sequence), failure.code, failure.violation);
    case "SNAPSHOT_UNREADABLE":
    case "SNAPSHOT_HASH_MISMATCH":
      return baseTrouble(failure);
  }
}

/** What a refusal on replay comes from, where the entry itself is not what was changed. */
function hintOf(code: RefusalCode): string {
  const isRoot = code === "SESSION_ROOT_DIFFERS" || code === "SESSION_COUNT_DIFFERS";
  return isRoot ? ": of the messages that it signs for, one was changed, added or dropped" : "";
}

function baseTrouble(failure: Extract<SnapshotFailure, { readonly sequence: number }>): JournalTrouble {
  const { sequence } = failure;
  const place = { part: "base", sequence } as const;
  const name = `the base, which stands in for the entries up to ${sequence},`;
  if (failure.code === "SNAPSHOT_UNREADABLE")
    return damageAt(place, "BASE_UNREADABLE", `${name} cannot be read (${failure.failure.code})`);
  return damageAt(place, "BASE_DIFFERS", `${name} has another state hash than its text`);
}

function chainTrouble(broken: Extract<ReplayFailure, { code: "CHAIN_BROKEN" }>["break"]): JournalTrouble {
  const { code, sequence } = broken;
  if (code === "SEQUENCE_BROKEN")
    return damageAt(entry(broken.expected), code, `entry ${sequence} stands where ${broken.expected} belongs`);
  if (code === "TIME_WENT_BACK") {
    const what = `entry ${sequence} is of ${formatInstant(broken.at)}, the one before it of ${formatInstant(broken.previous)}`;
    return damageAt(entry(sequence), code, what);
  }
  if (code === "GROUP_UNFINISHED")
    return damageAt(entry(sequence), code, `entry ${sequence} carries no hash, and its group no entry that does`);
  const { last } = broken;
  const [subject, content] =
    last === sequence
      ? [`entry ${sequence} has`, "its content"]
      : [
          `one of the entries ${sequence} to ${last}, which became durable as a group, was changed: they have`,
          "their content",
        ];
  return damageAt(entry(sequence), code, `${subject} another hash than ${content} and the entry before`);
}

function entry(sequence: number): JournalPlace {
  return { part: "entry", sequence };
}
