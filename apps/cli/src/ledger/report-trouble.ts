/** Says why a journal was not replayed, and which exit code that has. */
import type { ConsolePort } from "../console-port.ts";
import { EXIT_CODE, type ExitCode } from "../exit-code.ts";
import { refuse } from "../input.ts";
import { placeText, type JournalTrouble } from "./journal-trouble.ts";

/** Exit 3 for what was named wrongly, 1 for damage. */
export function reportTrouble(file: string, trouble: JournalTrouble, json: boolean, port: ConsolePort): ExitCode {
  if (trouble.kind === "input") return refuse(trouble.problems, json, port);
  const { place, complaint } = trouble;
  const { code, what, mend } = complaint;
  const sequence = "sequence" in place ? place.sequence : null;
  if (json) port.err(`${JSON.stringify({ damage: { file, part: place.part, sequence, ...complaint } }, null, 2)}\n`);
  else port.err(`${file}: ${what} — ${mend} (${code}, ${placeText(place)})\n`);
  return EXIT_CODE.failed;
}
