/** What is about sessions, each command in a file of its own. */
import { unreachable, type InstantMs } from "@micromarket/kernel";
import type { SessionCommand } from "../command.ts";
import type { Libraries } from "../libraries.ts";
import type { Obey } from "../obey-signed.ts";
import type { Outcome } from "../outcome.ts";
import type { State } from "../state.ts";
import { closeSessionSlot } from "./close-session-slot.ts";
import { endSession } from "./end-session.ts";
import { obeyInSession } from "./obey-in-session.ts";
import { openSession } from "./open-session.ts";

/** Obeys a command about a session, or one that was said in it. */
export function obeySession(
  state: State,
  command: SessionCommand,
  now: InstantMs,
  libraries: Required<Libraries>,
  obey: Obey,
): Outcome {
  switch (command.type) {
    case "OpenSession":
      return openSession(state, command, now, libraries.verify);
    case "InSession":
      return obeyInSession(state, command, now, libraries.sha256, obey);
    case "CloseSessionSlot":
      return closeSessionSlot(state, command, now, libraries);
    case "EndSession":
      return endSession(state, command, now, libraries.verify);
    default:
      return unreachable(command);
  }
}
