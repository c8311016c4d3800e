/** The universal checks of an answer to a book of the uniform auction: what the auditor finds, by property. */
import { describeFinding, type Finding, type FindingCode } from "@micromarket/market";
import { auditFiles } from "./audit-file.ts";
import type { ConformanceCase } from "./conformance-case.ts";
import type { EngineAnswer } from "./conformance-answer.ts";
import { failed, notStated, passed, type ConformanceCheck, type ConformanceProperty } from "./conformance-property.ts";

/** The auditor's codes of each property, and the member without which there is nothing to check. */
const AUDITED: readonly (readonly [ConformanceProperty, readonly FindingCode[], (readonly string[])?])[] = [
  ["feasible", ["UNKNOWN_TENDER", "DUPLICATE_FILL", "REJECTED_TENDER_FILLED", "FILL_NOT_POSITIVE", "OVERFILLED"]],
  ["rational", ["PRICE_WORSE_THAN_LIMIT"]],
  ["passedOver", ["IN_THE_MONEY_UNFILLED"]],
  ["balance", ["UNBALANCED", "VOLUME_MISSTATED"]],
  ["onePrice", ["PRICE_NOT_UNIFORM", "PRICE_MISSING", "PRICE_WITHOUT_TRADE"]],
  ["interval", ["INTERVAL_MISSTATED"], ["priceInterval"]],
  ["statedSurplus", ["SURPLUS_MISSTATED"], ["surplus", "buyerSurplus", "sellerSurplus"]],
  ["trades", ["TRADES_MISMATCH"], ["trades"]],
];

/** The properties that the auditor judges. */
export const AUDITED_PROPERTIES: readonly ConformanceProperty[] = AUDITED.map(([property]) => property);

/** One check for each audited property. */
export function auditAnswer(entry: ConformanceCase, answer: EngineAnswer): readonly ConformanceCheck[] {
  const findings = findingsOf(entry, answer);
  if (typeof findings === "string") {
    return AUDITED.map(([property]) => failed(property, "an answer that the auditor can read", findings));
  }
  return AUDITED.map(([property, codes, members]) => {
    const found = findings.filter(({ code }) => codes.includes(code));
    const [first] = found;
    if (first !== undefined) return failed(property, first.expected, describe(first, found.length));
    const isStated = members === undefined || members.some((member) => answer.stated.has(member));
    return isStated ? passed(property) : notStated(property);
  });
}

function describe(first: Finding, count: number): string {
  return `${describeFinding(first)}${count > 1 ? ` (and ${count - 1} more)` : ""}`;
}

/** The auditor's findings, or why it could not read book or answer. */
function findingsOf(
  { book, name, mechanism }: ConformanceCase,
  { audited }: EngineAnswer,
): readonly Finding[] | string {
  const findings = auditFiles({ name, text: book }, { name: "answer", text: audited }, { strict: false, mechanism });
  return findings.ok ? findings.value : (findings.error[0]?.what ?? "nothing that can be audited");
}
