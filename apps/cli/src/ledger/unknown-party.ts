/** A party that the market does not have. */
import type { StateView } from "@micromarket/engine";
import { compareText, type InputProblem } from "@micromarket/kernel";

/** The problem of a command that was asked for `party`. */
export function unknownParty(file: string, { parties }: StateView, party: string): InputProblem {
  const names = [...parties].sort(compareText).slice(0, 5).join(", ");
  const what = `has no party "${party}"`;
  return { file, line: 1, column: 1, code: "PARTY_UNKNOWN", what, mend: `parties are: ${names}, …` };
}
