/** Adds up what an engine's answers are worth. */
import { CONFORMANCE_PROPERTIES, type ConformanceCheck, type ConformanceProperty } from "@micromarket/data-files";
import type { TriedCase } from "./try-case.ts";

/** One row of the table. */
export interface PropertyScore {
  readonly property: ConformanceProperty;
  readonly label: string;
  readonly passed: number;
  readonly failed: number;
  readonly notStated: number;
}

/** Something that does not hold, and how to see it again. */
export interface Failure {
  readonly case: string;
  readonly property: ConformanceProperty;
  readonly expected: string;
  readonly found: string;
  readonly reproduce: string;
}

/** The whole of it. */
export interface Score {
  readonly engine: string;
  readonly holds: boolean;
  readonly cases: number;
  /** Cases without a failure. */
  readonly clean: number;
  /** Checks that passed, of those that passed or failed; thousandths of a per cent, rounded down. */
  readonly permille: number;
  readonly properties: readonly PropertyScore[];
  readonly failures: readonly Failure[];
  /** Mechanisms that the engine does not know, with the number of their cases. */
  readonly unsupported: Readonly<Record<string, number>>;
}

/** Scores `tried`; a case that got no answer is listed once, and counts in every property that it is about. */
export function scoreOf(engine: string, tried: readonly TriedCase[]): Score {
  const foreign = unsupportedMechanisms(tried);
  const judged = tried.filter(({ status, entry }) => status !== "unsupported" && !foreign.has(entry.mechanism));
  const skipped = tried.filter((one) => !judged.includes(one));
  const checks = judged.flatMap((one) => one.checks);
  const failures = judged.flatMap((one) => failuresOf(engine, one));
  const [passed, failed] = [count(checks, "passed"), count(checks, "failed")];
  return {
    engine,
    holds: judged.length > 0 && failures.length === 0,
    cases: judged.length,
    clean: judged.length - new Set(failures.map((failure) => failure.case)).size,
    permille: passed + failed === 0 ? 0 : Math.floor((1_000 * passed) / (passed + failed)),
    properties: propertyScores(checks),
    failures,
    unsupported: countByMechanism(skipped),
  };
}

/** Mechanisms of which the engine refused every single case: it does not know them, whatever words it used. */
function unsupportedMechanisms(tried: readonly TriedCase[]): ReadonlySet<string> {
  const toAnswer = tried.filter(({ entry }) => entry.answer === "result");
  const answered = new Set(
    toAnswer.filter(({ status }) => status === "judged" || status === "unanswered").map(({ entry }) => entry.mechanism),
  );
  return new Set(toAnswer.map(({ entry }) => entry.mechanism).filter((mechanism) => !answered.has(mechanism)));
}

function failuresOf(engine: string, { entry, status, checks }: TriedCase): readonly Failure[] {
  const wrong = checks.filter(({ outcome }) => outcome === "failed");
  return (status === "judged" ? wrong : wrong.slice(0, 1)).map(({ property, expected = "", found = "" }) => ({
    case: entry.name,
    property,
    expected,
    found,
    reproduce: `micromarket conformance --case ${entry.name} --engine ${shellWord(engine)}`,
  }));
}

function shellWord(text: string): string {
  return /^[\w./:=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function propertyScores(checks: readonly ConformanceCheck[]): readonly PropertyScore[] {
  const all = Object.entries(CONFORMANCE_PROPERTIES) as [ConformanceProperty, string][];
  return all.flatMap(([property, label]) => {
    const own = checks.filter((check) => check.property === property);
    if (own.length === 0) return [];
    return [
      {
        property,
        label,
        passed: count(own, "passed"),
        failed: count(own, "failed"),
        notStated: count(own, "not stated"),
      },
    ];
  });
}

function count(checks: readonly ConformanceCheck[], outcome: ConformanceCheck["outcome"]): number {
  return checks.filter((check) => check.outcome === outcome).length;
}

function countByMechanism(tried: readonly TriedCase[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { entry } of tried) counts[entry.mechanism] = (counts[entry.mechanism] ?? 0) + 1;
  return counts;
}
