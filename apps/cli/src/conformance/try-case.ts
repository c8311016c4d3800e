/** Puts one case to an engine and judges what comes back. */
import {
  failed,
  judgeAgain,
  judgeAnswer,
  passed,
  propertiesOf,
  readEngineAnswer,
  reverseOrders,
  type ConformanceCase,
  type ConformanceCheck,
  type EngineAnswer,
} from "@micromarket/data-files";
import { EXIT_CODE } from "../exit-code.ts";
import type { EngineRun } from "./engine-run.ts";

/** One case, judged. */
export interface TriedCase {
  readonly entry: ConformanceCase;
  /**
   * `unanswered`: no result came, all checks but the reason's count as failed. `unsupported`: the engine says that it
   * does not know the mechanism. `refused`: exit code 3 without that word.
   */
  readonly status: "judged" | "unanswered" | "refused" | "unsupported";
  readonly checks: readonly ConformanceCheck[];
}

/** Hands a book to the engine. */
export type AskEngine = (book: string) => Promise<EngineRun>;

/** Longest piece of an engine's words in a report. */
const QUOTE_MAX = 160;

/** Asks as often as the case wants to. */
export async function tryCase(entry: ConformanceCase, ask: AskEngine): Promise<TriedCase> {
  const run = await ask(entry.book);
  if (entry.answer === "refusal") return { entry, status: "judged", checks: [refusalCheck(entry, run)] };
  const answer = answerIn(entry, run);
  if (typeof answer === "string") return unanswered(entry, run, answer);
  const checks = [passed("answered"), ...judgeAnswer(entry, answer)];
  for (const [extra, property, book] of [
    ["permute", "permutation", reverseOrders(entry.book)],
    ["repeat", "repetition", entry.book],
  ] as const) {
    if (!entry.also.includes(extra)) continue;
    const second = answerIn(entry, await ask(book));
    checks.push(
      typeof second === "string" ? failed(property, "an answer", second) : judgeAgain(property, entry, answer, second),
    );
  }
  return { entry, status: "judged", checks };
}

/** The answer, or why there is none. */
function answerIn({ scale }: ConformanceCase, run: EngineRun): EngineAnswer | string {
  if (run.kind === "failed") return run.reason;
  if (run.exitCode !== 0) return `exit code ${run.exitCode}: ${quote(run.complaint || run.output)}`;
  const answer = readEngineAnswer(run.output, scale);
  return answer.ok ? answer.value : `${answer.error}: ${quote(run.output)}`;
}

function unanswered(entry: ConformanceCase, run: EngineRun, reason: string): TriedCase {
  const checks = propertiesOf(entry).map((property) => failed(property, "a result", reason));
  if (run.kind === "failed" || run.exitCode === 0) return { entry, status: "unanswered", checks };
  if (/MECHANISM_UNKNOWN/.test(run.complaint + run.output)) return { entry, status: "unsupported", checks };
  return { entry, status: run.exitCode === EXIT_CODE.badInput ? "refused" : "unanswered", checks };
}

/** A refusal says so by its exit code, or by giving nothing that reads as a result; a crash by signal or a hang is none. */
function refusalCheck(entry: ConformanceCase, run: EngineRun): ConformanceCheck {
  if (run.kind === "failed") return failed("refused", "a refusal", run.reason);
  if (run.exitCode !== 0 || !readEngineAnswer(run.output, entry.scale).ok) return passed("refused");
  return failed("refused", "a refusal", `a result: ${quote(run.output)}`);
}

function quote(words: string): string {
  const line = words.trim().replace(/\s+/g, " ");
  if (line === "") return "nothing said";
  return line.length > QUOTE_MAX ? `${line.slice(0, QUOTE_MAX)}…` : line;
}
