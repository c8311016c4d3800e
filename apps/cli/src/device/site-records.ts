/** What was measured at a site, in small files of its folder: replaced as a whole, never half written. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fail, ok, type InputProblem, type Result } from "@micromarket/kernel";

/** The records of the file `name` in `folder`; none where it is not there. */
export function readRecords(folder: string, name: string): Result<readonly object[], InputProblem> {
  const file = join(folder, name);
  const problem = (what: string): Result<never, InputProblem> => {
    const mend = "keep it for study and move it away";
    return fail({ file, line: 1, column: 1, code: "RECORDS_DAMAGED", what, mend });
  };
  try {
    const content: unknown = JSON.parse(readFileSync(file, "utf8"));
    const isList = Array.isArray(content) && content.every((each) => typeof each === "object" && each !== null);
    return isList ? ok(content as object[]) : problem("it holds no list of records");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return ok([]);
    return problem(`it cannot be read (${error instanceof Error ? error.message : String(error)})`);
  }
}

/** Replaces the file; durable when it returns. */
export function writeRecords(folder: string, name: string, records: readonly object[]): void {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, name);
  writeFileSync(`${file}.new`, `${JSON.stringify(records, null, 2)}\n`, { flush: true });
  renameSync(`${file}.new`, file);
}
