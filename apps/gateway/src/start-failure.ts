/** Why a gateway does not start, or has stopped trading, in the form of a problem of its file. */
import type { InputProblem } from "@micromarket/kernel";
import type { KeyFileRefusal } from "@micromarket/identity-node";
import { ControlMemoryFailure } from "./control/control-memory.ts";
import { JournalFailure, type OpenFailure } from "@micromarket/engine";

/** What is wrong, and how to mend it. */
export type StartFailure = Pick<InputProblem, "code" | "what" | "mend">;

/** Why something that was thrown ends the market. */
export function failureOf(cause: unknown): StartFailure {
  const journal = journalFailureIn(cause);
  if (journal !== null) return { code: journal.code, what: journal.what, mend: journal.mend };
  const what = cause instanceof Error ? cause.message : String(cause);
  if (cause instanceof ControlMemoryFailure) {
    const mend = "look at each controlled device, put back by hand what it had, then move this file away";
    return { code: "CONTROL_MEMORY_UNREADABLE", what, mend };
  }
  if (cause instanceof Error && "syscall" in cause)
    return { code: "STORE_FAILED", what, mend: "check the folder that data: names, and start again" };
  return { code: "INTERNAL", what, mend: "this is a bug, please report it" };
}

const LISTENING_MENDS: Readonly<Record<string, string>> = {
  ADDRESS_UNAVAILABLE: "stop the program that has the port, or change http.port",
  PAGE_UNREADABLE: "build the page first: npm run page",
};

/** Why the API does not answer. */
export function failureOfListening({
  code,
  message,
}: {
  readonly code: string;
  readonly message: string;
}): StartFailure {
  return { code, what: message, mend: LISTENING_MENDS[code] ?? "change http" };
}

/** The journal's own failure at the bottom of `cause`. */
function journalFailureIn(cause: unknown): JournalFailure | null {
  if (cause instanceof JournalFailure) return cause;
  return cause instanceof Error && cause.cause !== undefined ? journalFailureIn(cause.cause) : null;
}

/** Why the journal does not open as this market's. */
export function failureOfOpening(failure: OpenFailure, path: string): StartFailure {
  if (failure.code === "FOUNDING_RULES_DIFFER") {
    const what = `the journal ${path} was founded on other rules than slot, market and supplier limits of this file say`;
    return { code: failure.code, what, mend: "write them as they were, or name another folder under data:" };
  }
  const what = `the journal ${path} cannot be followed: ${JSON.stringify(failure)}`;
  return { code: failure.code, what, mend: "keep the folder for study, then restore a backup" };
}

/** Why there is no key to sign with. */
export function failureOfKey(refusal: KeyFileRefusal): StartFailure {
  const { code, path } = refusal;
  switch (code) {
    case "KEY_FILE_OPEN_TO_OTHERS":
      return { code, what: `others may open the secret key ${path} (mode ${refusal.mode})`, mend: refusal.mend };
    case "KEY_FILE_MALFORMED":
      return { code, what: `${path} holds no secret key`, mend: refusal.mend };
    case "KEY_FILE_UNREADABLE":
      return { code, what: `${path} cannot be read: ${refusal.reason}`, mend: "check whose file it is" };
    case "KEY_FILE_NOT_MADE":
      return { code, what: `${path} cannot be written: ${refusal.reason}`, mend: "check the folder that data: names" };
  }
}

/** The key at `path` is not the operator's of the market, which would refuse all that the gateway says. */
export function failureOfForeignKey(path: string): StartFailure {
  const what = `the key ${path} is not an operator's of this market: another one founded it, or it was revoked`;
  return {
    code: "KEY_NOT_OPERATORS",
    what,
    mend: "restore the key file from a backup, or name another folder under data:",
  };
}
